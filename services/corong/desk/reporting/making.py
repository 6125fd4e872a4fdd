"""Makes one register or report from auditing's pages: folded, the words opened where that was asked for, written."""

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from corong.desk.reporting import columns
from corong.desk.reporting.applicants import Applicant, Applicants
from corong.desk.reporting.kept_books import KeptBook
from corong.desk.reporting.words import Speaker
from corong.reports import Book, Row, rows, yearly
from corong.runtime.sealing import Sealer
from corong.working_days.zones import Zone
from corong_contracts.audit import ReportAsked
from corong_contracts.catalogue import decode
from corong_contracts.command import WordsOf

__all__ = ["MEDIA_TYPES", "Hub", "Made", "Making"]

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "json": "application/json",
}
WORDS_AT_ONCE = 50
PLACES = 20
"""In so many other cases a message is looked for, if it was moved that often."""

Page = dict[str, Any]


@dataclass(frozen=True)
class Hub:
    """What the installation's files say: the bytes hang on it too."""

    government: str
    office: str
    units: Mapping[str, str]
    """Id → name."""
    zone: Zone
    time_zone: ZoneInfo


@dataclass(frozen=True)
class Made:
    """The file, and what is recorded of it."""

    data: bytes
    count: int
    size: int
    root: str

    @property
    def digest(self) -> str:
        """SHA-256 in hexadecimal digits."""
        return hashlib.sha256(self.data).hexdigest()


class Making:
    """One register or report."""

    def __init__(self, asked: ReportAsked, hub: Hub, sealer: Sealer) -> None:
        self._asked = asked
        self._hub = hub
        self._applicants = Applicants(sealer)
        self._say = Speaker(asked.language, hub.units)

    async def make(
        self, first: Page, following: Callable[[int], Awaitable[Page]],
        words: Callable[[list[WordsOf]], Awaitable[Page]], begun: KeptBook | None = None,
    ) -> AsyncGenerator[tuple[int, int]]:  # fmt: skip
        """Yields how far it is, in entries of the log; `made` has the file afterwards, and `book` what it is made of.

        `following` asks for the page from a position on, `words` for what was written in some cases. `begun` is a book
        of the same log's first entries: it goes on from there.
        """
        size: int = first["size"]
        book = self.book = begun.book if begun is not None else Book(self._hub.zone)
        page: Page = first if begun is None else {"entries": [], "next": begun.size if begun.size < size else None}
        while True:
            await asyncio.to_thread(_fold, book, page)
            if page["next"] is None:
                break
            yield page["next"], size
            page = await following(page["next"])
        applicants: dict[str, Applicant] = {}
        if self._asked.opened:
            wanted = await asyncio.to_thread(self._wanted, book)
            while wanted:
                found = (await words(wanted[:WORDS_AT_ONCE]))["found"]
                applicants |= await asyncio.to_thread(self._applicants.of, found)
                wanted = wanted[len(found) :]
                yield size, size
        self.made = await asyncio.to_thread(self._write, book, first, applicants)
        yield size, size

    def _rows(self, book: Book) -> list[Row]:
        return list(rows(book, self._asked.year, self._asked.unit, demo=self._asked.demo))

    def _wanted(self, book: Book) -> list[WordsOf]:
        found = []
        for row in self._rows(book):
            record = book.records[row.case_id]
            assert record.message_id is not None  # it is registered
            _, *others = book.places(record)
            found.append(WordsOf(case_id=row.case_id, message_id=record.message_id, cases=tuple(others[:PLACES])))
        return found

    def _write(self, book: Book, first: Page, applicants: Mapping[str, Applicant]) -> Made:
        # What draws pages and tables takes a while to load: the first report does, and no start waits for it.
        from corong.desk.reporting import paper
        from corong.desk.reporting.sheets import as_csv, as_xlsx

        asked, say = self._asked, self._say
        size, root, at = first["size"], first["root"], datetime.fromisoformat(first["at"])
        head = {"log": {"size": size, "root": root, "at": first["at"]}, "asked": asked.model_dump(mode="json")}
        if asked.report == "yearly":
            found = yearly(book, asked.year, asked.unit, demo=asked.demo)
            if asked.format == "json":
                return Made(_json(head | paper.described(found)), found.whole.received, size, root)
            place = paper.Place(self._hub.government, self._hub.office, self._hub.time_zone, size, root, at)
            return Made(paper.as_pdf(found, asked, place, say), found.whole.received, size, root)
        lines = self._rows(book)
        pairs = [(row, columns.applicant_of(applicants, row)) for row in lines]
        if asked.format == "json":
            data = _json(head | {"rows": [columns.described(row, applicant) for row, applicant in pairs]})
        else:
            titles, table = columns.columns(say), (columns.cells(say, row, applicant) for row, applicant in pairs)
            data = (
                as_csv(titles, table) if asked.format == "csv" else as_xlsx(paper.title(say, asked), titles, table, at)
            )
        return Made(data, len(lines), size, root)


def _fold(book: Book, page: Page) -> None:
    for entry in page["entries"]:
        book.add(decode(entry["event"].encode()))


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()
