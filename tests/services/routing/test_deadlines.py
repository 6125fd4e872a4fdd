"""Deadlines by hand: the worked example, each row of the table, zones, pauses, leap days, the turn of the year."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from corong.routing.calendar_versions import Calendars
from corong.routing.clock_rules import ClockRule, ClockRules
from corong.routing.deadlines import ClockInputs, Deadline, NotAllowed, Pause, deadline, moved
from corong.working_days.calendars import OutsideCalendar
from corong.working_days.zones import ZONES, Zone, day_in, zone_named

RULES = ClockRules.load()
CALENDARS = Calendars.load()
WAIT = "waiting_for_applicant"


def _count(
    name: str, start: str, zone: Zone = "WIB", *, pauses: tuple[Pause, ...] = (), extended: bool = False
) -> Deadline:
    started = datetime.fromisoformat(start).replace(tzinfo=ZONES[zone])
    return deadline(RULES[name], ClockInputs(started, zone, pauses, extended), CALENDARS.at(date(2026, 11, 25)))


@pytest.mark.parametrize("at", ["00:00", "08:15", "23:59", "23:59:59.999999"])
def test_the_worked_example(at: str) -> None:
    start = f"2026-03-17T{at}"
    assert _count("request_completion", start).last_day == date(2026, 3, 27)
    assert _count("request_notice", start).last_day == date(2026, 4, 8)
    extended = _count("request_notice", start, extended=True)
    assert extended.last_day == date(2026, 4, 17)
    assert extended.due == datetime(2026, 4, 18, tzinfo=ZONES["WIB"])
    eid = extended.explanation[1:8]
    assert [one.date.day for one in eid] == [18, 19, 20, 21, 22, 23, 24]
    assert {one.decree for one in eid} == {"SKB Menag 1497/2025, Menaker 2/2025, MenPANRB 5/2025"}
    assert [one.was for one in eid] == [
        "joint_leave", "national_holiday", "joint_leave", "national_holiday", "national_holiday", "joint_leave",
        "joint_leave",
    ]  # fmt: skip


# Received on Monday, 2 November 2026 (no day off till Christmas): each row, counted on a paper calendar.
@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("request_notice", "2026-11-16"),
        ("request_completion", "2026-11-05"),
        ("objection_filing", "2026-12-14"),
        ("objection_decision", "2026-12-14"),
        ("dispute_filing", "2026-11-20"),
        ("commission_start", "2026-11-20"),
        ("commission_finish", "2027-04-08"),
        ("lapor_forward", "2026-11-05"),
        ("lapor_plan", "2026-11-09"),
        ("lapor_close", "2026-11-16"),
        ("complaint_normative", "2026-11-09"),
        ("complaint_without_oversight", "2026-11-20"),
        ("complaint_with_oversight", "2027-01-01"),
        ("complaint_ceiling", "2027-01-01"),
        ("breach_notice", "2026-11-05"),
        ("annual_report", "2027-02-02"),
    ],
)
def test_each_row_of_the_table(name: str, last: str) -> None:
    assert _count(name, "2026-11-02T09:00").last_day == date.fromisoformat(last)


def test_every_clock_has_its_row_above() -> None:
    (mark,) = test_each_row_of_the_table.pytestmark  # type: ignore[attr-defined]
    assert [row[0] for row in mark.args[1]] == list(RULES)


def test_the_ceiling_decides_where_it_is_earlier() -> None:
    found = _count("complaint_with_oversight", "2026-11-02T09:00")
    assert (found.decided_by, found.amount, found.unit) == ("ceiling", 60, "days")
    assert _count("complaint_normative", "2026-11-02T09:00").decided_by == "rule"


def test_hours_end_at_their_minute_and_not_with_the_day() -> None:
    found = _count("breach_notice", "2026-03-17T23:59")
    assert found.due == datetime(2026, 3, 20, 23, 59, tzinfo=ZONES["WIB"])
    assert [one.spent for one in found.explanation] == [
        timedelta(minutes=1), timedelta(hours=24), timedelta(hours=24), timedelta(hours=23, minutes=59),
    ]  # fmt: skip
    assert [one.number for one in found.explanation] == [0, 24, 48, 72]
    midnight = _count("breach_notice", "2026-03-17T00:00")
    assert (midnight.last_day, midnight.due.astimezone(ZONES["WIB"]).day) == (date(2026, 3, 19), 20)


def test_day_zero_is_the_day_where_the_unit_is() -> None:
    late_in_asahan = datetime(2026, 11, 2, 23, 59, tzinfo=ZONES["WIB"])
    in_zone = {
        zone: deadline(RULES["request_completion"], ClockInputs(late_in_asahan, zone), CALENDARS.latest)
        for zone in ZONES
    }
    assert {zone: (one.day_zero.day, one.last_day.day) for zone, one in in_zone.items()} == {
        "WIB": (2, 5), "WITA": (3, 6), "WIT": (3, 6),
    }  # fmt: skip
    assert in_zone["WIT"].due == datetime(2026, 11, 7, tzinfo=ZONES["WIT"])


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Asia/Jakarta", "WIB"), ("Asia/Pontianak", "WIB"), ("Asia/Makassar", "WITA"), ("Asia/Ujung_Pandang", "WITA"),
        ("Asia/Jayapura", "WIT"), ("wib", "WIB"),
    ],
)  # fmt: skip
def test_zones_have_no_summer_time(name: str, zone: Zone) -> None:
    assert zone_named(name) == zone
    if "/" in name:
        noons = (datetime(2024, 1, 1, 12) + timedelta(days=day) for day in range(9 * 365))
        assert {at.replace(tzinfo=ZoneInfo(name)).utcoffset() for at in noons} == {ZONES[zone].utcoffset(None)}


def test_a_zone_elsewhere_and_a_moment_without_offset_are_refused() -> None:
    with pytest.raises(ValueError, match="no time zone of Indonesia"):
        zone_named("Asia/Singapore")
    with pytest.raises(ValueError, match="offset"):
        day_in("WIB", datetime(2026, 1, 1))
    with pytest.raises(ValueError, match="offset"):
        deadline(RULES["breach_notice"], ClockInputs(datetime(2026, 1, 1), "WIB"), CALENDARS.latest)


def test_a_pause_leaves_out_the_days_after_asking_up_to_the_answer() -> None:
    pause = Pause(WAIT, date(2026, 11, 4), date(2026, 11, 10))
    found = _count("request_notice", "2026-11-02T09:00", pauses=(pause,))
    assert found.last_day == date(2026, 11, 20)
    left_out = [one.date.day for one in found.explanation if one.was == "paused"]
    assert left_out == [5, 6, 9, 10]
    assert {one.because for one in found.explanation if one.was == "paused"} == {WAIT}
    same_day = Pause(WAIT, date(2026, 11, 4), date(2026, 11, 4))
    assert _count("request_notice", "2026-11-02T09:00", pauses=(same_day,)).last_day == date(2026, 11, 16)


def test_a_pause_and_an_extension_add_up_and_overlapping_pauses_do_not() -> None:
    one = Pause(WAIT, date(2026, 11, 4), date(2026, 11, 10))
    other = Pause(WAIT, date(2026, 11, 6), date(2026, 11, 11))
    both = _count("request_notice", "2026-11-02T09:00", pauses=(one, other), extended=True)
    assert both.last_day == date(2026, 12, 2)
    assert both.amount == 17


def test_the_clock_that_silence_opens_has_the_last_day_as_its_day_zero() -> None:
    silent = _count("objection_decision", "2026-11-02T09:00", "WITA")
    opened = deadline(RULES["dispute_filing"], ClockInputs(silent.silent_at, "WITA"), CALENDARS.latest)
    assert (silent.last_day, opened.day_zero) == (date(2026, 12, 14), date(2026, 12, 14))
    assert opened.last_day == date(2027, 1, 7)


def test_what_a_rule_does_not_give_is_refused() -> None:
    pause = Pause(WAIT, date(2026, 11, 4), date(2026, 11, 10))
    with pytest.raises(NotAllowed, match="lapor_plan is not paused"):
        _count("lapor_plan", "2026-11-02T09:00", pauses=(pause,))
    with pytest.raises(NotAllowed, match="can't be extended"):
        _count("objection_decision", "2026-11-02T09:00", extended=True)
    with pytest.raises(ValueError, match="before it begins"):
        Pause(WAIT, date(2026, 11, 10), date(2026, 11, 4))


@pytest.mark.parametrize(
    ("name", "start", "last"),
    [
        ("request_completion", "2024-02-26T10:00", "2024-02-29"),
        ("request_completion", "2024-02-29T10:00", "2024-03-05"),
        ("request_completion", "2028-02-25T10:00", "2028-03-02"),  # Monday 28: second day of Eid, estimated
        ("complaint_ceiling", "2024-01-01T10:00", "2024-03-01"),
        ("complaint_ceiling", "2025-01-01T10:00", "2025-03-02"),
        ("annual_report", "2023-12-31T10:00", "2024-03-31"),
        ("annual_report", "2027-11-30T10:00", "2028-02-29"),
        ("annual_report", "2026-11-30T10:00", "2027-02-28"),
        ("breach_notice", "2028-02-27T10:00", "2028-03-01"),
        ("request_completion", "2026-12-23T10:00", "2026-12-30"),
        ("request_notice", "2026-12-23T10:00", "2027-01-12"),
        ("request_notice", "2024-12-31T23:59", "2025-01-15"),
    ],
)
def test_leap_days_and_the_turn_of_the_year(name: str, start: str, last: str) -> None:
    assert _count(name, start).last_day == date.fromisoformat(last)


def test_a_deadline_in_a_year_without_a_decree_is_provisional() -> None:
    assert _count("request_notice", "2027-12-29T10:00").provisional
    assert not _count("request_notice", "2027-11-29T10:00").provisional
    assert not _count("complaint_ceiling", "2027-12-29T10:00").provisional
    with pytest.raises(OutsideCalendar):
        _count("request_notice", f"{CALENDARS.latest.last_year}-12-27T10:00")


def test_a_target_is_counted_beside_the_law() -> None:
    rule = ClockRule.model_validate(RULES["request_notice"].model_dump() | {"target": 5})
    started = datetime(2026, 11, 2, 9, tzinfo=ZONES["WIB"])
    found = deadline(rule, ClockInputs(started, "WIB"), CALENDARS.latest)
    assert (found.target_day, found.last_day) == (date(2026, 11, 9), date(2026, 11, 16))
    longer = deadline(rule, ClockInputs(started, "WIB", (), True), CALENDARS.latest)
    assert (longer.target_day, longer.last_day) == (date(2026, 11, 18), date(2026, 11, 25))


def test_an_event_can_carry_a_deadline_and_have_it_counted_again() -> None:
    pause = Pause(WAIT, date(2026, 11, 4), date(2026, 11, 10))
    found = _count("request_notice", "2026-11-02T09:00", pauses=(pause,), extended=True)
    facts = found.facts()
    assert (facts["rule"], facts["calendar"], facts["last_day"]) == (
        "request_notice", CALENDARS.latest.digest, "2026-12-01",
    )  # fmt: skip
    again = deadline(RULES[facts["rule"]], ClockInputs.from_facts(facts["inputs"]), CALENDARS.named(facts["calendar"]))
    assert again.facts() == facts
    assert again.explanation == found.explanation
    assert RULES[facts["rule"]].digest == facts["rule_digest"]


def test_a_decree_of_mid_year_moves_exactly_the_open_deadlines_that_it_touches() -> None:
    old, new = CALENDARS.at(date(2025, 8, 6)), CALENDARS.at(date(2025, 8, 7))
    starts = [datetime(2025, 7, 1, 10, tzinfo=ZONES["WIB"]) + timedelta(days=day) for day in range(60)]
    open_ones = [
        ((name, at), deadline(RULES[name], ClockInputs(at, "WIB"), old))
        for at in starts
        for name in ("request_notice", "request_completion", "breach_notice", "complaint_ceiling")
    ]
    found = moved(open_ones, old, new, RULES)
    touched = [
        key
        for key, one in open_ones
        if key[0].startswith("request") and one.day_zero < date(2025, 8, 18) <= one.last_day
    ]
    assert [one.key for one in found] == touched
    assert len(touched) > 10
    for one in found:
        assert [change.date for change in one.why] == [date(2025, 8, 18)]
        assert one.why[0].new is not None
        assert one.why[0].new.decree == "SKB Menag 933/2025, Menaker 1/2025, MenPANRB 3/2025"
        assert one.old.last_day < one.new.last_day
        assert (one.old.calendar, one.new.calendar) == (old.digest, new.digest)
    (received,) = [one for one in found if one.key == ("request_notice", starts[35])]
    assert (starts[35].date(), received.old.last_day, received.new.last_day) == (
        date(2025, 8, 5), date(2025, 8, 19), date(2025, 8, 20),
    )  # fmt: skip
