"""What the queues show: questions to the desk's tables, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)

from corong.desk.paging import Key
from corong.desk.state import URGENCY
from corong.desk.tables import QUEUE_NUMBERS, queue_sum, registered, written
from corong.desk.tables import case as cases
from corong.runtime.counting import FEW, counted

Row = dict[str, Any]
Held = Literal["me", "any", "nobody"]

ORDER = (int, str, str)
"""The parts of the queue's cursor: urgency, when it was routed, the case."""

UNCLOSED = ("open", "answered")

_COLUMNS = (
    func.coalesce(cases.c.case_id, registered.c.case_id).label("case_id"),
    *(cases.c[name] for name in ("unit", "kind", "priority", "urgency", "holder", "lease_until", "state", "rule")),
    *(cases.c[name] for name in ("reasons", "routed_at", "answered_at", "life", "tier", "outcome", "decision")),
    *(cases.c[name] for name in ("request_id", "ground", "objection_id", "group_id", "merged_into", "due_at")),
    *(registered.c[name] for name in ("registration", "channel", "account", "visibility", "person", "related_case")),
    *(registered.c[name] for name in ("registered_at", "demo")),
    written.c.messages,
    written.c.last_at,
)


@dataclass(frozen=True)
class Wanted:
    """Which part of the queues. `units` None is every unit; `now` decides which leases still hold."""

    now: str
    officer: str
    units: Sequence[str] | None = None
    states: Sequence[str] = UNCLOSED
    priority: str | None = None
    kind: str | None = None
    held: Held | None = None
    late: bool = False
    """Those alone whose deadline is over."""


def page(connection: Connection, wanted: Wanted, after: Key | None, limit: int) -> list[Row]:
    """Urgent first, then the oldest; one row more than `limit` where there are more.

    The first ones of each state are found by an index that has them in this order, and joined afterwards: so a page
    costs what it shows, whatever there is.
    """
    place = (cases.c.urgency, cases.c.routed_at, cases.c.case_id)
    found = union_all(*_firsts(connection, wanted, after, limit + 1)).subquery()
    chosen = _summaries(_routed()).where(cases.c.case_id.in_(select(found.c.case_id)))
    return _rows(connection, chosen.order_by(*place).limit(limit + 1))


def count(connection: Connection, wanted: Wanted, most: int) -> int:
    """How many there are, counted to `most`."""
    return counted(connection, union_all(*_firsts(connection, wanted, None, most)), most)


def _firsts(connection: Connection, wanted: Wanted, after: Key | None, most: int) -> list[Select[Any]]:
    """The ids of the first cases of each state.

    Cases that are held, or late, may be few among all: then they lead, and are sorted. Where they are many, the list's
    own order soon comes upon them.
    """
    by_due = wanted.late and late(connection, wanted.units, wanted.now, FEW + 1) <= FEW
    by_holder = not by_due and wanted.held == "any" and _how_many_held(connection) <= FEW
    return [_first(wanted, state, after, most, by_due=by_due, by_holder=by_holder) for state in wanted.states]


def _first(
    wanted: Wanted, state: str, after: Key | None, most: int, *, by_due: bool, by_holder: bool
) -> Select[Any]:  # fmt: skip
    place = (cases.c.urgency, cases.c.routed_at, cases.c.case_id)
    chosen = select(*place).where((_whatever_index(cases.c.state) if by_holder else cases.c.state) == state)
    if wanted.units is not None:
        only = wanted.units[0] if len(wanted.units) == 1 else None
        unit = _whatever_index(cases.c.unit) if by_due else cases.c.unit
        chosen = chosen.where(unit == only if only is not None else unit.in_(wanted.units))
    if wanted.priority is not None:
        chosen = chosen.where(cases.c.urgency == URGENCY[wanted.priority])
    if wanted.kind is not None:
        chosen = chosen.where((_whatever_index(cases.c.kind) if by_due else cases.c.kind) == wanted.kind)
    if wanted.held == "nobody":
        chosen = chosen.where(or_(cases.c.holder.is_(None), cases.c.lease_until <= wanted.now))
    elif wanted.held is not None:
        chosen = chosen.where(*_held(wanted.now))
        if wanted.held == "me":
            chosen = chosen.where(cases.c.holder == wanted.officer)
    if wanted.late:
        chosen = chosen.where(cases.c.due_at <= wanted.now)
    if after is not None:
        parts = (literal(value, column.type) for value, column in zip(after, place, strict=True))
        chosen = chosen.where(tuple_(*place) > tuple_(*parts))
    if by_due:  # in the order of the index on deadlines, or another one would be walked
        few = chosen.order_by(cases.c.due_at).limit(FEW).subquery()
        first = select(few.c.case_id).order_by(few.c.urgency, few.c.routed_at, few.c.case_id)
    else:
        first = chosen.with_only_columns(cases.c.case_id).order_by(*place)
    return select(first.limit(most).subquery())


def _how_many_held(connection: Connection) -> int:
    """Whose lease may be over is among them; counted a little further than to `FEW`."""
    return counted(connection, select(cases.c.holder).where(cases.c.holder > ""), FEW + 1)


def counts(connection: Connection, units: Sequence[str] | None, now: str) -> dict[str, dict[str, int]]:
    """Unit → how many cases in each state; and of those not closed how many are urgent, held, unanswered.

    All but what is held are sums that the fold keeps (`queue_sums.py`); few cases are held at a time.
    """
    sums = select(queue_sum.c.unit, *(func.sum(queue_sum.c[name]).label(name) for name in QUEUE_NUMBERS))
    found = {
        row["unit"]: {**{name: int(row[name]) for name in QUEUE_NUMBERS}, "held": 0}
        for row in _rows(connection, _of_units(sums.group_by(queue_sum.c.unit), queue_sum.c.unit, units))
    }
    # Whoever is held leads to the rows: grouping by the unit's index would lead to all cases.
    unit = _whatever_index(cases.c.unit)
    held = select(unit, func.count()).where(_whatever_index(cases.c.state) != "closed", *_held(now)).group_by(unit)
    for name, many in connection.execute(_of_units(held, unit, units)):
        found.setdefault(name, dict.fromkeys((*QUEUE_NUMBERS, "held"), 0))["held"] = many
    return found


def _of_units(chosen: Select[Any], unit: ColumnElement[Any], units: Sequence[str] | None) -> Select[Any]:
    return chosen if units is None else chosen.where(unit.in_(units))


def late(connection: Connection, units: Sequence[str] | None, now: str, most: int) -> int:
    """How many cases are late, counted to `most`; by the index on deadlines."""
    chosen = select(cases.c.due_at).where(cases.c.state.in_(UNCLOSED), cases.c.due_at <= now)
    if units is not None:
        chosen = chosen.where(_whatever_index(cases.c.unit).in_(units))
    return counted(connection, chosen, most)


def one(connection: Connection, case_id: str) -> Row | None:
    """One case, also where routing's or intake's word of it has not come yet."""
    found = _rows(connection, _summaries(_routed()).where(cases.c.case_id == case_id))
    return (
        found[0] if found else _single(_rows(connection, _summaries(_known()).where(registered.c.case_id == case_id)))
    )


def many(connection: Connection, case_ids: Sequence[str]) -> list[Row]:
    """Routed cases by their ids, in no order."""
    return _rows(connection, _summaries(_routed()).where(cases.c.case_id.in_(case_ids)))


def id_of(connection: Connection, registration: str) -> str | None:
    """The case with this registration number."""
    found = connection.execute(select(registered.c.case_id).where(registered.c.registration == registration))
    return found.scalar()


def of_person(connection: Connection, person: str, but: str, limit: int = 500) -> list[Row]:
    """The other cases of a person (a keyed pseudonym), the newest first."""
    chosen = _summaries(_known()).where(registered.c.person == person, registered.c.case_id != but)
    newest = (registered.c.registered_at.desc(), registered.c.registration.desc())
    return _rows(connection, chosen.order_by(*newest).limit(limit))


def _routed() -> FromClause:
    return cases.outerjoin(registered, registered.c.case_id == cases.c.case_id).outerjoin(
        written, written.c.case_id == cases.c.case_id
    )


def _known() -> FromClause:
    return registered.outerjoin(cases, cases.c.case_id == registered.c.case_id).outerjoin(
        written, written.c.case_id == registered.c.case_id
    )


def _summaries(source: FromClause) -> Select[Any]:
    return select(*_COLUMNS, _one(_unanswered()).label("unanswered")).select_from(source)


def _held(now: str) -> tuple[ColumnElement[bool], ...]:
    return cases.c.holder > "", cases.c.lease_until > now


def _whatever_index(column: Column[Any]) -> ColumnElement[Any]:
    """Not found by an index that begins with the column: that would lead to nearly all cases."""
    return func.coalesce(column, "")


def _unanswered() -> ColumnElement[bool]:
    waits = or_(cases.c.answered_at.is_(None), written.c.last_at > cases.c.answered_at)
    return and_(cases.c.state != "closed", waits)


def _one(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _rows(connection: Connection, chosen: Select[Any]) -> list[Row]:
    return [dict(row) for row in connection.execute(chosen).mappings()]


def _single(rows: list[Row]) -> Row | None:
    return rows[0] if rows else None
