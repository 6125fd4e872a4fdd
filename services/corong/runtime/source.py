"""Where a reader's messages come from: a consumer of its own here, or a share of a feed (`feed.py`).

An acknowledgement names a sequence of the stream and covers everything before it (AckAll). A broker that lost its store
counts anew, and would pass over new messages for it: what came on an earlier connection is not acknowledged.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Protocol

from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from corong.runtime.arrivals import Arrived, arrived
from corong.runtime.broker import Broker
from corong.runtime.pull import Pull
from corong_contracts.topology import EVENTS

BATCH = 500
GATHER = 0.02
"""Seconds; of the 250 ms that a message may take to a queue under load."""
LONG_GATHER = 0.1
"""Seconds, for services whose tables nobody waits for: a commit costs as much for one event as for fifty."""
KEEP_ALIVE_SECONDS = 10.0
"""How often the broker is told that a batch is being worked on; it waits for thirty."""


class Source(Protocol):
    """Batches for one reader, in the broker's order."""

    async def open(self) -> None:
        """Begin (again). Raises what the broker raises, and `ConsumerGone`."""

    async def next(self, patience: float | None) -> Sequence[Arrived]:
        """What has come; nothing where `patience`, in seconds, ends before. Raises `ConsumerGone`."""

    async def done(self) -> None:
        """All that was given has been committed."""

    async def close(self) -> None:
        """Take no more for now. What was given and is not done comes again after `open`."""

    def leave(self) -> None:
        """Take no more for ever: the service stops."""

    @property
    def holds(self) -> bool:
        """Whether something has come that `next` has not given yet."""

    async def pending(self) -> int:
        """How many messages the broker has for this reader and has not sent. Raises what the broker raises."""


class OwnConsumer:
    """A durable consumer that this reader alone reads."""

    def __init__(self, broker: Broker, durable: str, gather: float = 0.0) -> None:
        """`gather`: seconds after a batch in which what comes is kept for the next, where `GATHER` is not enough."""
        self._gather = max(gather, GATHER)
        self._broker = broker
        self._durable = durable
        self._pull: Pull | None = None
        self._open = contextlib.ExitStack()
        self._last: Msg | None = None
        self._beat: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Ask for the consumer, and begin to pull."""
        await self.pending()
        self._pull = Pull(self._broker.connection, EVENTS.name, self._durable, BATCH, self._gather)
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
        if last is not None and self._pull is not None and self._pull.current and self._broker.connected:
            await last.ack()

    async def close(self) -> None:
        """Let the inbox go."""
        self._quiet()
        self._open.close()
        if self._pull is not None:
            with contextlib.suppress(NatsError, OSError):
                await self._pull.stop()

    def leave(self) -> None:
        """Nobody else reads this consumer."""

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
        return await pending_of(self._broker, self._durable)


async def pending_of(broker: Broker, durable: str) -> int:
    """How many messages the broker has for a consumer and has not sent. Raises what the broker raises."""
    info = await broker.jetstream.consumer_info(EVENTS.name, durable, timeout=2)
    return info.num_pending or 0


async def keep_alive(message: Msg) -> None:
    """Tell the broker again and again that a message is being worked on. Until cancelled."""
    while True:
        await asyncio.sleep(KEEP_ALIVE_SECONDS)
        with contextlib.suppress(NatsError, OSError):
            await message.in_progress()
