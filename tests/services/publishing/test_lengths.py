"""A text is as long as the network will count it."""

import pytest

from corong.publishing import texts
from corong.publishing.lengths import length
from corong_contracts.channel import Capabilities


@pytest.mark.parametrize(
    ("text", "graphemes"),
    [
        ("", 0),
        ("Jalan", 5),
        ("e\u0301", 1),
        ("\u0301", 1),
        ("\u0baf\u0bbe", 1),  # a letter with a spacing vowel sign
        ("👩\u200d👩\u200d👧\u200d👦", 1),
        ("👩🏽\u200d💻", 1),
        ("❤\ufe0f\u200d🔥", 1),
        ("👍🏽👍", 2),
        ("🇮🇩🇲🇾", 2),
        ("🇮🇩🇲", 2),
        ("1\ufe0f\u20e3", 1),
        ("🏴\U000e0067\U000e0062\U000e007f", 1),
        ("\r\n\n", 2),
        ("a\u200db", 2),
    ],
)
def test_graphemes_are_what_a_reader_sees(text: str, graphemes: int) -> None:
    assert length(text, "graphemes") == graphemes


def test_bytes_and_characters() -> None:
    assert (length("é🙏", "bytes"), length("é🙏", "characters")) == (6, 2)


@pytest.mark.parametrize("unit", ["characters", "bytes", "graphemes"])
def test_a_receipt_is_short_where_the_long_one_does_not_fit(unit: str) -> None:
    def receipt(most: int) -> str:
        fits = Capabilities(max_text=most, text_unit=unit)  # type: ignore[arg-type]
        return texts.receipt("UM/2026/000001", "rahasia", "https://corong.test/cek", "Pemerintah – Contoh", fits)

    long = receipt(10_000)
    needed = length(long, unit)  # type: ignore[arg-type]
    assert receipt(needed) == long
    assert len(receipt(needed - 1)) < len(long)
