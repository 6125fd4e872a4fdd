"""A complaint by SP4N-LAPOR!: forwarded in 3 working days, planned in 5, closed after 10 without a reply."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from corong.working_days.zones import ZONES, start_of
from corong_contracts.case import CaseKind, CaseState
from tests.services.routing.test_clockwork import wakes
from tests.services.routing.town import OTHER, UNIT, Day, Town

COMPLAINT = CaseKind.COMPLAINT
MAIN = "diskominfo"
WIB = ZONES["WIB"]
MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=WIB)
"""No day off till Christmas."""


@pytest.fixture
def day(town: Town) -> Iterator[Day]:
    with town.works.database.writing.connect() as connection:
        connection.begin()
        found = town.day(connection)
        found.at(MONDAY)
        yield found
        connection.rollback()


def clocks(day: Day, case: UUID) -> dict[str, tuple[str, date]]:
    """The steps' clocks: their states and last days."""
    found = day.case(case).clocks.items()
    return {rule: (clock.state, clock.last_day) for rule, clock in found if rule.startswith("lapor_")}


def answered(day: Day) -> UUID:
    """A complaint of Monday, answered on Tuesday."""
    case = day.arrives(COMPLAINT, unit=UNIT)
    day.at(MONDAY + timedelta(days=1))
    day.does("unit", "case.claim", case)
    day.does("unit", "case.answer", case, text="Lampu sudah menyala.")
    return case


def test_the_main_office_forwards_within_three_working_days_and_the_unit_plans_within_five(day: Day) -> None:
    case = day.arrives(COMPLAINT, unit=MAIN)
    assert clocks(day, case) == {"lapor_forward": ("running", date(2026, 11, 5))}
    day.at(MONDAY + timedelta(days=2))
    day.does("main", "case.assign", case, unit=UNIT, instruction="Mohon ditindaklanjuti.")
    assert clocks(day, case) == {
        "lapor_forward": ("met", date(2026, 11, 5)), "lapor_plan": ("running", date(2026, 11, 11)),
    }  # fmt: skip
    day.does("unit", "case.claim", case)
    day.does("unit", "case.plan", case, text="Petugas memeriksa lampu itu Senin depan.")
    assert day.verbs(case)[-3:] == ["case.planned", "case.notified", "clock.met"]
    assert clocks(day, case)["lapor_plan"][0] == "met"
    assert day.case(case).state is CaseState.IN_PROGRESS
    assert day.case(case).clocks["complaint_without_oversight"].state == "running", "a plan is no answer"


def test_a_complaint_that_the_rules_send_to_a_unit_is_forwarded_already(day: Day) -> None:
    case = day.arrives(COMPLAINT, unit=UNIT)
    assert clocks(day, case) == {"lapor_plan": ("running", date(2026, 11, 9))}


def test_what_is_late_is_reminded_and_escalated(day: Day) -> None:
    case = day.arrives(COMPLAINT, unit=MAIN)
    day.at(start_of(date(2026, 11, 5), "WIB"))
    assert wakes(day) == ["clock.reminded"], "on the last day"
    day.at(start_of(date(2026, 11, 6), "WIB"))
    assert wakes(day) == ["clock.ran_out", "clock.escalated"]
    assert day.case(case).clocks["lapor_forward"].owed


def test_another_unit_has_its_own_five_days_and_the_main_office_none(day: Day) -> None:
    case = day.arrives(COMPLAINT, unit=UNIT)
    day.at(MONDAY + timedelta(days=1))
    day.does("unit", "case.return", case, reason="Bukan kewenangan kami.")
    assert clocks(day, case)["lapor_plan"][0] == "ended"
    day.at(MONDAY + timedelta(days=2))
    day.does("main", "case.assign", case, unit=OTHER, instruction="Mohon ditindaklanjuti.")
    assert clocks(day, case)["lapor_plan"] == ("running", date(2026, 11, 11))


def test_a_case_that_is_answered_owes_no_plan_when_it_goes_to_another_unit(day: Day) -> None:
    case = answered(day)
    day.does("main", "case.assign", case, unit=OTHER, instruction="Untuk diketahui.")
    assert clocks(day, case)["lapor_plan"][0] == "met"


def test_ten_working_days_after_the_answer_without_a_reply_it_is_closed_and_the_citizen_told(day: Day) -> None:
    case = answered(day)
    assert clocks(day, case) == {
        "lapor_plan": ("met", date(2026, 11, 9)), "lapor_close": ("running", date(2026, 11, 17)),
    }  # fmt: skip
    day.at(start_of(date(2026, 11, 18), "WIB") - timedelta(microseconds=1))
    assert wakes(day) == []
    day.at(start_of(date(2026, 11, 18), "WIB"))
    assert wakes(day) == ["clock.ran_out", "case.closed", "case.notified"]
    closed = day.case(case)
    assert (closed.state, closed.outcome, closed.before) == (CaseState.CLOSED, "answered", CaseState.ANSWERED)
    told = day.events[-1].data
    assert (told.notice, str(told.conversation_id)) == (  # type: ignore[attr-defined]
        "closed", day.town.load.registered(day.unit, case)["conversation_id"],
    )  # fmt: skip


def test_a_reply_of_the_citizen_keeps_it_open_until_it_is_answered_again(day: Day) -> None:
    case = answered(day)
    day.at(MONDAY + timedelta(days=3))
    day.replies(case)
    assert clocks(day, case)["lapor_close"][0] == "ended"
    day.at(start_of(date(2026, 12, 1), "WIB"))
    assert wakes(day) == []
    assert day.case(case).state is CaseState.ANSWERED
    day.does("unit", "case.claim", case)
    day.does("unit", "case.answer", case, text="Sekarang sudah diperbaiki.")
    assert clocks(day, case)["lapor_close"] == ("running", date(2026, 12, 15))


def test_a_reply_before_the_answer_and_an_automatic_one_change_nothing(day: Day) -> None:
    case = day.arrives(COMPLAINT, unit=UNIT)
    day.replies(case)
    assert clocks(day, case)["lapor_plan"][0] == "running"
    done = answered(day)
    day.replies(done, automatic=True)
    assert clocks(day, done)["lapor_close"][0] == "running"


def test_an_answer_that_closes_leaves_nothing_to_close_and_reopening_neither(day: Day) -> None:
    case = day.arrives(COMPLAINT, unit=UNIT)
    day.does("unit", "case.claim", case)
    day.does("unit", "case.answer", case, text="Sudah.", close=True)
    assert clocks(day, case) == {"lapor_plan": ("met", date(2026, 11, 9))}
    group = day.arrives(COMPLAINT, unit=UNIT), day.arrives(COMPLAINT, unit=UNIT)
    day.does("unit", "case.group", None, case_ids=list(group))
    day.does("unit", "case.answer_group", group[0], text="Sudah.", close=True)
    assert all("lapor_close" not in clocks(day, one) for one in group)
    later = answered(day)
    day.does("unit", "case.close", later, outcome="answered")
    assert clocks(day, later)["lapor_close"][0] == "ended"
    day.does("unit", "case.reopen", later, reason="Belum selesai.")
    assert clocks(day, later)["lapor_close"][0] == "ended", "it begins with the next answer"


def test_after_it_closed_by_itself_it_is_reopened_and_answered_anew(day: Day) -> None:
    case = answered(day)
    day.at(start_of(date(2026, 11, 18), "WIB"))
    wakes(day)
    day.does("unit", "case.reopen", case, reason="Warga menelepon.")
    assert wakes(day) == []
    day.does("unit", "case.claim", case)
    day.does("unit", "case.answer", case, text="Sudah diperiksa lagi.")
    assert clocks(day, case)["lapor_close"] == ("running", date(2026, 12, 2))


def test_another_tier_leaves_the_steps_as_they_are(day: Day) -> None:
    case = day.arrives(COMPLAINT, unit=UNIT)
    day.does("unit", "case.claim", case)
    day.does("unit", "case.plan", case, text="Senin depan.")
    day.does("unit", "case.reclassify", case, kind="complaint", tier="normative", reason="Normatif.")
    assert clocks(day, case) == {"lapor_plan": ("met", date(2026, 11, 9))}


@pytest.mark.parametrize(
    ("tier", "last"),
    [("normative", "2026-11-09"), ("without_oversight", "2026-11-20"), ("with_oversight", "2027-01-01")],
)
def test_each_tier_has_its_days(day: Day, tier: str, last: str) -> None:
    case = day.arrives(CaseKind.QUESTION, unit=UNIT)
    day.at(MONDAY + timedelta(days=3))
    day.does("unit", "case.reclassify", case, kind="complaint", tier=tier, reason="Pengaduan.")
    clock = day.case(case).clocks[f"complaint_{tier}"]
    assert (clock.state, clock.last_day) == ("running", date.fromisoformat(last)), "from the receipt"
    assert clocks(day, case) == {"lapor_plan": ("running", date(2026, 11, 12))}, "since a unit knows that it is one"


def test_a_question_has_no_such_steps(day: Day) -> None:
    assert clocks(day, day.arrives(CaseKind.QUESTION, unit=UNIT)) == {}
