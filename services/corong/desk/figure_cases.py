"""The cases behind a figure, the newest first: the same conditions as `tallying` counts by."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, and_, func, or_, select, tuple_

from corong.desk.paging import Key
from corong.desk.tables import BANDS, case, registered
from corong.desk.tallying import BAND_HOURS, UNNEEDED_KINDS, UNNEEDED_OUTCOMES
from corong.runtime.clock import moment

__all__ = ["FIGURES", "ORDER", "Wanted", "page"]

FIGURES = ("received", "unneeded", "answered", "late", "waiting", "overdue", *(f"band{n}" for n in range(BANDS)))
"""What can be asked for: `tables.MEASURES`."""
ORDER = (str, str)
"""The parts of the list's cursor: when the case was registered, and its id."""
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
    found: list[Row] = []
    with connection.execute(_chosen(wanted, after), execution_options={"stream_results": True}) as rows:
        for row in rows.mappings():
            if band is not None and band != _band(row["registered_at"], row["first_answer"]):
                continue
            found.append(dict(row))
            if len(found) > limit:
                break
    return found


def _chosen(wanted: Wanted, after: Key | None) -> Select[Any]:
    place = (registered.c.registered_at, registered.c.case_id)
    chosen = (
        select(
            *(registered.c[name] for name in ("case_id", "registration", "registered_at", "channel", "visibility")),
            *(case.c[name] for name in ("unit", "kind", "state", "life", "due_at", "first_answer", "ran_out")),
        )
        .join(case, case.c.case_id == registered.c.case_id)
        .where(
            registered.c.registered_at >= wanted.begin,
            registered.c.registered_at < wanted.end,
            registered.c.demo.is_(wanted.demo),
            _counted(wanted.figure),
        )
        .order_by(*(column.desc() for column in place))
    )
    if wanted.unit is not None:
        chosen = chosen.where(case.c.unit == wanted.unit)
    if wanted.kind is not None:
        chosen = chosen.where(_whatever_index(case.c.kind) == wanted.kind)
    if wanted.channel is not None:
        chosen = chosen.where(registered.c.channel == wanted.channel)
    if wanted.public is not None:
        chosen = chosen.where(registered.c.visibility == ("public" if wanted.public else "private"))
    if after is not None:
        chosen = chosen.where(tuple_(*place) < tuple_(*after))
    return chosen


def _counted(figure: str) -> ColumnElement[bool]:
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


def _whatever_index(column: Column[Any]) -> ColumnElement[Any]:
    """Not found by the column's own index: half of all cases are complaints, or wait, and would be sorted."""
    return func.coalesce(column, "")


def _band(registered_at: str, first_answer: str) -> int:
    return bisect_left(_LIMITS, moment(first_answer) - moment(registered_at))
