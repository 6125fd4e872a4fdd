"""A target that an officer sets is looked at first, is an event, and is never laxer than the law."""

from typing import Any

import pytest

from corong.routing import state
from corong.runtime.policy import Forbidden
from corong.runtime.refusal import Refused
from corong_contracts.case import CaseKind
from corong_contracts.clock import ClockOpened
from corong_contracts.target import ShowTargets, TryTarget
from tests.services.routing.town import Day

RULE = "request_notice"


@pytest.fixture(autouse=True)
def as_before(day: Day) -> Any:
    """The book as the file has it: a day's commit never happens, what hangs on it was called by the test."""
    yield
    day.town.routing._book.take_targets({})


def asks(day: Day, who: str, question: Any) -> dict[str, Any]:
    day.unit.rows.flush()
    told: dict[str, Any] = day.town.handlers.commands[type(question)](
        day.unit.connection, day.town.actor(who), question
    )  # fmt: skip
    return told


def sets(day: Day, who: str, amount: int | None, before: int | None = None, rule: str = RULE) -> list[Any]:
    found = list(day.does(who, "target.set", rule=rule, amount=amount, before=before, reason=" Instruksi Bupati. "))
    if found:
        day.unit.after[-1]()  # as the commit does
    return found


def test_what_a_target_touches_is_counted_and_named_to_who_may_read_cases_alone(day: Day) -> None:
    case = day.arrives(CaseKind.INFORMATION_REQUEST)
    told = asks(day, "main", TryTarget(rule=RULE, amount=7))
    assert (told["open"], told["touched"], told["past"]) == (1, 1, 0)
    (one,) = told["deadlines"]
    assert (one["case_id"], one["before"], one["after"] < one["last_day"]) == (str(case), None, True)
    blind = asks(day, "admin-hub", TryTarget(rule=RULE, amount=7))
    assert (blind["touched"], blind["deadlines"]) == (1, None)
    assert not day.rows(state.target), "nothing changes"


def test_a_target_is_an_event_and_the_laws_day_stays(day: Day) -> None:
    before = day.case(day.arrives(CaseKind.INFORMATION_REQUEST)).clocks[RULE].last_day
    (event,) = sets(day, "admin-hub", 7)
    assert (event.type, event.actor) == ("id.corong.target.set.v1", "officer:admin-hub")
    assert event.data.reason == "Instruksi Bupati."
    case = day.arrives(CaseKind.INFORMATION_REQUEST)
    opened = [event.data for event in day.events if isinstance(event.data, ClockOpened)]
    count = next(data.count for data in opened if (data.case_id, data.count.rule) == (case, RULE))
    assert count.target_day is not None
    assert count.target_day < count.last_day == before
    shown = next(one for one in asks(day, "auditor", ShowTargets())["clocks"] if one["rule"] == RULE)
    assert (shown["target"], shown["officer"], shown["amount"]) == (7, "admin-hub", 10)
    assert not sets(day, "main", 7, before=7), "it was so already"
    (gone,) = sets(day, "main", None, before=7)
    assert gone.data.amount is None
    assert day.town.routing._book.rules[RULE].target is None


def test_what_is_laxer_than_the_law_unknown_or_changed_meanwhile_is_refused(day: Day) -> None:
    for amount, before, rule, code in (
        (11, None, RULE, "laxer_than_law"), (3, None, "no_such", "no_such_clock"),
        (5, 6, RULE, "target_changed_meanwhile"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            sets(day, "main", amount, before, rule)
        assert refused.value.code == code
    with pytest.raises(Refused):
        asks(day, "main", TryTarget(rule=RULE, amount=11))
    for who in ("unit", "superior", "auditor"):
        with pytest.raises(Forbidden):
            sets(day, who, 7)
        with pytest.raises(Forbidden):
            asks(day, who, TryTarget(rule=RULE, amount=7))
