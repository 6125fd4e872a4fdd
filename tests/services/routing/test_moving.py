"""A message moved to another case of the same citizen, and back: what allows it, and what follows."""

from uuid import UUID

import pytest

from corong.routing import tables
from corong.runtime.policy import Forbidden
from corong_contracts.base import AnyEvent
from corong_contracts.case import CaseKind
from tests.services.routing.test_life import refused
from tests.services.routing.town import OTHER, UNIT, Day

COMPLAINT, REQUEST = CaseKind.COMPLAINT, CaseKind.INFORMATION_REQUEST


def moves(day: Day, who: str, case: UUID, message: UUID, into: UUID) -> list[AnyEvent]:
    return day.does(who, "case.move_message", case, message_id=message, into=into, reason="Tentang yang itu.")


def no(day: Day, case: UUID, message: UUID, into: UUID) -> str:
    return refused(day, "unit", "case.move_message", case, message_id=message, into=into, reason="x").code


def test_a_message_goes_to_another_case_and_back(day: Day) -> None:
    here, there = day.arrives(COMPLAINT, unit=UNIT), day.arrives(REQUEST, unit=UNIT)
    message = day.follows_up(here)
    moved, told = moves(day, "unit", here, message, there)
    assert moved.correlationid == here, "told in the log of the case to which it came"
    data = moved.data.model_dump()
    assert (data["before"], data["into"], data["message_id"]) == (here, there, message)
    assert told.data.model_dump()["conversation_id"] == day.case(here).conversation_id
    assert no(day, here, message, there) == "not_its_message", "it is there already"
    back = moves(day, "unit", there, message, here)
    assert [event.data.verb for event in back] == ["message_moved"], "an undoing is no news to the citizen"
    assert back[0].correlationid == here
    assert day.rows(tables.moved) == []
    moves(day, "unit", here, message, there)


def test_it_goes_on_to_a_third_case_and_home_from_there(day: Day) -> None:
    one, two, three = (day.arrives(COMPLAINT, unit=UNIT) for _ in range(3))
    message = day.follows_up(one)
    moves(day, "unit", one, message, two)
    (moved, _) = moves(day, "unit", two, message, three)
    assert (moved.correlationid, moved.data.model_dump()["before"]) == (one, two)
    moves(day, "unit", three, message, one)


def test_only_later_messages_of_the_case_to_an_open_one_of_the_same_citizen(day: Day) -> None:
    here, there = day.arrives(COMPLAINT, unit=UNIT), day.arrives(COMPLAINT, unit=UNIT)
    stranger = day.arrives(COMPLAINT, person="lain", unit=UNIT)
    message = day.follows_up(here)
    first = day.case(here).message_id
    assert first is not None
    assert no(day, here, first, there) == "first_message"
    assert no(day, there, message, here) == "not_its_message"
    assert no(day, here, message, here) == "not_there"
    assert no(day, here, message, stranger) == "not_there"
    day.does("unit", "case.close", there, outcome="no_answer_needed")
    assert no(day, here, message, there) == "not_there"
    day.does("unit", "case.reopen", there, reason="x")
    day.does("unit", "case.claim", here)
    day.does("main", "case.assign", there, unit=OTHER, instruction="x")
    with pytest.raises(Forbidden):
        moves(day, "unit", here, message, there)
    day.does("unit", "case.hand_back", here)
    moves(day, "main", here, message, there)


def test_a_message_that_is_the_request_stays(day: Day) -> None:
    here, there = day.arrives(CaseKind.QUESTION, unit=UNIT), day.arrives(COMPLAINT, unit=UNIT)
    message = day.follows_up(here, "minta salinan")
    day.does("unit", "case.reclassify", here, kind="information_request", message_id=message, reason="x")
    assert no(day, here, message, there) == "first_message"
    split = refused(day, "unit", "case.split", here, message_id=message, kind="complaint", reason="x")
    assert split.code == "first_message"


def test_what_was_split_off_moves_no_more_and_what_was_moved_is_split_off_at_home(day: Day) -> None:
    here, there = day.arrives(COMPLAINT, unit=UNIT), day.arrives(COMPLAINT, unit=UNIT)
    moved, own = day.follows_up(here), day.follows_up(here)
    moves(day, "unit", here, moved, there)
    split = {"kind": "complaint", "reason": "x"}
    assert refused(day, "unit", "case.split", there, message_id=moved, **split).code == "moved_here"
    assert refused(day, "unit", "case.split", here, message_id=moved, **split).code == "not_its_message"
    day.does("unit", "case.split", here, message_id=own, **split)
    assert no(day, here, own, there) == "not_its_message"


def test_a_moved_message_completes_the_case_where_it_is(day: Day) -> None:
    here, there = day.arrives(COMPLAINT, unit=UNIT), day.arrives(REQUEST, unit=UNIT)
    day.does("unit", "case.claim", there)
    day.does("unit", "case.ask_completion", there, text="Tahun berapa?")
    message = day.follows_up(here, "tahun 2025")
    moves(day, "unit", here, message, there)
    completed = day.does("unit", "case.complete", there)[0]
    assert completed.data.model_dump()["message_id"] == message
    other = day.arrives(REQUEST, unit=UNIT)
    day.does("unit", "case.claim", other)
    day.does("unit", "case.ask_completion", other, text="Tahun berapa?")
    gone = day.follows_up(other)
    moves(day, "unit", other, gone, here)
    assert day.does("unit", "case.complete", other)[0].data.model_dump()["message_id"] is None


def test_an_answered_case_that_gets_one_is_not_closed_for_silence(day: Day) -> None:
    here, there = day.arrives(COMPLAINT, unit=UNIT), day.arrives(COMPLAINT, unit=UNIT)
    message = day.follows_up(here)
    day.does("unit", "case.claim", there)
    day.does("unit", "case.answer", there, text="Sudah.")
    moves(day, "unit", here, message, there)
    assert day.case(there).clocks["lapor_close"].state == "ended"
