"""The NATS door: the work-queue stream INBOUND; a message leaves it when intake has committed.

What has come is taken together: one commit for a batch. A batch that fails is taken message by message, so that
one that can't be taken now does not keep its neighbours out.
"""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Sequence

import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from sqlalchemy.exc import SQLAlchemyError

from corong.runtime.broker import Broker
from corong.runtime.committer import Closed
from corong.runtime.database import may_pass
from corong.runtime.pull import ConsumerGone, Pull
from corong_contracts.channel import Receipt
from corong_contracts.topology import INBOUND, consumer_name

log = structlog.get_logger()

RECEIPT_HEADER = "Corong-Receipt-To"
BATCH = 256
GATHER = 0.04
"""Seconds after a batch in which what comes is kept for the next; what comes alone is taken at once."""
FIRST_WAIT = 3.0
WORKERS = 2
"""Batches under way: one is prepared while another is committed."""

TRIES = 5
"""How often a message is tried that fails by itself, and not because something is away."""

Take = Callable[[Sequence[tuple[str, bytes]]], Awaitable[list[Receipt]]]
"""Accepts or quarantines (subject, body)s in one commit; raises where nothing of any was kept."""
Refuse = Callable[[str, bytes], Awaitable[Receipt]]
"""Quarantines a message (subject, body) that can't be taken."""


class Door:
    """Reads INBOUND for intake."""

    def __init__(self, broker: Broker, take: Take, refuse: Refuse) -> None:
        self._broker = broker
        self._take = take
        self._refuse = refuse
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
        pull = Pull(self._broker.connection, INBOUND.name, self._durable, BATCH, GATHER)
        room = asyncio.Semaphore(WORKERS)
        tasks: set[asyncio.Task[None]] = set()
        with self._broker.when_back(pull.interrupt):
            try:
                await pull.start()
                while True:
                    await room.acquire()
                    task = asyncio.create_task(self._together(await pull.next(), room))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
            finally:
                with contextlib.suppress(NatsError, OSError):
                    await pull.stop()
                if tasks:  # what is being committed is finished, or it would come again for nothing
                    await asyncio.wait(tasks)

    async def _together(self, messages: list[Msg], room: asyncio.Semaphore) -> None:
        try:
            receipts = await self._take([(message.subject, message.data) for message in messages])
        except Closed:
            return
        except Exception as error:  # found out one by one
            if len(messages) > 1:
                log.warning("a batch is taken one by one", error=type(error).__name__)
            for message in messages:
                await self._alone(message)
        else:
            for message, receipt in zip(messages, receipts, strict=True):
                await self._done(message, receipt)
        finally:
            room.release()

    async def _alone(self, message: Msg) -> None:
        try:
            try:
                receipt = (await self._take([(message.subject, message.data)]))[0]
            except Exception as error:
                tries = message.metadata.num_delivered
                if tries < TRIES or not _hopeless(error):
                    raise
                log.error("a message can't be taken: quarantine", tries=tries, error=type(error).__name__)
                receipt = await self._refuse(message.subject, message.data)
        except Closed:
            return
        except Exception as error:  # it stays in the stream and comes again
            tries = message.metadata.num_delivered
            log.warning("intake tries again later", tries=tries, error=type(error).__name__)
            wait = random.uniform(0, min(0.2 * 2 ** min(tries, 10), 30.0))  # noqa: S311  # jitter, no secret
            with contextlib.suppress(NatsError, OSError):
                await message.nak(delay=wait)
        else:
            await self._done(message, receipt)

    async def _done(self, message: Msg, receipt: Receipt) -> None:
        """What can't be said because the broker is away comes again, and is a repeat then."""
        with contextlib.suppress(NatsError, OSError):
            await message.ack()
            back = (message.headers or {}).get(RECEIPT_HEADER, "")
            if back.startswith("_INBOX_channels."):
                await self._broker.connection.publish(back, receipt.model_dump_json().encode())


def _hopeless(error: Exception) -> bool:
    """Whether the message itself is at fault: the same work would fail for ever."""
    if isinstance(error, SQLAlchemyError):
        return not may_pass(error)
    return isinstance(error, ValueError | TypeError | LookupError | ArithmeticError | AttributeError)


class Reconnected(ConnectionError):
    """The connection broke and is back: the receipt may have been sent meanwhile."""


class Submitter:
    """The other side: gives a message to intake over NATS and waits for the receipt."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    async def submit(self, subject: str, body: bytes, *, wait: float = 20.0) -> Receipt:
        """Publish until intake's receipt comes; waits, at most `wait` seconds a try, as long as the hub is away.

        The first tries are short: a receipt is lost with intake's process or the broker, and a repeat costs little.
        """
        attempt = 0
        while True:
            try:
                return await self._try(subject, body, min(FIRST_WAIT * 2 ** min(attempt, 10), wait))
            except (NatsError, TimeoutError, OSError, ValueError) as error:
                attempt += 1
                log.warning("waits for intake's receipt", attempt=attempt, error=type(error).__name__)
                if not isinstance(error, Reconnected):
                    await asyncio.sleep(min(0.2 * 2 ** min(attempt, 10), 5.0))

    async def _try(self, subject: str, body: bytes, wait: float) -> Receipt:
        connection = self._broker.connection
        answer: asyncio.Future[Msg] = asyncio.get_running_loop().create_future()

        async def on_receipt(message: Msg) -> None:
            if not answer.done():
                answer.set_result(message)

        def on_reconnect() -> None:
            if not answer.done():
                answer.set_exception(Reconnected())

        inbox = connection.new_inbox()
        subscription = await connection.subscribe(inbox, cb=on_receipt, max_msgs=1)
        try:
            with self._broker.when_back(on_reconnect):
                await self._broker.jetstream.publish(
                    subject, body, timeout=5, stream=INBOUND.name, headers={RECEIPT_HEADER: inbox}
                )
                message = await asyncio.wait_for(answer, wait)
            return Receipt.model_validate_json(message.data)
        finally:
            if not answer.cancel() and not answer.cancelled():
                answer.exception()  # read, or asyncio would report it as forgotten
            with contextlib.suppress(NatsError, OSError):
                await subscription.unsubscribe()
