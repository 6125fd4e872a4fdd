"""Rows of a case's thread and of a post's steps: one for each event, with what of it stands open."""

from collections.abc import Callable
from datetime import datetime
from json.encoder import encode_basestring
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from corong.desk import life_state
from corong.desk.tables import entry
from corong.runtime.clock import stamp
from corong.runtime.identities import text_of
from corong.runtime.rows import Rows
from corong.runtime.sealing import sealed_field
from corong_contracts.base import AnyEvent, Payload
from corong_contracts.case import CaseAnswered, CaseAssigned, CaseNoted, CaseReturned
from corong_contracts.catalogue import CATALOGUE
from corong_contracts.message import MessageReceived

__all__ = ["SEALED", "SHOWN", "add_entry", "shown"]

SEALED: dict[type[Payload], str] = {
    MessageReceived: "content", CaseAssigned: "instruction", CaseReturned: "reason", CaseNoted: "note",
    CaseAnswered: "text", **life_state.SEALED,
}  # fmt: skip
"""Events whose words stand sealed in the thread, and in which field."""
SHOWN: dict[str, tuple[str, ...]] = {
    "message.received": ("message_id", "channel", "account", "visibility", "follow_up", "automatic", "attachments"),
    "case.routed": ("unit", "kind", "priority", "rule"),
    "case.claimed": ("officer", "lease_until"),
    "case.released": ("officer", "reason"),
    "case.assigned": ("from_unit", "unit", "to_officer"),
    "case.returned": ("from_unit", "unit"),
    "case.prioritised": ("before", "priority"),
    "case.noted": (),
    "case.answered": ("unit", "answer_id", "decision_id", "group_id"),
    "case.closed": ("outcome",),
    "publication.drafted": ("text_hash",),
    "publication.edited": ("text_hash",),
    "publication.approved": ("text_hash",),
    "publication.scheduled": ("publish_at",),
    "publication.released": ("text_hash",),
    "publication.withdrawn": (),
    "publication.taken_down": ("reason",),
    **life_state.SHOWN,
}


def add_entry(event: AnyEvent, rows: Rows, sender: str | None = None) -> None:
    """Keep an event's row. `sender` is who wrote, sealed."""
    name, field, names = _SHAPES[type(event.data)]
    rows.put(
        entry,
        {
            "case_id": text_of(event.correlationid),
            "service": event.service,
            "number": event.number,
            "at": stamp(event.time),
            "kind": name,
            "actor": event.actor,
            "event_id": text_of(event.id),
            "sealed": sealed_field(event, field) if field else None,
            "sender": sender,
            "data": _written(event.data, names),
        },
    )


def shown(data: Payload) -> str:
    """What of an event stands open in the thread: JSON, as `model_dump_json` writes it, in a third of its time."""
    return _written(data, _SHAPES[type(data)][2])


def _written(data: Payload, names: tuple[tuple[str, str], ...]) -> str:
    return f"{{{','.join([f'{name}{_json(getattr(data, field))}' for field, name in names])}}}"


def _json(value: Any) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    write = _PLAIN.get(type(value))
    return write(value) if write is not None else to_json(value).decode()


_PLAIN: dict[type[Any], Callable[[Any], str]] = {
    type(None): lambda _: "null",
    UUID: lambda value: f'"{text_of(value)}"',
    bool: lambda value: "true" if value else "false",
    datetime: lambda value: f'"{stamp(value)}"',
}


def _shape(kind: type[Payload], name: str) -> tuple[str, str | None, tuple[tuple[str, str], ...]]:
    wanted = SHOWN[name]
    return name, SEALED.get(kind), tuple((field, f'"{field}":') for field in kind.model_fields if field in wanted)


_SHAPES = {
    kind: _shape(kind, name) for kind in CATALOGUE.values() if (name := f"{kind.noun}.{kind.verb}") in SHOWN
}  # fmt: skip
"""Of each event in a case's thread its name, its sealed field, and what of it stands open: each field and its name."""
