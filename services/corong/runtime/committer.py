"""Commits, shared: jobs that wait together go into one transaction.

Where this process alone writes a service's SQLite file, jobs run in the event loop and only the commit itself, which
waits for the disk, in a thread: sqlite3 lets go of the interpreter lock at every statement, and threads that had to
win it back spent a third of the process's time on that (decision 0004). Elsewhere all of it is in the service's one
writing thread.

A job that fails alone does not take its neighbours down: one that changed nothing just gets its error; one that did is
found by halving the batch after a rollback.
"""

import asyncio
import functools
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from sqlalchemy import Table
from sqlalchemy.exc import SQLAlchemyError

from corong.runtime.clock import Clock
from corong.runtime.database import Database, is_locked
from corong.runtime.doors import DOORS
from corong.runtime.logs import where
from corong.runtime.metrics import COMMIT_SECONDS
from corong.runtime.opened import remember
from corong.runtime.sealing import Sealer
from corong.runtime.unit import Numbering, Unit

log = structlog.get_logger()

T = TypeVar("T")
Job = Callable[[Unit], Any]

MAX_JOBS = 64
"""In one commit: nobody else in the process works while they do."""
MAX_LATER = 3


class Closed(RuntimeError):
    """The committer was stopped before it came to this job; nothing of it was done."""


@dataclass
class _Waiting:
    job: Job
    result: asyncio.Future[Any]
    loads: Sequence[tuple[Table, Any]] = ()
    urgent: bool = True


class Committer:
    """One for each service in a process. `run` returns when the commit is on the disk."""

    def __init__(
        self, database: Database, numbering: Numbering, sealer: Sealer, clock: Clock, *, alone: bool = False
    ) -> None:
        """`alone`: nobody else writes to this database, so that a transaction never waits for anybody."""
        self._alone = alone and database.is_sqlite
        self._database = database
        self._numbering = numbering
        self._sealer = sealer
        self._clock = clock
        self._first: deque[_Waiting] = deque()
        self._later: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"commit-{numbering.service}")
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._seconds = COMMIT_SECONDS.labels(numbering.service)
        self.listeners: list[Callable[[Unit], None]] = []
        """Called in the event loop, in order, with each committed unit that wrote events."""

    def start(self) -> None:
        """Begin to take jobs."""
        self._task = asyncio.create_task(self._work(), name=f"commit-{self._numbering.service}")

    async def run(self, job: Callable[[Unit], T], *, later: bool = False, loads: Sequence[tuple[Table, Any]] = ()) -> T:
        """Do `job` in a transaction and return what it returned, after the commit.

        `later` lets doors and commands go first. `loads` names rows (table, key) that the job will get: they are read
        together with those of its neighbours. Raises what the job raised (its changes are undone), `Closed`, or the
        database's error when the commit failed.
        """
        if self._closed:
            raise Closed(f"{self._numbering.service} is stopping")
        result: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        (self._later if later else self._first).append(_Waiting(job, result, loads, not later))
        self._wake.set()
        if later:
            return await result
        DOORS.hurry(self)
        with DOORS.somebody_waits():
            return await result

    async def close(self) -> None:
        """Finish what waits, then stop."""
        self._closed = True
        self._wake.set()
        if self._task is not None:
            await self._task
        self._thread.shutdown(wait=True)

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._first or self._later:
                if not self._alone:
                    await loop.run_in_executor(self._thread, functools.partial(self._commit, self._next(), loop))
                    continue
                if not self._first:
                    await DOORS.let_pass(self)
                await self._commit_here(self._next())
            if self._closed:
                return

    @staticmethod
    def _do(batch: list[_Waiting], done: list[tuple[_Waiting, Any, BaseException | None]], unit: Unit) -> None:
        loads: dict[Table, list[Any]] = {}
        for waiting in batch:
            for table, key in waiting.loads:
                loads.setdefault(table, []).append(key)
        for table, keys in loads.items():
            unit.rows.expect(table, keys)
        for waiting in batch:
            before = unit.changes
            unit.traceparent = None
            try:
                done.append((waiting, waiting.job(unit), None))
            except Exception as error:
                # After an error of the database PostgreSQL does nothing more in this transaction.
                if unit.changes != before or isinstance(error, SQLAlchemyError):
                    raise
                done.append((waiting, None, error))
        unit.finish()

    def _next(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        while self._first and len(batch) < MAX_JOBS:
            batch.append(self._first.popleft())
        if batch and self._alone and not DOORS.open_to_others:
            return batch
        batch.extend(self._later.popleft() for _ in range(min(MAX_LATER, len(self._later))))
        return batch

    async def _commit_here(self, batch: list[_Waiting]) -> None:
        done: list[tuple[_Waiting, Any, BaseException | None]] = []
        try:
            with self._seconds.time():
                unit = await self._transact_here(batch, done)
        except Exception as error:
            if len(batch) == 1:
                _settle([(batch[0], None, error)])
                return
            middle = len(batch) // 2
            await self._commit_here(batch[:middle])
            await self._commit_here(batch[middle:])
            return
        if unit.after:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._after, unit)
        self._committed(unit, done)

    async def _transact_here(
        self, batch: list[_Waiting], done: list[tuple[_Waiting, Any, BaseException | None]]
    ) -> Unit:
        with self._database.writing.connect() as connection:
            transaction = connection.begin()
            try:
                unit = Unit(connection, self._numbering, self._sealer, self._clock())
                began = time.monotonic()
                self._do(batch, done, unit)
                if others := sum(not waiting.urgent for waiting in batch):
                    DOORS.took((time.monotonic() - began) * others / len(batch))
                await self._in_thread(transaction.commit)
            except Exception:  # not where the waiting for a commit was cancelled: that has ended, well or not
                transaction.rollback()
                raise
            return unit

    def _commit(
        self, batch: list[_Waiting], loop: asyncio.AbstractEventLoop, ahead: frozenset[int] = frozenset()
    ) -> None:
        """In the thread. `ahead` are partitions to lock at the beginning."""
        done: list[tuple[_Waiting, Any, BaseException | None]] = []
        unit: Unit | None = None
        try:
            with self._seconds.time(), self._database.write() as connection:
                unit = Unit(connection, self._numbering, self._sealer, self._clock())
                unit.lock(*ahead)
                self._do(batch, done, unit)
        except Exception as error:
            if unit is not None and is_locked(error) and not unit.asked <= ahead:
                self._commit(batch, loop, ahead | unit.asked)  # what is asked for grows, so this comes to an end
                return
            if len(batch) == 1:
                failed: list[tuple[_Waiting, Any, BaseException | None]] = [(batch[0], None, error)]
                loop.call_soon_threadsafe(_settle, failed)
                return
            middle = len(batch) // 2
            self._commit(batch[:middle], loop)
            self._commit(batch[middle:], loop)
            return
        self._after(unit)
        loop.call_soon_threadsafe(self._committed, unit, done)

    async def _in_thread(self, call: Callable[[], None]) -> None:
        """Wait for it to end even where the waiting is cancelled: two threads must not work on one connection."""
        running = asyncio.get_running_loop().run_in_executor(self._thread, call)
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.wait({running})
            raise

    def _after(self, unit: Unit) -> None:
        """In the thread. The commit stands, whatever fails now: the jobs are told of it, and the next ones follow."""
        try:
            unit.committed()
        except Exception as error:
            log.error("after a commit", service=self._numbering.service, error=type(error).__name__, where=where(error))

    def _committed(self, unit: Unit, done: list[tuple[_Waiting, Any, BaseException | None]]) -> None:
        _settle(done)
        if unit.recorded:
            for event, row in zip(unit.recorded, unit.outbox, strict=True):
                remember(row["body"], event)
            for listener in self.listeners:
                try:
                    listener(unit)
                except Exception as error:  # the others must hear of it, and the next commits follow
                    log.error(
                        "listener failed", service=self._numbering.service, error=type(error).__name__,
                        where=where(error),
                    )  # fmt: skip


def _settle(done: list[tuple[_Waiting, Any, BaseException | None]]) -> None:
    for waiting, value, error in done:
        if waiting.result.done():  # its caller was cancelled; the commit stands
            continue
        if error is None:
            waiting.result.set_result(value)
        else:
            waiting.result.set_exception(error)


Run = Callable[[Callable[[Unit], T]], Awaitable[T]]
