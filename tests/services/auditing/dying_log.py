"""Appends to a log and publishes it until it is killed in the middle, so many times; a check of all that it left.

Run as a module: URL FOLDER SEED KILLS SABOTAGE. Each life is a forked child that tells by a pipe each step that it
comes to (before and after each write to the disk, before and after the commit), and is killed at one of them.
"""

import contextlib
import functools
import os
import random
import signal
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from corong.auditing import head_file, ledger, rules, state, tiles, tlog
from corong.auditing.head_file import HeadFile
from corong.auditing.note import COSIGNATURE, Checkpoint, SigningKey, open_checkpoint, parse_note, sign
from corong.auditing.publisher import CHECKPOINT, WITNESSED, Publisher, snapshot
from corong.auditing.tiles import ENTRIES, Tile, TileNodes, new_tiles
from corong.auditing.tree import Tree, read_entries, read_head, read_tile
from corong.auditing.witnesses import Witnesses
from corong.runtime import tables
from corong.runtime.database import AlreadyRunning, Database
from corong.runtime.sealing import Sealer
from corong.runtime.unit import Numbering, Unit
from tests.services.auditing.facts import arrival, body
from tests.services.auditing.logs import KEY
from tests.services.stores import NOW, PARTITIONS, make_keys

WRITER = "routing.00"
WITNESS = SigningKey("saksi.example/w1", b"w" * 32, COSIGNATURE)
LETS_GO = 20.0
"""Seconds in which a server must have noticed that a process is dead."""
MOST_STEPS = 120
FULL = 9
"""Batches of a life that is let live."""


class Broken(AssertionError):
    """What a log must never do."""


class Place:
    """Where one log lives."""

    def __init__(self, url: str, folder: Path, schema: str = "auditing") -> None:
        self.url, self.folder, self.schema = url, folder, schema
        self.files = folder / "log"
        self.acked = folder / "acked"

    def database(self) -> Database:
        return Database(self.url, self.schema)

    def prepare(self) -> None:
        make_keys(self.folder)
        with contextlib.closing(self.database()) as database:
            database.create_schema()
            with database.write() as connection:
                for metadata in (tables.metadata, state.metadata, state.log_metadata):
                    metadata.create_all(connection)
                rows = [{"partition": number, "last": 0, "relayed": 0} for number in range(PARTITIONS)]
                connection.execute(insert(tables.writer), rows)

    def tree(self) -> Tree:
        return Tree(KEY, KEY.name, HeadFile(self.folder / "log-head"))

    def publisher(self, database: Database, witnesses: Witnesses) -> Publisher:
        return Publisher(database, self.files, KEY.verifier, KEY.name, witnesses)


def live(place: Place, seed: int, batches: int, step: Callable[[], None], sabotage: str) -> None:
    """Append and publish. What is appended differs from life to life: work done again is not the same again."""
    rng = random.Random(seed)
    _watch_writes(step)
    database = place.database()
    _own(database)
    witnesses = Witnesses(KEY.verifier, KEY.name, [WITNESS.verifier])
    tree, publisher = place.tree(), place.publisher(database, witnesses)
    with database.read() as connection:
        tree.check(connection)
        witnesses.load(connection)
    tree.keep_head()
    publisher.publish()
    if sabotage == "publishes before the commit":
        _publish_early(place, tree)
    numbering = Numbering("auditing", PARTITIONS, state.apply)
    sealer = Sealer(make_keys(place.folder))
    for _ in range(batches):
        with database.write() as connection:
            unit = Unit(connection, numbering, sealer, NOW)
            number = unit.taken(WRITER) + 1
            count = rng.choice([1, 1, 3, 3, 40, 40, 300])
            made = [
                arrival(
                    body(number + place_in, WRITER, identity=uuid.UUID(int=rng.getrandbits(128))),
                    number + place_in,
                    WRITER,
                )
                for place_in in range(count)
            ]
            ledger.append(tree, unit, made)
            step()
            if sabotage == "acknowledges before the commit":
                _acknowledge(place, made)
                step()
            unit.finish()
            step()
        step()
        unit.committed()
        step()
        if sabotage != "acknowledges before the commit":
            _acknowledge(place, made)
        if rng.random() < 0.3:
            with database.write() as connection:
                unit = Unit(connection, numbering, sealer, NOW)
                parsed = parse_note(tree.signed.note)
                cosigned = sign(parsed.text, [WITNESS], rng.randrange(2**31), parsed.signatures)
                witnesses.take(unit, witnesses.open(cosigned.data))
                unit.finish()
                step()
            step()
            unit.committed()
        if rng.random() < 0.7:
            publisher.publish()
    publisher.publish()
    database.close()


def _own(database: Database) -> None:
    """The log's lock. PostgreSQL lets go of a killed process's when it notices that the connection is gone."""
    until = time.monotonic() + LETS_GO
    while True:
        try:
            return database.own("log")
        except AlreadyRunning:
            if database.is_sqlite or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _watch_writes(step: Callable[[], None]) -> None:
    """A step before and after each time that something goes to the disk or under its name."""

    def watched(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*arguments: Any) -> Any:
            step()
            found = function(*arguments)
            step()
            return found

        return call

    watch: Any = os
    watch.fsync, watch.replace = watched(os.fsync), watched(os.replace)


def _publish_early(place: Place, tree: Tree) -> None:
    """The sabotage: the checkpoint goes out when it is signed, and the commit comes later."""
    sign = tree._sign

    def early(unit: Unit) -> None:
        sign(unit)
        head_file.write_file(place.files / "checkpoint", tree._next.note)

    tree._sign = early  # type: ignore[method-assign]


def _acknowledge(place: Place, made: list[Any]) -> None:
    lines = "".join(f"{rules.read(item.body, WRITER, item.number).id}\n" for item in made)
    handle = os.open(place.acked, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(handle, lines.encode())
    os.close(handle)


def life(place: Place, seed: int, batches: int, die_at: int | None, sabotage: str) -> int:
    """One life; how many steps it came to. `die_at` is the step at which it is killed."""
    came, tell = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(came)
            live(place, seed, batches, lambda: _one_step(tell), sabotage)
            code = 0
        except BaseException as error:  # told by the code, and by what the check finds
            print(type(error).__name__, error, file=sys.stderr)
        finally:
            os._exit(code)
    os.close(tell)
    steps = 0
    while die_at is None or steps < die_at:
        if not os.read(came, 1):
            break
        steps += 1
    else:
        os.kill(child, signal.SIGKILL)
    os.close(came)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0:
        raise Broken("the log can't be gone on with")
    return steps


def _one_step(tell: int) -> None:
    with contextlib.suppress(BrokenPipeError):
        os.write(tell, b".")


def check(place: Place, seen: list[Checkpoint]) -> None:
    """The database is a whole log, the folder too, and nothing that was ever published is contradicted."""
    with contextlib.closing(place.database()) as database, snapshot(database) as connection:
        head = read_head(connection)
        nodes = TileNodes(head.size, lambda tile: read_tile(connection, tile))
        if tlog.root_from(head.size, nodes) != head.root:
            raise Broken("the tree is not the one that was signed")
        for tile in new_tiles(0, head.size):
            if tile.level == ENTRIES:
                leaves = [tlog.leaf_hash(item) for item in read_entries(connection, tile)]
                if leaves != tiles.decode_tile(read_tile(connection, Tile(0, tile.index, tile.width)), tile.width):
                    raise Broken("an entry is not in the tree")
        published = _folder(place)
        if published is not None and (not seen or published != seen[-1]):
            seen.append(published)
        witnessed = _folder(place, WITNESSED)
        for old in (*seen, *([witnessed] if witnessed else ())):
            if old.size > head.size or tlog.root_from(old.size, nodes) != old.root:
                raise Broken("a fork: what was published is not the beginning of the log")
        acked = place.acked.read_text().split() if place.acked.exists() else []
        ids = set(connection.execute(select(state.entry.c.id)).scalars())
        if len(acked) != len(set(acked)) or not set(acked) <= ids:
            raise Broken(f"lost: {len(set(acked) - ids)} that were acknowledged")


def _folder(place: Place, name: str = CHECKPOINT) -> Checkpoint | None:
    """What the folder publishes, checked from the folder alone."""
    try:
        note = (place.files / name).read_bytes()
    except FileNotFoundError:
        return None
    checkpoint, _ = open_checkpoint(note, KEY.verifier)
    for tile in new_tiles(0, checkpoint.size):
        data = _file(place, tile)
        if tile.level == ENTRIES:
            leaves = [tlog.leaf_hash(item) for item in tiles.decode_bundle(data, tile.width)]
            hashes = _file(place, Tile(0, tile.index, tile.width))
            if leaves != tiles.decode_tile(hashes, tile.width):
                raise Broken("the folder's entries are not those of its tiles")
    nodes = TileNodes(checkpoint.size, lambda tile: _file(place, tile))
    if tlog.root_from(checkpoint.size, nodes) != checkpoint.root:
        raise Broken("the folder is not what its checkpoint says")
    return checkpoint


def _file(place: Place, tile: Tile) -> bytes:
    try:
        return (place.files / tile.path).read_bytes()
    except FileNotFoundError:
        return _full(place, tile)


def _full(place: Place, tile: Tile) -> bytes:
    """A partial tile of an older checkpoint may have given way to the full one."""
    try:
        whole = (place.files / Tile(tile.level, tile.index).path).read_bytes()
    except FileNotFoundError:
        raise Broken(f"published, and not there: {tile.path}") from None
    if tile.level == ENTRIES:
        return tiles.encode_bundle(tiles.decode_bundle(whole, tiles.WIDTH)[: tile.width])
    return whole[: tile.width * 32]


def storm(place: Place, seed: int, kills: int, sabotage: str = "") -> dict[str, int]:
    """So many lives, and a last one that is let live. Raises `Broken`."""
    rng = random.Random(seed)
    place.prepare()
    seen: list[Checkpoint] = []
    killed = 0
    while killed < kills:
        die_at = rng.randrange(1, MOST_STEPS)
        killed += life(place, rng.getrandbits(32), FULL, die_at, sabotage) == die_at
        check(place, seen)
    life(place, rng.getrandbits(32), FULL, None, sabotage)
    check(place, seen)
    with contextlib.closing(place.database()) as database, database.read() as connection:
        head = read_head(connection)
    if seen[-1].size != head.size or (place.folder / "log-head").read_bytes() != head.note:
        raise Broken("the folder or the head file did not come to the end")
    return {"kills": killed, "size": head.size, "checkpoints": len(seen)}


def every_step(place: Place, seed: int) -> int:
    """Killed once at each step of the same life."""
    place.prepare()
    seen: list[Checkpoint] = []
    steps = 1
    while life(place, seed + steps, 2, steps, "") == steps:
        check(place, seen)
        steps += 1
    check(place, seen)
    return steps


if __name__ == "__main__":
    url, folder, which, count, how = sys.argv[1:6]
    where = Place(url, Path(folder), *sys.argv[6:])
    try:
        print(every_step(where, int(which)) if how == "every step" else storm(where, int(which), int(count), how))
    except Broken as broken:
        print(f"BROKEN {broken}")
        sys.exit(3)
