"""Reads the partitions of other writers, whole and in order, and brings each event into the service exactly once.

The inbox is a watermark for each writer. A jump in a writer's numbers is a gap: what came early waits in memory, and
the writer is asked to send again. What was acknowledged early and died with the process is found by the writers' heads
(`gaps.py`).
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError

from corong.runtime import tables
from corong.runtime.broker import Broker
from corong.runtime.committer import Closed, Committer
from corong.runtime.database import Database
from corong.runtime.metrics import REPEATS, TAKEN
from corong.runtime.parking import park
from corong.runtime.pull import ConsumerGone, Pull
from corong.runtime.unit import Unit
from corong_contracts.base import AnyEvent
from corong_contracts.catalogue import BadEvent, UnknownType, decode
from corong_contracts.topology import EVENTS

log = structlog.get_logger()

BATCH = 500
EARLY_LIMIT = 5_000
TRIES = 3

React = Callable[[Unit, AnyEvent], None]
Raw = Callable[[Unit, "list[Arrived]"], None]
AskAgain = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Arrived:
    """One message of a writer's partition, known by its headers."""

    writer: str
    number: int
    name: str
    """`<noun>.<verb>`."""
    subject: str
    body: bytes


class Reader:
    """One for each service in a process."""

    def __init__(
        self,
        service: str,
        database: Database,
        committer: Committer,
        broker: Broker,
        durable: str,
        wants: frozenset[str],
        react: React,
        chunk: int = BATCH,
        raw: "Raw | None" = None,
    ) -> None:
        """`wants` names the events that are opened; `raw`, where given, gets whole chunks unopened instead."""
        self._raw = raw
        self.service = service
        self.durable = durable
        self._database = database
        self._committer = committer
        self._broker = broker
        self._wants = wants
        self._react = react
        self._chunk = chunk
        self.expected: dict[str, int] = {}
        """Writer → the number that comes next, as this process believes; the watermark in the database decides."""
        self._early: dict[str, dict[int, Arrived]] = {}
        self.ask_again: AskAgain = lambda writer, first, last: None
        self.bound = asyncio.Event()
        """Set while the consumer is being read."""

    async def run(self) -> None:
        """Until cancelled."""
        wait = 0.1
        while True:
            try:
                await self._session()
            except (ConsumerGone, NatsError, TimeoutError, OSError) as error:
                self.bound.clear()
                log.warning("reader binds again", service=self.service, reason=type(error).__name__)
                await asyncio.sleep(wait)
                wait = min(wait * 2, 1.0)
            except Closed:
                return
            else:
                wait = 0.1

    async def _session(self) -> None:
        await self._broker.jetstream.consumer_info(EVENTS.name, self.durable, timeout=2)
        await self.load()
        pull = Pull(self._broker.connection, EVENTS.name, self.durable, BATCH)
        await pull.start()
        self.bound.set()
        try:
            while True:
                messages = await pull.next()
                await self._take(messages)
        finally:
            with contextlib.suppress(NatsError, OSError):
                await pull.stop()

    async def load(self) -> None:
        """Read the watermarks."""

        def read() -> dict[str, int]:
            with self._database.read() as connection:
                found = connection.execute(select(tables.inbox.c.writer, tables.inbox.c.taken))
                return {row.writer: row.taken + 1 for row in found}

        self.expected = await asyncio.to_thread(read)
        self._early.clear()

    async def _take(self, messages: list[Msg]) -> None:
        last = messages[-1]
        ready, strays = self._order(messages)
        beat = asyncio.create_task(_keep_alive(last))
        try:
            for stray in strays:
                await self._committer.run(partial(_park, arrived=stray, reason="no_writer", attempts=1), later=True)
            for start in range(0, len(ready), self._chunk):
                await self._process(ready[start : start + self._chunk])
        finally:
            beat.cancel()
        await last.ack()  # all before it too

    def _order(self, messages: list[Msg]) -> tuple[list[Arrived], list[Arrived]]:
        """What can be taken now, in order; and what has no writer or number."""
        ready: list[Arrived] = []
        strays: list[Arrived] = []
        for message in messages:
            arrived = _arrived(message)
            if not arrived.writer:
                strays.append(arrived)
                continue
            self._place(arrived, ready)
        return ready, strays

    def _place(self, arrived: Arrived, ready: list[Arrived]) -> None:
        writer = arrived.writer
        expected = self.expected.get(writer, 1)
        early = self._early.setdefault(writer, {})
        if arrived.number < expected:
            REPEATS.labels(self.service).inc()
        elif arrived.number > expected:
            if len(early) < EARLY_LIMIT:
                early[arrived.number] = arrived
            self.ask_again(writer, expected, min(early) - 1)
        else:
            ready.append(arrived)
            expected += 1
            while expected in early:
                ready.append(early.pop(expected))
                expected += 1
            self.expected[writer] = expected

    async def _process(self, batch: list[Arrived], tries: int = 0) -> None:
        """One chunk in one commit; a failing one is tried again in place, then halved to find the culprit."""
        try:
            await self._committer.run(lambda unit: self._fold(unit, batch), later=True)
        except Closed:
            raise
        except (OperationalError, InterfaceError, OSError) as error:
            # The database is away or busy: that is nobody's fault but time's.
            log.warning("commit failed, tried again", service=self.service, error=type(error).__name__)
            await asyncio.sleep(min(0.1 * 2**tries, 5.0))
            await self._process(batch, tries + 1)
        except Exception as error:  # a handler may fail in any way; the message is parked, not lost
            if len(batch) > 1:
                middle = len(batch) // 2
                await self._process(batch[:middle])
                await self._process(batch[middle:])
            elif tries + 1 < TRIES:
                await asyncio.sleep(0.05 * 4**tries)
                await self._process(batch, tries + 1)
            else:
                culprit = batch[0]
                reason = f"handler: {type(error).__name__}"
                log.error(
                    "event parked", service=self.service, writer=culprit.writer, number=culprit.number, reason=reason
                )
                await self._committer.run(lambda unit: _park(unit, culprit, reason, TRIES), later=True)
        else:
            TAKEN.labels(self.service).inc(len(batch))

    def _fold(self, unit: Unit, batch: list[Arrived]) -> None:
        if self._raw is not None:
            self._raw(unit, batch)
            return
        unit.lock(*{int(arrived.writer[-2:]) for arrived in batch})
        for arrived in batch:
            if arrived.number <= unit.taken(arrived.writer):
                continue
            if arrived.name not in self._wants:
                unit.take(arrived.writer, arrived.number)
                continue
            try:
                event = decode(arrived.body)
                if event.writer != arrived.writer or event.number != arrived.number:
                    raise BadEvent("writer or number differ between headers and body")
            except (BadEvent, UnknownType) as error:
                log.error(
                    "event parked",
                    service=self.service,
                    writer=arrived.writer,
                    number=arrived.number,
                    reason=str(error),
                )
                _park(unit, arrived, f"{type(error).__name__}: {error}", 1)
                continue
            unit.take(arrived.writer, arrived.number)
            self.bring_in(unit, event)

    def bring_in(self, unit: Unit, event: AnyEvent) -> None:
        """Fold an event into the tables and react to it."""
        unit.traceparent = event.traceparent
        unit.numbering.apply(event, unit.rows)
        self._react(unit, event)


def _park(unit: Unit, arrived: Arrived, reason: str, attempts: int) -> None:
    if arrived.writer:
        unit.take(arrived.writer, arrived.number)
    park(
        unit,
        stream=EVENTS.name,
        subject=arrived.subject,
        writer=arrived.writer,
        number=arrived.number,
        body=arrived.body,
        reason=reason,
        attempts=attempts,
    )


def _arrived(message: Msg) -> Arrived:
    headers = message.headers or {}
    writer = headers.get("Corong-Writer", "")
    number = headers.get("Corong-Number", "")
    parts = message.subject.split(".")
    # The broker's permissions make sure of the subject; a header that says otherwise is not believed.
    named = len(parts) == 6 and writer == f"{parts[2]}.{parts[3]}" and parts[3].isdigit() and number.isdigit()
    return Arrived(
        writer=writer if named else "",
        number=int(number) if named else 0,
        name=".".join(parts[4:6]),
        subject=message.subject,
        body=message.data,
    )


async def _keep_alive(message: Msg) -> None:
    while True:
        await asyncio.sleep(10)
        await message.in_progress()
