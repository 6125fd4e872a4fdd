"""What the relay gathers goes out in its writers' order, whole or again, whatever fails or dies in between."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from nats.errors import TimeoutError as NatsTimeout
from nats.js import JetStreamContext

from corong.runtime import relay as relay_module
from corong.runtime import tables
from corong.runtime.broker import Broker
from corong.runtime.committer import Committer
from corong.runtime.relay import Relay
from corong.runtime.streams import apply_topology
from corong.runtime.unit import Unit
from corong.runtime.wire import Outgoing, send
from tests.brokers import connected, running_broker
from tests.hubs import until
from tests.services.stores import BACKENDS, PARTITIONS, Store, Works, make_keys, prioritised

pytestmark = pytest.mark.parametrize("backend", BACKENDS[:1])


class Line:
    """A writer's database, its relay, and the stream behind it."""

    def __init__(self, store: Store, folder: Path, broker: Broker, seen: JetStreamContext) -> None:
        self.works = Works(store, make_keys(folder / "keys"))
        self.broker = broker
        self.seen = seen
        self.committer: Committer = self.works.committer()
        self.relay = self.new_relay()
        self.sizes: list[int] = []

    def new_relay(self) -> Relay:
        return Relay("routing", self.works.database, self.committer, self.broker, range(PARTITIONS))

    async def write(self, *partitions: int) -> None:
        """One commit with an event in each of these partitions, in this order."""

        def job(unit: Unit) -> None:
            for partition in partitions:
                unit.record(uuid4(), [prioritised(UUID(int=(uuid4().int >> 32 << 32) + partition))])

        await self.committer.run(job)

    def written(self) -> dict[int, int]:
        """Partition → its last number."""
        with self.works.database.read() as connection:
            rows = connection.execute(tables.writer.select().where(tables.writer.c.last > 0)).mappings()
            return {row["partition"]: row["last"] for row in rows}

    async def stored(self) -> dict[int, list[int]]:
        """Partition → the numbers in the stream, in the stream's order."""
        found: dict[int, list[int]] = {}
        state = (await self.seen.stream_info("EVENTS")).state
        for sequence in range(max(1, state.first_seq), state.last_seq + 1):
            message = await self.seen.get_msg("EVENTS", sequence)
            body = json.loads(message.data or b"{}")
            found.setdefault(int(body["writer"].split(".")[1]), []).append(body["number"])
        return found

    async def whole(self) -> None:
        """Assert that the stream has each writer's numbers once, in order, without a hole."""
        assert await self.stored() == {which: list(range(1, last + 1)) for which, last in self.written().items()}


@pytest_asyncio.fixture
async def line(store: Store, tmp_path: Path) -> AsyncIterator[Line]:
    with running_broker(tmp_path / "broker") as server:
        async with connected(server, "deploy") as users:
            seen = users["deploy"].client.jetstream()
            await apply_topology(seen, PARTITIONS)
            broker = Broker(server.url, "routing", server.known["routing"])
            await broker.connect()
            line = Line(store, tmp_path, broker, seen)
            line.committer.start()
            yield line
            await line.committer.close()
            await broker.stop()


def watch(line: Line, monkeypatch: pytest.MonkeyPatch, break_at: Callable[[int, int], None] | None = None) -> list[str]:
    """What is published, by atomic batch (`…/3` is its third) or alone; `break_at` (count, size) may raise."""
    done: list[str] = []
    client = line.broker.connection
    publish = client.publish

    def seen(subject: str, payload: bytes, headers: dict[str, str]) -> None:
        if subject.startswith("corong.event."):
            if break_at is not None:
                break_at(len(done), len(payload))
            done.append(headers.get("Nats-Batch-Sequence", "alone"))

    async def published(subject: str, payload: bytes = b"", *more: Any, **given: Any) -> None:
        seen(subject, payload, given.get("headers") or (more[1] if len(more) > 1 else None) or {})
        await publish(subject, payload, *more, **given)

    async def sent(to: Any, messages: Iterable[Outgoing]) -> None:
        for subject, headers, payload in messages:  # one by one, so that it breaks off between any two
            seen(subject, payload, headers)
            await send(to, [(subject, headers, payload)])

    monkeypatch.setattr(client, "publish", published)  # a request is one too
    monkeypatch.setattr(relay_module, "send", sent)
    return done


async def test_several_events_go_in_one_batch_and_in_order(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    published = watch(line, monkeypatch)
    for _ in range(5):
        await line.write(0, 1, 0, 2)
    assert await line.relay.step()
    assert published == [str(n) for n in range(1, 21)]
    for _ in range(3):  # now handed over by the commits, no longer read from the database
        await line.write(2, 1, 1)
    while await line.relay.step():
        pass
    assert published[20:] == [str(n) for n in range(1, 10)]
    await line.whole()


async def test_more_than_a_batch_goes_in_several(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "BATCH", 7)
    for _ in range(10):
        await line.write(0, 1, 2)
    steps = 0
    while await line.relay.step():
        steps += 1
    assert steps >= 5
    await line.whole()


async def test_what_is_committed_while_it_gathers_goes_along(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    published = watch(line, monkeypatch)
    await line.write(0)
    resting, go = asyncio.Event(), asyncio.Event()
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        if 0 < seconds < 2 * relay_module.GATHER:  # reckoned from the uptime, it can be a hair longer
            resting.set()
            await go.wait()
        else:
            await real(seconds)

    running = asyncio.create_task(line.relay.run())
    try:
        await line.relay.stored(0, 1)
        await until(lambda: not line.relay._behind)  # it has looked once more, and waits
        monkeypatch.setattr(relay_module, "time", SimpleNamespace(monotonic=lambda: line.relay._sent_at))
        monkeypatch.setattr(asyncio, "sleep", sleep)
        await line.write(0)
        await resting.wait()
        await line.write(1, 0)
        go.set()
        await line.relay.stored(0, 3)
        await line.relay.stored(1, 1)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert published == ["alone", "1", "2", "3"]
    await line.whole()


@pytest.mark.parametrize("at", [0, 1, 5, 11])
async def test_a_failure_in_the_middle_loses_and_doubles_nothing(
    line: Line, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    failing = True

    def break_at(count: int, _: int) -> None:
        nonlocal failing
        if failing and count == at:
            failing = False
            raise NatsTimeout

    published = watch(line, monkeypatch, break_at)
    for _ in range(4):
        await line.write(0, 1, 0)
    with pytest.raises(NatsTimeout):
        await line.relay.step()
    assert await line.stored() == {}, "an atomic batch that broke off is not stored in part"
    await line.write(1)
    while await line.relay.step():
        pass
    assert len(published) == at + 13
    await line.whole()


async def test_an_answer_that_got_lost_is_sent_again_and_known(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker has the batch, the relay does not know: one id that it has already refuses the whole next one."""
    await line.write(0, 1, 0)
    client = line.broker.connection
    request = client.request

    async def deaf(subject: str, payload: bytes = b"", **given: Any) -> Any:
        answer = await request(subject, payload, **given)
        if "Nats-Batch-Commit" in (given.get("headers") or {}):
            raise NatsTimeout
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(client, "request", deaf)
        with pytest.raises(NatsTimeout):
            await line.relay.step()
    await line.whole()
    published = watch(line, monkeypatch)
    await line.write(0, 2)
    while await line.relay.step():
        pass
    assert published[-5:] == ["alone"] * 5
    await line.whole()


@pytest.mark.parametrize("marked", [False, True])
async def test_a_relay_that_died_after_sending_is_followed_by_one_that_sends_again(
    line: Line, monkeypatch: pytest.MonkeyPatch, marked: bool
) -> None:
    """The marks come later than the sending: a kill between makes repeats, which the broker knows."""
    if not marked:
        monkeypatch.setattr(Relay, "_write_marks", lambda *_: None)
    await line.write(0, 1, 0)
    assert await line.relay.step()
    assert line.relay._marking is not None
    await line.relay._marking
    monkeypatch.undo()
    line.committer.listeners.clear()  # it is dead
    line.relay = line.new_relay()
    published = watch(line, monkeypatch)
    await line.write(0, 2)
    while await line.relay.step():
        pass
    assert published == (["1", "2"] if marked else ["1", *published[1:-5], *["alone"] * 5])
    await line.whole()


async def test_sabotaged_without_its_ids_a_repeat_is_doubled(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin of the test above: it is the message's id that keeps a repeat out."""
    monkeypatch.setattr(Relay, "_write_marks", lambda *_: None)
    await line.write(0, 1, 0)
    await line.relay.step()
    line.committer.listeners.clear()
    line.relay = line.new_relay()
    plain = Relay.message

    def without(self: Relay, row: Any, _: str) -> tuple[str, dict[str, str]]:
        return plain(self, row, str(uuid4()))

    monkeypatch.setattr(Relay, "message", without)
    while await line.relay.step():
        pass
    with pytest.raises(AssertionError):
        await line.whole()


async def test_a_jump_in_what_is_handed_over_is_filled_from_the_database(line: Line) -> None:
    await line.write(0)
    while await line.relay.step():
        pass
    line.committer.listeners.clear()
    await line.write(0)  # another process of this service wrote it
    line.committer.listeners.append(line.relay._on_commit)
    await line.write(0)
    while await line.relay.step():
        pass
    await line.whole()
