"""`.tlog-proof` files (C2SP tlog-proof): that an entry stands in a log, to be checked without asking anybody. Pure."""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from corong.auditing.note import Checkpoint, Opened, VerifierKey, decimal, open_checkpoint, parse_note, unbase64
from corong.auditing.note import parse_checkpoint as read_checkpoint
from corong.auditing.tlog import HASH_SIZE, verify_inclusion

__all__ = ["BadProof", "LogProof", "parse_proof", "verify_proof"]

HEADER = "c2sp.org/tlog-proof@v1"
MOST_HASHES = 63
MOST_BYTES = 2_000_000


class BadProof(ValueError):
    """The bytes are no proof."""


@dataclass(frozen=True)
class LogProof:
    """The leaf's index, its audit path, and the log's signed checkpoint, as it was signed."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes = b""
    """Nobody has signed this: a help, never a proof."""

    @property
    def data(self) -> bytes:
        """The file's bytes. Raises `BadProof` where they could not be read back."""
        lines = [HEADER]
        if self.extra:
            lines.append(f"extra {base64.b64encode(self.extra).decode()}")
        lines.append(f"index {self.index}")
        lines += [base64.b64encode(item).decode() for item in self.hashes]
        data = "".join(f"{line}\n" for line in lines).encode() + b"\n" + self.checkpoint
        if parse_proof(data) != self:
            raise BadProof("can't be written")
        return data


def parse_proof(data: bytes) -> LogProof:
    """Read a proof; its checkpoint must be a signed one, by whomever. Raises `BadProof`."""
    if len(data) > MOST_BYTES:
        raise BadProof("the proof is too big")
    head, gap, checkpoint = data.partition(b"\n\n")
    if not gap:
        raise BadProof("no checkpoint behind an empty line")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise BadProof("not in ASCII") from None
    if lines.pop(0) != HEADER:
        raise BadProof("no proof of a version that is known here")
    extra = b""
    try:
        if lines and lines[0].startswith("extra "):
            extra = unbase64(lines.pop(0).removeprefix("extra "))
            if not extra:
                raise BadProof("extra data that is none")
        if not lines or not lines[0].startswith("index "):
            raise BadProof("no index")
        index = decimal(lines.pop(0).removeprefix("index "))
        hashes = tuple(unbase64(line) for line in lines)
        read_checkpoint(parse_note(checkpoint).text)
    except BadProof:
        raise
    except ValueError as error:
        raise BadProof(f"can't be read: {error}") from None
    if len(hashes) > MOST_HASHES or any(len(item) != HASH_SIZE for item in hashes):
        raise BadProof("not up to 63 hashes of 32 bytes")
    return LogProof(index, hashes, checkpoint, extra)


def verify_proof(
    proof: LogProof, leaf: bytes, log: VerifierKey | Sequence[VerifierKey], witnesses: Iterable[VerifierKey] = (), *,
    origin: str | None = None, quorum: int = 0,
) -> tuple[Checkpoint, Opened]:  # fmt: skip
    """Check that the log whose key is `log` has the leaf hash `leaf`, and that `quorum` of the witnesses saw it.

    One public key is one witness, under whatever names. Raises `NoteError`, `ProofError`, and `BadProof` where too few
    witnesses have signed.
    """
    known = list(dict.fromkeys(witnesses))
    checkpoint, opened = open_checkpoint(proof.checkpoint, log, known, origin=origin)
    if len({key.public for key in known if key in opened.signers}) < quorum:
        raise BadProof(f"fewer than {quorum} of the witnesses have signed")
    verify_inclusion(leaf, proof.index, checkpoint.size, proof.hashes, checkpoint.root)
    return checkpoint, opened
