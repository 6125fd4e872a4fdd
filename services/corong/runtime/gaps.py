"""Heads and resending: how a reader finds that it lacks something, and gets it.

Each writer tells the last number of each of its partitions that the broker has stored, again and again. A reader whose
watermark is behind a head while nothing waits for it at the broker lacks events (the broker's store was lost, a bit
flipped, or early ones died with a process): it asks the writer to send again from its outbox.
"""

import asyncio
import contextlib
import json
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable

import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from corong.runtime import tables
from corong.runtime.broker import Broker
from corong.runtime.committer import Closed
from corong.runtime.database import Database
from corong.runtime.metrics import BEHIND, GAPS
from corong.runtime.reader import Reader
from corong.runtime.relay import Relay
from corong.runtime.statements import run
from corong_contracts.base import writer_name
from corong_contracts.topology import head_subject, resend_subject

log = structlog.get_logger()

HEAD_SECONDS = 1.0
ASK_AGAIN_SECONDS = 1.0

Tell = Callable[[str, int, int], Awaitable[None]]

_WRITERS = select(tables.writer.c.partition, tables.writer.c.last, tables.writer.c.relayed)
_PARTITION = re.compile(r"[a-z]+\.[0-9]{2,4}")


class Heads:
    """The writer's side: tells its heads and sends again."""

    def __init__(self, service: str, database: Database, broker: Broker, relay: Relay, owned: range) -> None:
        self._service = service
        self._database = database
        self._broker = broker
        self._relay = relay
        self._owned = owned

    async def run(self) -> None:
        """Until cancelled."""
        subscription = await self._broker.connection.subscribe(resend_subject(self._service), cb=self._on_resend)
        try:
            while True:
                with contextlib.suppress(NatsError, OSError, TimeoutError, SQLAlchemyError):
                    heads = await asyncio.to_thread(self._read)
                    await self._broker.connection.publish(head_subject(self._service), json.dumps(heads).encode())
                await asyncio.sleep(HEAD_SECONDS)
        finally:
            with contextlib.suppress(NatsError, OSError):
                await subscription.unsubscribe()

    def _read(self) -> dict[str, int]:
        with self._database.read() as connection:
            rows = run(connection, _WRITERS)
        own = [(partition, last, relayed) for partition, last, relayed in rows if partition in self._owned]
        BEHIND.labels(self._service).set(sum(last - relayed for _, last, relayed in own))
        return {writer_name(self._service, partition): relayed for partition, _, relayed in own if relayed}

    async def _on_resend(self, message: Msg) -> None:
        try:
            asked = json.loads(message.data)
            partition, first, last = int(asked["partition"]), int(asked["first"]), int(asked["last"])
            question = str(asked["question"])[:64]
        except (ValueError, KeyError, TypeError):
            return
        if partition not in self._owned:
            return
        try:
            sent = await self._relay.send_again(partition, first, last, question)
        except (NatsError, OSError, TimeoutError, SQLAlchemyError):
            return  # asked again soon
        log.info("sent again", service=self._service, partition=partition, first=first, last=last, sent=sent)


class Gaps:
    """The reader's side: compares heads with watermarks and asks."""

    def __init__(
        self, reader: Reader, broker: Broker, writers: Iterable[str], owned: range, tell: Tell | None = None
    ) -> None:
        """`tell` is called with the writer and the first and last number that it is asked for."""
        self._tell = tell
        self._reader = reader
        self._broker = broker
        self._writers = tuple(writers)
        self._owned = owned
        self._asked: dict[str, float] = {}
        self._suspected: dict[str, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        reader.order.ask_again = self.ask_again

    async def run(self) -> None:
        """Until cancelled."""
        subscriptions = [
            await self._broker.connection.subscribe(head_subject(service), cb=self._on_head)
            for service in self._writers
        ]
        try:
            await asyncio.Event().wait()
        finally:
            for subscription in subscriptions:
                with contextlib.suppress(NatsError, OSError):
                    await subscription.unsubscribe()

    def ask_again(self, writer: str, first: int, last: int) -> None:
        """Ask `writer` to send the numbers `first` to `last` once more; not more often than once a second."""
        now = time.monotonic()
        if self._asked.get(writer, 0.0) > now - ASK_AGAIN_SECONDS:
            return
        self._asked[writer] = now
        GAPS.labels(self._reader.service, writer).inc()
        log.warning("gap: asks to send again", service=self._reader.service, writer=writer, first=first, last=last)
        task = asyncio.create_task(self._ask(writer, first, last))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask(self, writer: str, first: int, last: int) -> None:
        service, partition = writer.split(".")
        question = uuid.uuid4().hex
        self._reader.order.question(writer, question)
        asked = {"partition": int(partition), "first": first, "last": last, "question": question}
        body = json.dumps(asked).encode()
        with contextlib.suppress(NatsError, OSError):
            await self._broker.connection.publish(resend_subject(service), body)
        if self._tell is not None:
            with contextlib.suppress(Closed, SQLAlchemyError):  # asked again soon, and told again
                await self._tell(writer, first, last)

    async def _on_head(self, message: Msg) -> None:
        try:
            heads = {str(writer): int(number) for writer, number in json.loads(message.data).items()}
        except (ValueError, TypeError, AttributeError):
            return
        order = self._reader.order
        waiting = set(order.waiting)
        behind = {
            writer: head
            for writer, head in heads.items()
            if _PARTITION.fullmatch(writer)
            and int(writer.split(".")[1]) in self._owned
            and order.next_of(writer) <= head
            and writer not in waiting
        }
        for writer in heads.keys() - behind.keys():
            self._suspected.pop(writer, None)
        # Once may be a message on its way; twice at the same number, with nothing on its way, is a gap.
        again = [writer for writer in behind if self._suspected.get(writer) == order.next_of(writer)]
        self._suspected.update((writer, order.next_of(writer)) for writer in behind)
        if again and self._reader.bound.is_set() and await self._nothing_comes():
            for writer in again:
                self.ask_again(writer, order.next_of(writer), behind[writer])

    async def _nothing_comes(self) -> bool:
        """Whether the broker has nothing for this reader, and the reader nothing in hand.

        What the broker gave out and nobody acknowledged is not on its way: it was for a process that died, or for a
        connection that broke, and comes again only when its time is over.
        """
        with contextlib.suppress(NatsError, OSError, TimeoutError):
            # What it had sent before this answer has arrived before it.
            return not await self._reader.source.pending() and not self._reader.busy
        return False
