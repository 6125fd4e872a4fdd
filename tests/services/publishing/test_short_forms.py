"""Where a channel has little room a notice still says what it must, and is never a piece of the long one."""

from datetime import date
from typing import get_args
from uuid import UUID

import pytest

from corong.documents import DocumentKind, Letter
from corong.publishing.lengths import length
from corong.publishing.notices import TEMPLATES
from corong.publishing.papers import channel_text
from corong.publishing.short_forms import Where, in_short, short_answer, short_notice
from corong_contracts.case_life import CaseNotified
from corong_contracts.channel import Capabilities
from corong_contracts.decision import Outcome

NUMBER, OTHER, SECRET = "PI/2026/000123", "UM/2026/000007", "ADXV-QGKT-VZGK-MZXH"
PAGE = "https://corong.asahankab.go.id/cek"
ALONE = Where(NUMBER, SECRET, PAGE, "https://corong.asahankab.go.id/tulis", "Pemerintah Kabupaten Asahan")
AMONG_OTHERS = Where(NUMBER, "", PAGE, ALONE.form, ALONE.hub)
NOTICES = get_args(CaseNotified.model_fields["notice"].annotation)
BRIEF = Capabilities(max_text=280, text_unit="graphemes")


def noticed(notice: str, right: str | None = None) -> CaseNotified:
    case = UUID(int=1)
    return CaseNotified.model_validate(
        {
            "case_id": case, "conversation_id": case, "notice_id": case, "unit": "diskominfo", "notice": notice,
            "right": right, "until": date(2026, 4, 17), "other_case": case,
        }
    )  # fmt: skip


def test_every_notice_has_a_long_and_a_short_form() -> None:
    assert set(TEMPLATES) == set(NOTICES)


@pytest.mark.parametrize("where", [ALONE, AMONG_OTHERS], ids=["private", "public"])
@pytest.mark.parametrize("notice", NOTICES)
def test_a_short_notice_has_the_number_and_the_place_and_fits(notice: str, where: Where) -> None:
    texts = short_notice(noticed(notice), OTHER, where)
    for text in texts:
        assert NUMBER in text
        assert (OTHER in text) == (notice in ("merged", "message_moved"))
        assert PAGE in text or where.form in text or notice == "message_moved"
        assert (SECRET in text) == (where is ALONE and PAGE in text)
        assert length(text, "graphemes") <= 280
        assert "{" not in text
    assert len(texts[1]) < len(texts[0])


@pytest.mark.parametrize(
    ("right", "told"), [("objection_filing", "mengajukan keberatan"), ("dispute_filing", "Komisi Informasi")]
)
def test_silence_says_which_right_opened_until_when_and_where_to_read_how(right: str, told: str) -> None:
    for text in short_notice(noticed("silence", right), "", ALONE):
        assert told in text
        assert "17 April 2026" in text
        assert PAGE in text
    assert "berhak" not in short_notice(noticed("silence"), "", ALONE)[0]


def test_an_extension_says_until_when() -> None:
    assert "sampai 17 April 2026" in short_notice(noticed("extended"), "", ALONE)[1]


@pytest.mark.parametrize("outcome", [None, *Outcome])
def test_an_answer_says_what_was_decided(outcome: str | None) -> None:
    words = {
        "granted": "dikabulkan", "partly_granted": "dikabulkan sebagian", "refused": "ditolak",
        "not_held": "tidak kami kuasai", "upheld": "diterima", "partly_upheld": "diterima sebagian",
        "rejected": "keberatan ditolak",
    }  # fmt: skip
    for text in short_answer(outcome, ALONE):
        assert NUMBER in text
        assert PAGE in text
        assert SECRET in text
        assert length(text, "graphemes") <= 280
        assert outcome is None or words[outcome] in text
    assert SECRET not in "".join(short_answer(outcome, AMONG_OTHERS))


def test_what_fits_is_sent_as_it_is_and_else_the_first_that_fits() -> None:
    whole, shorter = "x" * 281, ["y" * 300, "z" * 280, "w"]
    assert in_short("x" * 280, shorter, BRIEF) is None
    assert in_short(whole, shorter, None) is None
    assert in_short(whole, shorter, BRIEF) == "z" * 280
    assert in_short(whole, shorter, Capabilities(max_text=1)) == "w"
    assert in_short("x" * 9, ["y" * 5], Capabilities(max_text=3)) == "y" * 5, "refused by the channel, never cut"
    assert in_short("é" * 200, ["e"], Capabilities(max_text=280, text_unit="bytes")) == "e", "counted as it counts"


def test_where_a_letter_has_no_room_the_outcome_is_told_and_not_the_letters_name() -> None:
    title, message = "Pemberitahuan Tertulis", "m" * 400
    letter = Letter(DocumentKind.NOTICE, title, "", message, "sha256-")
    for public in (False, True):
        whole = channel_text(letter, "w" * 300, BRIEF, public=public, pointer="Suratnya di /cek")
        told = in_short(whole, short_answer("refused", AMONG_OTHERS if public else ALONE), BRIEF)
        assert told is not None
        assert "ditolak" in told
        assert title not in whole + told
        assert message not in whole
