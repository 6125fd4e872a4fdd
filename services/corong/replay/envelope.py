"""An event's envelope out of its canonical bytes, without opening what it says.

The names of canonical JSON stand in their order, and quotes inside of texts are escaped: what stands before the last
brace is the event's own attributes, whatever its data holds. Ten times as fast as opening it.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from corong_contracts.base import AnyEvent
from corong_contracts.catalogue import UPCASTS, BadEvent, decode, event_class

_TAIL = re.compile(
    rb',"datacontenttype":"application/json","dataschema":"[^"\\]*","id":"([^"\\]*)","number":(\d{1,10}),'
    rb'"recordedtime":"([^"\\]*)","source":"[^"\\]*","specversion":"1\.0","subject":"[^"\\]*","time":"([^"\\]*)",'
    rb'(?:"traceparent":"[^"\\]*",)?"type":"([^"\\]*)","writer":"([^"\\]*)"\}\Z'
)
_TAIL_BEGINS = b',"datacontenttype":'
_HEAD = re.compile(rb'\{"actor":"([^"\\]*)","causationid":"([^"\\]*)","correlationid":"([^"\\]*)","data":')


class Envelope(NamedTuple):
    """What is known of an event without its data. Times are as written: in UTC, with six digits of a second."""

    id: str
    number: int
    recorded: str
    time: str
    type: str
    writer: str

    @property
    def service(self) -> str:
        """The service that wrote it."""
        return self.writer.partition(".")[0]


class Cause(NamedTuple):
    """Who did it, what led to it, and which case or post it belongs to."""

    actor: str
    cause: str
    entity: str


def envelope(body: bytes) -> Envelope:
    """The envelope. Raises `BadEvent`."""
    start = body.rfind(_TAIL_BEGINS)
    found = _TAIL.match(body, start) if start >= 0 else None
    if found is not None:
        identity, number, recorded, time, kind, writer = found.groups()
        return Envelope(
            identity.decode(), int(number), recorded.decode(), time.decode(), kind.decode(), writer.decode()
        )
    raw = _opened(body)
    values = [raw.get(name) for name in ("id", "number", "recordedtime", "time", "type", "writer")]
    if type(values[1]) is not int or not all(isinstance(value, str) for value in (values[0], *values[2:])):
        raise BadEvent("an attribute of the envelope is missing")
    return Envelope(*values)  # type: ignore[arg-type]  # looked at above


def cause(body: bytes) -> Cause:
    """Actor, cause and case. Raises `BadEvent`."""
    found = _HEAD.match(body)
    if found is not None:
        actor, caused, entity = found.groups()
        return Cause(actor.decode(), caused.decode(), entity.decode())
    raw = _opened(body)
    return Cause(*(str(raw.get(name, "")) for name in ("actor", "causationid", "correlationid")))


def _opened(body: bytes) -> dict[str, object]:
    try:
        raw = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise BadEvent("not JSON") from None
    if not isinstance(raw, dict):
        raise BadEvent("not a CloudEvent")
    return raw


@cache
def _reader(kind: str) -> Callable[[bytes], AnyEvent]:
    reader: Callable[[bytes], AnyEvent] = TypeAdapter(event_class(kind)).validator.validate_json
    return reader


def opened(body: bytes, kind: str) -> AnyEvent:
    """The event, as `catalogue.decode` reads it, in half the time. Raises `BadEvent` and `UnknownType`."""
    if kind in UPCASTS:
        return decode(body)
    try:
        event = _reader(kind)(body)
    except ValidationError:
        return decode(body)
    if event.type != kind or event.service != event.data.writer:
        raise BadEvent(f"not a {kind}: writer")
    return event
