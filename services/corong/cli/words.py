"""In which language the command line speaks: Indonesian, or English where it is asked for."""

import os
import sys
from collections.abc import Sequence
from functools import cache
from typing import Literal

Language = Literal["id", "en"]
LANGUAGES: tuple[Language, ...] = ("id", "en")
VARIABLE = "CORONG_LANG"


class UnknownLanguage(ValueError):
    """`--lang` without a language that is spoken here."""


def take_language(arguments: Sequence[str]) -> list[str]:
    """`--lang en` taken out of the arguments, wherever it stands before `--`, and kept for `language`.

    Raises `UnknownLanguage`.
    """
    rest: list[str] = []
    pending = list(arguments)
    while pending:
        word = pending.pop(0)
        if word == "--":
            rest += [word, *pending]
            break
        name, equals, value = word.partition("=")
        if name != "--lang":
            rest.append(word)
            continue
        chosen = value if equals else (pending.pop(0) if pending else "")
        if chosen not in LANGUAGES:
            raise UnknownLanguage(chosen)
        os.environ[VARIABLE] = chosen
        language.cache_clear()
    return rest


@cache
def language() -> Language:
    """By CORONG_LANG, else by the terminal's LC_ALL, LC_MESSAGES or LANG; Indonesian where these say neither."""
    for name in (VARIABLE, "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name, ""):
            tag = value[:2].lower()
            return "en" if tag == "en" else "id"
    return "id"


def say(indonesian: str, english: str) -> str:
    """The text in the reader's language."""
    return english if language() == "en" else indonesian


def is_terminal() -> bool:
    """Whether a person reads the output."""
    return sys.stdout.isatty()
