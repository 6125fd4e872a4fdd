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

_known: OrderedDict[bytes, AnyEvent] = OrderedDict()
_guard = Lock()
_bytes = 0


def opened(body: bytes) -> AnyEvent:
    """The event of these bytes. Raises `BadEvent` and `UnknownType`."""
    found = _known.get(body)
    if found is None:
        found = decode(body)
        remember(body, found)
    return found


def remember(body: bytes, event: AnyEvent) -> None:
    """`event` was encoded as `body` in this process."""
    global _bytes  # of the one memory of this process
    with _guard:
        if body not in _known:
            _bytes += len(body)
        _known[body] = event
        while len(_known) > MOST or _bytes > MOST_BYTES:
            gone, _ = _known.popitem(last=False)
            _bytes -= len(gone)
