"""Templates: those that Corong brings, and what no template may hold."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corong.documents import VARIABLES, BadTemplate, DocumentKind, Template, fill, standard_template
from tests.services.documents.cases import FACTS, SEVERAL, facts_of

NOTICE = DocumentKind.NOTICE


@pytest.mark.parametrize("kind", DocumentKind)
def test_the_standard_words_tell_every_fact(kind: DocumentKind) -> None:
    letter = fill(standard_template(kind), facts_of(kind))
    page = repr(letter.blocks)
    # The head, foot and signature of the page have these, not the letter's words.
    around = {"government", "office", "place", "date", "signed_by", "signed_name", "follow", "contact"}
    for name in set(VARIABLES[kind]) - around:
        for value in SEVERAL.get(name) or [FACTS[name]]:
            assert repr(value)[1:-1] in page, name
    assert FACTS["registration"] in letter.message


@pytest.mark.parametrize("kind", DocumentKind)
def test_the_standard_words_need_no_optional_fact(kind: DocumentKind) -> None:
    optional = {name: None for name, variable in VARIABLES[kind].items() if not variable.required}
    letter = fill(standard_template(kind), facts_of(kind, **optional))
    assert letter.blocks
    assert "\n\n\n" not in letter.message
    assert "None" not in letter.message + repr(letter.blocks).replace("first=None", "")


def test_each_right_and_its_last_day_is_told() -> None:
    until = {
        DocumentKind.RECEIPT: "answer_until",
        DocumentKind.NOTICE: "object_until",
        DocumentKind.REFUSAL: "object_until",
        DocumentKind.EXTENSION: "answer_until",
        DocumentKind.OBJECTION_DECISION: "dispute_until",
        DocumentKind.SILENCE: "right_until",
    }
    for kind, name in until.items():
        letter = fill(standard_template(kind), facts_of(kind))
        assert FACTS[name] in letter.message
        assert FACTS[name] in repr(letter.blocks)


BAD = {
    "unknown variable": ("{{ nik }}", "there is no variable `nik`"),
    "attribute": ("{{ name.__class__ }}", "no Getattr"),
    "item": ("{{ name[0] }}", "no Getitem"),
    "call": ("{{ name() }}", "no Call"),
    "filter": ("{{ name|upper }}", "no Filter"),
    "test": ("{% if name is defined %}x{% endif %}", "no Test"),
    "sum": ("{{ name + name }}", "no Add"),
    "power": ("{{ 9 ** 9 }}", "no Pow"),
    "set": ("{% set a = name %}{{ name }}", "no Assign"),
    "include": ('{% include "x" %}', "no Include"),
    "import": ('{% import "x" as x %}', "no Import"),
    "extends": ('{% extends "x" %}', "no Extends"),
    "macro": ("{% macro m() %}{% endmacro %}", "no Macro"),
    "block": ("{% block b %}{% endblock %}", "no Block"),
    "list literal": ("{% for a in [1, 2] %}{{ a }}{% endfor %}", "walks one variable"),
    "walking a text": ("{% for a in name %}{{ a }}{% endfor %}", "walks one variable"),
    "a loop in a loop": (
        "{% for a in redactions %}{% for b in redactions %}{{ b }}{% endfor %}{% endfor %}",
        "walks one variable",
    ),
    "a loop that hides a variable": ("{% for name in redactions %}{{ name }}{% endfor %}", "walks one variable"),
    "the loop's own variable": ("{% for a in redactions %}{{ loop }}{% endfor %}", "there is no variable `loop`"),
    "several texts as one": ("{{ redactions }}", "is several texts"),
    "not closed": ("{% if name %}", "can't be read"),
    "half a mark": ("{{ name", "can't be read"),
}


@pytest.mark.parametrize("part", ["letter", "message"])
@pytest.mark.parametrize(("words", "told"), BAD.values(), ids=BAD)
def test_what_is_no_template_is_told_with_its_line(words: str, told: str, part: str) -> None:
    good = {"letter": "satu", "message": "dua"}
    with pytest.raises(BadTemplate) as refused:
        Template.of(NOTICE, "Judul", **(good | {part: f"baris satu\n{words}"}))
    flaw = refused.value.flaws[0]
    assert (flaw.part, flaw.line) == (part, 2)
    assert told in flaw.english
    assert flaw.indonesian
    assert flaw.indonesian != flaw.english


MARKUP = {
    "link": "[di sini](https://x.example)",
    "image": "![arms](x.png)",
    "code": "`x`",
    "fence": "```\nx\n```",
    "quote": "> kata",
    "rule": "***",
    "list in a list": "- a\n  - b",
    "autolink": "<https://x.example>",
}


@pytest.mark.parametrize("words", MARKUP.values(), ids=MARKUP)
def test_markdown_that_letters_do_not_have(words: str) -> None:
    with pytest.raises(BadTemplate) as refused:
        Template.of(NOTICE, "Judul", f"satu\n\n{words}", "dua")
    assert refused.value.flaws[0].line >= 3


def test_a_file_is_read_or_all_its_flaws_are_told() -> None:
    with pytest.raises(BadTemplate, match="not TOML"):
        Template.read("kind =")
    with pytest.raises(BadTemplate) as refused:
        Template.read('kind = "poem"\ntitle = ""\ncolour = "red"')
    assert {flaw.part for flaw in refused.value.flaws} == {"kind", "title", "colour", "letter", "message"}
    with pytest.raises(BadTemplate) as refused:
        Template.read('kind = "notice"\ntitle = "Judul"\nletter = "{{ a }} {{ b }}"\nmessage = "{{ c }}"')
    assert len(refused.value.flaws) == 3


@pytest.mark.parametrize("kind", DocumentKind)
def test_what_is_written_out_is_read_back_as_the_same_template(kind: DocumentKind) -> None:
    template = standard_template(kind)
    assert Template.read(template.toml).digest == template.digest
    assert Template.of_content(template.content).digest == template.digest


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="{}\r", exclude_categories=["Cs"]), min_size=3)


@given(WORDS, WORDS, WORDS)
def test_any_words_are_written_out_so_that_they_are_read_back(title: str, letter: str, message: str) -> None:
    made = Template(NOTICE, title, letter, message)
    found = tomllib.loads(made.toml)
    assert (found["title"], found["letter"], found["message"]) == (title, letter, message)


def test_another_word_is_another_version() -> None:
    standard = standard_template(NOTICE)
    same = Template.of(standard.kind, standard.title, standard.letter, standard.message)
    other = Template.of(standard.kind, standard.title, standard.letter, standard.message + ".")
    assert same.digest == standard.digest != other.digest


def test_the_same_words_are_compiled_once() -> None:
    content = standard_template(DocumentKind.NOTICE).content
    first, again = Template.of_content(content), Template.of_content(content)
    assert first.compiled_letter is again.compiled_letter
    assert first.compiled_message is again.compiled_message
