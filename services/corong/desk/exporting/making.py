"""Makes the files of an export from pages of the log, one pass, with memory that does not grow."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from corong.desk.exporting.archive import digest, pack
from corong.desk.exporting.rows import Rows, parse
from corong.desk.exporting.tables import Tables
from corong.desk.exporting.texts import Asked, Head, readme
from corong.runtime.sealing import Sealer

RECORD = "record.tlog-proof"
ARCHIVE = "export.zip"
COVER = "cover.pdf"
COVERED = ("checkpoint", "events.ndjson", "events.csv", "events.xlsx")
"""The files whose digests the cover sheet names."""
ORDER = ("README.txt", COVER, *COVERED, RECORD)

Page = dict[str, Any]
Progress = Callable[[int, int], Awaitable[None]]
"""(entries of the log that were looked at, its size)."""


@dataclass
class Made:
    """The files are written; what is recorded of them."""

    head: Head
    digests: dict[str, str]
    counts: Counter[str]
    withheld: int

    @property
    def count(self) -> int:
        """All entries."""
        return self.counts.total() + self.withheld


class Making:
    """One export in its folder."""

    def __init__(self, folder: Path, asked: Asked, sealer: Sealer) -> None:
        self._folder = folder
        self._asked = asked
        self._rows = Rows(sealer, opening=asked.opened)
        self._counts: Counter[str] = Counter()
        self._withheld = 0

    async def make(self, first: Page, following: Callable[[Page], Awaitable[Page]]) -> AsyncGenerator[tuple[int, int]]:
        """Write every file but the record, page by page; yields how far it is. `made` has the rest afterwards."""
        head = head_of(first)
        with ExitStack() as files:
            lines = files.enter_context((self._folder / "events.ndjson").open("w", encoding="utf-8", newline="\n"))
            tables = files.enter_context(
                Tables(self._folder / "events.csv", self._folder / "events.xlsx", head.at, self._asked.hub)
            )
            page = first
            while True:
                await asyncio.to_thread(self._take, page, lines, tables)
                if page["next"] is None:
                    break
                yield page["next"], head.size
                page = await following(page)
            # What is left is the packing of the workbook, which takes its time.
            await asyncio.to_thread(files.pop_all().close)
        self.made = await asyncio.to_thread(self._finish, head)
        yield head.size, head.size

    def _take(self, page: Page, lines: Any, tables: Tables) -> None:
        entries = [parse(entry) for entry in page["entries"]]
        for entry, parsed, row in zip(page["entries"], entries, self._rows.of(entries), strict=True):
            named = {name: entry[name] for name in ("event", "hash") if name in entry}
            lines.write(
                json.dumps(
                    {"index": entry["position"], **named, "path": entry["path"]},
                    ensure_ascii=False, separators=(",", ":"),
                )
                + "\n"
            )  # fmt: skip
            tables.write(row)
            if "event" in entry:
                self._counts[parsed.event["type"]] += 1
            else:
                self._withheld += 1

    def _finish(self, head: Head) -> Made:
        from corong.desk.exporting import cover  # what draws pages takes a third of a second to load

        (self._folder / "checkpoint").write_bytes(head.checkpoint.encode())
        (self._folder / "README.txt").write_text(readme(), encoding="utf-8", newline="\n")
        digests = {name: digest(self._folder / name) for name in COVERED}
        cover.write(self._folder / COVER, self._asked, head, self._counts, self._withheld, digests)
        digests |= {name: digest(self._folder / name) for name in ORDER if name not in (RECORD, *COVERED)}
        return Made(head, digests, self._counts, self._withheld)

    def pack(self, record: str) -> Path:
        """The archive, with the proof that the export was recorded."""
        (self._folder / RECORD).write_bytes(record.encode())
        target = self._folder / ARCHIVE
        pack([self._folder / name for name in ORDER], target, self.made.head.at)
        return target


def head_of(page: Page) -> Head:
    """The checkpoint of a page."""
    return Head(page["checkpoint"], page["size"], page["root"], datetime.fromisoformat(page["at"]), page["key"])
