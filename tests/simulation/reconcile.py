"""Whether the log, the tables and the reports say of every case what the town's own book says of it."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select

import corong.auditing.state
import corong.desk.tables
import corong.intake.state
import corong.portal.tables
import corong.publishing.state
import corong.routing.state
from corong.runtime import tables
from corong.runtime.clock import stamp
from corong.runtime.database import Database
from corong_contracts.base import SERVICES
from corong_contracts.calendar import CalendarAdopted
from tests.simulation.book import Book, Entry
from tests.simulation.reckoning import RULES
from tests.simulation.reported import differences as of_reports
from tests.simulation.running import Year
from tests.simulation.said import Said, read

STATES = {"answered": "answered", "decided": "answered", "closed": "closed"}
"""How the desk calls what the law calls otherwise; anything else is open."""
Rows = dict[tuple[Any, ...], dict[str, Any]]


def problems(year: Year, told: Callable[[int], None] = lambda count: None) -> list[str]:
    """Every difference, in words; none where the year reconciles to the last case."""
    said = read(year.url, told)
    return [
        *year.troubles,
        *_of_log(year, said),
        *_of_decrees(year.book, said),
        *_of_tables(year),
        *of_reports(year.book, said.book),
    ]


# The log


def _of_log(year: Year, said: Said) -> Iterator[str]:
    book = year.book
    known = {case_id: entry.events for case_id, entry in book.cases.items()} | book.others
    for entity, expected in known.items():
        found = said.events.get(entity, Counter())
        if found != expected:
            more, less = dict(found - expected), dict(expected - found)
            yield f"log: {_name(book, entity)}: too many {more}, lacking {less}"
    rest: Counter[str] = Counter()
    for entity, found in said.events.items():
        if entity not in known:
            rest.update(found)
    if (rest.pop("template.adopted", 0) > 0) != any("document.issued" in entry.events for entry in book.cases.values()):
        yield "log: letters without a template, or templates without a letter"
    adopted = f"{CalendarAdopted.noun}.{CalendarAdopted.verb}"
    hashed = "audit.state_hashed"
    if rest != {adopted: year.calendars, hashed: len(SERVICES)}:
        yield f"log: of nobody that the town knows: {dict(rest)}"
    for case_id, entry in book.cases.items():
        if said.silences.get(case_id, []) != entry.silences:
            yield f"log: {entry.registration}: silence told {said.silences.get(case_id)}, not {entry.silences}"


def _of_decrees(book: Book, said: Said) -> Iterator[str]:
    """Exactly the open deadlines that the town reckons were moved, to the days that it reckons."""
    for more, less in ((said.moved, book.moved), (book.moved, said.moved)):
        where = "the hub moved" if more is said.moved else "the hub did not move"
        for case_id, rule, before, after in (Counter(more) - Counter(less)).elements():
            yield f"decree: {where} {_name(book, case_id)} {rule} from {before} to {after}"


def _name(book: Book, entity: UUID) -> str:
    entry = book.cases.get(entity)
    return entry.registration if entry is not None else f"post {entity}"


# The tables


def _of_tables(year: Year) -> Iterator[str]:
    book = year.book
    for name in SERVICES:
        yield from (f"{name}: dead letter {row['reason']}" for row in _rows(year, name, tables.parked).values())
    yield from (f"auditing: {row['kind']}" for row in _rows(year, "auditing", corong.auditing.state.finding).values())
    register = _rows(year, "intake", corong.intake.state.register)
    numbers = Counter({key[0]: row["last"] for key, row in register.items()})
    if numbers != book.registers:
        yield f"intake: registers {dict(numbers)}, not {dict(book.registers)}"
    yield from _compared("routing", year, corong.routing.state.case, _case)
    yield from _compared_clocks("routing", year, corong.routing.state.clock, _clock)
    yield from _compared("desk", year, corong.desk.tables.case, _desk_case)
    yield from _compared("desk", year, corong.desk.tables.registered, _registered)
    yield from _compared("desk", year, corong.desk.tables.written, _written)
    yield from _compared("portal", year, corong.portal.tables.progress, _progress)
    yield from _of_deliveries(year)


def _of_deliveries(year: Year) -> Iterator[str]:
    book = year.book
    found = Counter(row["state"] for row in _rows(year, "publishing", corong.publishing.state.delivery).values())
    posts = book.others.values()
    kept_back = sum(events["publication.withdrawn"] for events in posts)
    expected = Counter(
        sent=sum(events["delivery.sent"] for events in (*(one.events for one in book.cases.values()), *posts)),
        drafted=sum(not events["publication.released"] for events in posts) - kept_back,
        dropped=kept_back,
    )
    if found != +expected:
        yield f"publishing: deliveries {dict(found)}, not {dict(+expected)}"


def _rows(year: Year, service: str, table: Table) -> Rows:
    database = Database(year.url, service)
    try:
        keys = [column.name for column in table.primary_key]
        with database.read() as connection:
            return {
                tuple(row[name] for name in keys): dict(row) for row in connection.execute(select(table)).mappings()
            }
    finally:
        database.close()


def _compared(service: str, year: Year, table: Table, expected: Callable[[Entry], dict[str, Any]]) -> Iterator[str]:
    rows = _rows(year, service, table)
    for case_id, entry in year.book.cases.items():
        row = rows.pop((str(case_id),), None)
        yield from _differs(f"{service}.{table.name}: {entry.registration}", row, expected(entry))
    yield from (f"{service}.{table.name}: a case that the town does not know: {key}" for key in rows)


def _compared_clocks(
    service: str, year: Year, table: Table, expected: Callable[[Entry, str], dict[str, Any]]
) -> Iterator[str]:
    rows = _rows(year, service, table)
    for case_id, entry in year.book.cases.items():
        for rule in entry.clocks:
            row = rows.pop((str(case_id), rule), None)
            yield from _differs(f"{service}.{table.name}: {entry.registration} {rule}", row, expected(entry, rule))
    yield from (f"{service}.{table.name}: a clock that the town does not know: {key}" for key in rows)


def _differs(where: str, row: dict[str, Any] | None, expected: dict[str, Any]) -> Iterator[str]:
    if row is None:
        yield f"{where}: is not there"
        return
    for name, value in expected.items():
        if row[name] != value:
            yield f"{where}: {name} is {row[name]!r}, not {value!r}"


def _id(entry: Entry | None) -> str | None:
    return str(entry.case_id) if entry is not None else None


def _case(entry: Entry) -> dict[str, Any]:
    return {
        "unit": entry.unit, "kind": entry.kind, "tier": entry.tier, "state": entry.state, "before": entry.before,
        "outcome": entry.outcome, "decision": entry.decision, "request_id": _id(entry.request),
        "objection_id": _id(entry.objection), "merged_into": _id(entry.merged_into), "disputed": entry.disputed,
    }  # fmt: skip


def _clock(entry: Entry, rule: str) -> dict[str, Any]:
    clock = entry.clocks[rule]
    runs = clock.state == "running"
    return {
        "state": clock.state, "last_day": clock.last_day.isoformat(), "due": stamp(clock.due),
        "extended": clock.extended, "ended_by": clock.ended_by, "next_at": stamp(clock.next) if runs else None,
    }  # fmt: skip


def _desk_case(entry: Entry) -> dict[str, Any]:
    late = [one.due for one in entry.clocks.values() if RULES[one.rule].reminds and one.state in ("running", "ran_out")]
    return {
        "unit": entry.unit, "kind": entry.kind, "tier": entry.tier, "life": entry.state, "outcome": entry.outcome,
        "decision": entry.decision, "state": STATES.get(entry.state, "open"),
        "due_at": stamp(min(late)) if late else None,
    }  # fmt: skip


def _registered(entry: Entry) -> dict[str, Any]:
    return {"registration": entry.registration}


def _written(entry: Entry) -> dict[str, Any]:
    return {"messages": entry.messages}


def _progress(entry: Entry) -> dict[str, Any]:
    return {"unit": entry.unit, "kind": entry.kind, "outcome": entry.outcome}
