"""What auditing decides of each event that comes: pure."""

from operator import gt, itemgetter
from typing import Any, NamedTuple

from pydantic_core import from_json

from corong.runtime.clock import stamp
from corong_contracts.base import AnyEvent
from corong_contracts.canonical import is_canonical

TEXTS = {"id": 36, "type": 80, "writer": 40, "correlationid": 36, "actor": 80, "time": 27}
"""Attributes of the envelope by which the log is searched, and how many characters its columns take."""
_TEXTS_OF = itemgetter(*TEXTS)
_MOST = tuple(TEXTS.values())


class NotAnEntry(ValueError):
    """The bytes can't stand in the log. The message names what is wrong, never a value."""


class Entry(NamedTuple):
    """What the log knows of an event without its data."""

    id: str
    type: str
    writer: str
    number: int
    case_id: str
    actor: str
    time: str


def entry_of(event: AnyEvent) -> Entry:
    """Of an event whose canonical bytes were made from it."""
    return Entry(
        id=str(event.id),
        type=event.type,
        writer=event.writer,
        number=event.number,
        case_id=str(event.correlationid),
        actor=event.actor,
        time=stamp(event.time),
    )


def read(body: bytes, writer: str, number: int) -> Entry:
    """Check that the bytes are a canonical event of this writer and number. Raises `NotAnEntry`.

    Types that this version does not know are taken all the same: the log keeps what was written.
    """
    try:
        event: Any = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise NotAnEntry("not JSON") from None
    if not isinstance(event, dict):
        raise NotAnEntry("not an object")
    try:
        texts, counted = _TEXTS_OF(event), event["number"]
    except KeyError:
        raise NotAnEntry("an attribute of the envelope is missing") from None
    # Built-in functions alone: this runs for every event.
    if set(map(type, texts)) != {str} or type(counted) is not int:
        raise NotAnEntry("an attribute of the envelope is of another kind")
    if any(map(gt, map(len, texts), _MOST)) or "\0" in "".join(texts):
        raise NotAnEntry("an attribute of the envelope is too long, or has a NUL")
    identity, kind, said, case, actor, time = texts
    if said != writer or counted != number:
        raise NotAnEntry("writer or number differ between headers and body")
    if not is_canonical(event, body):
        raise NotAnEntry("not canonical (RFC 8785)")
    return Entry(identity, kind, writer, number, case, actor, time)
