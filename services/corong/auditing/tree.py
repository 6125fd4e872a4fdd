"""The tree in auditing's database: entries, full tiles, right edge and signed checkpoint change in one commit.

What stood in the tree before is never looked at again: appending reads and writes the right edge alone, whatever the
size. After the commit the checkpoint goes to the head file, outside of the database; a database that is behind it or
beside it is an old backup or another's, and nothing more is signed on it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, bindparam, func, insert, select

from corong.auditing import state
from corong.auditing.head_file import BadHead, HeadFile
from corong.auditing.note import Checkpoint, NoteError, SigningKey, open_checkpoint, sign
from corong.auditing.tiles import WIDTH, BadTile, Edge, Tile, TileNodes, decode_tile, encode_tile
from corong.auditing.tlog import EMPTY_ROOT, leaf_hash, root_from
from corong.runtime.clock import stamp
from corong.runtime.database import NotNow
from corong.runtime.rows import write_many
from corong.runtime.statements import run
from corong.runtime.unit import Unit

log = structlog.get_logger()

HEAD = 0
_TILES = insert(state.tile)
_HEAD = select(state.head.c.size, state.head.c.root, state.head.c.note)
_EDGE = select(state.edge.c.level, state.edge.c.hashes).order_by(state.edge.c.level)
_FULL, _PARTIAL = (
    select(table.c.hashes).where(table.c.level == bindparam("level_"), table.c.place == bindparam("place_"))
    for table in (state.tile, state.edge)
)
_LOCKED = _HEAD.with_for_update()
BUILD_AT_ONCE = 5_000


class LogRefused(NotNow):
    """Nothing may be signed on this database; the message says why and what to do. Nothing is lost by waiting."""


@dataclass(frozen=True)
class Head:
    """The log as it was last signed."""

    size: int = 0
    root: bytes = EMPTY_ROOT
    note: bytes = b""


class Tree:
    """Appends to the tree and signs it. One for each installation, in the process of auditing."""

    def __init__(self, key: SigningKey, origin: str, head_file: HeadFile) -> None:
        self.key = key
        self.origin = origin
        self.head_file = head_file
        self.signed = Head()
        """The last one that was committed, as this process knows it."""
        self.kept = Head()
        """The last one that is in the head file too: what may be told and published."""
        self.listeners: list[Callable[[], None]] = []
        """Called in the committing thread after each commit that signed. They raise nothing."""
        self._edge = Edge()
        self._unit: Unit | None = None
        self._work = Edge()
        self._full: list[tuple[Tile, bytes]] = []

    # At the start

    def check(self, connection: Connection) -> None:
        """Look whether this database may be signed on, and how far it is. Raises `LogRefused`."""
        head = read_head(connection)
        self._verify(head)
        edge = read_edge(connection, head.size)
        if edge.root() != head.root:
            raise LogRefused(
                f"the tree in auditing's database is not the one that was signed ({head.size} entries): it was changed "
                "from outside. Bring the last good backup back, then `corong audit verify`"
            )
        entries = connection.execute(select(func.count(), func.max(state.entry.c.position))).one()
        last = -1 if entries[1] is None else entries[1]
        if head.size and (last + 1 != head.size or entries[0] != head.size):
            raise LogRefused(
                f"auditing's database has {entries[0]} entries and has signed {head.size}: rows were removed or put in "
                "from outside. Bring the last good backup back, then `corong audit verify`"
            )
        self._compare(connection, head)
        self._edge, self.signed = edge, head

    def _verify(self, head: Head) -> None:
        if not head.note:
            return
        try:
            checkpoint, _ = open_checkpoint(head.note, self.key.verifier, origin=self.origin)
        except NoteError:
            raise LogRefused(
                "the log in this database was signed by another key or under another name: bring back the key "
                "(secrets/log.key, CORONG_LOG_KEY) and the name (CORONG_LOG_ORIGIN) that it was begun with"
            ) from None
        if (checkpoint.size, checkpoint.root) != (head.size, head.root):
            raise LogRefused("the checkpoint in auditing's database was changed from outside: bring a backup back")

    def _compare(self, connection: Connection, head: Head) -> None:
        """With what was signed last, as head file and published folder have it."""
        try:
            outside = self.head_file.outside(self.key.verifier, self.origin)
        except BadHead as error:
            raise LogRefused(str(error)) from None
        if not outside:
            self._begin_outside(head)
        nodes = TileNodes(head.size, lambda tile: read_tile(connection, tile))
        for path, kept in outside:
            if kept.size > head.size:
                raise LogRefused(
                    f"auditing's database is older than what was signed: it has {head.size} entries, and a tree of "
                    f"{kept.size} was signed ({path}). It is an old backup: going on would make a second history. "
                    "Bring the newest database back, or fill it up from the log's own files (`corong audit restore`)"
                )
            if root_from(kept.size, nodes) != kept.root:
                raise LogRefused(
                    f"auditing's database holds another history than what was signed at {kept.size} entries "
                    f"({path}): bring the right database back"
                )

    def _begin_outside(self, head: Head) -> None:
        """Nothing outside tells how far was signed: right for a log that begins, and for no other."""
        if head.size and head.size != self.head_file.accepted:
            raise LogRefused(
                f"auditing's database has signed {head.size} entries, and neither {self.head_file.path} nor a "
                "published checkpoint is there to tell whether that is the newest: an old backup would make a second "
                "history. Bring the file back; or, only if this surely is the newest database, set "
                f"CORONG_LOG_ACCEPT={head.size} for one start"
            )
        note = head.note or sign(Checkpoint(self.origin, 0, EMPTY_ROOT).text, [self.key]).data
        try:
            self.head_file.write(note)  # before anything is signed: a kill after the first commit finds it
        except OSError as error:
            raise LogRefused(f"{self.head_file.path} can't be written: {error.strerror}") from None

    def build(self, unit: Unit) -> None:
        """Take up the entries that are older than the tree: only for a log on which nothing was ever signed."""
        table = state.entry.c
        while True:
            size = self._open(unit).size
            found = unit.connection.execute(
                select(table.body).where(table.position >= size).order_by(table.position).limit(BUILD_AT_ONCE)
            )
            bodies = [bytes(body) for body in found.scalars()]
            if not bodies:
                return
            self.append(unit, [leaf_hash(body) for body in bodies])

    # Appending

    def append(self, unit: Unit, leaves: Sequence[bytes]) -> int:
        """Add leaf hashes; the index of the first. They are signed when the unit commits. Raises `LogRefused`."""
        edge = self._open(unit)
        first = edge.size
        if leaves:
            self._full += edge.append(leaves)
        return first

    def _open(self, unit: Unit) -> Edge:
        """The edge as this unit of work sees it; the head's row stays locked until the commit."""
        if self._unit is unit:
            return self._work
        sqlite = unit.connection.dialect.name == "sqlite"
        found = run(unit.connection, _HEAD if sqlite else _LOCKED)
        size, root = (found[0][0], bytes(found[0][1])) if found else (0, EMPTY_ROOT)
        if size != self._edge.size:  # a commit whose answer got lost, or another process
            self._edge = read_edge(unit.connection, size)
        if size < self.signed.size or self._edge.root() != root:
            raise LogRefused(
                f"auditing's database changed while it was worked on: {size} entries, and {self.signed.size} were "
                "signed. Stop auditing, bring the right database back"
            )
        self._unit, self._work, self._full = unit, self._edge.copy(), []
        unit.closing.append(lambda: self._sign(unit))
        unit.after.append(lambda: self._committed(unit))
        return self._work

    def _sign(self, unit: Unit) -> None:
        """Before the commit: put tiles, edge and checkpoint beside the entries."""
        work = self._work
        if self._unit is not unit or work.size == self._edge.size:
            return
        root = work.root()
        text = Checkpoint(self.origin, work.size, root).text
        note = sign(text, [self.key]).data
        if self._full:
            rows = [{"level": tile.level, "place": tile.index, "hashes": data} for tile, data in self._full]
            write_many(unit.connection, _TILES, rows)
        for level, hashes in enumerate(work.partial):
            place = (work.size >> (8 * level)) // WIDTH
            row = {"level": level, "place": place, "hashes": b"".join(hashes)}
            unit.rows.put(state.edge, row)
        head = {"id": HEAD, "size": work.size, "root": root, "note": note, "signed_at": stamp(unit.now)}
        unit.rows.put(state.head, head)
        self._next = Head(work.size, root, note)

    def _committed(self, unit: Unit) -> None:
        """After the commit: the second place first, then whoever listens."""
        if self._unit is not unit:
            return
        self._unit = None
        if self._work.size == self._edge.size:
            return
        self._edge, self.signed = self._work, self._next
        self.keep_head()
        for listener in self.listeners:
            listener()

    def keep_head(self) -> bool:
        """Write the last signed checkpoint to the head file; False where that can't be done now."""
        signed = self.signed
        if signed.size and signed != self.kept:
            try:
                self.head_file.write(signed.note)
            except OSError as error:
                log.error("the head file can't be written", path=str(self.head_file.path), error=type(error).__name__)
                return False
        self.kept = signed
        return True


def read_head(connection: Connection) -> Head:
    """The log as it was last signed; an empty one where it never was."""
    found = connection.execute(_HEAD).first()
    return Head(found[0], bytes(found[1]), bytes(found[2])) if found else Head()


def read_edge(connection: Connection, size: int) -> Edge:
    """The right edge of the tree. Raises `LogRefused` where it is not one of that size."""
    try:
        rows = [bytes(row.hashes) for row in connection.execute(_EDGE)]
        return Edge(size, [decode_tile(data, len(data) // 32) if data else [] for data in rows])
    except BadTile:
        raise LogRefused(
            f"the edge of the tree in auditing's database does not fit its {size} entries: bring a backup back"
        ) from None


def read_tile(connection: Connection, tile: Tile) -> bytes:
    """A tile of the tree as it is, or as it once was, its bytes. Raises `LookupError` where there is none."""
    which = {"level_": tile.level, "place_": tile.index}
    rows = run(connection, _FULL, **which) or run(connection, _PARTIAL, **which)
    if not rows or len(rows[0][0]) < tile.width * 32:
        raise LookupError(tile.path)
    return bytes(rows[0][0][: tile.width * 32])


def read_entries(connection: Connection, tile: Tile) -> list[bytes]:
    """The entries of a bundle. Raises `LookupError` where it is not whole."""
    table = state.entry.c
    found = connection.execute(
        select(table.body)
        .where(table.position >= tile.start, table.position < tile.start + tile.width)
        .order_by(table.position)
    )
    bodies = [bytes(body) for body in found.scalars()]
    if len(bodies) != tile.width:
        raise LookupError(tile.path)
    return bodies


__all__ = ["Head", "LogRefused", "Tree", "encode_tile", "read_edge", "read_entries", "read_head", "read_tile"]
