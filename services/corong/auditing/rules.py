"""What auditing decides of each event that comes: pure."""

from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from corong_contracts.canonical import canonical

ATTRIBUTES = ("id", "type", "writer", "number", "correlationid", "actor", "time")


class NotAnEntry(ValueError):
    """The bytes can't stand in the log. The message names what is wrong, never a value."""


@dataclass(frozen=True)
class Entry:
    """What the log knows of an event without its data."""

    id: str
    type: str
    writer: str
    number: int
    case_id: str
    actor: str
    time: str


def read(body: bytes, writer: str, number: int) -> Entry:
    """Check that the bytes are a canonical event of this writer and number. Raises `NotAnEntry`.

    Types that this version does not know are taken all the same: the log keeps what was written.
    """
    try:
        event: Any = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise NotAnEntry("not JSON") from None
    if not isinstance(event, dict) or any(name not in event for name in ATTRIBUTES):
        raise NotAnEntry("an attribute of the envelope is missing")
    if any(not isinstance(event[name], str) for name in ATTRIBUTES if name != "number"):
        raise NotAnEntry("an attribute of the envelope is no text")
    if (event["writer"], event["number"]) != (writer, number):
        raise NotAnEntry("writer or number differ between headers and body")
    if canonical(event) != body:
        raise NotAnEntry("not canonical (RFC 8785)")
    return Entry(
        id=event["id"],
        type=event["type"],
        writer=writer,
        number=number,
        case_id=event["correlationid"],
        actor=event["actor"],
        time=event["time"],
    )
