"""Every text is in both languages, and nothing in a template escapes translation."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment
from starlette.requests import Request

from corong.runtime import catalogue
from corong.runtime.language import COOKIE, language_of, wants_html

TEMPLATES = sorted(catalogue.PACKAGE.glob("**/templates/**/*.html"))

NAMES = {"Corong", "Menu", "Read in", "English", "Baca dalam", "Bahasa Indonesia", "corong_verify.py"}
"""What is called the same in every language: the hub, a menu, the way to a language in its own words, a file."""

READ_ALOUD = re.compile(r'\b(?:alt|aria-label|aria-description|title|placeholder|data-copied)="([^"]*)"')


def test_every_text_has_an_english_translation() -> None:
    kept = {message.id: message for message in catalogue.read() if message.id}
    extracted = {message.id for message in catalogue.extract() if message.id}
    assert len(extracted) > 100
    assert extracted == set(kept), "bring the catalogue up to date: python -m corong.runtime.catalogue"
    for message in kept.values():
        assert message.string, message.id
        assert not message.fuzzy, message.id
        places = [sorted(re.findall(r"%\(\w+\)s", str(text))) for text in (message.id, message.string)]
        assert places[0] == places[1], message.id


def test_a_text_and_its_translation_differ() -> None:
    same = [message.id for message in catalogue.read() if message.id and message.id == message.string]
    assert same == []


def test_indonesian_is_what_stands_in_the_source() -> None:
    assert catalogue.translations("id").gettext("Kirim pesan") == "Kirim pesan"
    assert catalogue.translations("en").gettext("Kirim pesan") == "Send the message"


def untranslated(source: str) -> list[str]:
    """Words that a reader would see or hear as they stand in a template's HTML."""
    html: list[str] = []
    inside = False
    statement: list[str] = []
    for _line, kind, value in Environment(extensions=["jinja2.ext.i18n"]).lexer.tokeniter(source, "x"):
        if kind == "block_begin":
            statement = []
        elif kind == "block_end":
            inside = statement[:1] == ["trans"] or (inside and statement[:1] != ["endtrans"])
        elif kind in ("name", "operator", "string"):
            statement.append(value)
        elif kind == "data" and not inside:
            html.append(value)
        if kind == "variable_begin":
            html.append("\0")  # something stands here, in quotes perhaps
    text = "".join(html)
    spoken = [words for words in READ_ALOUD.findall(text) if re.search("[A-Za-z]", words)]
    shown = re.sub(r"<code>[^<]*</code>", "\n", text)  # what one types is the same in every language
    shown = re.sub(r"<[^>]*>", "\n", shown)
    # Macros give attributes alone, for tags that stand elsewhere.
    shown = re.sub(r'&\w+;|<[^>]*$|\baria-[a-z]+="[^"]*"', "", shown)
    return spoken + [line.strip() for line in shown.split("\n") if re.search("[A-Za-z]", line)]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(catalogue.PACKAGE).as_posix())
def test_a_template_has_no_words_of_its_own(template: Path) -> None:
    assert set(untranslated(template.read_text(encoding="utf-8"))) <= NAMES


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Halo</p>", ["Halo"]),
        ("<p>Ketik <code>corong demo</code></p>", ["Ketik"]),
        ('<p>{{ _("Halo") }}</p>', []),
        ('<a title="Halo" class="x">{{ x }}</a>', ["Halo"]),
        ("{% trans %}Halo{% endtrans %}", []),
        ("{% trans %}Halo{% endtrans %} lagi", ["lagi"]),
        ("{% if a %}<b>Halo</b>{% endif %}", ["Halo"]),
        ("<p>{{ a }} dari {{ b }}</p>", ["\0 dari \0"]),
    ],
)
def test_the_search_for_words_finds_them(source: str, found: list[str]) -> None:
    assert untranslated(source) == found


def request(accept: str = "", cookie: str = "", query: str = "", path: str = "/") -> Request:
    headers = [(b"accept-language", accept.encode()), (b"cookie", f"{COOKIE}={cookie}".encode())]
    return Request(
        {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": headers}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("accept", "cookie", "query", "language"),
    [
        ("", "", "", "id"),
        ("id-ID,id;q=0.9,en-US;q=0.8,en;q=0.7", "", "", "id"),
        ("in-ID", "", "", "id"),
        ("en-US,en;q=0.9,id;q=0.8", "", "", "en"),
        ("fr, de;q=0.9", "", "", "id"),
        ("id;q=0.3, en;q=0.4", "", "", "en"),
        ("en;q=0", "", "", "id"),
        ("en;q=x", "", "", "id"),
        ("en", "id", "", "id"),
        ("en", "xx", "", "en"),
        ("id", "id", "lang=en", "en"),
        ("id", "", "lang=fr", "id"),
    ],
)
def test_the_readers_language(accept: str, cookie: str, query: str, language: str) -> None:
    assert language_of(request(accept, cookie, query)) == language


def test_pages_are_for_browsers() -> None:
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b""}
    for accept, path, html in (
        (b"text/html,application/xhtml+xml", "/cek", True),
        (b"*/*", "/cek", False),
        (b"application/json", "/cek", False),
        (b"text/html", "/api/v1/messages", False),
    ):
        assert wants_html(Request({**scope, "path": path, "headers": [(b"accept", accept)]})) is html
