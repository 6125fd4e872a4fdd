"""The relay: sends the outbox to JetStream in order and marks how far it got.

An atomic batch costs the broker one fsync (ADR-50 of the NATS architecture: `Nats-Batch-*` headers). A batch with an id
that the broker already has is refused whole (10201): then the rows go one by one, and repeats are acknowledged as such.
"""

import asyncio
import contextlib
import json
import time
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import structlog
from nats.errors import Error as NatsError
from nats.js.errors import APIError
from sqlalchemy import bindparam, select, update

from corong.runtime import tables
from corong.runtime.arrivals import ASKED_HEADER, NUMBER_HEADER, WRITER_HEADER
from corong.runtime.broker import Broker
from corong.runtime.committer import Closed, Committer
from corong.runtime.database import Database, may_pass
from corong.runtime.lent import borrow
from corong.runtime.metrics import RELAYED
from corong.runtime.statements import run_many
from corong.runtime.unit import Unit
from corong.runtime.wire import Outgoing, send
from corong_contracts.base import writer_name
from corong_contracts.topology import EVENTS

log = structlog.get_logger()

BATCH = 500
IN_FLIGHT = 64
MOST_HANDED = 20_000
GATHER = 0.01
"""Seconds after a batch in which what is committed is kept for the next; what is written alone goes at once."""
MARK_SECONDS = 0.2
"""How long marks are gathered: each is a commit, and only saves sending again after a kill."""
TIMEOUT = 5.0
ERR_DUPLICATE_IN_BATCH = 10201


_MARK = (
    update(tables.writer)
    .where(tables.writer.c.partition == bindparam("which"), tables.writer.c.relayed < bindparam("to"))
    .values(relayed=bindparam("to"))
)


@dataclass(frozen=True)
class Row:
    """An outbox row on its way."""

    partition: int
    number: int
    id: str
    type: str
    body: bytes


class Relay:
    """One for each writing service in a process."""

    def __init__(
        self,
        service: str,
        database: Database,
        committer: Committer,
        broker: Broker,
        owned: range,
        look_seconds: float | None = None,
    ) -> None:
        """`look_seconds`: how often to look for what other processes wrote into these partitions, where there are any.

        A door or a command may reach any of the processes that share a service.
        """
        self._look_seconds = look_seconds
        self._service = service
        self._database = database
        self._committer = committer
        self._broker = broker
        self._owned = owned
        self._sent: dict[int, int] = {}
        """Partition → the last number that the broker has acknowledged to this process; marked a little later."""
        self._marking: asyncio.Task[None] | None = None
        self._handed: deque[Row] = deque()
        self._sent_at = 0.0
        self._behind = True
        """The database may hold rows that were not handed over: at the start, after trouble, and of other processes."""
        self._wake = asyncio.Event()
        self._news = asyncio.Event()
        committer.listeners.append(self._on_commit)

    async def stored(self, partition: int, number: int) -> None:
        """Wait until the broker has this number of a partition of this process."""
        while self._sent.get(partition, 0) < number:
            await self._news.wait()

    async def run(self) -> None:
        """Until cancelled."""
        self._wake.set()
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._look_seconds)
            early = self._sent_at + GATHER - time.monotonic()
            if early > 0:  # what is committed meanwhile goes in the same batch
                await asyncio.sleep(early)
            self._wake.clear()
            if self._look_seconds is not None:
                self._behind = True  # not only when this process is idle: the other one's rows must not wait for that
            failures = 0
            while True:
                try:
                    if not await self.step():
                        break
                    failures = 0
                except (NatsError, TimeoutError, OSError) as error:
                    failures += 1
                    if failures == 1:
                        log.warning("relay waits for the broker", service=self._service, error=type(error).__name__)
                    await asyncio.sleep(min(0.1 * 2 ** min(failures, 6), 2.0))

    async def step(self) -> bool:
        """Send one batch. False when nothing is left. Raises what the broker raises."""
        rows: Sequence[Row] = ()
        if self._behind:
            rows = await asyncio.to_thread(self._waiting)
            self._behind = bool(rows)
        if not rows:
            rows = self._take_handed()
        if not rows:
            return self._behind
        try:
            await self._send(rows)
        except BaseException:
            self._behind = True  # what was taken from the hand is found in the database
            raise
        self._sent_at = time.monotonic()
        self._sent.update((row.partition, row.number) for row in rows)
        self._news.set()
        self._news = asyncio.Event()
        RELAYED.labels(self._service).inc(len(rows))
        # The mark can come late: a process that dies before it sends these again, and the broker drops them as repeats.
        if self._marking is None or self._marking.done():
            self._marking = asyncio.create_task(self._mark())
        return True

    async def _send(self, rows: Sequence[Row]) -> None:
        if len(rows) > 1:
            try:
                await self._atomic(rows)
            except APIError as error:
                if error.err_code != ERR_DUPLICATE_IN_BATCH:
                    raise
            else:
                return
        await self._one_by_one(rows)

    def _on_commit(self, unit: Unit) -> None:
        """What was just committed goes on without being read again."""
        if len(self._handed) > MOST_HANDED:
            self._handed.clear()
            self._behind = True
        self._handed.extend(
            Row(row["partition"], row["number"], row["id"], row["type"], row["body"])
            for row in unit.outbox
            if row["partition"] in self._owned
        )
        self._wake.set()

    def _take_handed(self) -> list[Row]:
        """Handed-over rows that follow what was sent; a jump means that the database knows more."""
        rows: list[Row] = []
        reached = dict(self._sent)
        while self._handed and len(rows) < BATCH:
            row = self._handed[0]
            sent = reached.get(row.partition, 0)
            if row.number > sent + 1:
                self._behind = True
                break
            self._handed.popleft()
            if row.number == sent + 1:
                rows.append(row)
                reached[row.partition] = row.number
        return rows

    async def _mark(self) -> None:
        marked: dict[int, int] = {}
        while marked != self._sent:
            await asyncio.sleep(MARK_SECONDS)
            sent = dict(self._sent)
            try:
                await self._committer.run(partial(self._write_marks, sent), later=True)
            except Closed:
                return
            except Exception as error:
                if not may_pass(error):
                    raise
                await asyncio.sleep(0.2)
            else:
                marked = sent

    def _write_marks(self, marks: dict[int, int], unit: Unit) -> None:
        run_many(
            unit.connection, _MARK, [{"which": partition, "to": number} for partition, number in sorted(marks.items())]
        )

    def _waiting(self) -> Sequence[Row]:
        box, writer = tables.outbox.c, tables.writer.c
        with self._database.read() as connection:
            behind = connection.execute(
                select(writer.partition, writer.relayed).where(writer.partition.in_(list(self._owned)))
            ).all()
            rows: list[Row] = []
            for partition, marked in behind:
                relayed = self._sent[partition] = max(marked, self._sent.get(partition, 0))
                found = connection.execute(
                    select(box.partition, box.number, box.id, box.type, box.body)
                    .where(box.partition == partition, box.number > relayed)
                    .order_by(box.number)
                    .limit(max(1, BATCH - len(rows)))
                )
                rows.extend(Row(*row) for row in found)
                if len(rows) >= BATCH:
                    break
        return rows

    def message(self, row: Row, message_id: str) -> tuple[str, dict[str, str]]:
        """Subject and headers: a reader can tell writer and number without opening the body."""
        _, _, noun, verb, _ = row.type.split(".")
        writer = writer_name(self._service, row.partition)
        headers = {"Nats-Msg-Id": message_id, WRITER_HEADER: writer, NUMBER_HEADER: str(row.number)}
        return f"corong.event.{writer}.{noun}.{verb}", headers

    async def _atomic(self, rows: Sequence[Row]) -> None:
        batch = uuid.uuid4().hex
        connection = self._broker.connection

        def numbered(sequence: int) -> Outgoing:
            subject, headers = self.message(rows[sequence - 1], rows[sequence - 1].id)
            headers |= {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(sequence)}
            return subject, headers, rows[sequence - 1].body

        # The first one is asked for: the broker's empty answer says that it takes batches.
        subject, headers, body = numbered(1)
        answer = await connection.request(subject, body, timeout=TIMEOUT, headers=headers)
        if answer.data:
            _check(answer.data)
        await send(connection, map(numbered, range(2, len(rows))))
        subject, headers, body = numbered(len(rows))
        headers["Nats-Batch-Commit"] = "1"
        answer = await connection.request(subject, body, timeout=TIMEOUT, headers=headers)
        _check(answer.data)

    async def _one_by_one(
        self, rows: Sequence[Row], suffix: str = "", more: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Each with its own acknowledgement; many under way at once, in order on one connection."""
        jetstream = self._broker.jetstream
        for start in range(0, len(rows), IN_FLIGHT):
            sends = []
            for row in rows[start : start + IN_FLIGHT]:
                subject, headers = self.message(row, row.id + suffix)
                headers |= more
                sends.append(jetstream.publish(subject, row.body, TIMEOUT, stream=EVENTS.name, headers=headers))
            await asyncio.gather(*sends)

    async def send_again(self, partition: int, first: int, last: int, question: str, limit: int = 2000) -> int:
        """Send a partition's rows from `first` to `last` once more, for a reader that lacks them; the count sent.

        The message ids are new, or the broker would drop them as repeats; `question` tells the reader that they answer
        what it asked.
        """
        box = tables.outbox.c

        def read() -> list[Row]:
            with self._database.read() as connection:
                found = connection.execute(
                    select(box.partition, box.number, box.id, box.type, box.body)
                    .where(box.partition == partition, box.number.between(first, last))
                    .order_by(box.number)
                    .limit(limit)
                )
                return [Row(*row) for row in found]

        rows = await asyncio.to_thread(read)
        if not rows or rows[0].number > first:
            # They have left the outbox; the log has them, and lends them to their writer alone.
            until = min(last, rows[0].number - 1 if rows else last)
            lent = await borrow(self._broker, self._service, partition, first, until)
            rows = [Row(partition, *item) for item in lent] + (rows if lent and lent[-1][0] == until else [])
        await self._one_by_one(rows, f".{uuid.uuid4().hex[:12]}", {ASKED_HEADER: question})
        return len(rows)


def _check(data: bytes) -> None:
    """Raise `APIError` where the broker's answer is an error."""
    answer = json.loads(data)
    if "error" in answer:
        raise APIError(**{key: answer["error"].get(key) for key in ("code", "err_code", "description")})
