"""Which days a citizen is told, and how they come out of the clocks' events."""

from datetime import date

from corong.portal.dates import Term, answer_until, key_dates, opening_told
from corong.runtime.opening import OFFICE_DAYS


def said(*terms: Term) -> list[tuple[str, date, bool]]:
    return [(one.what, one.day, one.passed) for one in key_dates(terms, str)]


def term(rule: str, day: int, bound: str = "unit_officer", *, passed: bool = False) -> Term:
    return Term(rule, date(2026, 4, day), bound, passed)


def test_the_offices_answer_stands_once_and_its_inner_steps_never() -> None:
    terms = (
        term("lapor_forward", 1, "main_officer"), term("request_completion", 2), term("request_notice", 8),
        term("complaint_ceiling", 30),
    )  # fmt: skip
    assert said(*terms) == [("Pemberitahuan tertulis paling lambat", date(2026, 4, 8), False)]
    assert answer_until(terms) == date(2026, 4, 8)


def test_a_clock_of_the_offices_own_is_an_answer_too() -> None:
    assert said(term("question_answer", 3)) == [("Jawaban paling lambat", date(2026, 4, 3), False)]


def test_what_is_late_is_told_with_the_right_that_silence_opened() -> None:
    terms = term("request_notice", 8, passed=True), term("objection_filing", 25, "applicant")
    assert said(*terms) == [
        ("Pemberitahuan tertulis paling lambat", date(2026, 4, 8), True),
        ("Anda dapat mengajukan keberatan sampai", date(2026, 4, 25), False),
    ]


def test_a_right_that_passed_is_no_longer_offered() -> None:
    assert said(term("objection_filing", 25, "applicant", passed=True)) == []
    assert answer_until((term("objection_filing", 25, "applicant"),)) is None


def test_a_unit_that_opens_otherwise_than_the_law_counts_is_told_with_its_days() -> None:
    assert opening_told(OFFICE_DAYS, "id") == ""
    assert opening_told((*OFFICE_DAYS, "sat"), "id") == "Senin sampai Sabtu"
    assert opening_told((*OFFICE_DAYS, "sat"), "en") == "Monday to Saturday"
