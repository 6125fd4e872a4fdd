"""The NATS door: the work-queue stream INBOUND, read through FastStream; a message leaves it when intake has committed.

`REJECT_ON_ERROR`, FastStream's default, would lose a message whose handler raises: acknowledgement is manual here.
"""

import json
import random
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from faststream import AckPolicy
from faststream.nats import JStream, NatsMessage, PullSub
from nats.errors import Error as NatsError

from corong.runtime.broker import Broker
from corong.runtime.committer import Closed
from corong_contracts.channel import Receipt
from corong_contracts.topology import INBOUND, consumer_name, inbox_of

log = structlog.get_logger()

RECEIPT_HEADER = "Corong-Receipt-To"
IN_FLIGHT = 400

Take = Callable[[str, bytes], Awaitable[Receipt]]
"""Accepts (subject, body) or quarantines it; raises only what may pass with time."""


def open_door(broker: Broker, take: Take) -> None:
    """Register the subscriber. The topology makes its consumer; `declare=False` keeps FastStream off it."""

    async def whole(message: NatsMessage) -> NatsMessage:
        return message

    @broker.app.subscriber(
        "corong.inbound.>",
        stream=JStream(INBOUND.name, declare=False),
        durable=consumer_name("intake", INBOUND.name),
        pull_sub=PullSub(batch_size=IN_FLIGHT, timeout=1.0),
        max_workers=IN_FLIGHT,
        inbox_prefix=f"{inbox_of('intake')}.".encode(),  # here with the dot, on the broker without: wrong is silent
        ack_policy=AckPolicy.MANUAL,
        decoder=whole,
    )
    async def handle(message: Any) -> None:
        raw = message.raw_message
        try:
            receipt = await take(raw.subject, message.body)
        except Closed:
            return
        except Exception as error:  # it stays in the stream and comes again
            tries = raw.metadata.num_delivered
            log.warning("intake tries again later", tries=tries, error=type(error).__name__)
            await message.nack(delay=random.uniform(0, min(0.2 * 2**tries, 30.0)))  # noqa: S311  # jitter, no secret
            return
        await message.ack()
        back = message.headers.get(RECEIPT_HEADER)
        if back and back.startswith("_INBOX_channels."):
            await broker.connection.publish(back, receipt.model_dump_json().encode())


class Submitter:
    """The other side: gives a message to intake over NATS and waits for the receipt."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    async def submit(self, subject: str, body: bytes, *, wait: float = 20.0) -> Receipt:
        """Publish until intake's receipt comes; waits as long as the hub is away."""
        import asyncio

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
