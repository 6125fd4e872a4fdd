"""Appends events to the log and reads pages of it."""

from collections.abc import Iterator
from typing import Any

import structlog
from pydantic_core import from_json
from sqlalchemy import Column, ColumnElement, Connection, Select, func, insert, select, union_all

from corong.auditing import entry_keys, findings, state
from corong.auditing.covering import keep_chains
from corong.auditing.rules import Entry, NotAnEntry, entry_of, read
from corong.auditing.tlog import leaf_hashes
from corong.auditing.tree import Tree
from corong.runtime.arrivals import Arrived
from corong.runtime.clock import stamp
from corong.runtime.counting import counted
from corong.runtime.opened import written_here
from corong.runtime.parking import park
from corong.runtime.rows import write_many
from corong.runtime.statements import run_for
from corong.runtime.unit import Unit
from corong_contracts.audit import ExportFilter
from corong_contracts.catalogue import CATALOGUE
from corong_contracts.command import ReadLog

log = structlog.get_logger()


FEW = (20, 200, 2_000)
"""Entries of a type or an actor: up to the first number looked at, then up to the next."""
_INTO_ENTRIES = insert(state.entry)
_KNOWN = select(state.entry.c.id, state.entry.c.position, state.entry.c.body)


def append(tree: Tree, unit: Unit, batch: list[Arrived]) -> None:
    """Append a batch in order, each event once; the watermarks move with it."""
    entries: list[tuple[Entry, bytes]] = []
    taken: list[Arrived] = []
    for arrived in batch:
        if arrived.number <= unit.taken(arrived.writer):
            continue
        unit.take(arrived.writer, arrived.number)
        taken.append(arrived)
        try:
            entries.append((_entry(arrived), arrived.body))
        except NotAnEntry as error:
            log.error(
                "event parked", service="auditing", writer=arrived.writer, number=arrived.number, reason=str(error)
            )
            park(
                unit, stream="EVENTS", subject=arrived.subject, writer=arrived.writer, number=arrived.number,
                body=arrived.body, reason=f"NotAnEntry: {error}", attempts=1,
            )  # fmt: skip
            findings.refused(unit, arrived.writer, arrived.number, arrived.body, str(error))
    keep_chains(unit, taken, add(tree, unit, entries))
    findings.filled(unit)


def _entry(arrived: Arrived) -> Entry:
    """Raises `NotAnEntry`."""
    event = written_here(arrived.body)
    if event is not None and (event.writer, event.number) == (arrived.writer, arrived.number):
        return entry_of(event)  # these bytes were made from it: they need no proof of being canonical
    return read(arrived.body, arrived.writer, arrived.number)


def append_again(tree: Tree, unit: Unit, body: bytes, writer: str, number: int) -> None:
    """Append an event that was parked. Raises `NotAnEntry`."""
    add(tree, unit, [(read(body, writer, number), body)])


def add(tree: Tree, unit: Unit, entries: list[tuple[Entry, bytes]]) -> dict[tuple[str, int], bytes]:
    """Give the entries their positions, which are their leaves' indexes in the tree.

    The same id with other bytes is kept apart and told. The leaf hashes of what stands in the log now, by writer and
    number. Raises `LogRefused`.
    """
    known = _bodies(unit.connection, [entry.id for entry, _ in entries])
    following = tree.append(unit, ())
    rows: list[dict[str, Any]] = []
    for entry, body in entries:
        earlier = known.get(entry.id)
        if earlier is None:
            known[entry.id] = (following + len(rows), body)
            rows.append({"position": following + len(rows), **entry._asdict(), "body": body})
        elif earlier[1] != body:
            findings.same_id(unit, entry.id, entry.writer, entry.number, body, *earlier)
    leaves = leaf_hashes([row["body"] for row in rows])
    if rows:
        write_many(unit.connection, _INTO_ENTRIES, rows)
        entry_keys.add(unit.connection, [(row["position"], row["id"], row["case_id"]) for row in rows])
        tree.append(unit, leaves)
    return dict(zip([(row["writer"], row["number"]) for row in rows], leaves, strict=True))


def _bodies(connection: Connection, ids: list[str]) -> dict[str, tuple[int, bytes]]:
    """Of those ids that stand in the log already."""
    found: dict[str, tuple[int, bytes]] = {}
    maybe, wanted = entry_keys.known(connection, ids), set(ids)
    for start in range(0, len(maybe), entry_keys.AT_ONCE):
        rows = run_for(connection, _KNOWN, state.entry.c.position, maybe[start : start + entry_keys.AT_ONCE])
        found.update((name, (position, bytes(body))) for name, position, body in rows if name in wanted)
    return found


def page(connection: Connection, asked: ReadLog) -> dict[str, Any]:
    """A page of the log: events as they are, with their positions."""
    before = 2**62 if asked.before is None else asked.before
    rows = selected(connection, asked, asked.after, before, asked.limit, newest=asked.newest)
    # Under the broker's largest message: bodies are at most 60 kB, so a page is cut where it grows too long.
    events: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        size += len(row.body) + 40
        if events and size > 700_000:
            break
        events.append({"position": row.position, "event": from_json(row.body)})
    more = len(events) < len(rows) or len(rows) == asked.limit
    following = events[-1]["position"] + (0 if asked.newest else 1) if events and more else None
    return {"events": events, "next": following}


def selected(
    connection: Connection, wanted: ReadLog | ExportFilter, first: int, before: int, limit: int, *, newest: bool = False
) -> list[Any]:
    """Rows (position, case_id, body) in order from `first` on and before `before`, of what the filter names.

    An export's unit is not looked at: the log has no column of it.
    """
    table = state.entry.c
    if wanted.case is None and (wanted.since is not None or wanted.until is not None):
        first, before = _span(connection, wanted, first, before)
    order = table.position.desc() if newest else table.position

    def chosen(*columns: Column[Any], type_: str | None) -> Select[Any]:
        statement = select(*columns).where(table.position >= _within(first), table.position < _within(before))
        if wanted.case is not None:
            case = str(wanted.case)
            statement = statement.where(table.position.in_(entry_keys.positions([case])), table.case_id == case)
        by_type, by_actor = _leading(connection, wanted, type_)
        if type_ is not None:
            statement = statement.where(by_type == type_)
        if wanted.actor is not None:
            statement = statement.where(by_actor == wanted.actor)
        return _timed(statement, wanted).order_by(order).limit(limit)

    whole = (table.position, table.case_id, table.body)
    if wanted.type is None or wanted.type in CATALOGUE:
        return list(connection.execute(chosen(*whole, type_=wanted.type)))
    # Of each type that has the text in it the first ones, by the index on types.
    firsts = [select(chosen(table.position, type_=one).subquery()) for one in _types_with(connection, wanted.type)]
    if not firsts:
        return []
    statement = select(*whole).where(table.position.in_(union_all(*firsts)))
    return list(connection.execute(statement.order_by(order).limit(limit)))


def _leading(
    connection: Connection, wanted: ReadLog | ExportFilter, type_: str | None
) -> tuple[ColumnElement[Any], ...]:  # fmt: skip
    """The columns of type and actor to compare. Where few entries have the one, the other one leads by no index.

    Neither database knows which is rare: SQLite takes whichever index it was made first, and walks it to its end.
    """
    table = state.entry.c
    if type_ is None or wanted.actor is None or wanted.case is not None:
        return table.type, table.actor
    for few in FEW:
        if counted(connection, select(table.position).where(table.type == type_), few + 1) <= few:
            return table.type, table.actor.concat("")
        if counted(connection, select(table.position).where(table.actor == wanted.actor), few + 1) <= few:
            return table.type.concat(""), table.actor
    return table.type, table.actor


def _types_with(connection: Connection, part: str) -> list[str]:
    """The types in the log that have this text in them: from each the index leads to the next one."""
    table = state.entry.c
    seen = select(func.min(table.type).label("type")).cte(recursive=True)
    following = select(func.min(table.type)).where(table.type > seen.c.type).scalar_subquery()
    seen = seen.union_all(select(following).where(seen.c.type.is_not(None)))
    types = connection.execute(select(seen.c.type).where(seen.c.type.is_not(None))).scalars()
    return [one for one in types if part.lower() in one.lower()]


def _timed(statement: Select[Any], wanted: ReadLog | ExportFilter) -> Select[Any]:
    if wanted.since is not None:
        statement = statement.where(state.entry.c.time >= stamp(wanted.since))
    if wanted.until is not None:
        statement = statement.where(state.entry.c.time < stamp(wanted.until))
    return statement


def _span(connection: Connection, wanted: ReadLog | ExportFilter, first: int, before: int) -> tuple[int, int]:
    """Where the entries of these times lie, by the index on times: no others are looked at.

    Times rise with positions but for a few, so between the ends there is little else.
    """
    # Ordered, or PostgreSQL would look for the ends by walking the log from its own.
    timed = _timed(select(state.entry.c.position), wanted).order_by(state.entry.c.time).subquery()
    low, high = connection.execute(select(func.min(timed.c.position), func.max(timed.c.position))).one()
    return (before, before) if low is None else (max(first, low), min(before, high + 1))


def _within(position: int) -> int:
    """What the databases' integers hold."""
    return min(max(position, 0), 2**62)


def bodies(connection: Connection) -> Iterator[bytes]:
    """Every event's exact bytes, in the log's order."""
    table = state.entry.c
    after = -1
    while True:
        rows = connection.execute(
            select(table.position, table.body).where(table.position > after).order_by(table.position).limit(1000)
        ).all()
        if not rows:
            return
        for row in rows:
            yield row.body
        after = rows[-1].position
