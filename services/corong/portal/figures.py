"""What each unit has answered, and how quickly: counted from the portal's own tables, for everybody to read.

A case counts for the unit that has it now, and in the month in which it was received. What needs no answer (praise,
spam, what was merged or a duplicate) is left out, and so is training.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, and_, func, or_, select

from corong.portal.dates import OFFICE, WITHIN
from corong.portal.tables import answer, calendar, clock, progress, registered
from corong.runtime.clock import moment, stamp
from corong.working_days.calendars import Calendar

__all__ = ["MONTHS", "Figures", "Report", "UnitFigures", "figures_of", "months_until", "working_days_by"]

MONTHS = 12
"""So many months are shown, this one the last."""
UNCOUNTED_KINDS = ("praise", "spam")
UNCOUNTED_OUTCOMES = ("duplicate", "merged", "spam")


@dataclass(frozen=True)
class Figures:
    """Of some cases."""

    received: int = 0
    answered: int = 0
    """With an answer that was sent."""
    late: int = 0
    """The time of the law, or of the office, was over before what it asks for was done."""
    median_days: float | None = None
    """Working days from the receipt to the first answer; None where nothing was answered."""


@dataclass(frozen=True)
class UnitFigures:
    """A unit, or the whole government."""

    unit: str
    whole: Figures
    months: tuple[Figures, ...]


@dataclass(frozen=True)
class Report:
    """The last months of all units."""

    months: tuple[date, ...]
    """The first day of each, the earliest first."""
    at: datetime
    government: UnitFigures
    units: tuple[UnitFigures, ...]
    """Those that received something, in the order of their ids."""

    @cached_property
    def by_unit(self) -> dict[str, UnitFigures]:
        """Unit → its figures."""
        return {one.unit: one for one in self.units}


@dataclass(frozen=True)
class _Case:
    unit: str
    month: int
    answered: bool
    days: int | None
    late: bool


def figures_of(connection: Connection, zone: ZoneInfo, now: datetime, *, demo: bool = False) -> Report:
    """Count. Reads every case of the months shown: a second for some hundred thousand."""
    months = months_until(now.astimezone(zone).date())
    count_days = working_days_by(_newest_calendar(connection))
    begin = datetime(months[0].year, months[0].month, 1, tzinfo=zone)
    cases = [
        _case(row, months, zone, count_days) for row in connection.execute(_cases(stamp(begin), stamp(now), demo))
    ]  # fmt: skip
    by_unit: dict[str, list[_Case]] = defaultdict(list)
    for case in cases:
        by_unit[case.unit].append(case)
    return Report(
        months, now, _unit("", cases), tuple(_unit(unit, found) for unit, found in sorted(by_unit.items()))
    )  # fmt: skip


def months_until(today: date) -> tuple[date, ...]:
    """The first days of the months that are shown, the earliest first."""
    last = today.year * 12 + today.month - 1
    return tuple(date(month // 12, month % 12 + 1, 1) for month in range(last - MONTHS + 1, last + 1))


def working_days_by(days: Calendar | None) -> Callable[[date, date], int | None]:
    """How many working days lie after the first day, up to the second; None where the calendar has not all of them."""
    if days is None:
        return lambda first, last: None
    begin, end = date(days.first_year, 1, 1), date(days.last_year, 12, 31)
    passed = [0]
    for number in range((end - begin).days + 1):
        passed.append(passed[-1] + days.is_working(begin + timedelta(days=number)))

    def between(first: date, last: date) -> int | None:
        if not begin <= first <= last <= end:
            return None
        return passed[(last - begin).days + 1] - passed[(first - begin).days + 1]

    return between


def _cases(begin: str, now: str, demo: bool) -> Any:
    answers = (
        select(answer.c.case_id, func.min(answer.c.sent_at).label("sent_at"))
        .where(answer.c.sent_at.is_not(None))
        .group_by(answer.c.case_id)
        .subquery()
    )
    past = or_(
        clock.c.state == "ran_out", clock.c.in_time.is_(False), and_(clock.c.state == "running", clock.c.due <= now)
    )
    late = (
        select(clock.c.case_id)
        .where(clock.c.bound.in_(OFFICE), clock.c.rule.not_in(WITHIN), past)
        .distinct()
        .subquery()
    )  # fmt: skip
    return (
        select(
            registered.c.registered_at, progress.c.unit, answers.c.sent_at, late.c.case_id.is_not(None).label("late")
        )
        .join(progress, progress.c.case_id == registered.c.case_id)
        .outerjoin(answers, answers.c.case_id == registered.c.case_id)
        .outerjoin(late, late.c.case_id == registered.c.case_id)
        .where(
            registered.c.registered_at >= begin,
            registered.c.demo.is_(demo),
            progress.c.kind.not_in(UNCOUNTED_KINDS),
            func.coalesce(progress.c.outcome, "").not_in(UNCOUNTED_OUTCOMES),
        )
    )


def _case(
    row: Row[Any], months: Sequence[date], zone: ZoneInfo, count_days: Callable[[date, date], int | None]
) -> _Case:  # fmt: skip
    received = moment(row.registered_at).astimezone(zone).date()
    month = (received.year - months[0].year) * 12 + received.month - months[0].month
    sent = moment(row.sent_at).astimezone(zone).date() if row.sent_at else None
    days = count_days(received, sent) if sent else None
    return _Case(row.unit, month, sent is not None, days, bool(row.late))


def _unit(unit: str, cases: Sequence[_Case]) -> UnitFigures:
    return UnitFigures(
        unit, _figures(cases), tuple(_figures(case for case in cases if case.month == month) for month in range(MONTHS))
    )


def _figures(cases: Iterable[_Case]) -> Figures:
    found = list(cases)
    days = [case.days for case in found if case.days is not None]
    return Figures(
        received=len(found),
        answered=sum(case.answered for case in found),
        late=sum(case.late for case in found),
        median_days=float(median(days)) if days else None,
    )


def _newest_calendar(connection: Connection) -> Calendar | None:
    contents = connection.execute(select(calendar.c.content)).scalars()
    found = [Calendar.from_content(json.loads(content)) for content in contents]
    return max(found, key=lambda one: (one.in_force, one.last_year, one.digest), default=None)
