"""The dispatcher: takes ready deliveries, commits the fence, calls the sink, commits the outcome.

Whatever a process left in `sending` when it died is unknown, never sent again blindly.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import and_, exists, select

from corong.publishing import looking, rules, state
from corong.publishing.outgoing import Letter
from corong.publishing.outlets import NoSink, Outlets
from corong.publishing.rows import delivery_of
from corong.publishing.rules import Delivery
from corong.runtime.clock import stamp
from corong.runtime.metrics import DELIVERIES
from corong.runtime.rows import Row
from corong.runtime.sealing import Erased
from corong.runtime.service import Service, cause_of
from corong.runtime.unit import Draft, Unit
from corong_contracts.channel import Permanent, Transient, Unknown

log = structlog.get_logger()

AT_ONCE = 64
POLL_SECONDS = 0.5


@dataclass(frozen=True)
class Started:
    """A delivery under its fence."""

    delivery: Delivery
    fence: int
    row: Row
    publication: Row


class Dispatcher:
    """One for each publishing process."""

    def __init__(self, service: Service, outlets: Outlets) -> None:
        self._service = service
        self._outlets = outlets
        self._letter = Letter(service.installation, service.database)
        self._settle = timedelta(seconds=service.settings.settle_seconds)
        self._timeout = service.settings.send_timeout_seconds
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._looking: set[UUID] = set()
        service.committer.listeners.append(self._wake.set)
        service.loop(self.run)

    async def run(self) -> None:
        """Until cancelled."""
        await self._service.committer.run(self._find_crashed)
        try:
            while True:
                self._wake.clear()
                busy = await self.step()
                if not busy:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._outlets.close()

    async def step(self) -> bool:
        """Begin what is due. True if anything began."""
        room = AT_ONCE - len(self._tasks)
        if room <= 0:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            return True
        if not await asyncio.to_thread(self._anything_due):
            return False
        started = await self._service.committer.run(lambda unit: self._start(unit, room), later=True)
        for item in started:
            self._spawn(self._send(item))
        looking = await self._service.committer.run(lambda unit: self._unknown(unit, room), later=True)
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
        if not task.cancelled() and task.exception() is not None:
            log.error("delivery task failed", error=type(task.exception()).__name__)

    # In the committing thread

    def _anything_due(self) -> bool:
        table = state.delivery.c
        now = stamp(self._service.installation.clock())
        with self._service.database.read() as connection:
            due = connection.execute(
                select(table.delivery_id).where(table.state.in_(("ready", "unknown")), table.due_at <= now).limit(1)
            )
            return due.first() is not None

    def _find_crashed(self, unit: Unit) -> None:
        """At the start nobody is sending: what says so was left by a process that died."""
        for row in self._in_state(unit, "sending"):
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
                self._give_up(unit, delivery)
                continue
            carried = channel.carried(config, delivery.delivery_id)
            cause = cause_of(delivery.delivery_id, f"start/{delivery.fence + 1}")
            if unit.record(cause, rules.start(delivery, carried)):
                started.append(self._started(unit, delivery.delivery_id))
        return started

    def _give_up(self, unit: Unit, delivery: Delivery) -> None:
        """The account is gone from the configuration: fail it, visibly, instead of waiting for ever."""
        cause = cause_of(delivery.delivery_id, f"start/{delivery.fence + 1}")
        unit.record(cause, rules.start(delivery, str(delivery.delivery_id)))
        fence = delivery.fence + 1
        refused = rules.refused(
            replace(delivery, fence=fence, state="sending"), fence, "no_account", unit.now, for_good=True,
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
        now = self._service.installation.clock
        fence = started.fence
        decide: Callable[[Delivery], list[Draft]]
        outcome = "sent"
        try:
            outgoing = await self._letter.write(started.row, started.publication)
            sink = self._outlets.sink(started.delivery.account)
        except (Erased, NoSink) as error:
            outcome, code = "failed", "erased" if isinstance(error, Erased) else "no_account"

            def decide(delivery: Delivery) -> list[Draft]:
                return rules.refused(delivery, fence, code, now(), for_good=True, retry_after=None, jitter=0.0)
        else:
            try:
                answer = await asyncio.wait_for(sink.send(outgoing), self._timeout)
            except Transient as error:
                outcome, refusal = "refused", error
                jitter = random.random()  # noqa: S311  # spreads load, guards nothing

                def decide(delivery: Delivery) -> list[Draft]:
                    return rules.refused(
                        delivery, fence, refusal.code, now(), for_good=False, retry_after=refusal.retry_after,
                        jitter=jitter,
                    )  # fmt: skip
            except Permanent as error:
                outcome, final = "failed", error

                def decide(delivery: Delivery) -> list[Draft]:
                    return rules.refused(
                        delivery, fence, final.code, now(), for_good=True, retry_after=None, jitter=0.0
                    )  # fmt: skip
            except Exception as error:  # anything else may have gone out
                outcome = "unknown"
                reason = error.code if isinstance(error, Unknown) else type(error).__name__.lower()

                def decide(delivery: Delivery) -> list[Draft]:
                    return rules.uncertain(delivery, fence, reason, now(), self._settle)
            else:

                def decide(delivery: Delivery) -> list[Draft]:
                    return rules.sent(delivery, fence, answer.native_id, answer.url, "answer")

        DELIVERIES.labels(started.delivery.channel, outcome).inc()
        await self._conclude(started, f"outcome/{fence}", lambda _, delivery: decide(delivery))

    async def _look_up(self, started: Started) -> None:
        fence = started.fence
        decide: Callable[[Unit, Delivery], list[Draft]]
        try:
            outgoing = await self._letter.write(started.row, started.publication)
            found = await looking.ask(self._outlets.sink(started.delivery.account), outgoing, self._timeout)
        except Exception as error:  # whatever fails, the outcome stays unknown
            code = error.code if isinstance(error, Unknown) else type(error).__name__.lower()

            def decide(unit: Unit, delivery: Delivery) -> list[Draft]:
                return rules.held(delivery, fence, code)
        else:

            def decide(unit: Unit, delivery: Delivery) -> list[Draft]:
                if found is None:
                    return rules.absent(delivery, fence)
                if looking.is_another(unit, delivery, found.native_id):
                    return rules.held(delivery, fence, "found_another")
                return rules.sent(delivery, fence, found.native_id, found.url, "look_up")

        try:
            await self._conclude(started, f"looked/{fence}", decide)
        finally:
            self._looking.discard(started.delivery.delivery_id)

    async def _conclude(self, started: Started, what: str, decide: Callable[[Unit, Delivery], list[Draft]]) -> None:
        def job(unit: Unit) -> None:
            row = unit.rows.get(state.delivery, started.row["delivery_id"])
            assert row is not None  # deliveries are never deleted
            unit.lock(row["partition"])
            unit.record(cause_of(started.delivery.delivery_id, what), decide(unit, delivery_of(unit, row)))

        await self._service.committer.run(job)
