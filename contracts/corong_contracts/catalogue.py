"""Every event type there is: encode, decode, and bring an older version up to today's."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import from_json

from corong_contracts import (
    answer,
    audit,
    calendar,
    case,
    case_life,
    clock,
    decision,
    decree,
    delivery,
    dispute,
    document,
    erasure,
    message,
    obligation,
    officer,
    publication,
    rules,
    target,
    unit,
    wording,
)
from corong_contracts.base import MAX_EVENT_BYTES, AnyEvent, Event, Model, Payload
from corong_contracts.canonical import canonical


class UnknownType(ValueError):
    """The event's type is not in this version's catalogue: a newer writer, or a stranger."""


class BadEvent(ValueError):
    """The bytes are not an event of the type that they name. The message names fields, never values."""


class EventTooBig(ValueError):
    """The event's canonical bytes pass `MAX_EVENT_BYTES`; large content belongs into the object store."""


def _collect() -> dict[str, type[Payload]]:
    found: dict[str, type[Payload]] = {}
    modules = (
        message, case, case_life, decision, dispute, answer, document, clock, calendar, rules, publication, delivery,
        audit, erasure, wording, officer, decree, target, obligation, unit,
    )  # fmt: skip
    for module in modules:
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
def event_class(event_type: str) -> type[AnyEvent]:
    """The event model for a type. Raises `UnknownType`."""
    payload = CATALOGUE.get(event_type)
    if payload is None:
        known_form = re.fullmatch(r"id\.corong\.[a-z_]{1,30}\.[a-z_]{1,30}\.v\d{1,3}", event_type)
        raise UnknownType(f"unknown event type {event_type if known_form else ''}: read it with a newer Corong")
    return Event[payload]  # type: ignore[valid-type]  # the class is chosen at run time


@cache
def _adapter(event_type: str) -> TypeAdapter[Any]:
    return TypeAdapter(event_class(event_type))


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
    event = _checked(raw)
    while event.type in UPCASTS:
        # The data has passed its own version's model, so an upcast may rely on every field that was required there.
        kind, data = UPCASTS[event.type](raw["data"])
        raw = {**raw, "type": kind, "data": data}
        event = _checked(raw)
    return event


def _checked(raw: dict[str, Any]) -> AnyEvent:
    kind: str = raw["type"]
    adapter = _adapter(kind)
    try:
        event: AnyEvent = adapter.validate_python(raw)
    except ValidationError as error:
        raise BadEvent(f"not a {kind}: {', '.join(bad_fields(error))}") from None
    if event.service != event.data.writer:
        raise BadEvent(f"not a {kind}: writer")
    return event


def bad_fields(error: ValidationError, limit: int = 20) -> list[str]:
    """Where a validation failed: dotted paths of field names, never values, and no name that the input made up."""
    known = _field_names(Model)
    paths = {
        ".".join(str(part) if isinstance(part, int) or part in known else "?" for part in item["loc"]) or "(all)"
        for item in error.errors(include_input=False)
    }
    return sorted(paths)[:limit]


def _field_names(model: type[BaseModel]) -> set[str]:
    return set(model.model_fields).union(*(_field_names(sub) for sub in model.__subclasses__()))
