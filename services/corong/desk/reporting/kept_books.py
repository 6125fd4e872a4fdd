"""The book as the last report left it: the next one goes on from there, where the log is the one of which it came.

One row, in no state hash: what is lost of it, or does not fit, is folded from the log again (decision 0028).
"""

import asyncio
import zlib
from dataclasses import dataclass

import structlog
from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, String, Table, select

from corong.reports import Book
from corong.reports.kept import FORM, packed, unpacked
from corong.runtime.service import Service
from corong.runtime.unit import Unit
from corong.working_days.zones import Zone

log = structlog.get_logger()

KEEP_AFTER = 20_000
"""Entries of the log that a book must be ahead of the kept one: to fold fewer takes a second."""

report_metadata = MetaData()

report_book = Table(
    "report_book",
    report_metadata,
    Column("form", String(70), primary_key=True, comment="how it is written and folded, and the time zone"),
    Column("size", BigInteger, nullable=False, comment="so many entries of the log are in it"),
    Column("root", String(64), nullable=False, comment="of the log's tree at that size"),
    Column("book", LargeBinary, nullable=False),
    comment="What reports are made of, as the last one left it; not folded",
)


@dataclass(frozen=True)
class KeptBook:
    """A book, and of which log it came."""

    book: Book
    size: int
    root: str


class KeptBooks:
    """Keeps one book for the desk."""

    def __init__(self, service: Service, zone: Zone) -> None:
        self._service = service
        self._zone = zone
        self._form = f"{FORM}/{zone}"

    async def of(self, size: int) -> KeptBook | None:
        """The kept one, where it has no more than so many entries. Whoever gets it may go on folding it."""
        try:
            return await asyncio.to_thread(self._of, size)
        except (ValueError, zlib.error) as error:
            log.error("the kept book can't be read: it is folded anew", error=type(error).__name__)
            await self.drop()
            return None

    def _of(self, size: int) -> KeptBook | None:
        with self._service.database.read() as connection:
            chosen = select(report_book).where(report_book.c.form == self._form, report_book.c.size <= size)
            row = connection.execute(chosen).mappings().first()
        return KeptBook(unpacked(self._zone, bytes(row["book"])), row["size"], row["root"]) if row else None

    async def drop(self) -> None:
        """What is kept fits nothing any more."""
        await self._service.committer.run(lambda unit: unit.rows.remove(report_book, self._form), later=True)

    async def keep(self, kept: KeptBook, before: int) -> None:
        """Keep it, where it is enough ahead of the one with `before` entries from which it went on."""
        if kept.size - before < KEEP_AFTER:
            return
        data = await asyncio.to_thread(packed, kept.book)

        def job(unit: Unit) -> None:
            there = unit.rows.get(report_book, self._form)
            if there is not None and there["size"] >= kept.size:
                return
            for other in unit.rows.query(select(report_book.c.form).where(report_book.c.form != self._form)):
                unit.rows.remove(report_book, other["form"])
            unit.rows.put(report_book, {"form": self._form, "size": kept.size, "root": kept.root, "book": data})

        await self._service.committer.run(job, later=True)
