"""All state can be rebuilt from the log: a service's tables folded anew in an empty database, and a hash to compare.

Each table is folded from one writer's events in that writer's order, so any interleaving of writers gives the same
rows. Sealed values stay sealed: no keys are needed, and an erasure changes no hash.
"""

import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, MetaData, String, Table, create_engine, select

from corong.runtime.rows import Rows
from corong.runtime.unit import Apply
from corong_contracts.base import AnyEvent, Payload

BATCH = 1000
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class BrokenLog(ValueError):
    """A writer's numbers jump or go back: nothing can be rebuilt from that."""


def state_hash(connection: Connection, metadata: MetaData) -> str:
    """sha256 over a service's tables in the order of their names, rows in the order of their primary keys.

    The same rows give the same hash in SQLite and in PostgreSQL.
    """
    digest = hashlib.sha256()
    for table in sorted(metadata.tables.values(), key=lambda item: item.name):
        names = sorted(column.name for column in table.columns)
        digest.update(_line([table.name, *names]))
        for row in rows_in_order(connection, table):
            digest.update(_line([_plain(row[name]) for name in names]))
    return f"sha256-{digest.hexdigest()}"


def rows_in_order(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    """The rows of a table in the order of their primary keys, texts by their bytes."""
    postgres = connection.dialect.name == "postgresql"
    order = [_by_bytes(column) if postgres else column for column in table.primary_key]
    found = connection.execute(select(table).order_by(*order).execution_options(yield_per=BATCH))
    for row in found.mappings():
        yield dict(row)


def _by_bytes(column: Column[Any]) -> Any:
    """Texts in the order of their bytes, as SQLite has them; PostgreSQL's own order hangs on its locale."""
    return column.collate("C") if isinstance(column.type, String) else column


def _plain(value: Any) -> Any:
    return {"hex": value.hex()} if isinstance(value, bytes) else value


def _line(values: list[Any]) -> bytes:
    return _encode(values).encode() + b"\n"


def rebuild(
    metadata: MetaData,
    apply: Apply,
    folds: frozenset[type[Payload]],
    own: str,
    events: Iterable[AnyEvent],
) -> str:
    """Fold `events` into a fresh database and return its `state_hash`.

    `own` is the service, whose own events are all folded; of others' those in `folds`. Raises `BrokenLog`.
    """
    with tempfile.TemporaryDirectory(prefix="corong-rebuild-") as folder:
        engine = create_engine(f"sqlite:///{Path(folder) / 'state.sqlite'}")
        try:
            with engine.begin() as connection:
                metadata.create_all(connection)
                _fold(connection, apply, folds, own, events)
                return state_hash(connection, metadata)
        finally:
            engine.dispose()


def _fold(
    connection: Connection, apply: Apply, folds: frozenset[type[Payload]], own: str, events: Iterable[AnyEvent]
) -> None:
    rows = Rows(connection)
    reached: dict[str, int] = {}
    for count, event in enumerate(events, 1):
        following = reached.get(event.writer, 0) + 1
        if event.number != following:
            raise BrokenLog(f"{event.writer}: {event.number} comes where {following} should")
        reached[event.writer] = following
        if event.service == own or type(event.data) in folds:
            apply(event, rows)
        if count % BATCH == 0:
            rows.flush()
            rows = Rows(connection)
    rows.flush()
