"""Question and answer for everybody: of what was answered, by the main officer, with nothing that is somebody's."""

from uuid import UUID

import pytest

from corong.runtime.policy import Forbidden
from corong.runtime.refusal import Refused
from corong_contracts.case import CaseKind
from tests.services.routing.test_life import refused
from tests.services.routing.town import UNIT, Day

WORDS = {"question": "Kapan jalan diperbaiki?", "answer": "Paling lambat sepekan setelah ditinjau."}


def answered(day: Day, kind: CaseKind = CaseKind.QUESTION) -> UUID:
    case = day.arrives(kind, unit=UNIT)
    day.does("unit", "case.claim", case)
    day.does("unit", "case.answer", case, text="Yth. Ibu Contoh, pekan depan.")
    return case


def test_what_was_answered_is_published_mended_and_withdrawn(day: Day) -> None:
    case = answered(day)
    day.does("main", "case.publish_answer", case, **WORDS)
    day.does("unit", "case.close", case, outcome="answered")
    day.does("main", "case.publish_answer", case, **WORDS | {"answer": " Paling lambat dua pekan. \n"})
    first, second = (event.data.model_dump() for event in day.events if event.data.verb == "published")
    assert first["answer_id"] == second["answer_id"]
    assert (first["unit"], second["answer"]) == (UNIT, "Paling lambat dua pekan.")
    day.does("main", "case.withdraw_answer", case, because="outdated")
    assert day.case(case).public_answer == "withdrawn"
    assert refused(day, "main", "case.withdraw_answer", case, because="wrong").code == "not_published"
    day.does("main", "case.publish_answer", case, **WORDS)
    assert day.case(case).public_answer == "published"


def test_without_an_answer_there_is_nothing_to_publish(day: Day) -> None:
    case = day.arrives(CaseKind.QUESTION, unit=UNIT)
    assert refused(day, "main", "case.publish_answer", case, **WORDS).status == 409
    day.does("unit", "case.close", case, outcome="spam")
    assert refused(day, "main", "case.publish_answer", case, **WORDS).code == "not_answered"


@pytest.mark.parametrize("who", ["unit", "operator", "superior", "auditor"])
def test_the_main_officer_alone_publishes(day: Day, who: str) -> None:
    case = answered(day)
    for command, words in (("case.publish_answer", WORDS), ("case.withdraw_answer", {"because": "wrong"})):
        with pytest.raises(Forbidden):
            day.does(who, command, case, **words)


@pytest.mark.parametrize("field", ["question", "answer"])
def test_nothing_that_looks_like_somebodys_is_published_unasked(day: Day, field: str) -> None:
    case = answered(day)

    def told(words: str, **more: object) -> tuple[str, list[str]]:
        found: Refused = refused(day, "main", "case.publish_answer", case, **{**WORDS, field: words, **more})
        return found.code, found.fields

    assert told("Hubungi 0812 3456 7890") == ("looks_personal", [field])
    assert told("surel siti@contoh.example") == ("looks_personal", [field])
    assert told("NIK 1209011234567890") == ("identity_number", [field])
    assert told("NIK 1209011234567890", contacts_public=True) == ("identity_number", [field])
    assert told(" \n ") == ("empty", [field])
    day.does("main", "case.publish_answer", case, **{**WORDS, field: "Kantor: 0623 412345"}, contacts_public=True)
