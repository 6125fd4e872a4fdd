"""The dispatcher: takes ready deliveries, commits the fence, calls the sink, commits the outcome.

Whatever a process left in `sending` when it died is unknown, never sent again blindly.
"""

import asyncio
import contextlib
import time
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import and_, bindparam, exists, literal_column, select

from corong.publishing import rules, state
from corong.publishing.attempt import Attempts, Decide, NotNow, Started
from corong.publishing.outgoing import Letter
from corong.publishing.outlets import NoSink, Outlets
from corong.publishing.rows import delivery_of
from corong.publishing.rules import Delivery
from corong.runtime.clock import stamp
from corong.runtime.committer import Closed
from corong.runtime.database import may_pass
from corong.runtime.ending import end
from corong.runtime.rows import Row
from corong.runtime.service import Service, cause_of
from corong.runtime.statements import run
from corong.runtime.unit import Unit
from corong_contracts.base import AnyEvent

log = structlog.get_logger()

AT_ONCE = 64
POLL_SECONDS = 0.5
GATHER = 0.02
"""Seconds between two looks, at least: one for each commit would cost more than the sending."""
PAUSE_SECONDS = 0.5
STOP_SECONDS = 5.0
"""What is being sent when the service stops may take so long; what takes longer is unknown at the next start."""

_DELIVERY = state.delivery.c
_DUE = (
    select(_DELIVERY.delivery_id)
    .where(_DELIVERY.state.in_((literal_column("'ready'"), literal_column("'unknown'"))))
    .where(_DELIVERY.due_at <= bindparam("now"))
    .limit(literal_column("1"))
    .offset(literal_column("0"))  # SQLite's dialect would make it a parameter
)
_SENDING = select(_DELIVERY.delivery_id).where(
    _DELIVERY.state == literal_column("'sending'"), _DELIVERY.partition.between(bindparam("first"), bindparam("last"))
)


class Dispatcher:
    """One for each publishing process."""

    def __init__(self, service: Service, outlets: Outlets) -> None:
        self._service = service
        self._outlets = outlets
        self._settle = timedelta(seconds=service.settings.settle_seconds)
        self._attempts = Attempts(
            Letter(service.installation, service.database),
            outlets,
            service.settings.send_timeout_seconds,
            self._settle,
        )
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._sending: set[str] = set()
        self._looking: set[UUID] = set()
        self._stopping = asyncio.Event()
        self._fences: dict[str, AnyEvent] = {}
        """Delivery → the event of the fence under which it is being sent."""
        service.committer.listeners.append(lambda unit: self._wake.set())
        service.loop(self.run)
        service.at_end(self.finish)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._wake.clear()
            try:
                busy = await self.step()
            except Exception as error:
                if not may_pass(error):
                    raise
                log.warning("dispatcher waits for the database", error=type(error).__name__)
                busy = False
            if not busy:
                looked = time.monotonic()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
                await asyncio.sleep(max(0.0, looked + GATHER - time.monotonic()))

    async def finish(self) -> None:
        """Let what is being sent come to its end; nothing new begins."""
        self._stopping.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
        await end(self._tasks)
        await self._outlets.close()

    async def step(self) -> bool:
        """Begin what is due. True if anything began."""
        room = AT_ONCE - len(self._tasks)
        if room <= 0:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            return True
        due, left = await asyncio.to_thread(self._look)
        if left:
            await self._service.committer.run(self._find_crashed, later=True)
        if not due or not self._service.broker.connected:  # what is begun must be able to reach the broker
            return False
        started, looking = await self._service.committer.run(
            lambda unit: (self._start(unit, room), self._unknown(unit, room)), later=True
        )
        for item in started:
            self._sending.add(item.row["delivery_id"])
            self._spawn(self._send(item))
        for item in looking:
            self._looking.add(item.delivery.delivery_id)
            self._spawn(self._look_up(item))
        return bool(started or looking)

    def _spawn(self, work: "asyncio.coroutines.Coroutine[object, object, None]") -> None:  # type: ignore[name-defined]
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        self._wake.set()
        if not task.cancelled() and not isinstance(task.exception(), Closed | None):
            log.error("delivery task failed", error=type(task.exception()).__name__)

    # In the committing thread

    def _look(self) -> tuple[bool, bool]:
        """Whether anything is due, and whether anything is said to be sending that nobody sends."""
        now, owned = stamp(self._service.installation.clock()), self._service.owned
        with self._service.database.read() as connection:
            due = run(connection, _DUE, now=now)
            sending = run(connection, _SENDING, first=owned.start, last=owned.stop - 1)
        return bool(due), not self._sending.issuperset(delivery for (delivery,) in sending)

    def _find_crashed(self, unit: Unit) -> None:
        """What is said to be sending and nobody sends was left by a process that died, or by a commit that broke."""
        for row in self._in_state(unit, "sending"):
            if row["delivery_id"] not in self._sending:
                delivery = delivery_of(unit, row)
                cause = cause_of(delivery.delivery_id, f"crash/{delivery.fence}")
                unit.record(cause, rules.uncertain(delivery, delivery.fence, "crash", unit.now, self._settle))

    def _in_state(self, unit: Unit, what: str) -> list[Row]:
        table = state.delivery
        owned = list(self._service.owned)
        unit.lock(*owned)  # first: a command may reach another process of this service
        found = unit.rows.query(select(table).where(table.c.state == what, table.c.partition.in_(owned)))
        return [dict(row) for row in found]

    def _start(self, unit: Unit, room: int) -> list[Started]:
        table = state.delivery
        unit.lock(*self._service.owned)  # first: what is withdrawn by another process at this moment must not go out
        earlier = table.alias("earlier")
        # One conversation, one order: a later message waits for the earlier one's outcome.
        waits = exists().where(
            and_(
                earlier.c.conversation_id == table.c.conversation_id,
                earlier.c.partition == table.c.partition,
                earlier.c.place < table.c.place,
                earlier.c.state.in_(state.UNFINISHED),
            )
        )
        due = unit.rows.query(
            select(table)
            .where(
                table.c.state == "ready",
                table.c.due_at <= stamp(unit.now),
                table.c.partition.in_(list(self._service.owned)),
                ~waits,
            )
            .order_by(table.c.due_at)
            .limit(room)
        )
        started = []
        for found in due:
            delivery = delivery_of(unit, dict(found))
            try:
                channel, config = self._outlets.channel(delivery.account)
            except NoSink:
                self._give_up(unit, delivery, "no_account")
                continue
            if (unit.rows.get(state.publication, found["publication_id"]) or {}).get("state") == "taken_down":
                self._give_up(unit, delivery, "taken_down")
                continue
            if self._outlets.by_hand(delivery.account):
                self._lay_out(unit, delivery)
                continue
            carried = channel.carried(config, delivery.delivery_id)
            cause = cause_of(delivery.delivery_id, f"start/{delivery.fence + 1}")
            if recorded := unit.record(cause, rules.start(delivery, carried)):
                self._fences[str(delivery.delivery_id)] = recorded[0]
                started.append(self._started(unit, delivery.delivery_id))
        return started

    def _lay_out(self, unit: Unit, delivery: Delivery) -> None:
        """For an officer, who brings it: no network is called, so nothing can become of it that nobody knows."""
        cause = cause_of(delivery.delivery_id, f"start/{delivery.fence + 1}")
        unit.record(cause, rules.start(delivery, str(delivery.delivery_id)))
        unit.record(cause, rules.laid_out(replace(delivery, fence=delivery.fence + 1, state="sending")))

    def _give_up(self, unit: Unit, delivery: Delivery, why: str) -> None:
        """The account is gone from the configuration, or the post is: fail it, visibly, instead of waiting for ever."""
        cause = cause_of(delivery.delivery_id, f"start/{delivery.fence + 1}")
        unit.record(cause, rules.start(delivery, str(delivery.delivery_id)))
        fence = delivery.fence + 1
        refused = rules.refused(
            replace(delivery, fence=fence, state="sending"), fence, why, unit.now, for_good=True,
            retry_after=None, jitter=0.0,
        )  # fmt: skip
        unit.record(cause_of(delivery.delivery_id, f"outcome/{fence}"), refused)

    def _started(self, unit: Unit, delivery_id: UUID) -> Started:
        row = unit.rows.get(state.delivery, str(delivery_id))
        assert row is not None  # it was just read under lock
        publication = unit.rows.get(state.publication, row["publication_id"])
        assert publication is not None  # the delivery came with it
        return Started(delivery_of(unit, row), row["fence"], dict(row), dict(publication))

    def _unknown(self, unit: Unit, room: int) -> list[Started]:
        table = state.delivery
        due = unit.rows.query(
            select(table.c.delivery_id)
            .where(
                table.c.state == "unknown",
                table.c.due_at <= stamp(unit.now),
                table.c.partition.in_(list(self._service.owned)),
            )
            .limit(room)
        )
        identities = [UUID(row["delivery_id"]) for row in due]
        return [self._started(unit, identity) for identity in identities if identity not in self._looking]

    # Outside

    async def _send(self, started: Started) -> None:
        try:
            # The fence first to where a loss of this database does not reach: the log, or the broker until then.
            stored = await self._is_stored(self._fences[started.row["delivery_id"]])
            decide = await self._attempts.send(started) if stored else self._attempts.put_off(started)
            await self._conclude(started, f"outcome/{started.fence}", decide)
        finally:
            self._sending.discard(started.row["delivery_id"])
            self._fences.pop(started.row["delivery_id"], None)

    async def _is_stored(self, fence: AnyEvent) -> bool:
        """Wait for the broker; False where the service stops first."""
        stored = asyncio.create_task(self._service.stored(fence))
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({stored, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return stored.done() and not stored.exception()  # what it raises says nothing of the broker
        finally:
            stored.cancel()
            stopping.cancel()

    async def _look_up(self, started: Started) -> None:
        try:
            decide = await self._attempts.look_up(started)
            await self._conclude(started, f"looked/{started.fence}", decide)
        except NotNow:
            await asyncio.sleep(PAUSE_SECONDS)
        finally:
            self._looking.discard(started.delivery.delivery_id)

    async def _conclude(self, started: Started, what: str, decide: Decide) -> None:
        """Record what became of it; tried for as long as the database is away, for nobody else knows it."""

        def job(unit: Unit) -> None:
            unit.lock(started.row["partition"])
            row = unit.rows.get(state.delivery, started.row["delivery_id"])
            assert row is not None  # deliveries are never deleted
            unit.record(cause_of(started.delivery.delivery_id, what), decide(unit, delivery_of(unit, row)))

        while True:
            try:
                return await self._service.committer.run(job)
            except Exception as error:
                if not may_pass(error):
                    raise
                await asyncio.sleep(PAUSE_SECONDS)
