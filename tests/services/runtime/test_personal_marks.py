"""What looks like somebody's in words that become public."""

import pytest

from corong.runtime.personal_marks import BLACK, blackened, marks


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tulis ke siti.contoh@surel.example ya", ["email"]),
        ("Hubungi 0812-3456-7890", ["telephone"]),
        ("Hubungi +62 812 3456 7890", ["telephone"]),
        ("Kantor: (0623) 412345", ["telephone"]),
        ("NIK 1209 0112 3456 7890", ["identity_number"]),
        ("NIK 1209011234567890, surel a@b.example, 081234567890", ["identity_number", "email", "telephone"]),
        ("Buka pukul 08.00 sampai 16.00, tanggal 01-02-2026", []),
        ("Anggaran Rp 1.250.000.000 menurut UU 14/2008 Pasal 22 ayat (7)", []),
        ("Perkara PD/2026/000123, darurat 112", []),
    ],
)
def test_addresses_and_numbers_are_found_and_other_figures_are_not(text: str, expected: list[str]) -> None:
    assert marks(text) == expected
    assert marks(blackened(text)) == []
    assert (blackened(text) == text) == (not expected)
    assert blackened(text).count(BLACK) == len(expected)
