"""Which language the command line speaks, and what it prints of citizens' words."""

import pytest

from corong.cli.case_text import kind_told, priority_told, state_told
from corong.cli.output import clean, line
from corong.cli.words import UnknownLanguage, language, take_language


@pytest.fixture(autouse=True)
def _no_language(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CORONG_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "")
    language.cache_clear()


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("LANG", "", "id"),
        ("LANG", "C.UTF-8", "id"),
        ("LANG", "en_US.UTF-8", "en"),
        ("LC_ALL", "en_GB.UTF-8", "en"),
        ("LANG", "id_ID.UTF-8", "id"),
        ("LANG", "de_DE.UTF-8", "id"),
        ("CORONG_LANG", "en", "en"),
    ],
)
def test_the_language_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert language() == expected


@pytest.mark.parametrize(
    ("given", "left", "expected"),
    [
        (["--lang", "en", "queue", "list"], ["queue", "list"], "en"),
        (["queue", "list", "--lang=en"], ["queue", "list"], "en"),
        (["--lang", "id", "up"], ["up"], "id"),
        (["queue", "note", "X", "--", "--lang", "en"], ["queue", "note", "X", "--", "--lang", "en"], "id"),
    ],
)
def test_the_option_may_stand_anywhere(given: list[str], left: list[str], expected: str) -> None:
    assert take_language(given) == left
    assert language() == expected


def test_another_language_is_refused() -> None:
    with pytest.raises(UnknownLanguage):
        take_language(["--lang", "fr"])
    with pytest.raises(UnknownLanguage):
        take_language(["--lang"])


def test_words_of_citizens_do_not_steer_the_terminal() -> None:
    assert clean("a\x1b[2Jb\x07\u202ec\u200bd\ne\tf") == "a[2Jbcd\ne\tf"
    assert line("satu\n\x1b]0;x\x07 dua\r\n") == "satu ]0;x dua"


def test_a_case_is_told_in_the_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}
    for speaks in ("id", "en"):
        monkeypatch.setenv("CORONG_LANG", speaks)
        language.cache_clear()
        seen[speaks] = kind_told("information_request"), kind_told("spam"), priority_told("high"), state_told("open")
    language.cache_clear()
    assert seen == {
        "id": ("Permohonan informasi", "spam", "penting", "terbuka"),
        "en": ("information request", "spam", "high", "open"),
    }
