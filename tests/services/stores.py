"""Databases for tests: an SQLite file or a schema of a real PostgreSQL, and a service's units of work on it."""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import pytest
from sqlalchemy import BigInteger, Column, Connection, MetaData, String, Table, insert, select

from corong.runtime import keys, tables
from corong.runtime.committer import Committer
from corong.runtime.database import Database
from corong.runtime.keys import Keys
from corong.runtime.rows import Rows
from corong.runtime.sealing import Sealer
from corong.runtime.unit import Apply, Draft, Numbering, Secret, Unit
from corong_contracts.base import AnyEvent
from corong_contracts.case import CaseNoted, CasePrioritised
from tests.peers.postgres import PostgresServer

T = TypeVar("T")

NOW = datetime(2026, 7, 1, 3, 4, 5, 678_901, tzinfo=UTC)
PARTITIONS = 4
BACKENDS = [pytest.param("sqlite"), pytest.param("postgres", marks=pytest.mark.postgres)]

_schemas = itertools.count(1)

tally_metadata = MetaData()
tally = Table(
    "tally",
    tally_metadata,
    Column("case_id", String(36), primary_key=True),
    Column("count", BigInteger, nullable=False),
)


def count_events(event: AnyEvent, rows: Rows) -> None:
    """A fold: how many events each case has."""
    case = str(event.correlationid)
    row = rows.get(tally, case)
    rows.put(tally, {"case_id": case, "count": row["count"] + 1 if row else 1})


@cache
def _postgres_url(server: PostgresServer) -> str:
    return server.make_database("stores")


class Store:
    """A place for one service's tables; each `open` is as another process."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.schema = f"store{next(_schemas)}"
        self._opened: list[Database] = []

    def open(self, schema: str | None = None) -> Database:
        """One more process's engines."""
        database = Database(self.url, schema or self.schema)
        database.create_schema()
        self._opened.append(database)
        return database

    def make(self, *metadata: MetaData, schema: str | None = None) -> Database:
        """Engines, with these tables made."""
        database = self.open(schema)
        with database.write() as connection:
            for part in metadata:
                part.create_all(connection)
        return database

    def close(self) -> None:
        for database in self._opened:
            database.close()


def make_store(backend: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    """A store of either make, closed at the end."""
    url = f"sqlite:///{folder}" if backend == "sqlite" else _postgres_url(request.getfixturevalue("postgres"))
    store = Store(url)
    yield store
    store.close()


@pytest.fixture
def store(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    """A new place for tables; parametrise the test by `backend`."""
    yield from make_store(backend, tmp_path, request)


def make_keys(folder: Path, secret: bytes = b"w" * 32) -> Keys:
    """A key store in a folder; the same folder again is another process."""
    database = Database(f"sqlite:///{folder}", "keys")
    database.create_schema()
    with database.write() as connection:
        keys.metadata.create_all(connection)
    return Keys(database, secret, lambda: NOW)


class Works:
    """A service at work on a store: units and a committer, as one process has them."""

    def __init__(self, store: Store, keyring: Keys, apply: Apply = count_events, service: str = "routing") -> None:
        self.database = store.make(tables.metadata, tally_metadata)
        with self.database.write() as connection:
            if connection.execute(select(tables.writer.c.partition)).first() is None:
                rows = [{"partition": number, "last": 0, "relayed": 0} for number in range(PARTITIONS)]
                connection.execute(insert(tables.writer), rows)
        self.numbering = Numbering(service, PARTITIONS, apply)
        self.sealer = Sealer(keyring)

    def commit(self, job: Callable[[Unit], T], now: datetime = NOW) -> T:
        """Do a job in a unit of its own."""
        with self.database.write() as connection:
            unit = Unit(connection, self.numbering, self.sealer, now)
            result = job(unit)
            unit.finish()
        unit.committed()
        return result

    def committer(self) -> Committer:
        """Not started yet."""
        return Committer(self.database, self.numbering, self.sealer, lambda: NOW)

    def numbers(self) -> dict[int, list[int]]:
        """Partition → the numbers in the outbox, in order."""
        found: dict[int, list[int]] = {}
        box = tables.outbox.c
        with self.database.read() as connection:
            for row in connection.execute(select(box.partition, box.number).order_by(box.partition, box.number)):
                found.setdefault(row.partition, []).append(row.number)
        return found

    def bodies(self) -> list[bytes]:
        """Every event's bytes, by partition and number."""
        box = tables.outbox.c
        with self.database.read() as connection:
            return list(connection.execute(select(box.body).order_by(box.partition, box.number)).scalars())

    def tallied(self) -> dict[str, int]:
        """Case → how many events the fold counted."""
        with self.database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(select(tally.c.case_id, tally.c.count))}

    def last(self) -> dict[int, int]:
        """Partition → the last number given."""
        with self.database.read() as connection:
            found = connection.execute(select(tables.writer.c.partition, tables.writer.c.last))
            return {row.partition: row.last for row in found if row.last}


def prioritised(case: UUID, officer: str = "petugas") -> Draft:
    """An event without personal data."""
    data = {"case_id": case, "officer": officer, "before": "normal", "priority": "high"}
    return Draft(CasePrioritised, case, data, actor=f"officer:{officer}")


def noted(case: UUID, key: str, words: str = "catatan") -> Draft:
    """An event with a sealed field."""
    data = {"case_id": case, "note_id": case, "officer": "petugas"}
    return Draft(CaseNoted, case, data, {"note": Secret(key, words)}, "officer:petugas")


def gapless(numbers: dict[int, list[int]]) -> bool:
    """Whether each writer's numbers run 1, 2, 3 … without a hole or a repeat."""
    return all(found == list(range(1, len(found) + 1)) for found in numbers.values())


def put_many(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Many rows, the fastest way that each database has."""
    if connection.dialect.name == "sqlite":
        connection.execute(insert(table), rows)
        return
    columns = ", ".join(f'"{name}"' for name in rows[0])
    driver: Any = connection.connection.driver_connection
    with driver.cursor().copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(list(row.values()))
