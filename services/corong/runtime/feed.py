"""Where a reader's messages come from: a consumer of its own, or one consumer for all services of a process.

Services in one process read the same events. Taken from the broker by each for itself, most of the process's work was
parsing the same messages again; a feed reads them once and hands them to all. The broker is told when all have
committed, so what one of them lacks comes again for all, and is a repeat for the others.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from corong.runtime.arrivals import Arrived, arrived
from corong.runtime.broker import Broker
from corong.runtime.pull import ConsumerGone, Pull
from corong_contracts.topology import EVENTS

log = structlog.get_logger()

BATCH = 500
GATHER = 0.02
"""Seconds; of the 250 ms that a message may take to a queue under load."""
BATCHES_UNDER_WAY = 3
"""How far a quick service may be ahead of the slowest one of its process, in batches."""


class Source(Protocol):
    """Batches for one reader, in the broker's order."""

    async def open(self) -> None:
        """Begin (again). Raises what the broker raises, and `ConsumerGone`."""

    async def next(self, patience: float | None) -> Sequence[Arrived]:
        """What has come; nothing where `patience`, in seconds, ends before. Raises `ConsumerGone`."""

    async def done(self) -> None:
        """All that was given has been committed."""

    async def close(self) -> None:
        """Take no more."""

    @property
    def holds(self) -> bool:
        """Whether something has come that `next` has not given yet."""

    async def pending(self) -> int:
        """How many messages the broker has for this reader and has not sent. Raises what the broker raises."""


class OwnConsumer:
    """A durable consumer that this reader alone reads."""

    def __init__(self, broker: Broker, durable: str) -> None:
        self._broker = broker
        self._durable = durable
        self._pull: Pull | None = None
        self._open = contextlib.ExitStack()
        self._last: Msg | None = None
        self._beat: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Ask for the consumer, and begin to pull."""
        await self.pending()
        self._pull = Pull(self._broker.connection, EVENTS.name, self._durable, BATCH, GATHER)
        self._open.enter_context(self._broker.when_back(self._pull.interrupt))
        await self._pull.start()

    async def next(self, patience: float | None) -> Sequence[Arrived]:
        """What has come; the broker is told that it is being worked on until `done`."""
        assert self._pull is not None  # opened before
        messages = await self._pull.next(patience)
        if not messages:
            return ()
        self._last = messages[-1]
        self._beat = asyncio.create_task(keep_alive(self._last))
        return [arrived(message) for message in messages]

    async def done(self) -> None:
        """Acknowledge the last one, and so all before it."""
        last, self._last = self._last, None
        self._quiet()
        if last is not None:
            await last.ack()

    async def close(self) -> None:
        """Let the inbox go."""
        self._quiet()
        self._open.close()
        if self._pull is not None:
            with contextlib.suppress(NatsError, OSError):
                await self._pull.stop()

    def _quiet(self) -> None:
        if self._beat is not None:
            self._beat.cancel()
            self._beat = None

    @property
    def holds(self) -> bool:
        """Whether the pull has messages that were not given."""
        return self._pull is not None and self._pull.holds

    async def pending(self) -> int:
        """As the broker tells it."""
        return await _pending(self._broker, self._durable)


@dataclass(eq=False)
class _Batch:
    """A batch that some services still work on."""

    last: Msg
    waits_for: set["Share"] = field(default_factory=set)


class Feed:
    """One consumer, read once for all services of a process."""

    def __init__(self, broker: Broker, durable: str) -> None:
        """`durable` must cover the writers of all who will share it."""
        self._broker = broker
        self._durable = durable
        self._shares: list[Share] = []
        self._under_way: deque[_Batch] = deque()
        self._pull: Pull | None = None
        self._room = asyncio.Event()
        self.bound = asyncio.Event()

    def share(self, writers: Iterable[str]) -> "Share":
        """A source of what `writers` wrote. All shares are made before `run`."""
        share = Share(self, frozenset(writers))
        self._shares.append(share)
        return share

    async def run(self) -> None:
        """Until cancelled."""
        await self._broker.connect()
        wait = 0.1
        while True:
            try:
                await self._session()
            except (ConsumerGone, NatsError, TimeoutError, OSError) as error:
                log.warning("feed binds again", reason=type(error).__name__)
                await asyncio.sleep(wait)
                wait = min(wait * 2, 1.0)

    async def close(self) -> None:
        """Let the connection go; nothing runs any more."""
        if self._broker.connected:
            with contextlib.suppress(NatsError, OSError, TimeoutError):
                await asyncio.wait_for(self._broker.stop(), 5)

    async def _session(self) -> None:
        await self.pending()
        pull = self._pull = Pull(self._broker.connection, EVENTS.name, self._durable, BATCH, GATHER)
        self._under_way.clear()
        try:
            with self._broker.when_back(pull.interrupt):
                await pull.start()
                self.bound.set()
                while True:
                    await self._wait_for_room()
                    self._hand_out(await pull.next())
        finally:
            self.bound.clear()
            with contextlib.suppress(NatsError, OSError):
                await pull.stop()

    async def _wait_for_room(self) -> None:
        while len(self._under_way) >= BATCHES_UNDER_WAY:
            self._room.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._room.wait(), 10)
                continue
            for batch in self._under_way:  # or the broker would send them again
                await batch.last.in_progress()

    def _hand_out(self, messages: Sequence[Msg]) -> None:
        items = [arrived(message) for message in messages]
        batch = _Batch(messages[-1])
        for share in self._shares:
            if mine := [item for item in items if share.wants(item)]:
                batch.waits_for.add(share)
                share.put(mine, batch)
        self._under_way.append(batch)
        if not batch.waits_for:
            self._acknowledge_later()

    def finished(self, share: "Share", batch: _Batch) -> None:
        """A service has committed its part of a batch."""
        batch.waits_for.discard(share)
        if not batch.waits_for:
            self._acknowledge_later()

    def _acknowledge_later(self) -> None:
        done: Msg | None = None
        while self._under_way and not self._under_way[0].waits_for:
            done = self._under_way.popleft().last
        if done is not None:
            self._room.set()
            self._acknowledging = asyncio.ensure_future(_acknowledge(done))

    @property
    def holds(self) -> bool:
        """Whether messages have come that were not handed out yet."""
        return self._pull is not None and self._pull.holds

    async def pending(self) -> int:
        """As the broker tells it."""
        return await _pending(self._broker, self._durable)


class Share:
    """One service's part of a feed."""

    def __init__(self, feed: Feed, writers: frozenset[str]) -> None:
        self._feed = feed
        self._writers = writers
        self._arrived: deque[tuple[Sequence[Arrived], _Batch]] = deque()
        self._given: _Batch | None = None
        self._wake = asyncio.Event()

    def wants(self, item: Arrived) -> bool:
        """Whether this service reads that message; one that names no writer is parked by all who read its subject."""
        return item.subject.split(".", 3)[2] in self._writers

    def put(self, items: Sequence[Arrived], batch: _Batch) -> None:
        """Called by the feed."""
        self._arrived.append((items, batch))
        self._wake.set()

    async def open(self) -> None:
        """Wait until the feed is bound. What it handed out before is kept: the broker may not send it soon again."""
        await self._feed.bound.wait()

    async def next(self, patience: float | None) -> Sequence[Arrived]:
        """What the feed handed out."""
        while not self._arrived:
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), patience)
            except TimeoutError:
                return ()
        items, self._given = self._arrived.popleft()
        return items

    async def done(self) -> None:
        """Tell the feed."""
        if self._given is not None:
            self._feed.finished(self, self._given)
            self._given = None

    async def close(self) -> None:
        """Nothing: what was given and not committed is not acknowledged, and comes again."""

    @property
    def holds(self) -> bool:
        """Whether something came that was not given."""
        return bool(self._arrived) or self._feed.holds

    async def pending(self) -> int:
        """Of the whole feed."""
        return await self._feed.pending()


async def _pending(broker: Broker, durable: str) -> int:
    info = await broker.jetstream.consumer_info(EVENTS.name, durable, timeout=2)
    return info.num_pending or 0


async def _acknowledge(message: Msg) -> None:
    with contextlib.suppress(NatsError, OSError):  # it comes again, and is a repeat then
        await message.ack()


async def keep_alive(message: Msg) -> None:
    """Tell the broker again and again that a message is being worked on. Until cancelled."""
    while True:
        await asyncio.sleep(10)
        with contextlib.suppress(NatsError, OSError):
            await message.in_progress()
