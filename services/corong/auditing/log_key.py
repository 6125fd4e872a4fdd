"""The key that signs the log: made at the first start, kept beside the deployment's key, known to auditing alone."""

import os
import secrets
from pathlib import Path

from corong.auditing.note import BadKey, SigningKey
from corong.runtime.deployment_key import write_secret

VARIABLE = "CORONG_LOG_KEY"


class BadLogKey(ValueError):
    """The log's key is missing, can't be read, or is another log's."""


def given() -> bool:
    """Whether the environment holds the key, so that no file is asked."""
    return bool(os.environ.get(VARIABLE))


def load(path: Path, origin: str, *, create: bool = False) -> SigningKey:
    """From the environment, else from a file; `create` makes the file where there is none.

    Raises `BadLogKey` with what to do.
    """
    text = os.environ.get(VARIABLE)
    if not text:
        if not path.exists():
            if not create:
                raise BadLogKey(f"no key to sign the log with: set {VARIABLE} or put one into {path}")
            write_secret(path, make(origin).secret + "\n")
        text = path.read_text(encoding="utf-8", errors="replace")
    try:
        key = SigningKey.parse(text.strip())
    except BadKey:
        raise BadLogKey(f"{VARIABLE} or {path} is no key: write it as PRIVATE+KEY+<name>+<id>+<key>") from None
    if key.name != origin:
        raise BadLogKey(f"the log's key is called {key.name} and the log {origin}: set CORONG_LOG_ORIGIN={key.name}")
    return key


def make(origin: str) -> SigningKey:
    """A new one. Raises `BadLogKey` where the name can't be one."""
    try:
        return SigningKey(origin, secrets.token_bytes(32))
    except BadKey as error:
        raise BadLogKey(f"{origin!r} can't be a log's name: {error}") from None
