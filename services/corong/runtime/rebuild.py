"""All state can be rebuilt from the log: a service's tables folded anew in an empty database, and a hash to compare.

Each table is folded from one writer's events in that writer's order, so any interleaving of writers gives the same
rows. Sealed values stay sealed: no keys are needed, and an erasure changes no hash.
"""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic_core import to_json
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    select,
)  # fmt: skip

from corong.runtime.rows import Rows
from corong.runtime.statements import Compiled, stream
from corong.runtime.unit import Apply
from corong_contracts.base import AnyEvent, Payload

BATCH = 1000


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
        for lines in _lines(connection, table, names):
            digest.update(lines)
    return f"sha256-{digest.hexdigest()}"


def _lines(connection: Connection, table: Table, names: list[str]) -> Iterator[bytes]:
    """The rows as JSON, a line each, many at once."""
    columns = [table.columns[name] for name in names]
    truths = [place for place, column in enumerate(columns) if isinstance(column.type, Boolean)]
    blobs = [place for place, column in enumerate(columns) if isinstance(column.type, LargeBinary)]
    sql = Compiled(select(*columns).order_by(*_order(connection, table)), connection.dialect.name).sql
    for part in stream(connection, sql, BATCH):
        rows: Iterable[Sequence[Any]] = part
        if truths or blobs:
            rows = [_as_written(row, truths, blobs) for row in rows]
        yield b"\n".join(map(to_json, rows)) + b"\n"


def _as_written(row: Sequence[Any], truths: list[int], blobs: list[int]) -> list[Any]:
    """SQLite has numbers for truths; JSON has no bytes."""
    values = list(row)
    for place in truths:
        values[place] = None if values[place] is None else bool(values[place])
    for place in blobs:
        values[place] = None if values[place] is None else {"hex": bytes(values[place]).hex()}
    return values


def rows_in_order(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    """The rows of a table in the order of their primary keys, texts by their bytes."""
    found = connection.execute(select(table).order_by(*_order(connection, table)).execution_options(yield_per=BATCH))
    for row in found.mappings():
        yield dict(row)


def _order(connection: Connection, table: Table) -> list[Any]:
    postgres = connection.dialect.name == "postgresql"
    return [_by_bytes(column) if postgres else column for column in table.primary_key]


def _by_bytes(column: Column[Any]) -> Any:
    """Texts in the order of their bytes, as SQLite has them; PostgreSQL's own order hangs on its locale."""
    return column.collate("C") if isinstance(column.type, String) else column


def _line(values: list[Any]) -> bytes:
    return to_json(values) + b"\n"


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
