"""What the log has signed may leave the outboxes: how auditing says it, and how a writer checks it.

Auditing keeps for each writer a chain over the bytes that came under its numbers, and tells number and chain of each in
a signed statement. The writer computes the same over its own rows: it lets go only of what the log has to the byte.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

START = "0" * 64
_DOMAIN = b"corong covered v1\n"


class BadStatement(ValueError):
    """Not signed by the log, or not to be read."""


@dataclass(frozen=True)
class Mark:
    """How far a writer's numbers are in the log, under a signed checkpoint."""

    number: int
    chain: str
    """64 hexadecimal digits."""


def chained(chain: str, leaves: Iterable[bytes]) -> str:
    """The chain after these leaf hashes (RFC 6962) too."""
    found = bytes.fromhex(chain)
    for leaf in leaves:
        found = hashlib.sha256(found + leaf).digest()
    return found.hex()


def leaf_of(body: bytes) -> bytes:
    """The leaf hash of an event's bytes (RFC 6962 section 2.1)."""
    return hashlib.sha256(b"\x00" + body).digest()


def statement(seed: bytes, size: int, marks: Mapping[str, Mark]) -> bytes:
    """The signed words: at this size of the log each writer is in it so far."""
    covered = {writer: [mark.number, mark.chain] for writer, mark in sorted(marks.items())}
    words = json.dumps({"size": size, "covered": covered}, separators=(",", ":"), sort_keys=True)
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(_DOMAIN + words.encode())
    return json.dumps({"words": words, "signature": base64.b64encode(signature).decode()}).encode()


def read_statement(data: bytes, verifier: str) -> tuple[int, dict[str, Mark]]:
    """Size of the log, and how far each writer is in it. `verifier` is the log's key, `<name>+<id>+<key>`.

    Raises `BadStatement`.
    """
    try:
        public = base64.b64decode(verifier.split("+", 2)[2], validate=True)[1:]
        told = json.loads(data)
        words, signature = told["words"].encode(), base64.b64decode(told["signature"], validate=True)
        Ed25519PublicKey.from_public_bytes(public).verify(signature, _DOMAIN + words)
        said = json.loads(words)
        marks = {str(writer): Mark(int(number), str(chain)) for writer, (number, chain) in said["covered"].items()}
        return int(said["size"]), marks
    except (InvalidSignature, binascii.Error, ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise BadStatement("not signed by the log, or not to be read") from None
