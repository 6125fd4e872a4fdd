"""One consumer for all services of a process.

Services in one process read the same events. Taken from the broker by each for itself, most of the process's work was
parsing the same messages again; a feed reads them once and hands them to all. The broker is told when all have
committed, so what one of them lacks comes again for all, and is a repeat for the others.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from corong.runtime.arrivals import Arrived, arrived
from corong.runtime.broker import Broker
from corong.runtime.logs import where
from corong.runtime.pull import ConsumerGone, Pull
from corong.runtime.source import BATCH, GATHER, KEEP_ALIVE_SECONDS, pending_of
from corong_contracts.topology import EVENTS

log = structlog.get_logger()

BATCHES_UNDER_WAY = 3
"""How far a quick service may be ahead of the slowest one of its process, in full batches."""
SHORTEST_WAIT, LONGEST_WAIT = 0.1, 1.0
"""Seconds before a feed binds again."""


@dataclass(eq=False)
class _Batch:
    """A batch that some services still work on."""

    last: Msg | None
    """None where the connection that it came on is gone: it is not acknowledged, and comes again."""
    size: int
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
        self._acknowledging: set[asyncio.Task[None]] = set()
        self.bound = asyncio.Event()
        """Set while the consumer is being read."""

    def share(self, writers: Iterable[str], gather: float = 0.0) -> "Share":
        """A source of what `writers` wrote. All shares are made before `run`.

        `gather`: seconds after a batch in which what comes is kept for the next; what comes alone is given at once.
        """
        share = Share(self, frozenset(writers), gather)
        self._shares.append(share)
        return share

    async def run(self) -> None:
        """Until cancelled."""
        await self._broker.connect()
        self._wait = SHORTEST_WAIT
        while True:
            try:
                await self._session()
            except (ConsumerGone, NatsError, TimeoutError, OSError) as error:
                log.warning("feed binds again", reason=type(error).__name__)
            except Exception as error:  # all services hang on it: it must not die of one bad moment
                log.error("feed failed", error=type(error).__name__, where=where(error))
            await asyncio.sleep(self._wait)
            self._wait = min(self._wait * 2, LONGEST_WAIT)

    async def close(self) -> None:
        """Let the connection go; nothing runs any more."""
        if self._broker.connected:
            with contextlib.suppress(NatsError, OSError, TimeoutError):
                await asyncio.wait_for(self._broker.stop(), 5)

    async def _session(self) -> None:
        await self.pending()
        for batch in self._under_way:  # still somebody's work, and room that is taken
            batch.last = None
        pull = self._pull = Pull(self._broker.connection, EVENTS.name, self._durable, BATCH, GATHER)
        try:
            with self._broker.when_back(pull.interrupt):
                await pull.start()
                self.bound.set()
                self._wait = SHORTEST_WAIT
                while True:
                    await self._wait_for_room()
                    self._hand_out(await pull.next())
        finally:
            self.bound.clear()
            with contextlib.suppress(NatsError, OSError):
                await pull.stop()

    async def _wait_for_room(self) -> None:
        while sum(batch.size for batch in self._under_way) >= BATCHES_UNDER_WAY * BATCH:
            self._room.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._room.wait(), KEEP_ALIVE_SECONDS)
                continue
            for batch in tuple(self._under_way):
                if batch.last is not None:  # or the broker would send it again
                    await batch.last.in_progress()

    def _hand_out(self, messages: Sequence[Msg]) -> None:
        items = [arrived(message) for message in messages]
        batch = _Batch(messages[-1], len(messages))
        writers = [item.subject.split(".", 3)[2] for item in items]
        for share in self._shares:
            # One that names no writer in its headers is parked by all who read its subject.
            if mine := [item for item, writer in zip(items, writers, strict=True) if writer in share.writers]:
                batch.waits_for.add(share)
                share.put(mine, batch)
        self._under_way.append(batch)
        if not batch.waits_for:
            self._acknowledge_later()

    def finished(self, share: "Share", batch: _Batch) -> None:
        """A service has committed its part of a batch."""
        batch.waits_for.discard(share)
        self._acknowledge_later()

    def left(self, share: "Share") -> None:
        """A service of this process stops: the others go on without it.

        What it did not commit is acknowledged all the same where they do. It finds by the writers' heads what it lacks
        when it is back.
        """
        if share in self._shares:
            self._shares.remove(share)
        for batch in self._under_way:
            batch.waits_for.discard(share)
        self._acknowledge_later()

    def _acknowledge_later(self) -> None:
        done: Msg | None = None
        while self._under_way and not self._under_way[0].waits_for:
            done = self._under_way.popleft().last or done
            self._room.set()
        if done is None or not self._may_acknowledge:
            return
        task = asyncio.create_task(_acknowledge(done))
        self._acknowledging.add(task)
        task.add_done_callback(self._acknowledging.discard)

    @property
    def _may_acknowledge(self) -> bool:
        """Whether this is still the connection that all messages under way came on, and the feed runs."""
        return self.bound.is_set() and self._pull is not None and self._pull.current and self._broker.connected

    @property
    def holds(self) -> bool:
        """Whether messages have come that were not handed out yet."""
        return self._pull is not None and self._pull.holds

    async def pending(self) -> int:
        """As the broker tells it."""
        return await pending_of(self._broker, self._durable)


class Share:
    """One service's part of a feed."""

    def __init__(self, feed: Feed, writers: frozenset[str], gather: float = 0.0) -> None:
        self._feed = feed
        self.writers = writers
        """Of these services this one reads what they write."""
        self._gather = gather
        self._gave_at = 0.0
        self._arrived: deque[tuple[Sequence[Arrived], _Batch]] = deque()
        self._given: list[tuple[Sequence[Arrived], _Batch]] = []
        self._wake = asyncio.Event()

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
        while (early := self._gave_at + self._gather - time.monotonic()) > 0 and self._waiting < BATCH:
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), early)
        self._gave_at = time.monotonic()
        items = self._take()
        while self._arrived and len(items) + len(self._arrived[0][0]) <= BATCH:
            items += self._take()
        return items

    def _take(self) -> list[Arrived]:
        self._given.append(self._arrived.popleft())
        return list(self._given[-1][0])

    @property
    def _waiting(self) -> int:
        return sum(len(items) for items, _ in self._arrived)

    async def done(self) -> None:
        """Tell the feed."""
        given, self._given = self._given, []
        for _, batch in given:
            self._feed.finished(self, batch)

    async def close(self) -> None:
        """What was given and is not committed is given again first: the others wait for it too."""
        self._arrived.extendleft(reversed(self._given))
        self._given = []

    def leave(self) -> None:
        """Let the others go on."""
        self._feed.left(self)
        self._arrived.clear()
        self._given = []

    @property
    def holds(self) -> bool:
        """Whether something came that was not given."""
        return bool(self._arrived) or self._feed.holds

    async def pending(self) -> int:
        """Of the whole feed."""
        return await self._feed.pending()


async def _acknowledge(message: Msg) -> None:
    with contextlib.suppress(NatsError, OSError):  # it comes again, and is a repeat then
        await message.ack()
