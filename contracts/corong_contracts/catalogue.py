"""Every event type there is: encode, decode, and bring an older version up to today's."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from corong_contracts import case, delivery, message, publication
from corong_contracts.base import MAX_EVENT_BYTES, AnyEvent, Event, Payload
from corong_contracts.canonical import canonical


class UnknownType(ValueError):
    """The event's type is not in this version's catalogue: a newer writer, or a stranger."""


class BadEvent(ValueError):
    """The bytes are not an event of the type that they name. The message names fields, never values."""


class EventTooBig(ValueError):
    """The event's canonical bytes pass `MAX_EVENT_BYTES`; large content belongs into the object store."""


def _collect() -> dict[str, type[Payload]]:
    found: dict[str, type[Payload]] = {}
    for module in (message, case, publication, delivery):
        for item in vars(module).values():
            if isinstance(item, type) and issubclass(item, Payload) and item.type:
                found[item.type] = item
    return dict(sorted(found.items()))


CATALOGUE: dict[str, type[Payload]] = _collect()
"""Type → payload class; the newest version of each and all older ones that a log may still hold."""

Upcast = Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]
UPCASTS: dict[str, Upcast] = {}
"""An older type → how its data becomes the next version's: a pure function from data to (type, data)."""


@cache
def _adapter(event_type: str) -> TypeAdapter[Any]:
    payload = CATALOGUE.get(event_type)
    if payload is None:
        raise UnknownType(f"unknown event type {event_type[:80]!r}: read it with a newer Corong")
    return TypeAdapter(Event[payload])  # type: ignore[valid-type]  # the class is chosen at run time


def encode(event: AnyEvent) -> bytes:
    """The event's canonical bytes, as they go on the wire and into the ledger.

    Raises `EventTooBig`.
    """
    body = canonical(_adapter(event.type).dump_python(event, mode="json", exclude_none=True))
    if len(body) > MAX_EVENT_BYTES:
        raise EventTooBig(f"an event of type {event.type} has {len(body)} bytes, more than {MAX_EVENT_BYTES}")
    return body


def decode(body: bytes) -> AnyEvent:
    """Read an event, brought up to the newest version of its type.

    Raises `BadEvent` on bytes that are no event, `UnknownType` on a type that is not in the catalogue.
    """
    try:
        raw = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise BadEvent("not JSON") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("type"), str):
        raise BadEvent("not a CloudEvent: `type` is missing")
    kind: str = raw["type"]
    while kind in UPCASTS:
        kind, data = UPCASTS[kind](raw["data"])
        raw = {**raw, "type": kind, "data": data}
    adapter = _adapter(kind)
    try:
        event: AnyEvent = adapter.validate_python(raw)
    except ValidationError as error:
        raise BadEvent(f"not a {kind}: {', '.join(bad_fields(error))}") from None
    return event


def bad_fields(error: ValidationError, limit: int = 20) -> list[str]:
    """Where a validation failed: dotted paths of field names, never values, and no name that the input made up."""
    paths = {".".join(_shown(part) for part in item["loc"]) or "(all)" for item in error.errors(include_input=False)}
    return sorted(paths)[:limit]


def _shown(part: str | int) -> str:
    return str(part) if isinstance(part, int) or re.fullmatch(r"[a-z][a-z_]{0,40}", part) else "?"
