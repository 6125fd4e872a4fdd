"""A service in two processes: what one writes into the other's partitions is sent by the other, soon."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from nats.js import JetStreamContext
from sqlalchemy import select

from corong.runtime import tables
from corong.runtime.broker import Broker
from corong.runtime.relay import Relay
from corong.runtime.streams import apply_topology
from corong.runtime.unit import Unit
from tests.brokers import connected, running_broker
from tests.hubs import until
from tests.services.stores import BACKENDS, PARTITIONS, Store, Works, make_keys, prioritised

HALF = PARTITIONS // 2


@pytest_asyncio.fixture
async def broker(tmp_path: Path) -> AsyncIterator[tuple[Broker, JetStreamContext]]:
    """Routing's own connection, and the deployer's, which sees the stream."""
    with running_broker(tmp_path / "broker") as server:
        async with connected(server, "deploy") as users:
            seen = users["deploy"].client.jetstream()
            await apply_topology(seen, PARTITIONS)
            own = Broker(server.url, "routing", server.known["routing"])
            await own.connect()
            yield own, seen
            await own.stop()


def case_in(partition: int) -> UUID:
    return UUID(int=(uuid4().int >> 32 << 32) + partition)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("busy", [False, True])
async def test_the_others_rows_go_out(
    store: Store, tmp_path: Path, broker: tuple[Broker, JetStreamContext], busy: bool
) -> None:
    connection, seen = broker
    mine, other = (Works(store, make_keys(tmp_path / "keys")) for _ in range(2))
    committer = mine.committer()
    committer.start()
    relay = Relay("routing", mine.database, committer, connection, range(HALF), look_seconds=5.0 if busy else 0.05)
    running = asyncio.create_task(relay.run())

    async def work() -> None:
        """Commits of this process, without a pause."""
        while busy:
            await committer.run(lambda unit: _prioritise(unit, 0))
            await asyncio.sleep(0.01)

    working = asyncio.create_task(work())

    async def sent(partition: int) -> bool:
        info = await seen._api_request(
            "$JS.API.STREAM.INFO.EVENTS", f'{{"subjects_filter":"corong.event.routing.{partition:02d}.>"}}'.encode()
        )
        return bool(info["state"].get("subjects"))

    try:
        await until(lambda: sent(0) if busy else True)
        other.commit(lambda unit: _prioritise(unit, 1))
        await until(lambda: sent(1))
        other.commit(lambda unit: _prioritise(unit, HALF))  # nobody's here: its owner sends it
        other.commit(lambda unit: _prioritise(unit, 1))
        await until(lambda: _relayed(mine, 1) == 2)
        assert not await sent(HALF)
    finally:
        for task in (running, working):
            task.cancel()
        await asyncio.gather(running, working, return_exceptions=True)
        await committer.close()


def _prioritise(unit: Unit, partition: int) -> None:
    unit.record(uuid4(), [prioritised(case_in(partition))])


def _relayed(works: Works, partition: int) -> int:
    with works.database.read() as connection:
        found = connection.execute(select(tables.writer.c.relayed).where(tables.writer.c.partition == partition))
        return int(found.scalar_one())
