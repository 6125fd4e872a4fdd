"""The NATS door: the work-queue stream INBOUND; a message leaves it when intake has committed.

What has come is taken together: one commit for a batch. A batch that fails is taken message by message, so that
one that can't be taken now does not keep its neighbours out.
"""

import asyncio
import contextlib
import json
import random
from collections.abc import Awaitable, Callable, Sequence

import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from corong.runtime.broker import Broker
from corong.runtime.committer import Closed
from corong.runtime.pull import ConsumerGone, Pull
from corong_contracts.channel import Receipt
from corong_contracts.topology import INBOUND, consumer_name

log = structlog.get_logger()

RECEIPT_HEADER = "Corong-Receipt-To"
BATCH = 256
WORKERS = 2
"""Batches under way: one is prepared while another is committed."""

Take = Callable[[Sequence[tuple[str, bytes]]], Awaitable[list[Receipt]]]
"""Accepts or quarantines (subject, body)s; raises only what may pass with time."""


class Door:
    """Reads INBOUND for intake."""

    def __init__(self, broker: Broker, take: Take) -> None:
        self._broker = broker
        self._take = take
        self._durable = consumer_name("intake", INBOUND.name)

    async def run(self) -> None:
        """Until cancelled."""
        wait = 0.1
        while True:
            try:
                await self._session()
            except (ConsumerGone, NatsError, TimeoutError, OSError) as error:
                log.warning("the NATS door binds again", reason=type(error).__name__)
                await asyncio.sleep(wait)
                wait = min(wait * 2, 1.0)

    async def _session(self) -> None:
        await self._broker.jetstream.consumer_info(INBOUND.name, self._durable, timeout=2)
        pull = Pull(self._broker.connection, INBOUND.name, self._durable, BATCH)
        await pull.start()
        room = asyncio.Semaphore(WORKERS)
        try:
            async with asyncio.TaskGroup() as tasks:
                while True:
                    await room.acquire()
                    tasks.create_task(self._together(await pull.next(), room))
        except* (ConsumerGone, NatsError, TimeoutError, OSError) as errors:
            raise errors.exceptions[0] from None
        finally:
            with contextlib.suppress(NatsError, OSError):
                await pull.stop()

    async def _together(self, messages: list[Msg], room: asyncio.Semaphore) -> None:
        try:
            try:
                receipts = await self._take([(message.subject, message.data) for message in messages])
            except Closed:
                return
            except Exception as error:  # found out one by one
                if len(messages) > 1:
                    log.warning("a batch is taken one by one", error=type(error).__name__)
                for message in messages:
                    await self._alone(message)
                return
            for message, receipt in zip(messages, receipts, strict=True):
                await self._done(message, receipt)
        finally:
            room.release()

    async def _alone(self, message: Msg) -> None:
        try:
            receipts = await self._take([(message.subject, message.data)])
        except Closed:
            return
        except Exception as error:  # it stays in the stream and comes again
            tries = message.metadata.num_delivered
            log.warning("intake tries again later", tries=tries, error=type(error).__name__)
            await message.nak(delay=random.uniform(0, min(0.2 * 2**tries, 30.0)))  # noqa: S311  # jitter, no secret
        else:
            await self._done(message, receipts[0])

    async def _done(self, message: Msg, receipt: Receipt) -> None:
        await message.ack()
        back = (message.headers or {}).get(RECEIPT_HEADER, "")
        if back.startswith("_INBOX_channels."):
            await self._broker.connection.publish(back, receipt.model_dump_json().encode())


class Submitter:
    """The other side: gives a message to intake over NATS and waits for the receipt."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    async def submit(self, subject: str, body: bytes, *, wait: float = 20.0) -> Receipt:
        """Publish until intake's receipt comes; waits, in seconds a try, as long as the hub is away."""
        attempt = 0
        while True:
            attempt += 1
            connection = self._broker.connection
            inbox = connection.new_inbox()
            try:
                subscription = await connection.subscribe(inbox, max_msgs=1)
                try:
                    await self._broker.jetstream.publish(
                        subject, body, timeout=5, stream=INBOUND.name, headers={RECEIPT_HEADER: inbox}
                    )
                    answer = await subscription.next_msg(timeout=wait)
                    return Receipt.model_validate(json.loads(answer.data))
                finally:
                    await subscription.unsubscribe()
            except (NatsError, TimeoutError, OSError) as error:
                log.warning("waits for intake's receipt", attempt=attempt, error=type(error).__name__)
                await asyncio.sleep(min(0.2 * 2**attempt, 5.0))
