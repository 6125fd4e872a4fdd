"""Dead letters: what could not be processed is parked under its number, listed, tried again or dropped by a person."""

import uuid
from typing import Any

from sqlalchemy import Connection, literal, select, tuple_

from corong.runtime import tables
from corong.runtime.clock import stamp
from corong.runtime.metrics import PARKED
from corong.runtime.rows import Row
from corong.runtime.unit import Unit

NAMESPACE = uuid.UUID("5d0a9a1c-8a0b-5a57-9d0f-3c9f9f2a7d11")
SHOWN = ("id", "stream", "subject", "writer", "number", "reason", "attempts", "state", "parked_at")


NO_WRITER = "no_writer"
NOT_THE_WRITERS = "not_the_writers"
"""Reasons of what came under no number: its subject and headers name no writer, or its body is another's."""
BEHIND = "behind"
"""Reason of what only waits: an earlier event of the same case lies aside (behind.py)."""


class NotParked(LookupError):
    """There is no dead letter with this id."""


def park(
    unit: Unit, *, stream: str, subject: str, writer: str, number: int, body: bytes, reason: str, attempts: int
) -> str:
    """Put a message aside; its id. The body is kept as it came: an event's personal fields are sealed in it."""
    content = uuid.uuid5(NAMESPACE, body.hex())
    identity = str(uuid.uuid5(NAMESPACE, f"{stream}/{subject}/{writer}/{number}/{content}"))
    known = unit.rows.get(tables.parked, identity)
    if known is not None:  # the same message again: what a person said of it stands
        unit.rows.put(tables.parked, {**known, "attempts": known["attempts"] + attempts})
        return identity
    row = {
        "id": identity,
        "stream": stream,
        "subject": subject[:255],
        "writer": writer[:40],
        "number": number,
        "reason": reason[:200],
        "attempts": attempts,
        "state": "parked",
        "parked_at": stamp(unit.now),
        "body": body,
        "error": "",
    }
    unit.rows.put(tables.parked, row)
    PARKED.labels(unit.numbering.service, reason.split(":")[0][:40]).inc()
    return identity


def listed(connection: Connection, limit: int, after: tuple[str, str] | None = None) -> list[dict[str, Any]]:
    """Dead letters that wait, the oldest first, without their bodies; those after this moment and id."""
    place = (tables.parked.c.parked_at, tables.parked.c.id)
    columns = [tables.parked.c[name] for name in SHOWN]
    chosen = select(*columns).where(tables.parked.c.state == "parked").order_by(*place).limit(limit)
    if after is not None:
        chosen = chosen.where(tuple_(*place) > tuple_(*map(literal, after)))
    return [dict(row) for row in connection.execute(chosen).mappings()]


def find(unit: Unit, identity: str) -> Row:
    """One dead letter with its body. Raises `NotParked`."""
    row = unit.rows.get(tables.parked, identity)
    if row is None:
        raise NotParked(identity)
    return row


def is_stray(row: Row) -> bool:
    """Whether it came under no number: what it claims to be came, or will come, from its writer."""
    return str(row["reason"]).split(":")[0] in (NO_WRITER, NOT_THE_WRITERS)


def close(unit: Unit, identity: str, state: str) -> None:
    """Mark a dead letter `done` (retried well) or `dropped`. Raises `NotParked`."""
    row = find(unit, identity)
    unit.rows.put(tables.parked, {**row, "state": state})
