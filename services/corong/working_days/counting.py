"""Counting days one by one: what each date was, and which number it got."""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from corong.working_days.calendars import Calendar, OffKind
from corong.working_days.zones import ZONES, Zone, start_of

__all__ = ["DayCount", "Unit", "Was", "count"]

Unit = Literal["working_days", "days", "hours", "months"]
"""What an amount of time is counted in."""

Was = Literal["day_zero", "counted", "saturday", "sunday", "paused"] | OffKind
"""What a date was to a clock. A Saturday, Sunday or day off within a pause is told as what it is, not as paused."""

SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True, slots=True)
class DayCount:
    """One date of an explanation."""

    date: date
    was: Was
    number: int
    """So many units were counted when this date was over; the same as the date before where it didn't count."""
    because: str = ""
    """The name of the holiday, or the reason of the pause."""
    decree: str = ""
    """The number of the decree that made the day a day off; empty for an estimate."""
    spent: timedelta | None = None
    """For clocks of hours: the time that passed on this date."""
    until: datetime | None = None
    """For clocks of hours, on the last date: the moment at which the clock runs out, in UTC."""


def count(
    amount: int, unit: Unit, started: datetime, zone: Zone, calendar: Calendar, paused: Callable[[date], str]
) -> tuple[DayCount, ...]:
    """From day zero to the date that gets the number `amount`.

    `paused` gives the reason for which a date isn't counted, or an empty text. Raises `OutsideCalendar`.
    """
    zero = started.astimezone(ZONES[zone]).date()
    if unit == "hours":
        return _hours(amount, started, zone)
    first = DayCount(zero, "day_zero", 0)
    if unit == "months":
        return (first, *(DayCount(_months_on(zero, number), "counted", number) for number in range(1, amount + 1)))
    days = [first]
    while (number := days[-1].number) < amount:
        day = days[-1].date + timedelta(days=1)
        days.append(
            (_not_working(day, number, calendar) if unit == "working_days" else None)
            or _paused(day, number, paused(day))
            or DayCount(day, "counted", number + 1)
        )
    return tuple(days)


def _not_working(day: date, number: int, calendar: Calendar) -> DayCount | None:
    off = calendar.off(day)
    # A holiday on a Sunday is told as the holiday: that is what people look for.
    if off is not None:
        return DayCount(day, off.kind, number, off.name, off.decree)
    if day.weekday() in (SATURDAY, SUNDAY):
        return DayCount(day, "saturday" if day.weekday() == SATURDAY else "sunday", number)
    return None


def _paused(day: date, number: int, reason: str) -> DayCount | None:
    return DayCount(day, "paused", number, reason) if reason else None


def _months_on(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _hours(amount: int, started: datetime, zone: Zone) -> tuple[DayCount, ...]:
    """Every date that the hours touch, with the time that passed on it; `number` is of whole hours since the start."""
    due = started + timedelta(hours=amount)
    days: list[DayCount] = []
    at = started
    while at < due:
        day = at.astimezone(ZONES[zone]).date()
        until = min(start_of(day + timedelta(days=1), zone), due)
        was: Was = "day_zero" if not days else "counted"
        hours = int((until - started) / timedelta(hours=1))
        days.append(DayCount(day, was, hours, spent=until - at, until=due.astimezone(UTC) if until == due else None))
        at = until
    return tuple(days)
