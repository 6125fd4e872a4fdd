"""Events of this process by their bytes: opened once for all services, and not at all where they were written here.

An event never changes, and equal bytes are the same event: who reads what a neighbour in the process wrote gets the
very object that was written. `tests/services/runtime/test_opened.py` holds that opening the bytes gives an equal one.
"""

from collections import OrderedDict
from threading import Lock

from corong_contracts.base import AnyEvent
from corong_contracts.catalogue import decode

MOST = 8192
"""Events kept; the oldest go first."""
MOST_BYTES = 32 * 1024 * 1024
"""Of their bodies: a letter's event is a hundred times as long as a claim's."""

_known: OrderedDict[bytes, tuple[AnyEvent, bool]] = OrderedDict()
"""Bytes → the event, and whether these very bytes were made from it here."""
_guard = Lock()
_bytes = 0


def opened(body: bytes) -> AnyEvent:
    """The event of these bytes. Raises `BadEvent` and `UnknownType`."""
    found = _known.get(body)
    if found is not None:
        return found[0]
    event = decode(body)
    _keep(body, event, written=False)
    return event


def written_here(body: bytes) -> AnyEvent | None:
    """The event that this process encoded as these bytes; None where it did not, or that was long ago."""
    found = _known.get(body)
    return found[0] if found is not None and found[1] else None


def remember(body: bytes, event: AnyEvent) -> None:
    """`event` was encoded as `body` in this process."""
    _keep(body, event, written=True)


def _keep(body: bytes, event: AnyEvent, *, written: bool) -> None:
    global _bytes  # of the one memory of this process
    with _guard:
        if body not in _known:
            _bytes += len(body)
        _known[body] = (event, written)
        while len(_known) > MOST or _bytes > MOST_BYTES:
            gone, _ = _known.popitem(last=False)
            _bytes -= len(gone)
