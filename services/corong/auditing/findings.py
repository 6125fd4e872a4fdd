"""What is missing, doubled or unfit in a writer's numbers becomes an event of auditing's own, once.

Nothing is recorded about auditing's own numbers: a finding about a finding would have no end. Those are told in its
logs, and `corong audit verify` sees the hole.
"""

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

import structlog
from pydantic_core import from_json
from sqlalchemy import and_, literal_column, or_, select

from corong.auditing import state
from corong.auditing.publisher import Differs
from corong.runtime import tables
from corong.runtime.arrivals import Arrived
from corong.runtime.clock import stamp
from corong.runtime.rows import Row
from corong.runtime.statements import as_rows, run
from corong.runtime.unit import Draft, Unit
from corong_contracts.audit import (
    AuditConflictFound,
    AuditEntryRefused,
    AuditGapFilled,
    AuditGapFound,
    AuditRecordChanged,
)
from corong_contracts.base import Payload

log = structlog.get_logger()

NAMESPACE = UUID("0f8a5bd8-3a3e-5c0b-9a44-50a5a1f6f2c7")
OWN = "auditing."
_OPEN = select(state.finding).where(
    state.finding.c.kind == literal_column("'gap'"), state.finding.c.filled_at.is_(None)
)
LARGEST = 2**31 - 1
"""The largest number that a finding can name."""


def digest_of(body: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(body).hexdigest()


def gap(unit: Unit, writer: str, first: int, last: int) -> None:
    """Numbers are missing, and the writer was asked to send them again."""
    last = min(max(first, last), LARGEST)  # a writer may tell anything
    if first <= unit.taken(writer):
        return
    identity = uuid5(NAMESPACE, f"gap/{writer}/{first}")
    _record(unit, AuditGapFound, identity, of_writer=writer, first=first, last=last, done="asked_again")


def open_gaps(unit: Unit) -> dict[str, list[Row]]:
    """Writer → its gaps that are not filled."""
    found: dict[str, list[Row]] = {}
    unit.rows.flush()
    for row in as_rows(state.finding, run(unit.connection, _OPEN)):
        found.setdefault(row["writer"], []).append(row)
    return found


def filled(unit: Unit) -> None:
    """Record of every open gap whether what was missing has come."""
    for writer, gaps in open_gaps(unit).items():
        for row in gaps:
            if unit.taken(writer) < row["last"]:
                continue
            identity = UUID(row["audit_id"])
            data = {"audit_id": identity, "of_writer": writer, "first": row["first"], "last": row["last"]}
            unit.record(uuid5(identity, "filled"), [Draft(AuditGapFilled, identity, data)])


def refused(unit: Unit, writer: str, number: int, body: bytes, reason: str) -> None:
    """Bytes that can't stand in the log were parked under this number."""
    digest = digest_of(body)
    identity = uuid5(NAMESPACE, f"refused/{writer}/{number}/{digest}")
    _record(
        unit, AuditEntryRefused, identity, of_writer=writer, number=number, found=digest, reason=reason[:200],
        done="parked",
    )  # fmt: skip


def same_id(unit: Unit, event_id: str, writer: str, number: int, body: bytes, position: int, known: bytes) -> None:
    """The id of an entry came with other bytes."""
    log.error("an event's id came with other bytes", event_id=event_id, writer=writer)
    _conflict(unit, "id", event_id, writer, number, body, position, known)


def changed(unit: Unit, differs: Differs) -> None:
    """Part of the log is kept otherwise than it was signed."""
    digest = digest_of(differs.found)
    file = differs.tile.path
    # An entry's bundle grows with every finding: by its name each would be another one, without end.
    where = file if differs.kept_in == "folder" else "entry"
    identity = uuid5(NAMESPACE, f"changed/{differs.kept_in}/{where}/{differs.first}/{digest}")
    _record(
        unit, AuditRecordChanged, identity, kept_in=differs.kept_in, file=file, first=differs.first, last=differs.last,
        found=digest, done="publishing_stopped",
    )  # fmt: skip


def repeated(unit: Unit, items: Sequence[Arrived]) -> None:
    """Look at numbers that came again: with the same bytes a plain repeat, with others a conflict."""
    asked = {(item.writer, item.number) for item in items}
    known = _entries(unit, asked)
    parked = _set_aside(unit, asked - known.keys())
    for item in items:
        key = (item.writer, item.number)
        entry = known.get(key)
        if entry is not None:
            if entry[1] != item.body:
                log.error("a writer's number came with other bytes", writer=item.writer, number=item.number)
                _conflict(unit, "number", _id_in(item.body), *key, item.body, *entry)
        elif digest_of(item.body) not in parked.get(key, ()) and not _kept_apart(unit, item.body):
            log.error("a writer's number came with other bytes", writer=item.writer, number=item.number)
            _conflict(unit, "number", _id_in(item.body), *key, item.body, None, None)


def _conflict(
    unit: Unit, contradicts: str, event_id: str, writer: str, number: int, body: bytes, position: int | None,
    known: bytes | None,
) -> None:  # fmt: skip
    digest = digest_of(body)
    unit.rows.put(state.conflict, {"id": event_id, "digest": digest, "found_at": stamp(unit.now), "body": body})
    try:
        claimed = UUID(event_id)
    except ValueError:
        claimed = None
    more: dict[str, Any] = {} if claimed is None else {"event_id": claimed}
    if position is not None and known is not None:
        more |= {"position": position, "known": digest_of(known)}
    identity = uuid5(NAMESPACE, f"conflict/{contradicts}/{writer}/{number}/{digest}")
    _record(
        unit, AuditConflictFound, identity, contradicts=contradicts, of_writer=writer, number=number, found=digest,
        done="kept_apart", **more,
    )  # fmt: skip


def _record(unit: Unit, payload: type[Payload], identity: UUID, **data: Any) -> None:
    """Once: the id follows from what was found."""
    if str(data.get("of_writer", "")).startswith(OWN):
        log.error(
            "a finding about auditing's own numbers", kind=payload.type, number=data.get("number", data["of_writer"])
        )
        return
    unit.lock_entity(identity)
    if unit.rows.get(state.finding, str(identity)) is None:
        unit.record(identity, [Draft(payload, identity, {"audit_id": identity, **data})])


def _entries(unit: Unit, asked: set[tuple[str, int]]) -> dict[tuple[str, int], tuple[int, bytes]]:
    table = state.entry.c
    found: dict[tuple[str, int], tuple[int, bytes]] = {}
    wanted = sorted(asked)
    for start in range(0, len(wanted), 200):
        part = [and_(table.writer == writer, table.number == number) for writer, number in wanted[start : start + 200]]
        rows = unit.connection.execute(select(table.writer, table.number, table.position, table.body).where(or_(*part)))
        found.update(((row.writer, row.number), (row.position, row.body)) for row in rows)
    return found


def _set_aside(unit: Unit, asked: set[tuple[str, int]]) -> dict[tuple[str, int], set[str]]:
    found: dict[tuple[str, int], set[str]] = {}
    for writer, number in sorted(asked):
        table = tables.parked.c
        rows = unit.rows.query(select(table.body).where(table.writer == writer, table.number == number))
        found[writer, number] = {digest_of(row["body"]) for row in rows}
    return found


def _kept_apart(unit: Unit, body: bytes) -> bool:
    table = state.conflict.c
    return bool(unit.rows.query(select(table.id).where(table.digest == digest_of(body)).limit(1)))


def _id_in(body: bytes) -> str:
    """The id that bytes claim; empty where they claim none."""
    try:
        event = from_json(body)
        return str(UUID(event["id"]))
    except (ValueError, TypeError, KeyError):
        return ""
