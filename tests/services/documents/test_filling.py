"""Facts in letters: nothing is lost, and nothing that a citizen wrote becomes markup."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corong.documents import DocumentKind, Facts, IncompleteFacts, Template, fill, standard_template
from corong.documents.blocks import Block, Heading, Items, Paragraph, Rows, Runs
from tests.services.documents.cases import facts_of

PROBE = Template.of(
    DocumentKind.NOTICE,
    "Uji",
    "{{ answer }}\n\n# {{ answer }}\n\n- {{ answer }}\n\n| | |\n|---|---|\n| kata | {{ answer }} |\n| akhir | x |",
    "{{ answer }}",
)


def _said(runs: Runs) -> str:
    return "".join(run.text for run in runs)


def _texts(blocks: tuple[Block, ...]) -> list[str]:
    found = []
    for block in blocks:
        match block:
            case Heading(_, runs) | Paragraph(runs):
                found.append(_said(runs))
            case Items(items):
                found += map(_said, items)
            case Rows(_, rows):
                found += [_said(cell) for row in rows for cell in row]
    return found


def _seen(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


NASTY = st.text(
    st.one_of(
        st.sampled_from("\n #*_-+|`[]()<>&;\\!1.~=:{}%\t"), st.characters(codec="utf-8", exclude_categories=["Co"])
    ),
    min_size=1,
    max_size=60,
)


@given(NASTY)
def test_words_stay_words(answer: str) -> None:
    try:
        facts = facts_of(DocumentKind.NOTICE, answer=answer)
    except IncompleteFacts:
        return
    letter = fill(PROBE, facts)
    kept = facts.values["answer"]
    assert isinstance(kept, str)
    assert letter.message == re.sub(r"\n{3,}", "\n\n", kept)
    assert [type(block) for block in letter.blocks] == [Paragraph, Heading, Items, Rows]
    said = _texts(letter.blocks)
    assert len(said) == 7
    assert {_seen(said[0]), _seen(said[1]), _seen(said[2]), _seen(said[4])} == {_seen(kept)}
    for block in letter.blocks:
        match block:
            case Heading(_, runs) | Paragraph(runs):
                assert not any(run.bold or run.italic for run in runs)


def test_lines_of_a_value_stay_in_its_cell() -> None:
    letter = fill(PROBE, facts_of(DocumentKind.NOTICE, answer="satu\n| dua | tiga |\n\n# empat"))
    assert _texts(letter.blocks)[4] == "satu\n| dua | tiga |\n\n# empat"


def test_what_is_missing_is_told_in_both_languages() -> None:
    with pytest.raises(IncompleteFacts) as refused:
        facts_of(DocumentKind.REFUSAL, consequence="  \n", grounds=[], approved_by=None)
    assert set(refused.value.missing) == {"consequence", "grounds", "approved_by"}
    assert "hasil uji konsekuensi" in refused.value.indonesian
    assert "the consequence test" in refused.value.english


def test_unknown_facts_and_foreign_templates_are_mistakes() -> None:
    with pytest.raises(KeyError, match="nik"):
        Facts.of(DocumentKind.RECEIPT, {"nik": "1"})
    with pytest.raises(TypeError):
        facts_of(DocumentKind.RECEIPT, name=["a", "b"])
    with pytest.raises(ValueError, match="refusal"):
        fill(standard_template(DocumentKind.REFUSAL), facts_of(DocumentKind.NOTICE))


def test_characters_that_nobody_sees_are_left_out() -> None:
    facts = facts_of(DocumentKind.NOTICE, name="Budi\u202e\x00 \u2066S\x9f", answer="a\r\nb\tc")
    assert facts.values["name"] == "Budi S"
    assert facts.values["answer"] == "a\nb c"


def test_several_texts_one_each() -> None:
    assert facts_of(DocumentKind.NOTICE, redactions="satu").values["redactions"] == ("satu",)
    assert facts_of(DocumentKind.NOTICE, redactions=["", " dua "]).values["redactions"] == ("dua",)
