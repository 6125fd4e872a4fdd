"""Calendars and clocks as hypothesis draws them, and a count that is made another way than the product's."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import strategies as st

from corong.routing.clock_rules import ClockRule, ClockRules
from corong.routing.deadlines import ClockInputs, Deadline, Pause
from corong.working_days.calendars import Calendar, DayOff, OffKind
from corong.working_days.zones import ZONES

RULES = ClockRules.load()
FIRST, LAST = date(2024, 1, 1), date(2029, 12, 31)
KINDS: tuple[OffKind, ...] = ("national_holiday", "joint_leave", "local_holiday")


def calendar_of(days: Iterable[date], decree: str = "SK 1") -> Calendar:
    """A calendar in which just these days are off."""
    off = {day: DayOff(KINDS[day.toordinal() % 3], f"libur {day}", decree) for day in sorted(set(days))}
    return Calendar(decree, "Uji", FIRST, FIRST.year, LAST.year, frozenset(range(2024, 2029)), off)


# Close together, so that days off, pauses and clocks meet, and around a new year with a leap day not far.
days = st.dates(date(2027, 10, 1), date(2028, 5, 31))
days_off = st.sets(days, max_size=60)
calendars = days_off.map(calendar_of)
moments = st.datetimes(datetime(2027, 9, 20), datetime(2028, 4, 30), timezones=st.just(UTC))
zones = st.sampled_from(list(ZONES))


@st.composite
def pauses(draw: st.DrawFn) -> Pause:
    """A pause of some days."""
    asked = draw(days)
    return Pause("waiting_for_applicant", asked, asked + timedelta(days=draw(st.integers(0, 25))))


@st.composite
def clocks(draw: st.DrawFn) -> tuple[ClockRule, ClockInputs]:
    """A rule of the law, perhaps with a stricter target, and inputs that it allows."""
    rule = draw(st.sampled_from(list(RULES.values())))
    if draw(st.booleans()):
        target = draw(st.integers(1, rule.amount))
        rule = ClockRule.model_validate(rule.model_dump() | {"target": target})
    waits = draw(st.lists(pauses(), max_size=3)) if rule.pauses else []
    extended = draw(st.booleans()) if rule.extension else False
    return rule, ClockInputs(draw(moments), draw(zones), tuple(waits), extended)


def counts_for(rule: ClockRule, inputs: ClockInputs, calendar: Calendar, unit: str, day: date) -> bool:
    """Whether a date counts, told from the sets alone."""
    waiting = {
        one.asked + timedelta(days=step)
        for one in inputs.pauses
        for step in range(1, (one.answered - one.asked).days + 1)
    }
    free = day in calendar.days or day.isoweekday() > 5
    return day not in waiting and not (unit == "working_days" and free)


def expected_last_day(rule: ClockRule, inputs: ClockInputs, calendar: Calendar) -> date:
    """The last day of a clock of days: the n-th of those that count, by the rule and by its ceiling, the earlier."""
    zero = (inputs.started + timedelta(hours={"WIB": 7, "WITA": 8, "WIT": 9}[inputs.zone])).date()
    more = rule.extension.amount if rule.extension and inputs.extended else 0
    wanted = [(rule.amount + more, str(rule.unit))]
    if rule.ceiling:
        wanted.append((rule.ceiling.amount, rule.ceiling.unit))
    ahead = [zero + timedelta(days=step) for step in range(1, 500)]
    return min([day for day in ahead if counts_for(rule, inputs, calendar, unit, day)][n - 1] for n, unit in wanted)


def assert_explained(found: Deadline, rule: ClockRule, calendar: Calendar) -> None:
    """The explanation runs without a gap from day zero to the last day, and its numbers sum to the amount."""
    told = found.explanation
    assert (told[0].date, told[0].was) == (found.day_zero, "day_zero")
    assert told[-1].date == found.last_day
    assert told[-1].number == found.amount
    if found.unit == "hours":
        spent = [one.spent for one in told if one.spent is not None]
        assert len(spent) == len(told)
        assert sum(spent, timedelta()) == timedelta(hours=found.amount)
        assert found.due == found.inputs.started + timedelta(hours=found.amount)
        return
    if found.unit == "months":
        assert [one.number for one in told] == list(range(found.amount + 1))
        return
    for before, one in pairwise(told):
        assert one.date == before.date + timedelta(days=1)
        counted = counts_for(rule, found.inputs, calendar, found.unit, one.date)
        assert (one.was == "counted") == counted
        assert one.number == before.number + counted
        if found.unit == "working_days" and one.date in calendar.days:
            assert (one.because, one.decree) == (calendar.days[one.date].name, calendar.days[one.date].decree)
    assert told[-1].was == "counted"
