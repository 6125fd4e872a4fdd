"""The deployment's key and what is derived from it (HKDF-SHA256, RFC 5869): one secret to keep, many uses.

As text it is the key in base64, and after a change of keys further lines: `older <key>` for as long as something is
still wrapped under it, and `pseudonyms <secret>`, by which what came before the change is recognised for ever.
"""

import base64
import contextlib
import hmac
import os
import re
import secrets as random
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class BadDeploymentKey(ValueError):
    """The deployment's key is missing or is not 32 bytes in base64."""


@dataclass(frozen=True)
class Secrets:
    """What the text holds: the current key, older ones that may still be needed, and the secret of the pseudonyms."""

    current: bytes = field(repr=False)
    older: tuple[bytes, ...] = field(default=(), repr=False)
    pseudonyms: bytes | None = field(default=None, repr=False)
    """Derived from the first key of all; None where the current one is still that."""

    @classmethod
    def read(cls, text: str) -> "Secrets":
        """Lines, or in a variable parts between commas. Raises `BadDeploymentKey`."""
        lines = [line.strip() for line in re.split(r"[\n,]", text) if line.strip()]
        named = [line.split() for line in lines[1:]]
        if not lines or any(len(words) != 2 or words[0] not in ("older", "pseudonyms") for words in named):
            raise BadDeploymentKey("the deployment's key must be 32 bytes, in base64")
        kept = [_bytes(value) for name, value in named if name == "pseudonyms"]
        older = tuple(_bytes(value) for name, value in named if name == "older")
        return cls(_bytes(lines[0]), older, kept[0] if kept else None)

    def text(self) -> str:
        """As `read` takes it."""
        lines = [_text(self.current), *(f"older {_text(key)}" for key in self.older)]
        if self.pseudonyms is not None:
            lines.append(f"pseudonyms {_text(self.pseudonyms)}")
        return "\n".join(lines) + "\n"


class DeploymentKey:
    """32 bytes from which the wrapping key, the pseudonym key and the others are derived."""

    def __init__(self, secret: bytes | Secrets, path: Path | None = None) -> None:
        """`path` is the file that it came from, to be read again by `reload`."""
        self._secrets = secret if isinstance(secret, Secrets) else Secrets(secret)
        if len(self._secrets.current) != 32:
            raise BadDeploymentKey("the deployment's key must be 32 bytes, in base64")
        self._path = path
        self._derived: dict[tuple[bytes, str], bytes] = {}

    def __repr__(self) -> str:
        return "DeploymentKey(…)"

    @classmethod
    def load(cls, path: Path, variable: str = "CORONG_KEY", *, create: bool = False) -> "DeploymentKey":
        """From the environment, else from a file; `create` makes the file where there is none.

        Raises `BadDeploymentKey` with what to do.
        """
        if text := os.environ.get(variable):
            return cls(Secrets.read(text))
        if not path.exists():
            if not create:
                raise BadDeploymentKey(f"no deployment key: set {variable} or put one into {path}")
            write_secret(path, Secrets(random.token_bytes(32)).text())
        return cls(Secrets.read(path.read_text(encoding="ascii", errors="replace")), path)

    @property
    def path(self) -> Path | None:
        """The file that it came from; None where that was the environment."""
        return self._path

    @property
    def secrets(self) -> Secrets:
        """What the text held when it was last read."""
        return self._secrets

    def reload(self) -> bool:
        """Read the file again; whether there was anything new in it. What can't be read changes nothing."""
        if self._path is None:
            return False
        try:
            found = Secrets.read(self._path.read_text(encoding="ascii", errors="replace"))
        except (BadDeploymentKey, OSError):
            return False
        changed, self._secrets = found != self._secrets, found
        return changed

    def derive(self, use: str) -> bytes:
        """A 32-byte key for one use."""
        return self._derive(self._secrets.current, use)

    def derive_all(self, use: str) -> list[bytes]:
        """The same of every key that may still be needed, the current one first."""
        return [self._derive(secret, use) for secret in (self._secrets.current, *self._secrets.older)]

    def _derive(self, secret: bytes, use: str) -> bytes:
        known = self._derived.get((secret, use))
        if known is None:
            known = HKDF(algorithm=SHA256(), length=32, salt=b"corong", info=use.encode()).derive(secret)
            self._derived[secret, use] = known
        return known

    @property
    def wrapping(self) -> bytes:
        """Wraps the persons' keys."""
        return self.derive("wrapping")

    @property
    def tokens(self) -> bytes:
        """Signs officers' and accounts' tokens."""
        return self.derive("tokens")

    @property
    def pseudonyms(self) -> bytes:
        """Makes pseudonyms. It stays when the key is changed, or nothing that came before would be recognised."""
        return self._secrets.pseudonyms or self.derive("pseudonyms")

    def successor(self, secret: bytes) -> Secrets:
        """The text after a change to `secret`: this key stays beside it as an older one."""
        own = self._secrets
        return Secrets(secret, tuple(dict.fromkeys((own.current, *own.older))), self.pseudonyms)

    def pseudonym(self, *parts: str) -> str:
        """A keyed pseudonym, 32 hexadecimal digits: for looking up what must not be stored in the clear.

        Phone numbers and identity numbers can be guessed, so their bare hash would tell them; this one needs the key.
        """
        return keyed(self.pseudonyms, *parts)


def keyed(key: bytes, *parts: str) -> str:
    """The parts' HMAC-SHA256 under a key, the first 32 hexadecimal digits."""
    return hmac.digest(key, "\0".join(parts).encode(), "sha256").hex()[:32]


def receipt_secret(key: bytes, case: str) -> str:
    """The secret on a citizen's receipt: 16 letters and digits (80 bits), in groups of four.

    Derived from the citizen's own key, so that it is stored nowhere and goes with that key.
    """
    digest = hmac.digest(key, b"receipt\n" + case.encode(), "sha256")[:10]
    text = base64.b32encode(digest).decode()
    return "-".join(text[start : start + 4] for start in range(0, 16, 4))


def write_key(path: Path, secrets: Secrets) -> None:
    """Put another text into the place of the one that is there, whole or not at all."""
    draft = path.with_name(f".{path.name}.{random.token_hex(4)}")
    _write(draft, secrets.text())
    draft.replace(path)
    _sync(path.parent)


def _bytes(text: str) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except ValueError:
        found = b""
    if len(found) != 32:
        raise BadDeploymentKey("the deployment's key must be 32 bytes, in base64") from None
    return found


def _text(secret: bytes) -> str:
    return base64.b64encode(secret).decode()


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def write_secret(path: Path, text: str) -> None:
    """Write a new key whole or not at all: a process that dies in between leaves none that is too short.

    One that is there stands.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{random.token_hex(4)}")
    _write(draft, text)
    try:
        with contextlib.suppress(FileExistsError):  # another process was first: its key stands
            os.link(draft, path)
    finally:
        draft.unlink()
    _sync(path.parent)


def _sync(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
