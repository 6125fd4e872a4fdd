"""Where a log is read from: auditing's database of this installation, or a published folder (C2SP tlog-tiles)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import bindparam, func, select

from corong.auditing import state
from corong.auditing.tiles import ENTRIES, WIDTH, BadBundle, Tile, decode_bundle
from corong.runtime.database import Database
from corong.runtime.statements import run

PAGE = 2000
ENTRIES_OF = (
    select(state.entry.c.position, state.entry.c.body)
    .where(state.entry.c.position >= bindparam("first"), state.entry.c.position < bindparam("end"))
    .order_by(state.entry.c.position)
)


class NotALog(ValueError):
    """There is no log to read, or it can't be read as one. The message says what is wrong."""


class Log(Protocol):
    """A log: the exact bytes of every event, by position from 0. Picklable: processes read it side by side."""

    def size(self) -> int:
        """How many entries it has."""

    def entries(self, start: int = 0) -> Iterator[tuple[int, bytes]]:
        """Position and bytes, in order, up to the size at the beginning. Raises `NotALog`."""


@dataclass(frozen=True)
class DatabaseLog:
    """Auditing's own tables."""

    url: str
    """As `Database` takes it."""

    def size(self) -> int:
        """One more than the highest position."""
        database = self.open()
        try:
            with database.read() as connection:
                highest = connection.execute(select(func.max(state.entry.c.position))).scalar()
        finally:
            database.close()
        return 0 if highest is None else int(highest) + 1

    def entries(self, start: int = 0) -> Iterator[tuple[int, bytes]]:
        """In pages, each a transaction of its own: a log only grows."""
        database = self.open()
        try:
            end = self.size()
            while start < end:
                with database.read() as connection:
                    rows = run(connection, ENTRIES_OF, first=start, end=min(start + PAGE, end))
                yield from rows
                start += PAGE
        finally:
            database.close()

    def open(self) -> Database:
        """The database, to be closed. Raises `NotALog`."""
        database = Database(self.url, "auditing")
        if database.is_sqlite and not Path(str(database.url.database)).exists():
            raise NotALog(f"there is no {database.url.database}")
        return database


@dataclass(frozen=True)
class FolderLog:
    """A folder as auditing publishes it, or a copy, taken at its word: `sound.check` gives one that was checked."""

    folder: Path

    def note(self) -> bytes:
        """Its signed checkpoint. Raises `NotALog`."""
        try:
            return (self.folder / "checkpoint").read_bytes()
        except OSError:
            raise NotALog(f"{self.folder} has no readable checkpoint") from None

    def size(self) -> int:
        """As its checkpoint says (the second line of a C2SP checkpoint)."""
        try:
            lines = (self.folder / "checkpoint").read_text(encoding="utf-8").split("\n")
            return int(lines[1])
        except (OSError, UnicodeDecodeError, ValueError, IndexError):
            raise NotALog(f"{self.folder} has no readable checkpoint") from None

    def entries(self, start: int = 0) -> Iterator[tuple[int, bytes]]:
        """Bundle by bundle; the last may be a partial one."""
        size = self.size()
        for index in range(start // WIDTH, -(-size // WIDTH)):
            width = min(WIDTH, size - index * WIDTH)
            for offset, body in enumerate(self._bundle(index, width)):
                position = index * WIDTH + offset
                if position >= start:
                    yield position, body

    def _bundle(self, index: int, width: int) -> list[bytes]:
        # A partial bundle may be gone once the full one is there.
        for had in dict.fromkeys((width, WIDTH)):
            path = self.folder / Tile(ENTRIES, index, had).path
            if path.is_file():
                try:
                    return decode_bundle(path.read_bytes(), had)[:width]
                except BadBundle as error:
                    raise NotALog(f"{path}: {error}") from None
        raise NotALog(f"{self.folder / Tile(ENTRIES, index, width).path} is missing")
