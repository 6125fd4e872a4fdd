"""A decree that an officer enters is looked at first, is an event, and moves the deadlines that it touches."""

from datetime import date, timedelta
from typing import Any

import pytest

from corong.routing import state
from corong.runtime.policy import Forbidden
from corong.runtime.refusal import Refused
from corong_contracts.case import CaseKind
from corong_contracts.decree_command import EnterDecree, ShowCalendar, TryDecree
from tests.services.routing.town import NOW, Day

NUMBER = "SK Bupati 9/2026"


def decree(days: list[date], **more: Any) -> dict[str, Any]:
    added = [{"date": day, "kind": "local_holiday", "name": "Hari Jadi", "reason": "peringatan"} for day in days]
    return {
        "number": NUMBER, "title": "Hari Jadi", "in_force": NOW.date(), "source": "bagian hukum", "added": added,
        **more,
    }  # fmt: skip


def working_days(day: Day, count: int) -> list[date]:
    """The next working days, the earliest first, by the calendar in force."""
    calendar = day.town.routing._book.calendars.latest
    found, at = list[date](), NOW.date() + timedelta(days=3)
    while len(found) < count:
        at += timedelta(days=1)
        if calendar.is_working(at):
            found.append(at)
    return found


def asks(day: Day, who: str, question: Any) -> dict[str, Any]:
    day.unit.rows.flush()
    told: dict[str, Any] = day.town.handlers.commands[type(question)](
        day.unit.connection, day.town.actor(who), question
    )  # fmt: skip
    return told


def tries(day: Day, who: str, **content: Any) -> dict[str, Any]:
    return asks(day, who, TryDecree.model_validate({"decree": content}))


def enters(day: Day, who: str, **content: Any) -> Any:
    return day.does(who, "calendar.enter", decree=content)


@pytest.fixture(autouse=True)
def as_before(day: Day) -> Any:
    """The book as the file has it: a day's commit never happens, what hangs on it was called by the test."""
    book = day.town.routing._book
    before = book.calendars
    yield
    book.take(before, 0)


def test_what_would_move_is_counted_and_named_to_who_may_read_cases_alone(day: Day) -> None:
    case = day.arrives(CaseKind.INFORMATION_REQUEST)
    before = len(day.unit.recorded)
    told = tries(day, "main", **decree(working_days(day, 2)))
    assert [one["moves_work"] for one in told["changes"]] == [True, True]
    assert told["moves"] == sum(one["moves"] for one in told["clocks"]) >= 1
    notice = next(one for one in told["deadlines"] if one["rule"] == "request_notice")
    assert (notice["case_id"], notice["before"] < notice["after"]) == (str(case), True)
    blind = tries(day, "admin-hub", **decree(working_days(day, 2)))
    assert (blind["moves"], blind["deadlines"]) == (told["moves"], None)
    assert len(day.unit.recorded) == before, "nothing changes"


def test_an_entered_decree_is_an_event_and_the_deadlines_move_as_foreseen(day: Day) -> None:
    case = day.arrives(CaseKind.INFORMATION_REQUEST)
    content = decree(working_days(day, 2))
    foreseen = {one["rule"]: one["after"] for one in tries(day, "main", **content)["deadlines"]}
    (event,) = enters(day, "admin-hub", **content)
    assert (event.type, event.actor) == ("id.corong.decree.entered.v1", "officer:admin-hub")
    assert event.data.content.added[0].name == "Hari Jadi"
    (row,) = day.rows(state.decree)
    assert (row["number"], row["officer"]) == (NUMBER, "admin-hub")
    day.unit.after[-1]()  # as the commit does
    assert day.town.routing.clockwork.follow_calendar(day.unit)
    clocks = day.case(case).clocks
    assert {rule: clocks[rule].last_day.isoformat() for rule in foreseen} == foreseen
    shown = asks(day, "auditor", ShowCalendar(year=2026))
    told = next(one for one in shown["decrees"] if one["number"] == NUMBER)
    assert (told["origin"], told["officer"]) == ("log", "admin-hub")
    assert content["added"][0]["date"].isoformat() in [one["date"] for one in shown["days"]]
    assert shown["current"] == shown["versions"][-1]["digest"] or len(shown["versions"]) > 1


def test_what_does_not_fit_is_refused_with_why(day: Day) -> None:
    (first, second) = working_days(day, 2)
    enters(day, "main", **decree([first]))
    day.unit.after[-1]()
    for content, code, status in (
        (decree([second]), "decree_exists", 409),
        (decree([first], number="SK Bupati 10/2026"), "bad_decree", 422),
        (decree([], number="SK Bupati 10/2026"), "bad_decree", 422),
        (decree([], number="10", taken_away=[{"date": second, "reason": "x"}]), "bad_decree", 422),
    ):
        for attempt in (tries, enters):
            with pytest.raises(Refused) as refused:
                attempt(day, "main", **content)
            assert (refused.value.code, refused.value.status) == (code, status)
    assert len(day.rows(state.decree)) == 1


def test_who_may_not_enters_nothing(day: Day) -> None:
    content = decree(working_days(day, 1))
    for who in ("unit", "superior", "auditor"):
        for attempt in (tries, enters):
            with pytest.raises(Forbidden):
                attempt(day, who, **content)
    with pytest.raises(Forbidden):
        asks(day, "unit", ShowCalendar())
    assert EnterDecree in day.town.handlers.commands
