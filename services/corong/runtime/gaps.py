"""Heads and resending: how a reader finds that it lacks something, and gets it.

Each writer tells the last number of each of its partitions that the broker has stored, again and again. A reader whose
watermark is behind a head while nothing waits for it at the broker lacks events (the broker's store was lost, a bit
flipped, or early ones died with a process): it asks the writer to send again from its outbox.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Iterable

import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from sqlalchemy import select

from corong.runtime import tables
from corong.runtime.broker import Broker
from corong.runtime.database import Database
from corong.runtime.metrics import BEHIND, GAPS
from corong.runtime.reader import Reader
from corong.runtime.relay import Relay
from corong_contracts.base import writer_name
from corong_contracts.topology import EVENTS, head_subject, resend_subject

log = structlog.get_logger()

HEAD_SECONDS = 1.0
ASK_AGAIN_SECONDS = 1.0


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
        await self._broker.connection.subscribe(resend_subject(self._service), cb=self._on_resend)
        while True:
            with contextlib.suppress(NatsError, OSError, TimeoutError):
                heads = await asyncio.to_thread(self._read)
                await self._broker.connection.publish(head_subject(self._service), json.dumps(heads).encode())
            await asyncio.sleep(HEAD_SECONDS)

    def _read(self) -> dict[str, int]:
        writer = tables.writer.c
        with self._database.read() as connection:
            rows = connection.execute(
                select(writer.partition, writer.last, writer.relayed).where(writer.partition.in_(list(self._owned)))
            ).all()
        BEHIND.labels(self._service).set(sum(row.last - row.relayed for row in rows))
        return {writer_name(self._service, row.partition): row.relayed for row in rows if row.relayed}

    async def _on_resend(self, message: Msg) -> None:
        try:
            asked = json.loads(message.data)
            partition, first, last = int(asked["partition"]), int(asked["first"]), int(asked["last"])
        except (ValueError, KeyError, TypeError):
            return
        if partition not in self._owned:
            return
        try:
            sent = await self._relay.send_again(partition, first, last)
        except (NatsError, OSError, TimeoutError):
            return  # asked again soon
        log.info("sent again", service=self._service, partition=partition, first=first, last=last, sent=sent)


class Gaps:
    """The reader's side: compares heads with watermarks and asks."""

    def __init__(self, reader: Reader, broker: Broker, writers: Iterable[str], owned: range) -> None:
        self._reader = reader
        self._broker = broker
        self._writers = tuple(writers)
        self._owned = owned
        self._asked: dict[str, float] = {}
        self._suspected: dict[str, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        reader.ask_again = self.ask_again

    async def run(self) -> None:
        """Until cancelled."""
        for service in self._writers:
            await self._broker.connection.subscribe(head_subject(service), cb=self._on_head)
        await asyncio.Event().wait()

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
        body = json.dumps({"partition": int(partition), "first": first, "last": last}).encode()
        with contextlib.suppress(NatsError, OSError):
            await self._broker.connection.publish(resend_subject(service), body)

    async def _on_head(self, message: Msg) -> None:
        try:
            heads = {str(writer): int(number) for writer, number in json.loads(message.data).items()}
        except (ValueError, TypeError, AttributeError):
            return
        behind = {
            writer: head
            for writer, head in heads.items()
            if int(writer[-2:]) in self._owned and self._reader.expected.get(writer, 1) <= head
        }
        for writer in heads.keys() - behind.keys():
            self._suspected.pop(writer, None)
        # Once may be a message on its way; twice at the same number, with nothing waiting, is a gap.
        again = {writer for writer in behind if self._suspected.get(writer) == self._reader.expected.get(writer, 1)}
        for writer in behind:
            self._suspected[writer] = self._reader.expected.get(writer, 1)
        if not again or not self._reader.bound.is_set():
            return
        with contextlib.suppress(NatsError, OSError, TimeoutError):
            info = await self._broker.jetstream.consumer_info(EVENTS.name, self._reader.durable, timeout=2)
            if info.num_pending or info.num_ack_pending:
                return
            for writer in again:
                self.ask_again(writer, self._reader.expected.get(writer, 1), behind[writer])
