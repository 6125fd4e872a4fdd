"""A case's history is told in words, in both languages: no step stands there by its code name."""

import pytest

from corong.desk import life_state
from corong.desk.pages.step_words import step_word
from corong.runtime import catalogue


@pytest.mark.parametrize("kind", sorted(life_state.SHOWN))
def test_every_step_of_the_law_has_words_in_both_languages(kind: str) -> None:
    indonesian, english = (step_word(kind, catalogue.translations(language).gettext) for language in ("id", "en"))
    assert kind not in (indonesian, english)
    assert indonesian != english
