"""Dates, sizes and texts as Indonesians and English readers write them."""

from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corong.portal.posts import shortened
from corong.runtime import formats
from corong.runtime.pages import template_texts
from corong.runtime.receipts import tidy_number, tidy_secret

JAKARTA = ZoneInfo("Asia/Jakarta")
LATE = datetime(2026, 3, 16, 17, 5, tzinfo=UTC)
"""Already the next day in Jakarta."""


def test_days_and_minutes_in_the_hubs_own_zone() -> None:
    assert formats.day(LATE, "id", JAKARTA) == "17 Maret 2026"
    assert formats.day(LATE, "en", JAKARTA) == "17 March 2026"
    assert formats.minute(LATE, "id", JAKARTA) == "17 Maret 2026, 00.05 WIB"
    assert formats.minute(LATE, "en", JAKARTA) == "17 March 2026, 00:05 WIB"
    assert formats.minute(LATE, "id", ZoneInfo("Asia/Makassar")) == "17 Maret 2026, 01.05 WITA"
    assert formats.minute(LATE, "id", ZoneInfo("Asia/Jayapura")) == "17 Maret 2026, 02.05 WIT"


def test_a_templates_text_is_translated_with_its_values_escaped() -> None:
    text = template_texts("en")
    assert text("Berikutnya") == "Next"
    assert text("Belum ada di katalog: %(name)s, 5%%", name="<b>") == "Belum ada di katalog: &lt;b&gt;, 5%"
    assert text("5%% saja") == "5% saja"


@pytest.mark.parametrize(
    ("count", "language", "written"),
    [
        (0, "id", "0 byte"),
        (1, "en", "1 byte"),
        (1023, "en", "1023 bytes"),
        (1024, "id", "1 KB"),
        (1_468_006, "id", "1,4 MB"),
        (1_468_006, "en", "1.4 MB"),
        (10 * 1_048_576, "id", "10 MB"),
        (2_000_000_000, "id", "1.907,3 MB"),
    ],
)
def test_sizes(count: int, language: Literal["id", "en"], written: str) -> None:
    assert formats.size(count, language) == written


def test_a_text_becomes_paragraphs_and_nothing_else() -> None:
    assert formats.paragraphs("Satu\r\ndua\n\n \n\ntiga <b>") == "<p>Satu<br>\ndua</p>\n<p>tiga &lt;b&gt;</p>"
    assert formats.paragraphs("  \n ") == ""


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Lihat https://asahan.example/a?b=1&c=2.", "https://asahan.example/a?b=1&amp;c=2"),
        ("(http://asahan.example/x)", "http://asahan.example/x"),
        ('"https://asahan.example/y"', "https://asahan.example/y"),
    ],
)
def test_web_addresses_can_be_followed(text: str, address: str) -> None:
    assert f'<a href="{address}" rel="nofollow noopener">{address}</a>' in formats.paragraphs(text)


@given(st.text())
def test_no_text_makes_a_tag_but_ours(text: str) -> None:
    made = str(formats.paragraphs(text))
    for tag in ("<p>", "</p>", "<br>", "</a>"):
        made = made.replace(tag, "")
    pieces = made.split('<a href="http')
    assert all(piece.count("<") == 0 for piece in (pieces[0], *(piece.split(">", 1)[1] for piece in pieces[1:])))


@pytest.mark.parametrize("written", ["pd/2026/000123", " PD 2026 000123 ", "PD-2026-000123", "Pd / 2026 / 000123"])
def test_numbers_as_people_write_them(written: str) -> None:
    assert tidy_number(written) == "PD/2026/000123"


def test_secrets_as_people_write_them() -> None:
    assert tidy_secret("abcd-0218 ijkl mnOP") == tidy_secret("ABCD-O2IB-IJKL-MNOP") == "ABCDO2IBIJKLMNOP"
    assert tidy_secret("ABCD") != tidy_secret("ABCE")


@given(st.text(max_size=400), st.integers(min_value=2, max_value=120))
def test_a_shortened_text_is_short_and_begins_alike(text: str, most: int) -> None:
    made = shortened(text, most)
    assert len(made) <= most
    assert made == text or (made.endswith("…") and text.startswith(made[:-1]))
