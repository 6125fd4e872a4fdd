"""The cases behind a figure, the newest first: the same conditions as `tallying` counts by."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, func, literal, or_, select, tuple_

from corong.desk.paging import Key
from corong.desk.tables import BANDS, case, registered
from corong.desk.tallying import BAND_HOURS, UNNEEDED_KINDS, UNNEEDED_OUTCOMES
from corong.runtime.clock import moment
from corong.runtime.counting import FEW, counted

__all__ = ["FIGURES", "ORDER", "Wanted", "page"]

FIGURES = ("received", "unneeded", "answered", "late", "waiting", "overdue", *(f"band{n}" for n in range(BANDS)))
"""What can be asked for: `tables.MEASURES`."""
ORDER = (str, str)
"""The parts of the list's cursor: when the case was registered, and its id."""
AT_ONCE = 500
"""Cases that are looked at for a band at a time."""
_LIMITS = [timedelta(hours=hours) for hours in BAND_HOURS]

Row = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """Which cases. `begin` and `end` are moments as rows keep them; `end` is not part of it."""

    begin: str
    end: str
    figure: str = "received"
    unit: str | None = None
    kind: str | None = None
    channel: str | None = None
    public: bool | None = None
    demo: bool = False


def page(connection: Connection, wanted: Wanted, after: Key | None, limit: int) -> Sequence[Row]:
    """One row more than `limit` where there are more. Reads no further than it must."""
    band = int(wanted.figure.removeprefix("band")) if wanted.figure.startswith("band") else None
    few = _few(connection, wanted)
    found: list[Row] = []
    while True:
        rows = connection.execute(_chosen(wanted, after, few).limit(AT_ONCE if band is not None else limit + 1)).all()
        for row in rows:
            if band is None or band == _band(row.registered_at, row.first_answer):
                found.append(dict(row._mapping))
                if len(found) > limit:
                    return found
        if band is None or len(rows) < AT_ONCE:
            return found
        after = (rows[-1].registered_at, rows[-1].case_id)


def _few(connection: Connection, wanted: Wanted) -> Select[Any] | None:
    """The cases that ran out of time, or those of the unit or the kind, where they are few: they lead, and are sorted.

    Where they are many, a walk from the newest case on soon comes upon them.
    """
    leads: list[list[ColumnElement[bool]]] = []
    if wanted.figure in ("late", "overdue"):
        leads.append([case.c.ran_out.is_(True), *([case.c.unit == wanted.unit] if wanted.unit is not None else [])])
    if wanted.unit is not None:
        leads.append([case.c.unit == wanted.unit])
    if wanted.kind is not None:
        leads.append([case.c.kind == wanted.kind])
    for lead in leads:
        if counted(connection, select(case.c.unit).where(*lead), FEW + 1) <= FEW:
            return select(case).where(*lead).limit(FEW)
    return None


def _chosen(wanted: Wanted, after: Key | None, few: Select[Any] | None) -> Select[Any]:
    place = (registered.c.registered_at, registered.c.case_id)
    cases: FromClause = case if few is None else few.subquery()
    chosen = (
        select(
            *(registered.c[name] for name in ("case_id", "registration", "registered_at", "channel", "visibility")),
            *(cases.c[name] for name in ("unit", "kind", "state", "life", "due_at", "first_answer", "ran_out")),
        )
        .join(cases, cases.c.case_id == registered.c.case_id)
        .where(
            registered.c.registered_at >= wanted.begin,
            registered.c.registered_at < wanted.end,
            registered.c.demo.is_(wanted.demo),
            _counted(cases, wanted.figure),
        )
        .order_by(*(column.desc() for column in place))
    )
    if wanted.unit is not None:
        chosen = chosen.where(_whatever_index(cases.c.unit) == wanted.unit)
    if wanted.kind is not None:
        chosen = chosen.where(_whatever_index(cases.c.kind) == wanted.kind)
    if wanted.channel is not None:
        chosen = chosen.where(registered.c.channel == wanted.channel)
    if wanted.public is not None:
        chosen = chosen.where(registered.c.visibility == ("public" if wanted.public else "private"))
    if after is not None:
        chosen = chosen.where(tuple_(*place) < tuple_(*map(literal, after)))
    return chosen


def _counted(case: FromClause, figure: str) -> ColumnElement[bool]:
    unneeded = or_(
        case.c.kind.in_(UNNEEDED_KINDS), func.coalesce(case.c.outcome, "").in_(UNNEEDED_OUTCOMES)
    )  # fmt: skip
    if figure == "received":
        return registered.c.case_id.is_not(None)
    if figure == "unneeded":
        return unneeded
    waiting: ColumnElement[bool] = _whatever_index(case.c.state) == "open"
    counted: ColumnElement[bool]
    if figure == "late":
        counted = case.c.ran_out.is_(True)
    elif figure == "waiting":
        counted = waiting
    elif figure == "overdue":
        counted = and_(waiting, case.c.ran_out.is_(True))
    else:  # answered, and its bands
        counted = case.c.first_answer.is_not(None)
    return and_(~unneeded, counted)


def _whatever_index(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Not found by the column's own index: half of all cases are complaints, or wait, and would be sorted."""
    return func.coalesce(column, "")


def _band(registered_at: str, first_answer: str) -> int:
    return bisect_left(_LIMITS, moment(first_answer) - moment(registered_at))
