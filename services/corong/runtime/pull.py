"""A pull subscription that keeps a request open at the broker and gives what has come, at once.

FastStream's batch subscriber waits the whole time-out for a batch to fill (its loop goes on until `batch_size` or the
deadline), and nats-py's `fetch` lingers likewise: a message that comes alone would wait. Here a batch is what is there.
"""

import asyncio
import json
import time
from collections import deque

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

EXPIRES = 15.0
HEARTBEAT = 2.5


class ConsumerGone(RuntimeError):
    """The consumer or its stream is not there (any more), or the broker is silent: bind again."""


class Pull:
    """One durable consumer, read by this process."""

    def __init__(self, connection: Client, stream: str, durable: str, batch: int, gather: float = 0.0) -> None:
        """`gather`: seconds after a batch in which what comes is kept for the next; what comes alone is given at once.

        Under a steady load a commit for each message would cost more than the work in it.
        """
        self._gather = gather
        self._given = 0.0
        self._connection = connection
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
        self._batch = batch
        self._arrived: deque[Msg] = deque()
        self._wake = asyncio.Event()
        self._open = 0
        """Messages that the broker may still send on open requests."""
        self._gone = ""
        self._heard = 0.0
        """When the broker last said anything, or was last asked."""
        self._inbox = ""
        self._subscription: Subscription | None = None

    async def start(self) -> None:
        """Subscribe to this process's own inbox."""
        self._inbox = self._connection.new_inbox()
        self._subscription = await self._connection.subscribe(
            self._inbox, cb=self._on_message, pending_msgs_limit=-1, pending_bytes_limit=-1
        )

    async def stop(self) -> None:
        """Let the inbox go."""
        if self._subscription is not None and not self._connection.is_closed:
            await self._subscription.unsubscribe()

    @property
    def holds(self) -> bool:
        """Whether messages have come that `next` has not given yet."""
        return bool(self._arrived)

    @property
    def current(self) -> bool:
        """Whether what it gave came from the broker as it is now."""
        return not self._gone

    def interrupt(self) -> None:
        """The connection is a new one: the broker knows nothing of what was asked on the old one."""
        self._gone = "connected again"
        self._wake.set()

    async def next(self, patience: float | None = None) -> list[Msg]:
        """What has come, at most a batch; nothing where `patience`, in seconds, ends before. Raises `ConsumerGone`."""
        until = None if patience is None else time.monotonic() + patience
        early = self._given + self._gather - time.monotonic()
        if early > 0:
            await asyncio.sleep(early)
        while not self._arrived:
            if self._gone:
                raise ConsumerGone(self._gone)
            await self._request()
            self._wake.clear()
            if self._arrived:
                break
            silent = self._heard + HEARTBEAT * 3
            first = silent if until is None else min(until, silent)
            try:
                await asyncio.wait_for(self._wake.wait(), first - time.monotonic())
            except TimeoutError:
                if first != silent:
                    return []
                raise ConsumerGone("the broker is silent") from None
        found = [self._arrived.popleft() for _ in range(min(self._batch, len(self._arrived)))]
        await self._request()
        self._given = time.monotonic()
        return found

    async def _request(self) -> None:
        if self._open > self._batch // 2 or len(self._arrived) > self._batch:
            return
        request = {
            "batch": self._batch,
            "expires": int(EXPIRES * 1e9),
            "idle_heartbeat": int(HEARTBEAT * 1e9),
        }
        self._open += self._batch
        self._heard = time.monotonic()
        await self._connection.publish(self._subject, json.dumps(request).encode(), self._inbox)

    async def _on_message(self, message: Msg) -> None:
        self._heard = time.monotonic()
        status = (message.headers or {}).get("Status") if message.headers else None
        if status is None:
            self._open -= 1
            self._arrived.append(message)
        elif status in ("404", "408"):  # nothing there, or the request's time is over
            left = (message.headers or {}).get("Nats-Pending-Messages", str(self._batch))
            self._open = max(0, self._open - int(left))
        elif status != "100":  # 100 is the heartbeat
            description = (message.headers or {}).get("Description", "")
            if status == "409" and "exceeded" in description.lower():
                left = (message.headers or {}).get("Nats-Pending-Messages", str(self._batch))
                self._open = max(0, self._open - int(left))
            else:
                self._gone = f"{status} {description}"
        self._wake.set()
