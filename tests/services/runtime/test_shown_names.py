"""A file's name can neither fake another one, nor leave its line, nor fill the page."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corong.runtime.shown_names import MOST, shown_name


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("foto.jpg", "foto.jpg"),
        ("Surat Keterangan é 照片 😀.pdf", "Surat Keterangan é 照片 😀.pdf"),
        ("foto\u202egpj.exe", "fotogpj.exe"),
        ("\u2066a\u2069\u200b\ufeff.pdf", "a.pdf"),
        ("satu\r\ndua\t\u2028tiga\x1b[2J\0.pdf", "satu dua tiga[2J.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\sri\\ktp.png", "ktp.png"),
        ("..", ""),
        (".htaccess", "htaccess"),
        ("/", ""),
        ("\ud800x.pdf", "x.pdf"),
        ("a" * 300 + ".pdf", "a" * 95 + "….pdf"),
        ("a" * 300, "a" * 99 + "…"),
        ("", ""),
    ],
)
def test_a_name_as_it_is_shown(given_name: str, shown: str) -> None:
    assert shown_name(given_name) == shown


@given(st.text(max_size=400) | st.text(alphabet="ab./\\\u202e\u200b \n…", max_size=300))
def test_whatever_it_is_called(name: str) -> None:
    shown = shown_name(name)
    assert len(shown) <= MOST
    assert not set(shown) & set("/\\\r\n\t")
    assert not [sign for sign in shown if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert shown_name(shown) == shown
