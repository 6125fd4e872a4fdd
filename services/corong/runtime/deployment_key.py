"""The deployment's key and what is derived from it (HKDF-SHA256, RFC 5869): one secret to keep, many uses."""

import base64
import contextlib
import hmac
import os
import secrets as random
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class BadDeploymentKey(ValueError):
    """The deployment's key is missing or is not 32 bytes in base64."""


class DeploymentKey:
    """32 bytes from which the wrapping key, the pseudonym key and the others are derived."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != 32:
            raise BadDeploymentKey("the deployment's key must be 32 bytes, in base64")
        self._secret = secret

    def __repr__(self) -> str:
        return "DeploymentKey(…)"

    @classmethod
    def load(cls, path: Path, variable: str = "CORONG_KEY", *, create: bool = False) -> "DeploymentKey":
        """From the environment, else from a file; `create` makes the file where there is none.

        Raises `BadDeploymentKey` with what to do.
        """
        if text := os.environ.get(variable):
            return cls._decode(text)
        if not path.exists():
            if not create:
                raise BadDeploymentKey(f"no deployment key: set {variable} or put one into {path}")
            write_secret(path, base64.b64encode(random.token_bytes(32)).decode() + "\n")
        return cls._decode(path.read_text(encoding="ascii", errors="replace"))

    @classmethod
    def _decode(cls, text: str) -> "DeploymentKey":
        try:
            return cls(base64.b64decode(text.strip(), validate=True))
        except ValueError:
            raise BadDeploymentKey("the deployment's key must be 32 bytes, in base64") from None

    def derive(self, use: str) -> bytes:
        """A 32-byte key for one use."""
        return HKDF(algorithm=SHA256(), length=32, salt=b"corong", info=use.encode()).derive(self._secret)

    @cached_property
    def wrapping(self) -> bytes:
        """Wraps the persons' keys."""
        return self.derive("wrapping")

    @cached_property
    def tokens(self) -> bytes:
        """Signs officers' and accounts' tokens."""
        return self.derive("tokens")

    @cached_property
    def _pseudonyms(self) -> bytes:
        return self.derive("pseudonyms")

    @cached_property
    def _receipts(self) -> bytes:
        return self.derive("receipts")

    def pseudonym(self, *parts: str) -> str:
        """A keyed pseudonym, 32 hexadecimal digits: for looking up what must not be stored in the clear.

        Phone numbers and identity numbers can be guessed, so their bare hash would tell them; this one needs the key.
        """
        return hmac.digest(self._pseudonyms, "\0".join(parts).encode(), "sha256").hex()[:32]

    def receipt_secret(self, case: str) -> str:
        """The secret on a citizen's receipt: 16 letters and digits (80 bits), in groups of four."""
        digest = hmac.digest(self._receipts, case.encode(), "sha256")[:10]
        text = base64.b32encode(digest).decode()
        return "-".join(text[start : start + 4] for start in range(0, 16, 4))


def write_secret(path: Path, text: str) -> None:
    """Write a new key whole or not at all: a process that dies in between leaves none that is too short.

    One that is there stands.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{random.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        with contextlib.suppress(FileExistsError):  # another process was first: its key stands
            os.link(draft, path)
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
