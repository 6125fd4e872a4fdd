"""A case's history is told in words, in both languages: no step stands there by its code name."""

from typing import get_args

import pytest

from corong.desk import life_state
from corong.desk.pages.step_words import step_word
from corong.runtime import catalogue
from corong_contracts.case_life import CaseNotified
from corong_contracts.catalogue import CATALOGUE


def in_both(kind: str, data: dict[str, str]) -> tuple[str, str]:
    indonesian, english = (step_word(kind, data, catalogue.translations(language).gettext) for language in ("id", "en"))
    return indonesian, english


@pytest.mark.parametrize("kind", sorted(life_state.SHOWN))
def test_every_step_of_the_law_has_words_in_both_languages(kind: str) -> None:
    indonesian, english = in_both(kind, {})
    assert kind not in (indonesian, english)
    assert indonesian != english


@pytest.mark.parametrize("kind", sorted({f"{one.noun}.{one.verb}" for one in CATALOGUE.values()}))
def test_every_event_of_the_log_has_words_in_both_languages(kind: str) -> None:
    indonesian, english = in_both(kind, {})
    assert kind not in (indonesian, english)
    assert indonesian != english


def test_a_step_of_a_clock_names_the_clock() -> None:
    data = {"rule": "request_notice"}
    gettext = catalogue.translations("id").gettext
    assert step_word("clock.met", data, gettext, {"request_notice": "Pemberitahuan tertulis"}).endswith(
        ": Pemberitahuan tertulis"
    )
    assert step_word("clock.met", data, gettext).endswith(": request_notice")
    assert step_word("clock.moved", {"count": data}, gettext).endswith(": request_notice")
    assert step_word("case.routed", data, gettext) == step_word("case.routed", {}, gettext)


def test_a_notice_says_what_the_citizen_was_told() -> None:
    notices = get_args(CaseNotified.model_fields["notice"].annotation)
    told = [in_both("case.notified", {"notice": notice}) for notice in notices]
    assert len({indonesian for indonesian, _ in told}) == len({english for _, english in told}) == len(notices)
    for indonesian, english in told:
        assert indonesian.startswith("Warga diberi tahu: ")
        assert english.startswith("The citizen was told: ")
