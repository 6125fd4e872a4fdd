"""State equals log: every service's tables, folded anew from the log alone, hash like the live ones, on both databases.

The twin: one row that is changed behind the service's back is found, in whatever table it is.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import LargeBinary, String, Table, func, select, update
from sqlalchemy.engine import Connection

from corong.runtime.rebuild import rebuild, state_hash
from corong_contracts.base import AnyEvent
from corong_contracts.catalogue import decode
from corong_contracts.command import HashStates
from tests.faults.findings import STATES
from tests.hubs import RunningHub, running_hub
from tests.peers.postgres import postgres as postgres_server  # noqa: F401  # a fixture
from tests.services.stores import BACKENDS
from tests.traffic import Traffic

pytestmark = [pytest.mark.faults, pytest.mark.asyncio(loop_scope="module")]


@pytest.fixture(scope="module", params=BACKENDS)
def settings(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """Of a hub on SQLite, and of one on PostgreSQL."""
    if request.param == "sqlite":
        yield {}
    else:
        yield {"database_url": request.getfixturevalue("postgres_server").make_database("rebuild")}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, Any]) -> AsyncIterator[RunningHub]:
    """A hub with some of everything in its tables."""
    async with running_hub(tmp_path_factory.mktemp("rebuild") / "data", **settings) as running:
        traffic = Traffic(running)
        for number in range(4):
            await traffic.whole(f"w-{number}")
        await traffic.hand_in("open")
        await traffic.all_sent()
        await running.command(HashStates(), "auditor-inspektorat")
        await running.settled()
        yield running


def read_log(hub: RunningHub) -> list[AnyEvent]:
    return [decode(bytes(row["body"])) for row in hub.rows("auditing", "SELECT body FROM entry ORDER BY position")]


def folded(service: str, log: list[AnyEvent]) -> str:
    metadata, apply, folds = STATES[service]
    return rebuild(metadata, apply, folds, service, log)


@pytest.mark.parametrize("service", STATES)
async def test_each_service_is_rebuilt_from_the_log_alone(hub: RunningHub, service: str) -> None:
    log = read_log(hub)
    with hub.service(service).database.read() as connection:
        live = state_hash(connection, STATES[service][0])
    assert folded(service, log) == live
    # Writers may interleave in any way: state does not hang on it.
    assert folded(service, sorted(log, key=lambda event: (event.writer, event.number))) == live
    assert folded(service, log[:-1]) != live or log[-1].service != service


@pytest.mark.parametrize("service", STATES)
async def test_a_row_that_was_changed_by_hand_is_found(hub: RunningHub, service: str) -> None:
    metadata = STATES[service][0]
    wanted = folded(service, read_log(hub))

    def spoil_each() -> int:
        spoilt = 0
        for table in metadata.sorted_tables:
            with hub.service(service).database.writing.connect() as connection, connection.begin() as transaction:
                if _spoil(connection, table):
                    spoilt += 1
                    assert state_hash(connection, metadata) != wanted, f"{service}.{table.name}"
                transaction.rollback()
        return spoilt

    # In a thread: the service itself may be writing, and needs the loop to come to its end.
    assert await asyncio.to_thread(spoil_each) >= (1 if service == "auditing" else 2)
    with hub.service(service).database.read() as connection:
        assert state_hash(connection, metadata) == wanted


def _spoil(connection: Connection, table: Table) -> bool:
    """Change one value of one row; False where there is none."""
    row = connection.execute(select(table).limit(1)).mappings().first()
    if row is None:
        return False
    column = next((column for column in table.columns if not column.primary_key), None)
    key = [column == row[column.name] for column in table.primary_key]
    if column is None or isinstance(column.type, String | LargeBinary):
        return bool(connection.execute(table.delete().where(*key)).rowcount)
    changed = connection.execute(update(table).where(*key).values({column.name: func.abs(column) + 7}))
    return bool(changed.rowcount)
