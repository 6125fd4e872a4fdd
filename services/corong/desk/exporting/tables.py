"""The two tables of an export, written row by row: CSV for programs and old spreadsheets, XLSX for the others."""

import csv
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from corong.desk.exporting.cells import for_csv, for_xlsx, is_risky
from corong.desk.exporting.rows import COLUMNS, Row

ROWS_OF_A_SHEET = 1_000_000
"""Below the 1,048,576 that a sheet of XLSX holds."""
_WIDTHS = (9, 28, 28, 32, 44, 38, 30, 16, 9, 38, 30, 80, 80)


class Tables:
    """Both, as a context. Memory does not grow with the rows: XLSX is written with constant memory."""

    def __init__(self, csv_file: Path, xlsx_file: Path, at: datetime, title: str) -> None:
        """`at` is the date in the workbook's properties."""
        import xlsxwriter  # only whoever exports waits for it

        self._text = csv_file.open("w", encoding="utf-8-sig", newline="")
        self._csv = csv.writer(self._text, quoting=csv.QUOTE_ALL)  # RFC 4180: commas, CRLF
        self._csv.writerow(COLUMNS)
        self._book = xlsxwriter.Workbook(
            str(xlsx_file),
            {
                "constant_memory": True, "tmpdir": str(xlsx_file.parent), "strings_to_formulas": False,
                "strings_to_urls": False, "strings_to_numbers": False,
            },
        )  # fmt: skip
        # XLSX has no time zone there.
        self._book.set_properties({"title": title, "author": "Corong", "created": at.replace(tzinfo=None)})
        self._bold = self._book.add_format({"bold": True})
        # As if an apostrophe had been typed before: it stays text when somebody edits or saves it.
        self._quoted = self._book.add_format({"quote_prefix": True})
        self._sheet: Any = None
        self._rows = 0

    def __enter__(self) -> Self:
        """Begin."""
        self._begin_sheet()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the files."""
        self._text.close()
        self._book.close()

    def write(self, row: Row) -> None:
        """One row of both."""
        self._csv.writerow([cell if isinstance(cell, int) else for_csv(cell) for cell in row])
        if self._rows and self._rows % ROWS_OF_A_SHEET == 0:
            self._begin_sheet()
        self._rows += 1
        line = (self._rows - 1) % ROWS_OF_A_SHEET + 1
        for column, cell in enumerate(row):
            if isinstance(cell, int):
                self._sheet.write_number(line, column, cell)
            elif cell:
                style = self._quoted if is_risky(cell) else None
                self._sheet.write_string(line, column, for_xlsx(cell), style)

    def _begin_sheet(self) -> None:
        sheet = self._book.add_worksheet(f"Log {self._rows // ROWS_OF_A_SHEET + 1}")
        sheet.freeze_panes(1, 0)
        for column, (title, width) in enumerate(zip(COLUMNS, _WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, title, self._bold)
        self._sheet = sheet
