"""One feed for several services, on a real broker: each gets every event once and in order, and none loses anything."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from nats.js.api import ConsumerInfo

from corong.doctor.network import look_at_embedded
from corong.embedded import FEED
from corong.runtime.arrivals import Arrived
from corong.runtime.broker import Broker
from corong.runtime.ending import end
from corong.runtime.feed import BATCHES_UNDER_WAY, Feed, Share
from corong.runtime.relay import Row
from corong.runtime.streams import consumers
from corong_contracts.topology import EVENTS, READS, consumer_name
from tests.hubs import running_hub, until
from tests.services.runtime.spine import Spine, lose_store, running_spine

SMALL = 5
"""Messages in a batch, where a test needs many batches."""
NOTHING_MORE = 0.5
"""Seconds for what must not come."""


@pytest_asyncio.fixture
async def spine(tmp_path: Path) -> AsyncIterator[Spine]:
    """Intake has written forty events and sent none."""
    async with running_spine(tmp_path) as found:
        found.mute_writer()
        await found.accept(20)
        yield found


class RunningFeed:
    """A feed that runs, and its connection."""

    def __init__(self, spine: Spine) -> None:
        self.broker: Broker = spine.connection(FEED)
        self.feed = Feed(self.broker, consumer_name(FEED))
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.task = asyncio.create_task(self.feed.run())

    async def stop(self) -> None:
        if self.task is not None:
            await end([self.task])
        await self.feed.close()


@asynccontextmanager
async def fed(spine: Spine, *names: str) -> AsyncIterator[RunningFeed]:
    """These services, on one feed."""
    found = RunningFeed(spine)
    services = spine.prepare(*names)
    for service in services:
        service.source = found.feed.share(READS[service.name])
    found.start()
    try:
        for service in services:
            await service.start()
        await until(lambda: ready(spine, *names), 20)
        yield found
    finally:
        await found.stop()
        await spine.stop(*(name for name in names if name in spine.services))


async def ready(spine: Spine, *names: str) -> bool:
    return not [name for name in names if await spine.services[name].ready()]


@asynccontextmanager
async def shares(spine: Spine, *readers: Sequence[str]) -> AsyncIterator[tuple[RunningFeed, list[Share]]]:
    """Bare shares that the test itself reads, of a feed that runs."""
    found = RunningFeed(spine)
    made = [found.feed.share(writers) for writers in readers]
    found.start()
    try:
        yield found, made
    finally:
        await found.stop()


async def consumer(spine: Spine) -> ConsumerInfo:
    jetstream = (await spine.user("deploy")).jetstream
    found: ConsumerInfo = await jetstream.consumer_info(EVENTS.name, consumer_name(FEED))
    return found


async def floor(spine: Spine) -> int:
    """Up to where the broker was told that all is done."""
    found = (await consumer(spine)).ack_floor
    return found.stream_seq if found is not None else 0


async def all_of(share: Share, rows: Sequence[Row]) -> list[tuple[str, int]]:
    """Take and finish batches until these rows have come; in the order in which they came, without repeats."""
    wanted = named(rows)
    found: dict[tuple[str, int], None] = {}
    async with asyncio.timeout(40):
        while not set(wanted) <= found.keys():
            found.update(dict.fromkeys(names(await share.next(None))))
            await share.done()
    return list(found)


def names(items: Sequence[Arrived]) -> list[tuple[str, int]]:
    return [(item.writer, item.number) for item in items]


def named(rows: Sequence[Row], writer: str = "intake") -> list[tuple[str, int]]:
    return [(f"{writer}.{row.partition:02d}", row.number) for row in rows]


async def lose(spine: Spine) -> None:
    """The broker's store is gone; return when the test's own hand is connected again."""
    back = asyncio.Event()
    with (await spine.user("intake")).when_back(back.set):
        lose_store(spine.server)
        await back.wait()
    await spine.apply_topology()


def is_full(share: Share) -> bool:
    """Whether as much waits for it as the feed lets others be ahead: full batches, or as much in small ones."""
    return BATCHES_UNDER_WAY * SMALL <= share._waiting < (BATCHES_UNDER_WAY + 1) * SMALL


def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corong.runtime.feed.BATCH", SMALL)
    monkeypatch.setattr("corong.runtime.feed.GATHER", 0.0)


def test_the_feeds_consumer_covers_what_each_service_reads() -> None:
    (feed,) = [consumer for consumer in consumers(16, readers=(FEED,)) if consumer.stream == EVENTS.name]
    assert feed.name == consumer_name(FEED)
    for service, writers in READS.items():
        missing = {f"corong.event.{writer}.>" for writer in writers} - set(feed.filters)
        assert not missing, service


async def test_each_service_takes_every_event_once_and_in_order(spine: Spine) -> None:
    rows = spine.outbox()
    async with fed(spine, "desk", "portal", "auditing"):
        await spine.publish(rows)
        await spine.publish(rows[::-1], again=True)
        for service in ("desk", "portal", "auditing"):
            await spine.until_taken(service, rows)
        await spine.drained(FEED)
        assert spine.rows("desk", "SELECT count(*) AS n, max(messages) AS most FROM written") == [{"n": 20, "most": 1}]
        logged = spine.rows("auditing", "SELECT writer, number FROM entry ORDER BY position")
        assert [(row["writer"], row["number"]) for row in logged if row["writer"].startswith("intake")] == named(rows)
        assert [spine.letters(service) for service in ("desk", "portal", "auditing")] == [[], [], []]


async def test_a_slow_reader_loses_nothing_and_the_others_are_not_far_ahead(
    spine: Spine, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_batches(monkeypatch)
    rows = spine.outbox()
    assert len(rows) > (BATCHES_UNDER_WAY + 2) * SMALL
    await spine.publish(rows)  # before: batches are full then
    async with shares(spine, ["intake"], ["intake"]) as (_, (quick, slow)):
        ahead: list[tuple[str, int]] = []
        batches = 0
        while items := await quick.next(10 if batches < BATCHES_UNDER_WAY else NOTHING_MORE):
            ahead += names(items)
            batches += 1
            await quick.done()
        assert batches == BATCHES_UNDER_WAY
        rest, found = await asyncio.gather(all_of(quick, rows[len(ahead) :]), all_of(slow, rows))
        assert ahead + rest == found == named(rows)


async def test_who_gathers_gets_what_came_meanwhile_in_one_batch_and_what_comes_alone_at_once(
    spine: Spine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corong.runtime.feed.GATHER", 0.0)
    rows = spine.outbox()
    running = RunningFeed(spine)
    quick, gathers = running.feed.share(["intake"]), running.feed.share(["intake"], gather=30.0)
    running.start()
    try:
        for start in (0, SMALL, 2 * SMALL):  # each is a batch of the broker's own
            await spine.publish(rows[start : start + SMALL])
            await all_of(quick, rows[start : start + SMALL])
            if start == 0:
                assert names(await gathers.next(20)) == named(rows[:SMALL])
                await gathers.done()
        gathers._gather = 0.0  # it ends
        assert names(await gathers.next(20)) == named(rows[SMALL : 3 * SMALL])
        assert not gathers._arrived
        await gathers.close()  # not done with
        assert names(await gathers.next(20)) == named(rows[SMALL : 3 * SMALL])
        await gathers.done()

        async def told() -> bool:
            return await floor(spine) == 3 * SMALL

        await until(told, 20)
    finally:
        await running.stop()


async def test_who_gathers_does_not_wait_where_a_full_batch_has_come(
    spine: Spine, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_batches(monkeypatch)
    rows = spine.outbox()
    running = RunningFeed(spine)
    gathers = running.feed.share(["intake"], gather=3600.0)
    running.start()
    try:
        await spine.publish(rows[: 4 * SMALL])
        async with asyncio.timeout(40):
            found: list[tuple[str, int]] = []
            while len(found) <= 3 * SMALL:  # less than a batch may be left, and waits
                found += names(await gathers.next(None))
                await gathers.done()
        assert found == named(rows)[: len(found)]
    finally:
        await running.stop()


async def test_the_broker_is_told_when_all_have_committed_and_gives_it_again_before(spine: Spine) -> None:
    (config,) = [item for item in consumers(16, readers=(FEED,)) if item.stream == EVENTS.name]
    jetstream = (await spine.user("deploy")).jetstream
    await jetstream.add_consumer(EVENTS.name, config=replace(config, ack_wait=1.0).config())
    rows = spine.outbox()
    await spine.publish(rows)
    async with shares(spine, ["intake"], ["intake"]) as (running, (quick, slow)):
        assert await slow.next(10)
        assert await quick.next(10)
        await quick.done()
        await running.broker.connection.flush()
        assert await floor(spine) == 0
    # That process is gone, and with it what one of its services had not committed.
    async with shares(spine, ["intake"], ["intake"]) as (_, both):
        for share in both:
            assert sorted(await all_of(share, rows)) == sorted(named(rows))

        async def told() -> bool:
            return await floor(spine) == len(rows)

        await until(told, 20)


async def test_what_nobody_here_reads_is_acknowledged(spine: Spine) -> None:
    rows = spine.outbox()
    async with shares(spine, ["routing"]):
        await spine.publish(rows)

        async def told() -> bool:
            return await floor(spine) == len(rows)

        await until(told, 20)


async def test_the_consumer_is_deleted(spine: Spine) -> None:
    rows = spine.outbox()
    async with fed(spine, "desk", "portal"):
        await spine.publish(rows[:10])
        await spine.until_taken("desk", rows[:10])
        await (await spine.user("deploy")).jetstream.delete_consumer(EVENTS.name, consumer_name(FEED))

        async def told() -> bool:
            return all(["consumer" in await spine.services[name].ready() for name in ("desk", "portal")])

        await until(told)
        await spine.publish(rows[10:])
        await spine.apply_topology()
        for service in ("desk", "portal"):
            await spine.until_taken(service, rows)
        await until(lambda: ready(spine, "desk", "portal"))
        assert spine.rows("desk", "SELECT count(*) AS n, max(messages) AS most FROM written") == [{"n": 20, "most": 1}]


async def test_the_store_is_lost(spine: Spine) -> None:
    rows = spine.outbox()
    async with fed(spine, "desk", "portal"):
        await spine.publish(rows[:10])
        await spine.until_taken("desk", rows[:10])
        await lose(spine)
        await spine.publish(rows, again=True)
        for service in ("desk", "portal"):
            await spine.until_taken(service, rows)
        assert spine.rows("desk", "SELECT count(*) AS n, max(messages) AS most FROM written") == [{"n": 20, "most": 1}]


@pytest.mark.parametrize("lost", [True, False], ids=["store lost", "only the connection"])
async def test_what_came_on_an_earlier_connection_is_never_acknowledged_on_a_new_one(spine: Spine, lost: bool) -> None:
    """Sequences of a lost stream mean other messages in the new one, which nobody has committed."""
    rows = spine.outbox()
    await spine.publish(rows[:10])
    async with shares(spine, ["intake"]) as (running, (share,)):
        first = names(await share.next(10))
        before = running.feed._pull
        if lost:
            await lose(spine)
            await spine.publish(rows, again=True)
        else:
            back = asyncio.Event()
            with (await spine.user("intake")).when_back(back.set):
                spine.server.kill()
                spine.server.start()
                await back.wait()
            await spine.publish(rows[10:])
        await until(lambda: running.feed._pull is not before and running.feed.bound.is_set())
        await share.done()
        await running.broker.connection.flush()
        assert await floor(spine) == 0
        assert {*first, *await all_of(share, rows[len(first) :])} == set(named(rows))

        async def told() -> bool:
            return await floor(spine) == len(rows)

        await until(told, 20)


async def test_a_slow_reader_keeps_its_room_over_new_connections(spine: Spine, monkeypatch: pytest.MonkeyPatch) -> None:
    small_batches(monkeypatch)
    rows = spine.outbox()
    await spine.publish(rows[: 2 * SMALL])
    async with shares(spine, ["intake"], ["intake"]) as (running, (quick, slow)):
        ahead = await all_of(quick, rows[: 2 * SMALL])
        before = running.feed._pull
        assert before is not None  # bound, for batches came
        before.interrupt()
        await until(lambda: running.feed._pull is not before and running.feed.bound.is_set())
        await spine.publish(rows[2 * SMALL :])
        while items := await quick.next(NOTHING_MORE):
            ahead += names(items)
            await quick.done()
        assert is_full(slow)
        rest, found = await asyncio.gather(all_of(quick, rows[len(ahead) :]), all_of(slow, rows))
        assert ahead + rest == found == named(rows)


async def test_what_a_reader_did_not_finish_is_given_to_it_again(spine: Spine) -> None:
    """Its loop failed and begins anew: without its first batch it, and so all others, would wait for ever."""
    rows = spine.outbox()
    await spine.publish(rows)
    async with shares(spine, ["intake"]) as (_, (share,)):
        first = await share.next(10)
        await share.close()
        await share.open()
        assert share.holds
        assert await share.next(10) == first
        await share.done()
        assert {*names(first), *await all_of(share, rows[len(first) :])} == set(named(rows))


async def test_a_reader_that_fails_holds_nobody_for_long(spine: Spine, monkeypatch: pytest.MonkeyPatch) -> None:
    small_batches(monkeypatch)
    rows = spine.outbox()
    failed: list[str] = []
    async with fed(spine, "desk", "portal"):
        reader = spine.services["desk"].reader
        assert reader is not None
        original = reader._take

        async def take(items: Sequence[Arrived]) -> None:
            if not failed:
                failed.append(items[0].writer)
                raise ZeroDivisionError
            await original(items)

        monkeypatch.setattr(reader, "_take", take)
        await spine.publish(rows)
        for service in ("desk", "portal"):
            await spine.until_taken(service, rows)
        assert failed


async def test_what_names_no_writer_is_parked_by_each_who_reads_its_subject(spine: Spine) -> None:
    async with fed(spine, "routing", "desk", "portal"):
        await spine.publish_raw("corong.event.routing.03.case.opened", b"{}", user="routing")
        await spine.publish_raw("corong.event.intake.03.case.opened", b"{}", user="intake")
        for service, count in (("routing", 1), ("desk", 2), ("portal", 2)):
            await until(lambda service=service, count=count: len(spine.letters(service)) == count)  # type: ignore[misc]
        assert {letter["reason"].split(":")[0] for letter in spine.letters("desk")} == {"no_writer"}
        assert [letter["subject"] for letter in spine.letters("routing")] == ["corong.event.intake.03.case.opened"]


async def test_a_service_that_stops_holds_nobody(spine: Spine, monkeypatch: pytest.MonkeyPatch) -> None:
    small_batches(monkeypatch)
    rows = spine.outbox()
    async with fed(spine, "desk", "portal"):
        await spine.publish(rows[:SMALL])
        await spine.until_taken("desk", rows[:SMALL])
        await spine.stop("desk")
        await spine.publish(rows[SMALL:])
        await spine.until_taken("portal", rows)


async def test_who_leaves_gives_its_room_back_and_a_feed_that_ended_acknowledges_nothing(
    spine: Spine, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_batches(monkeypatch)
    rows = spine.outbox()
    await spine.publish(rows)
    async with shares(spine, ["intake"], ["intake"]) as (running, (stays, leaves)):
        leaving = asyncio.create_task(all_of(stays, rows))
        await until(lambda: is_full(leaves))
        leaves.leave()
        assert await leaving == named(rows)

        async def told() -> bool:
            return await floor(spine) == len(rows)

        await until(told, 20)
        await spine.publish(rows[:SMALL], again=True)
        await until(lambda: stays._arrived)
        assert running.task is not None
        await end([running.task])
        stays.leave()  # as when the hub stops: what it had not committed comes again
        await running.broker.connection.flush()
        assert await floor(spine) == len(rows)


async def test_a_hub_has_the_consumers_that_it_checks_and_makes_a_lost_one_again(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as running:
        deploy = running.hub.broker("deploy")
        await deploy.connect()
        try:
            there = {info.name for info in await deploy.jetstream.consumers_info(EVENTS.name)}
            assert there == {consumer_name(FEED)}
            findings = await asyncio.to_thread(look_at_embedded, running.hub.settings)
            assert [finding.state for finding in findings] == ["ok", "ok"]
            await deploy.jetstream.delete_consumer(EVENTS.name, consumer_name(FEED))

            async def again() -> bool:
                found = await deploy.jetstream.consumers_info(EVENTS.name)
                return bool(found) and not await running.hub.ready(0)

            await until(again, 20)
        finally:
            await deploy.stop()
