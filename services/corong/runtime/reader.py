"""Reads the partitions of other writers, whole and in order, and brings each event into the service exactly once.

The inbox is a watermark for each writer. A jump in a writer's numbers is a gap: what came early waits in memory, and
the writer is asked to send again. What was acknowledged early and died with the process is found by the writers' heads
(`gaps.py`).
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TypeVar

import structlog
from nats.errors import Error as NatsError
from sqlalchemy import Table, select

from corong.runtime import tables
from corong.runtime.arrivals import Arrived
from corong.runtime.behind import OpenLetters
from corong.runtime.committer import Closed, Committer
from corong.runtime.database import Database, may_pass
from corong.runtime.doors import DOORS, SMALL_CHUNK
from corong.runtime.metrics import REPEATS, TAKEN
from corong.runtime.opened import opened
from corong.runtime.order import Order
from corong.runtime.parking import BEHIND, find, park
from corong.runtime.pull import ConsumerGone
from corong.runtime.source import BATCH, Source
from corong.runtime.unit import Unit
from corong_contracts.base import AnyEvent
from corong_contracts.catalogue import BadEvent, UnknownType
from corong_contracts.topology import EVENTS

log = structlog.get_logger()

TRIES = 3
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
"""Seconds between tries while the database is away."""

T = TypeVar("T")
React = Callable[[Unit, AnyEvent], None]
Ready = Callable[[Unit, AnyEvent], bool]
Raw = Callable[[Unit, "list[Arrived]"], None]
Asked = Callable[[AnyEvent], Iterable[tuple[Table, str]]]
"""Tables with one-column key, and of each a key for which the fold of an event will ask."""

Opens = Callable[[AnyEvent], Iterable[str]]
"""Of the keys of persons those by whose words the reactions to an event decide."""


class Reader:
    """One for each service in a process."""

    def __init__(
        self,
        service: str,
        database: Database,
        committer: Committer,
        source: Source,
        wants: frozenset[str],
        react: React,
        chunk: int = BATCH,
        raw: "Raw | None" = None,
        ready: Ready = lambda unit, event: True,
        repeated: "Raw | None" = None,
        asked: "Asked | None" = None,
        opens: "Opens | None" = None,
    ) -> None:
        """`wants` names the events that are opened; `raw`, where given, gets whole chunks unopened instead.

        What `asked` says of a chunk's events is read together, when the first of it is asked for; and the keys that
        `opens` names before any of them is brought in: those of strangers would be asked for one by one.

        `repeated` gets what came under numbers that had been taken before.

        `ready` says whether an event can be brought in now, or has to wait for what another writer wrote before.
        """
        self._raw = raw
        self._repeated = repeated
        self.service = service
        self.source = source
        self._database = database
        self._committer = committer
        self._wants = wants
        self._react = react
        self._ready = ready
        self._asked = asked
        self._opens = opens
        self._chunk = chunk
        self.order = Order()
        self._open = OpenLetters()
        self.bound = asyncio.Event()
        """Set while the consumer is being read."""
        self._working = False

    async def run(self) -> None:
        """Until cancelled."""
        wait = 0.1
        while True:
            try:
                await self._session()
            except (ConsumerGone, NatsError, TimeoutError, OSError) as error:
                log.warning("reader binds again", service=self.service, reason=type(error).__name__)
                await asyncio.sleep(wait)
                wait = min(wait * 2, 1.0)
            except Closed:
                return
            else:
                wait = 0.1

    async def _session(self) -> None:
        self._working = False
        try:
            await self.source.open()
            await self.load()
            self.bound.set()
            while True:
                items = await self.source.next(self.order.patience)
                self._working = True
                if items:
                    await self._take(items)
                    await self.source.done()
                else:
                    await self._try_waiting()
                self._working = False
        finally:
            self.bound.clear()
            await self.source.close()

    @property
    def busy(self) -> bool:
        """Whether something came that is not done with."""
        return self._working or self.source.holds

    async def load(self) -> None:
        """Read the watermarks."""

        def read() -> dict[str, int]:
            with self._database.read() as connection:
                found = connection.execute(select(tables.inbox.c.writer, tables.inbox.c.taken))
                return {row.writer: row.taken + 1 for row in found}

        self.order.begin(await asyncio.to_thread(read))

    async def _take(self, items: Sequence[Arrived]) -> None:
        ready, strays, repeats = self.order.sort(items)
        for stray, reason in strays:
            await self._commit(partial(_park_stray, stray=stray, reason=reason))
        await self._process_all(ready)
        if repeats:
            REPEATS.labels(self.service).inc(len(repeats))
            if self._repeated is not None:  # after what they repeat, which may have come in this very batch
                await self._commit(partial(_called, self._repeated, repeats))
        if self.order.waiting:
            await self._try_waiting()

    async def _process_all(self, ready: list[Arrived]) -> None:
        start = 0
        while start < len(ready):
            chunk = min(self._chunk, SMALL_CHUNK) if DOORS.busy else self._chunk
            await self._process(ready[start : start + chunk])
            start += chunk

    async def _try_waiting(self) -> None:
        """Try again what waited for other writers."""
        for writer in self.order.waiting:
            await self._process_all(self.order.promote(writer))

    async def _process(self, batch: list[Arrived]) -> None:
        """One chunk in one commit; a failing one is halved to find the culprit, which is tried again, then parked."""
        for attempt in range(1, TRIES + 1):
            try:
                later = await self._commit(lambda unit: self._fold(unit, batch))
            except Closed:
                raise
            except Exception as error:  # a handler may fail in any way; the message is parked, not lost
                if len(batch) > 1:
                    middle = len(batch) // 2
                    await self._process(batch[:middle])
                    await self._process(batch[middle:])
                    return
                if attempt == TRIES:
                    reason = f"handler: {type(error).__name__}"
                    await self._commit(partial(self._park, item=batch[0], reason=reason, attempts=TRIES))
                    return
                await asyncio.sleep(0.05 * 4 ** (attempt - 1))
            else:
                self.order.tried(batch, later)
                TAKEN.labels(self.service).inc(len(batch) - len(later))
                return

    async def _commit(self, job: Callable[[Unit], T]) -> T:
        """`job` in a transaction; tried again in place for as long as the database is away."""
        pause = FIRST_PAUSE
        while True:
            try:
                return await self._committer.run(job, later=True)
            except Exception as error:
                if not may_pass(error):
                    raise
                log.warning("commit failed, tried again", service=self.service, error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    def _fold(self, unit: Unit, batch: list[Arrived]) -> list[Arrived]:
        """Bring a batch in; what has to wait is given back."""
        later: list[Arrived] = []
        if self._raw is not None:
            fresh = [item for item in batch if item.number > unit.taken(item.writer)]
            self._raw(unit, fresh)
            return later
        unit.lock(*{int(item.writer[-2:]) for item in batch})
        self._open.begin(unit)
        if len(batch) > 1:
            self._expect(unit, batch)
        for item in batch:
            following = unit.taken(item.writer) + 1
            if item.number < following:
                continue
            if item.number > following or not self._bring(unit, item):
                later.append(item)
        return later

    def _expect(self, unit: Unit, batch: list[Arrived]) -> None:
        if self._asked is None and self._opens is None:
            return
        keys: dict[Table, list[str]] = {}
        locks: list[str] = []
        for item in batch:
            if item.name not in self._wants:
                continue
            with contextlib.suppress(BadEvent, UnknownType):  # told when it is brought in
                event = opened(item.body)
                for table, key in self._asked(event) if self._asked is not None else ():
                    keys.setdefault(table, []).append(key)
                if self._opens is not None:
                    locks.extend(self._opens(event))
        for table, wanted in keys.items():
            unit.rows.expect(table, wanted)
        if locks:
            unit.sealer.keys.get_many(locks)

    def _bring(self, unit: Unit, item: Arrived) -> bool:
        """Take one event. False where it has to wait."""
        if item.name not in self._wants:
            unit.take(item.writer, item.number)
            return True
        try:
            event = opened(item.body)
            if (event.writer, event.number) != (item.writer, item.number):
                raise BadEvent("writer or number differ between headers and body")
            if f"{event.data.noun}.{event.data.verb}" != item.name:
                raise BadEvent("type differs between subject and body")
        except (BadEvent, UnknownType) as error:
            self._park(unit, item, f"{type(error).__name__}: {error}", 1)
            return True
        first = self._open.before(item.writer, event.correlationid, item.number)
        if first is not None:
            self._park(unit, item, f"{BEHIND}: {first}", 0)
            return True
        if self.order.may_wait(item) and not self._ready(unit, event):
            return False
        unit.take(item.writer, item.number)
        self.bring_in(unit, event)
        return True

    def bring_in(self, unit: Unit, event: AnyEvent) -> None:
        """Fold an event into the tables and react to it."""
        unit.traceparent = event.traceparent
        unit.numbering.apply(event, unit.rows)
        self._react(unit, event)

    def _park(self, unit: Unit, item: Arrived, reason: str, attempts: int) -> None:
        if item.number <= unit.taken(item.writer):
            return
        log.error("event parked", service=self.service, writer=item.writer, number=item.number, reason=reason)
        unit.take(item.writer, item.number)
        identity = park(
            unit, stream=EVENTS.name, subject=item.subject, writer=item.writer, number=item.number, body=item.body,
            reason=reason, attempts=attempts,
        )  # fmt: skip
        self._open.add(identity, find(unit, identity))


def _called(job: Raw, items: list[Arrived], unit: Unit) -> None:
    job(unit, items)


def _park_stray(unit: Unit, stray: Arrived, reason: str) -> None:
    log.error("message parked", service=unit.numbering.service, reason=reason)
    park(
        unit, stream=EVENTS.name, subject=stray.subject, writer=stray.writer, number=stray.number, body=stray.body,
        reason=reason, attempts=1,
    )  # fmt: skip
