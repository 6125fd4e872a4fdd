"""Writes the log's folder from the database: tiles, bundles, the checkpoint last. What is lost is made again."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from sqlalchemy import Connection

from corong.auditing.head_file import sync_folder, write_file
from corong.auditing.note import NoteError, VerifierKey, open_checkpoint
from corong.auditing.tiles import ENTRIES, WIDTH, Tile, TileNodes, decode_bundle, encode_bundle, new_tiles
from corong.auditing.tlog import leaf_hash, root_from
from corong.auditing.tree import Head, read_entries, read_head, read_tile
from corong.runtime.database import Database

log = structlog.get_logger()

CHECKPOINT = "checkpoint"


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

    def __init__(self, database: Database, folder: Path, key: VerifierKey, origin: str) -> None:
        self._database = database
        self.folder = folder
        self._key = key
        self._origin = origin
        self._published: int | None = None

    def publish(self) -> Head:
        """Bring the folder to the last signed checkpoint, which is returned. Raises `OSError`."""
        with snapshot(self._database) as connection:
            head = read_head(connection)
            if self._published is None:
                self._published = self._begun(connection, head)
            if head.size == self._published:
                return head
            tiles = new_tiles(self._published, head.size)
            folders: set[Path] = set()
            for tile in tiles:
                path = self.folder / tile.path
                data = content(connection, tile)
                if tile.level == ENTRIES:
                    _compare(connection, tile, data)
                write_file(path, data)
                folders.update([path.parent, *path.parent.parents][: len(path.relative_to(self.folder).parts)])
        for folder in sorted(folders, reverse=True):
            sync_folder(folder)
        write_file(self.folder / CHECKPOINT, head.note)
        sync_folder(self.folder)
        self._published = head.size
        for tile in tiles:
            if tile.width == WIDTH:  # its partial ones have had their time
                path = self.folder / tile.path
                shutil.rmtree(path.with_name(f"{path.name}.p"), ignore_errors=True)
        return head

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
        missing = [tile for tile in new_tiles(0, checkpoint.size) if not (self.folder / tile.path).exists()]
        return 0 if missing else checkpoint.size


class Changed(OSError):
    """An entry in the database is not what was signed: nothing is written over what the folder still has."""


def _compare(connection: Connection, bundle: Tile, data: bytes) -> None:
    hashes = b"".join(map(leaf_hash, decode_bundle(data, bundle.width)))
    if hashes != read_tile(connection, Tile(0, bundle.index, bundle.width)):
        log.error("an entry in auditing's database is not what was signed", first=bundle.start)
        raise Changed(f"entries from {bundle.start} on were changed from outside: keep the folder, bring a backup back")


def content(connection: Connection, tile: Tile) -> bytes:
    """The bytes of a tile or bundle. Raises `LookupError` where the log has no such one."""
    if tile.level == ENTRIES:
        return encode_bundle(read_entries(connection, tile))
    return read_tile(connection, tile)
