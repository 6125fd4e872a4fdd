"""Numbers of sixteen digits are found however they are written, and others are left alone."""

import pytest

from corong.runtime.identity_numbers import has_identity_number


@pytest.mark.parametrize(
    "text",
    [
        "1209011234567890",
        "NIK saya 1209011234567890, mohon dicek.",
        "1209 0112 3456 7890",
        "12.09.01-123456.7890",
        "baris\n1209011234567890\nbaris",
    ],
)
def test_found(text: str) -> None:
    assert has_identity_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0812 3456 7890",
        "12090112345678901",  # 17
        "120901123456789",  # 15
        "Rp 1.250.000.000",
        "12090112, 34567890",
        "PI/2026/000123 tanggal 17-03-2026",
        "12:09:01:12:34:56:78:90",
    ],
)
def test_left_alone(text: str) -> None:
    assert not has_identity_number(text)
