"""Writes the log's folder from the database: tiles, bundles, the checkpoint last. What is lost is made again.

What lies there already is never written over with anything else, and a partial tile or bundle goes only when it was
found to be the beginning of the full one: whatever differs stays as it is, for a person to see.
"""

import contextlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal

import structlog
from sqlalchemy import Connection

from corong.auditing.head_file import sync_folder, write_file
from corong.auditing.note import NoteError, VerifierKey, open_checkpoint
from corong.auditing.tiles import (
    ENTRIES,
    HEIGHT,
    WIDTH,
    BadPath,
    Tile,
    TileNodes,
    decode_bundle,
    encode_bundle,
    new_tiles,
    parse_path,
)
from corong.auditing.tlog import HASH_SIZE, leaf_hash, root_from
from corong.auditing.tree import Head, read_entries, read_head, read_tile
from corong.auditing.witnesses import Witnesses
from corong.runtime.database import Database

log = structlog.get_logger()

CHECKPOINT = "checkpoint"
WITNESSED = "checkpoint.witnessed"
"""The newest one that witnesses have cosigned; they come later than the log goes on."""


class Differs(OSError):
    """Part of the log is kept otherwise than it was signed: nothing more is published."""

    def __init__(self, kept_in: Literal["folder", "database"], tile: Tile, first: int, last: int, found: bytes) -> None:
        """`first` and `last` are the entries of which it speaks, `found` is what is kept of them, or the whole file."""
        where = f"the folder's file {tile.path}" if kept_in == "folder" else "auditing's database"
        entries = f"entry {first}" if first == last else f"entries {first} to {last}"
        super().__init__(
            f"{entries}: {where} was changed from outside and is not what was signed: nothing is published any more. "
            "Keep it as it is to be looked at, and bring the right one back from a copy or a backup"
        )
        self.kept_in: Literal["folder", "database"] = kept_in
        self.tile = tile
        self.first = first
        self.last = last
        self.found = found


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """A transaction that sees one state of the log throughout."""
    with database.reading.connect() as connection:
        if not database.is_sqlite:
            connection = connection.execution_options(isolation_level="REPEATABLE READ")  # the same one
        with connection.begin():
            yield connection


class Publisher:
    """One folder. `publish` may be interrupted anywhere, and does the rest when it is called again."""

    def __init__(
        self, database: Database, folder: Path, key: VerifierKey, origin: str, witnesses: Witnesses | None = None
    ) -> None:
        self._database = database
        self.folder = folder
        self._key = key
        self._origin = origin
        self._witnesses = witnesses or Witnesses(key, origin, ())
        self._published: int | None = None
        self._written = b""
        self._best = b""
        self._one = threading.Lock()

    def publish(self) -> Head:
        """Bring the folder to the last signed checkpoint, which is returned. Raises `OSError`, and of these `Differs`.

        One at a time: a stop may come while a thread still writes.
        """
        with self._one:
            return self._publish()

    def _publish(self) -> Head:
        outlived: list[Path] = []
        best = self._witnesses.best  # before the log is looked at, so that it stands in it
        with snapshot(self._database) as connection:
            head = read_head(connection)
            if self._published is None:
                self._published = self._begun(connection, head)
            note = self._witnesses.dressed(head)
            if head.size == self._published and note == self._written and (best is None or best.note == self._best):
                return head
            folders: set[Path] = set()
            new = new_tiles(self._published, head.size)
            for tile in dict.fromkeys([*new, *(self._not_full(best.size, new) if best else ())]):
                path = self.folder / tile.path
                data = content(connection, tile)
                _compare(connection, tile, data)
                if not self._is_there(tile, data):
                    write_file(path, data)
                folders.update([path.parent, *path.parent.parents][: len(path.relative_to(self.folder).parts)])
                outlived += self._outlived(tile, data)
        for folder in sorted(folders, reverse=True):
            sync_folder(folder)
        if best is not None and best.note != self._best:
            write_file(self.folder / WITNESSED, best.note)
            self._best = best.note
        write_file(self.folder / CHECKPOINT, note)
        sync_folder(self.folder)
        self._published, self._written = head.size, note
        _remove(outlived)
        return head

    def _not_full(self, size: int, new: Sequence[Tile]) -> list[Tile]:
        """The partial tiles of an older size, where no full one stands for them, or is about to."""
        edge = [(tile, replace(tile, width=WIDTH)) for tile in new_tiles(0, size) if tile.width < WIDTH]
        return [tile for tile, full in edge if full not in new and not (self.folder / full.path).exists()]

    def _is_there(self, tile: Tile, data: bytes) -> bool:
        """Whether the file is written already. Raises `Differs` where other bytes are."""
        try:
            found = (self.folder / tile.path).read_bytes()
        except FileNotFoundError:
            return False
        if found != data:
            raise _differing(tile, found, data)
        return True

    def _outlived(self, tile: Tile, data: bytes) -> list[Path]:
        """The partial files that a full one replaces, each the beginning of it. Raises `Differs`."""
        if tile.width != WIDTH:
            return []
        path = self.folder / tile.path
        found: list[Path] = []
        for part in sorted(path.with_name(f"{path.name}.p").glob("[0-9]*")):
            try:
                partial = parse_path(f"{tile.path}.p/{part.name}")
            except BadPath:
                continue  # nothing of ours
            begin = _beginning(tile, data, partial.width)
            if (kept := part.read_bytes()) != begin:
                raise _differing(partial, kept, begin)
            found.append(part)
        return found

    def _begun(self, connection: Connection, head: Head) -> int:
        """How far the folder is; 0 where it is to be written anew."""
        for draft in self.folder.rglob(".*.????????"):  # of a process that was killed
            draft.unlink()
        try:
            checkpoint, _ = open_checkpoint((self.folder / CHECKPOINT).read_bytes(), self._key, origin=self._origin)
        except (OSError, NoteError):
            return 0
        nodes = TileNodes(head.size, lambda tile: read_tile(connection, tile))
        if checkpoint.size > head.size or root_from(checkpoint.size, nodes) != checkpoint.root:
            log.error("the log's folder is ahead of its database, or another log's", folder=str(self.folder))
            raise FileExistsError(f"{self.folder} holds another log: move it away, or bring the right database back")
        there = new_tiles(0, checkpoint.size)
        if any(not (self.folder / tile.path).exists() for tile in there):
            return 0
        for tile in there:  # a process was killed before it came to this
            if (self.folder / f"{tile.path}.p").exists():
                _remove(self._outlived(tile, content(connection, tile)))
        return checkpoint.size


def _remove(files: list[Path]) -> None:
    for path in files:
        path.unlink(missing_ok=True)
    for folder in {path.parent for path in files}:
        with contextlib.suppress(OSError):  # something else lies there
            folder.rmdir()


def _compare(connection: Connection, tile: Tile, data: bytes) -> None:
    """A bundle's entries with what was signed of them. Raises `Differs`."""
    if tile.level != ENTRIES:
        return
    signed = read_tile(connection, Tile(0, tile.index, tile.width))
    for place, entry in enumerate(decode_bundle(data, tile.width)):
        if leaf_hash(entry) != signed[place * HASH_SIZE : (place + 1) * HASH_SIZE]:
            raise Differs("database", tile, tile.start + place, tile.start + place, entry)


def _beginning(tile: Tile, data: bytes, width: int) -> bytes:
    if tile.level != ENTRIES:
        return data[: width * HASH_SIZE]
    return encode_bundle(decode_bundle(data, tile.width)[:width])


def _differing(tile: Tile, found: bytes, right: bytes) -> Differs:
    """Says which of the tile's places is the first that differs."""
    place, end = 0, 0
    while place < tile.width - 1:
        length = 2 + int.from_bytes(right[end : end + 2], "big") if tile.level == ENTRIES else HASH_SIZE
        if found[end : end + length] != right[end : end + length]:
            break
        place, end = place + 1, end + length
    span = 1 << (HEIGHT * max(tile.level, 0))
    first = tile.start + place * span
    return Differs("folder", tile, first, first + span - 1, found)


def content(connection: Connection, tile: Tile) -> bytes:
    """The bytes of a tile or bundle. Raises `LookupError` where the log has no such one."""
    if tile.level == ENTRIES:
        return encode_bundle(read_entries(connection, tile))
    return read_tile(connection, tile)
