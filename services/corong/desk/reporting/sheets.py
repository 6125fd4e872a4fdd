"""The register as CSV and XLSX: the same rows and date give the same bytes, and no cell is reckoned with."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import xlsxwriter

from corong.desk.exporting.cells import for_csv, for_xlsx, is_risky
from corong.desk.reporting.columns import Cell

__all__ = ["as_csv", "as_xlsx"]

_CUT = " […] (terpotong: lihat bentuk CSV / cut: see the CSV)"


def as_csv(columns: Sequence[tuple[str, float]], rows: Iterable[Sequence[Cell]]) -> bytes:
    """RFC 4180 with commas and CRLF, in UTF-8 with the mark that spreadsheets look for."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow([title for title, _ in columns])
    for row in rows:
        writer.writerow([cell if isinstance(cell, int) else for_csv(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(title: str, columns: Sequence[tuple[str, float]], rows: Iterable[Sequence[Cell]], at: datetime) -> bytes:
    """One sheet; `at` is the date in its properties."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(
        file,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    # XLSX has no time zone there.
    created = at.astimezone(UTC).replace(tzinfo=None)
    book.set_properties({"title": title, "author": "Corong", "created": created})
    bold, quoted = book.add_format({"bold": True, "text_wrap": True}), book.add_format({"quote_prefix": True})
    sheet = book.add_worksheet("Register")
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.repeat_rows(0)
    for place, (heading, width) in enumerate(columns):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, heading, bold)
    for line, row in enumerate(rows, 1):
        for place, cell in enumerate(row):
            if isinstance(cell, int):
                sheet.write_number(line, place, cell)
            elif cell:
                sheet.write_string(line, place, for_xlsx(cell, _CUT), quoted if is_risky(cell) else None)
    book.close()
    return file.getvalue()
