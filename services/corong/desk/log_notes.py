"""What a signed checkpoint says, for people to read; nothing is verified here (C2SP signed-note, tlog-checkpoint).

The verifier does that, from another's hand: `corong audit verify`.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime

__all__ = ["Checkpoint", "Signature", "checkpoint_of", "head_of"]

_DASH = "\N{EM DASH} "
_COSIGNED = 4 + 8 + 64
"""Bytes of a cosignature: the key's id, the time in seconds since 1970, the signature (C2SP tlog-cosignature)."""


@dataclass(frozen=True)
class Signature:
    """One line below a checkpoint."""

    name: str
    at: datetime | None
    """When a witness signed; None of the log's own, which tells no time."""


@dataclass(frozen=True)
class Checkpoint:
    """The signed head of the log."""

    origin: str
    size: int
    root: str
    """In hexadecimal digits."""
    signatures: tuple[Signature, ...]
    note: str
    """Exactly as it was signed."""

    @property
    def witnesses(self) -> tuple[Signature, ...]:
        """Those that witnesses have put below it."""
        return tuple(one for one in self.signatures if one.at is not None)


def checkpoint_of(proof: str) -> Checkpoint:
    """The checkpoint in which a `.tlog-proof` ends. Raises `ValueError`."""
    return head_of(proof.partition("\n\n")[2])


def head_of(note: str) -> Checkpoint:
    """A checkpoint. Raises `ValueError`."""
    text, _, lines = note.partition("\n\n")
    origin, size, root, *_more = text.split("\n")
    signed = [line.removeprefix(_DASH) for line in lines.split("\n") if line.startswith(_DASH)]
    return Checkpoint(origin, int(size), base64.b64decode(root).hex(), tuple(map(_signature, signed)), note)


def _signature(line: str) -> Signature:
    name, _, value = line.partition(" ")
    try:
        data = base64.b64decode(value, validate=True)
    except binascii.Error:
        data = b""
    if len(data) != _COSIGNED:
        return Signature(name, None)
    return Signature(name, datetime.fromtimestamp(min(int.from_bytes(data[4:12]), 2**35), UTC))
