"""Signed notes (C2SP signed-note), checkpoints (tlog-checkpoint) and cosignatures (tlog-cosignature), by Ed25519. Pure.

    text, keys                                        → sign → note
    note, keys of those whose word counts             → open_note, open_checkpoint → the text and who signed it

Read strictly: base64 in its one canonical form, so that no byte of a note can change unnoticed.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from corong.auditing.tlog import EMPTY_ROOT, HASH_SIZE, LARGEST

__all__ = [
    "COSIGNATURE", "ED25519", "BadCheckpoint", "BadKey", "BadNote", "BadSignature", "Checkpoint", "Note", "NoteError",
    "Opened", "Signature", "SigningKey", "Unverified", "VerifierKey", "decimal", "key_id", "open_checkpoint",
    "open_note", "parse_checkpoint", "parse_note", "sign", "unbase64",
]  # fmt: skip

ED25519 = 0x01
"""Signature type: Ed25519 over the note's text."""
COSIGNATURE = 0x04
"""Signature type: an Ed25519 cosignature of a checkpoint, with its time."""
MOST_SIGNATURES = 100
MOST_BYTES = 1_000_000
LATEST = 2**63 - 1
"""The latest time of a cosignature, in seconds since 1970."""

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_DECIMAL = re.compile(r"0|[1-9][0-9]*", re.ASCII)
_DASH = "\N{EM DASH} "


class NoteError(ValueError):
    """Base of everything that is wrong with a note or a key."""


class BadNote(NoteError):
    """The bytes are no signed note."""


class BadCheckpoint(NoteError):
    """The note's text is no checkpoint, or not of the log that was asked for."""


class BadKey(NoteError):
    """The text is no key that can be used here."""


class BadSignature(NoteError):
    """A signature by a known key does not verify: the whole note counts for nothing."""


class Unverified(NoteError):
    """Nobody known has signed the note."""


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """The four bytes that name a key beside its name."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def unbase64(text: str) -> bytes:
    """RFC 4648 section 4, in its canonical form alone. Raises `ValueError`."""
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not base64") from None
    if base64.b64encode(found).decode() != text:
        raise ValueError("not base64 in its canonical form")
    return found


def decimal(text: str) -> int:
    """A whole number from 0 to 2**63 - 1, without leading zeroes. Raises `ValueError`."""
    if len(text) > 19 or _DECIMAL.fullmatch(text) is None or int(text) > LARGEST:
        raise ValueError("no decimal number")
    return int(text)


def _check_name(name: str) -> str:
    """Of a key: not empty, no spaces of any alphabet, no plus. Raises `BadKey`."""
    try:
        name.encode()
    except UnicodeEncodeError:
        raise BadKey("a key's name is text") from None
    if not name or "+" in name or any(letter.isspace() or letter < " " for letter in name):
        raise BadKey("a key's name is not empty and has neither spaces nor plus signs")
    return name


@dataclass(frozen=True)
class Signature:
    """One signature line: the key's name and id, and what it signed with."""

    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        """As it stands in a note."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.value).decode()}\n"


@dataclass(frozen=True)
class VerifierKey:
    """A public key whose word counts, written `<name>+<id>+<base64 of type and key>`."""

    name: str
    public: bytes
    kind: int = ED25519

    def __post_init__(self) -> None:
        _check_name(self.name)
        if self.kind not in (ED25519, COSIGNATURE):
            raise BadKey(f"keys of type {self.kind:#04x} are not known here")
        if len(self.public) != 32:
            raise BadKey("an Ed25519 key has 32 bytes")

    @property
    def key_id(self) -> bytes:
        """Follows from name, type and key."""
        return key_id(self.name, self.kind, self.public)

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Raises `BadKey`."""
        kind, name, key, identity = _read_key(text)
        found = cls(name, key, kind)
        if found.key_id != identity:
            raise BadKey("the key's id does not fit the key")
        return found

    def verify(self, text: bytes, value: bytes) -> int | None:
        """Check a signature over a note's text; a cosignature's time. Raises `BadSignature`."""
        moment = None
        if self.kind == COSIGNATURE:
            moment, value = int.from_bytes(value[:8], "big"), value[8:]
            if moment > LATEST:
                raise BadSignature(f"the cosignature of {self.name} has no time")
            text = _cosigned(text, moment)
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(value, text)
        except (InvalidSignature, ValueError):
            raise BadSignature(f"the signature of {self.name} does not verify") from None
        return moment


@dataclass(frozen=True)
class SigningKey:
    """A private key, written `PRIVATE+KEY+<name>+<id>+<base64 of type and seed>`."""

    name: str
    seed: bytes = field(repr=False)
    kind: int = ED25519

    def __post_init__(self) -> None:
        if len(self.seed) != 32:
            raise BadKey("an Ed25519 seed has 32 bytes")
        VerifierKey(self.name, bytes(32), self.kind)

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        return VerifierKey(self.name, public, self.kind)

    @property
    def secret(self) -> str:
        """As it is kept in a file that nobody else reads."""
        seed = base64.b64encode(bytes([self.kind]) + self.seed).decode()
        return f"PRIVATE+KEY+{self.name}+{self.verifier.key_id.hex()}+{seed}"

    @classmethod
    def parse(cls, text: str) -> "SigningKey":
        """Raises `BadKey`."""
        if not text.startswith("PRIVATE+KEY+"):
            raise BadKey("no private key")
        kind, name, seed, identity = _read_key(text.removeprefix("PRIVATE+KEY+"))
        found = cls(name, seed, kind)
        if found.verifier.key_id != identity:
            raise BadKey("the key's id does not fit the key")
        return found

    def sign(self, text: bytes, moment: int = 0) -> Signature:
        """Sign a note's text; `moment`, in seconds since 1970, is a cosignature's time."""
        private = Ed25519PrivateKey.from_private_bytes(self.seed)
        identity = self.verifier.key_id
        if self.kind == COSIGNATURE:
            if not 0 <= moment <= LATEST:
                raise BadSignature("a cosignature's time is from 0 to 2**63 - 1")
            value = moment.to_bytes(8, "big") + private.sign(_cosigned(text, moment))
            return Signature(self.name, identity, value)
        return Signature(self.name, identity, private.sign(text))


def _cosigned(text: bytes, moment: int) -> bytes:
    return f"cosignature/v1\ntime {moment}\n".encode() + text


def _read_key(text: str) -> tuple[int, str, bytes, bytes]:
    """Type, name, key and id."""
    name, _, rest = text.partition("+")
    identity, _, encoded = rest.partition("+")
    if re.fullmatch(r"[0-9a-f]{8}", identity, re.ASCII) is None:
        raise BadKey("not written as <name>+<id>+<key>")
    try:
        key = unbase64(encoded)
    except ValueError:
        raise BadKey("not written as <name>+<id>+<key>") from None
    if not key:
        raise BadKey("the key is empty")
    return key[0], name, key[1:], bytes.fromhex(identity)


@dataclass(frozen=True)
class Note:
    """A text, its last line feed included, and its signatures. Nothing is verified yet."""

    text: bytes
    signatures: tuple[Signature, ...]

    @property
    def data(self) -> bytes:
        """The note's bytes."""
        return self.text + b"\n" + "".join(signature.line for signature in self.signatures).encode()


def parse_note(data: bytes) -> Note:
    """Take a note apart. Raises `BadNote`."""
    if len(data) > MOST_BYTES:
        raise BadNote("the note is too big")
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise BadNote("not in UTF-8") from None
    if _CONTROL.search(whole):
        raise BadNote("a control character")
    text, gap, lines = whole.rpartition("\n\n")
    if not gap or not lines.endswith("\n"):
        raise BadNote("no signatures behind an empty line")
    signatures = [_read_line(line) for line in lines[:-1].split("\n")]
    if len(signatures) > MOST_SIGNATURES:
        raise BadNote("too many signatures")
    return Note(f"{text}\n".encode(), tuple(signatures))


def _read_line(line: str) -> Signature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        value = unbase64(encoded)
        _check_name(name)
    except ValueError:
        raise BadNote("a line that is no signature") from None
    if not line.startswith(_DASH) or len(value) < 5:
        raise BadNote("a line that is no signature")
    return Signature(name, value[:4], value[4:])


def sign(text: bytes, keys: Iterable[SigningKey], moment: int = 0, others: Sequence[Signature] = ()) -> Note:
    """A note with these signatures behind `others`, in place of older ones by the same keys. Raises `BadNote`."""
    fresh = [key.sign(text, moment) for key in keys]
    mine = {(signature.name, signature.key_id) for signature in fresh}
    kept = [signature for signature in others if (signature.name, signature.key_id) not in mine]
    return parse_note(Note(text, (*kept, *fresh)).data)


@dataclass(frozen=True)
class Opened:
    """A note that somebody known has signed."""

    note: Note
    signers: dict[VerifierKey, int | None]
    """Who signed, and when, where they say it (cosignatures do)."""
    unknown: tuple[Signature, ...]
    """Signatures by keys that are not known here; they count for nothing."""


def open_note(data: bytes, keys: Iterable[VerifierKey]) -> Opened:
    """Verify every signature by a known key, and pass over the others.

    Raises `BadNote`, `BadSignature` where a known key's does not verify, `Unverified` where none is by a known key.
    """
    note = parse_note(data)
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for key in keys:
        if known.setdefault((key.name, key.key_id), key) != key:
            raise BadKey(f"two keys are called {key.name}+{key.key_id.hex()}")
    signers: dict[VerifierKey, int | None] = {}
    unknown: dict[Signature, None] = {}
    for signature in note.signatures:
        verifier = known.get((signature.name, signature.key_id))
        if verifier is None:
            unknown[signature] = None
        else:
            moment = verifier.verify(note.text, signature.value)
            signers.setdefault(verifier, moment)
    if not signers:
        raise Unverified("nobody known has signed the note")
    return Opened(note, signers, tuple(unknown))


@dataclass(frozen=True)
class Checkpoint:
    """The head of a log: whose, how many leaves, and their root."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> bytes:
        """The note's text. Raises `BadCheckpoint` where it could not be read back."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        text = "".join(f"{line}\n" for line in lines).encode()
        if parse_checkpoint(text) != self:
            raise BadCheckpoint("a line feed inside of a line")
        return text


def parse_checkpoint(text: bytes) -> Checkpoint:
    """Read a note's text as a checkpoint. Raises `BadCheckpoint`."""
    try:
        whole = text.decode()
    except UnicodeDecodeError:
        raise BadCheckpoint("not in UTF-8") from None
    lines = whole.split("\n")
    if len(lines) < 4 or lines.pop() != "" or not all(lines):
        raise BadCheckpoint("not three lines or more, none of them empty")
    if any(letter < " " for line in lines for letter in line):
        raise BadCheckpoint("a control character")
    try:
        size, root = decimal(lines[1]), unbase64(lines[2])
    except ValueError:
        raise BadCheckpoint("size or root can't be read") from None
    if len(root) != HASH_SIZE:
        raise BadCheckpoint("the root is not of 32 bytes")
    if size == 0 and root != EMPTY_ROOT:
        raise BadCheckpoint("the root of an empty tree is another")
    return Checkpoint(lines[0], size, root, tuple(lines[3:]))


def open_checkpoint(
    data: bytes, log: VerifierKey | Sequence[VerifierKey], witnesses: Iterable[VerifierKey] = (), *,
    origin: str | None = None,
) -> tuple[Checkpoint, Opened]:  # fmt: skip
    """A checkpoint that the log itself has signed, and who else did.

    `origin` is the log's, its key's name by default. Raises `BadNote`, `BadSignature`, `Unverified` where the log's own
    signature is missing, `BadCheckpoint` where it is another log's.
    """
    own = [log] if isinstance(log, VerifierKey) else list(log)
    opened = open_note(data, dict.fromkeys([*own, *witnesses]))
    checkpoint = parse_checkpoint(opened.note.text)
    if not any(key in opened.signers for key in own):
        raise Unverified("the log itself has not signed this checkpoint")
    if checkpoint.origin not in (
        [origin] if origin is not None else [key.name for key in own if key in opened.signers]
    ):
        raise BadCheckpoint("the checkpoint is another log's")
    return checkpoint, opened
