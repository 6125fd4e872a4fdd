"""Auditing's database read as the files that it publishes, so that the auditors' own verifier can check it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection

from corong.auditing.standalone import corong_verify as verifier
from corong.auditing.tiles import ENTRIES, BadPath, Tile, encode_bundle, parse_path
from corong.auditing.tree import read_head, read_tile
from corong.replay.logs import ENTRIES_OF, DatabaseLog
from corong.runtime.database import Database
from corong.runtime.statements import run

MOST_ENTRY_BYTES = 65_535
"""Of an entry in a bundle (C2SP tlog-tiles)."""


@dataclass(frozen=True)
class DatabaseFiles(verifier.Folder):
    """As a folder at `path`, the database's URL, as of one checkpoint: auditing may go on. Picklable."""

    head: bytes | None
    """The signed note; None where nothing was ever signed."""

    def read(self, name: str, most: int) -> bytes | None:
        """The bytes of a file, of which there are never more than a file may have; None where it is not there."""
        if name == "checkpoint":
            return self.head
        try:
            tile = parse_path(name)
            with _opened(self.path).read() as connection:
                return _bundle(connection, tile) if tile.level == ENTRIES else read_tile(connection, tile)
        except (LookupError, BadPath):
            return None

    def older(self, name: str) -> list[int]:
        """A database keeps no partial tiles of earlier checkpoints."""
        return []


def _bundle(connection: Connection, tile: Tile) -> bytes:
    """The entries up to the first that is none: of a bundle that is too short the verifier tells."""
    bodies: list[bytes] = []
    for position, body in run(connection, ENTRIES_OF, first=tile.start, end=tile.start + tile.width):
        if position != tile.start + len(bodies) or not 0 < len(body) <= MOST_ENTRY_BYTES:
            break
        bodies.append(bytes(body))
    return encode_bundle(bodies) if bodies else b""


@contextmanager
def database_files(log: DatabaseLog) -> Iterator[DatabaseFiles]:
    """The database as it was last signed. Raises `NotALog` where there is none."""
    _opened.cache_clear()
    database = log.open()
    try:
        with database.read() as connection:
            note = read_head(connection).note
    finally:
        database.close()
    try:
        yield DatabaseFiles(log.url, note or None)
    finally:
        if _opened.cache_info().currsize:
            _opened(log.url).close()
            _opened.cache_clear()


@cache
def _opened(url: str) -> Database:
    """One for each process that reads, as the verifier's do side by side."""
    return Database(url, "auditing")
