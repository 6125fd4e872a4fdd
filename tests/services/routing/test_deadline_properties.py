"""What holds for every clock, whatever calendar, pauses, extension, time of day and zone."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from corong.routing.clock_rules import ClockRule
from corong.routing.deadlines import ClockInputs, Deadline, deadline, moved
from corong.working_days.calendars import Calendar, changed_days
from corong.working_days.zones import ZONES, Zone
from tests.services.routing.clocks import (
    RULES,
    assert_explained,
    calendar_of,
    calendars,
    clocks,
    days,
    days_off,
    expected_last_day,
    moments,
    zones,
)

Clock = tuple[ClockRule, ClockInputs]


@given(clocks(), calendars)
def test_a_deadline_is_the_nth_day_that_counts_and_its_explanation_sums_to_it(clock: Clock, calendar: Calendar) -> None:
    rule, inputs = clock
    found = deadline(rule, inputs, calendar)
    assert_explained(found, rule, calendar)
    if found.unit not in ("hours", "months"):
        assert found.last_day == expected_last_day(rule, inputs, calendar)
        assert found.due == datetime.combine(
            found.last_day + timedelta(days=1), datetime.min.time(), ZONES[inputs.zone]
        )
    assert found.day_zero == inputs.started.astimezone(ZONES[inputs.zone]).date()
    assert inputs.started < found.due
    if found.unit == "working_days":
        assert found.last_day not in calendar.days
        assert found.last_day.weekday() < 5
    assert ClockInputs.from_facts(found.inputs.facts()) == inputs


@given(clocks(), days_off, days)
def test_a_deadline_is_never_earlier_for_an_added_day_off(clock: Clock, off: set[date], more: date) -> None:
    rule, inputs = clock
    fewer, found = (deadline(rule, inputs, calendar_of(some)) for some in (off - {more}, off | {more}))
    assert fewer.due <= found.due
    assert (fewer.target_due is None) == (found.target_due is None)
    if fewer.target_due and found.target_due:
        assert fewer.target_due <= found.target_due
    if fewer.due < found.due:
        assert fewer.day_zero < more <= fewer.last_day


@given(clocks(), calendars, moments)
def test_who_starts_later_ends_no_earlier(clock: Clock, calendar: Calendar, other: datetime) -> None:
    rule, inputs = clock
    first, second = sorted((inputs.started, other))
    earlier, later = (
        deadline(rule, ClockInputs(at, inputs.zone, inputs.pauses, inputs.extended), calendar) for at in (first, second)
    )
    assert earlier.due <= later.due


@given(clocks(), calendars)
def test_neither_a_pause_nor_an_extension_ends_a_clock_earlier(clock: Clock, calendar: Calendar) -> None:
    rule, inputs = clock
    whole = deadline(rule, inputs, calendar)
    for less in (
        ClockInputs(inputs.started, inputs.zone, inputs.pauses[1:], inputs.extended),
        ClockInputs(inputs.started, inputs.zone, inputs.pauses, False),
    ):
        assert deadline(rule, less, calendar).due <= whole.due


@given(clocks(), calendars)
def test_a_target_is_never_later_than_the_law(clock: Clock, calendar: Calendar) -> None:
    rule, inputs = clock
    found = deadline(rule, inputs, calendar)
    assert (found.target_due is None) == (rule.target is None)
    if found.target_due and found.target_day:
        assert found.target_due <= found.due
        assert found.target_day <= found.last_day


@given(st.sampled_from(list(RULES.values())), calendars, days, zones, st.integers(0, 86_399), st.integers(0, 86_399))
def test_the_time_of_day_changes_nothing_but_for_hours(
    rule: ClockRule, calendar: Calendar, day: date, zone: Zone, one: int, other: int
) -> None:
    midnight = datetime.combine(day, datetime.min.time(), ZONES[zone])
    ends = {
        deadline(rule, ClockInputs(midnight + timedelta(seconds=second), zone), calendar).due for second in (one, other)
    }
    assert len(ends) == (1 if rule.unit != "hours" or one == other else 2)


@given(st.lists(clocks(), max_size=12), days_off, days_off, days_off)
def test_a_new_version_moves_exactly_those_that_another_count_gives_another_day(
    some: list[Clock], kept: set[date], gone: set[date], come: set[date]
) -> None:
    old, new = calendar_of(kept | gone, "SK 1"), calendar_of(kept | come, "SK 2")
    rules = {f"{number}": rule for number, (rule, _) in enumerate(some)}
    before: list[tuple[str, Deadline]] = [
        (f"{number}", deadline(rule, inputs, old)) for number, (rule, inputs) in enumerate(some)
    ]
    found = {
        one.key: one for key, single in before for one in moved([(key, single)], old, new, {single.rule: rules[key]})
    }
    changed = {change.date for change in changed_days(old, new) if change.moves_work}
    for number, (rule, inputs) in enumerate(some):
        was, now = deadline(rule, inputs, old), deadline(rule, inputs, new)
        assert (f"{number}" in found) == ((was.due, was.target_due) != (now.due, now.target_due))
        if one := found.get(f"{number}"):
            assert (one.old, one.new) == (was, now)
            assert one.why
            assert {change.date for change in one.why} <= changed
