"""Which open deadlines a calendar that is not used yet would move: read, nothing is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, select

from corong.routing.case_clocks import Counting, moved_by_calendar
from corong.routing.loading import clock_of
from corong.routing.tables import clock
from corong.working_days.calendars import DayChange

__all__ = ["Foreseen", "foreseen"]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A deadline as it stands, and as it would stand."""

    case_id: UUID
    rule: str
    before: date
    after: date


def foreseen(connection: Connection, changes: tuple[DayChange, ...], counting: Counting) -> Iterator[Foreseen]:
    """What the calendar of `counting` moves, where it differs by `changes` from the one in use; the earliest first."""
    moving = tuple(change for change in changes if change.moves_work)
    if not moving:
        return
    reaching = (
        select(clock)
        .where(clock.c.state == "running", clock.c.last_day >= moving[0].date.isoformat())
        .order_by(clock.c.last_day, clock.c.case_id, clock.c.rule)
    )
    for row in connection.execution_options(yield_per=1_000).execute(reaching).mappings():
        if row["rule"] not in counting.rules:
            continue
        case_id, open_clock = UUID(row["case_id"]), clock_of(dict(row))
        draft = moved_by_calendar(case_id, open_clock, moving, counting)
        if draft is not None:
            yield Foreseen(case_id, row["rule"], open_clock.last_day, draft.data["count"].last_day)
