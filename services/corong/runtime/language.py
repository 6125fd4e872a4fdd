"""Which language a reader gets, and whether it is a person at a browser who reads."""

from typing import Literal

from starlette.requests import Request

Language = Literal["id", "en"]

LANGUAGES: tuple[Language, ...] = ("id", "en")
"""Indonesian is the source language; English second."""

COOKIE = "corong_lang"

# `in` is the code of Indonesian before ISO 639 was revised in 1989; some systems send it still.
_TAGS: dict[str, Language] = {"id": "id", "in": "id", "ms": "id", "en": "en"}


def chosen_language(request: Request) -> Language | None:
    """What the reader asked for by `?lang=`, or None."""
    asked = request.query_params.get("lang")
    return asked if asked in LANGUAGES else None


def language_of(request: Request) -> Language:
    """`id` or `en`: by `?lang=`, else as chosen before (cookie), else by Accept-Language (RFC 9110 section 12.5.4).

    Indonesian where nothing else is asked for.
    """
    if asked := chosen_language(request):
        return asked
    kept = request.cookies.get(COOKIE)
    if kept in LANGUAGES:
        return kept
    best: Language = "id"
    weight = 0.0
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, parameters = part.partition(";")
        found = _TAGS.get(tag.strip().lower().split("-")[0])
        quality = _quality(parameters)
        if found is not None and quality > weight:
            best, weight = found, quality
    return best


def wants_html(request: Request) -> bool:
    """Whether a browser asks, for a page: programs name JSON, or nothing."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
