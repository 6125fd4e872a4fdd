"""A service: its database, its broker connection, what it reacts to, which commands it answers. Same shape for all.

`app.py` of each service builds one and registers handlers; starting, stopping and health are the same for everybody.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from functools import partial
from typing import Any, TypeVar
from uuid import UUID, uuid5

import structlog
from sqlalchemy import Connection, MetaData, select
from sqlalchemy.dialects import postgresql, sqlite

from corong.runtime import tables
from corong.runtime.broker import Broker
from corong.runtime.commands import Decide, answer, officer_of, told
from corong.runtime.committer import Closed, Committer
from corong.runtime.database import Database
from corong.runtime.dead_letters import DeadLetterOffice
from corong.runtime.ending import end
from corong.runtime.gaps import Gaps, Heads
from corong.runtime.installation import Installation
from corong.runtime.letting_go import LettingGo
from corong.runtime.logs import where
from corong.runtime.migrate import migrate
from corong.runtime.policy import Actor
from corong.runtime.reader import Asked, Raw, Reader
from corong.runtime.relay import Relay
from corong.runtime.source import BATCH, OwnConsumer, Source
from corong.runtime.state_hashes import StateHasher
from corong.runtime.unit import Apply, Numbering, Unit
from corong_contracts.base import AnyEvent, Payload
from corong_contracts.catalogue import CATALOGUE
from corong_contracts.command import Command, DeadLetters, HashState, Reply, Request
from corong_contracts.topology import READS, WRITERS, consumer_name

log = structlog.get_logger()

LOOK_SECONDS = 0.2
"""How often a process that shares its service looks whether another one wrote into its partitions."""

React = Callable[[Unit, Any], None]
Needs = Callable[[Unit, Any], bool]
OpensBy = Callable[[Any], Iterable[str]]
GapFound = Callable[[Unit, str, int, int], None]
RawAgain = Callable[[Unit, bytes, str, int], None]
Query = Callable[[Connection, Actor, Any], dict[str, Any]]
AsyncQuery = Callable[[Actor, Any], Awaitable[dict[str, Any]]]
R = TypeVar("R", bound=React)


class OtherPartitions(ValueError):
    """Partitions are fixed for the life of an installation: with another number cases would change their writer."""


class Service:
    """One service in this process."""

    def __init__(
        self,
        name: str,
        installation: Installation,
        broker: Broker,
        *,
        state: MetaData,
        apply: Apply,
        folds: frozenset[type[Payload]],
        chunk: int = BATCH,
        gather: float = 0.0,
        raw: Raw | None = None,
        raw_again: RawAgain | None = None,
        repeated: Raw | None = None,
        gap: GapFound | None = None,
        asked: Asked | None = None,
    ) -> None:
        """`folds` are the event types of others that `apply` keeps; what is reacted to comes on top.

        `gather`: seconds for which this service's events may wait for each other, under a steady load.

        `raw` takes events unopened instead, and `raw_again` one that was parked (body, writer, number). `repeated` gets
        what came under numbers taken before, and `gap` is told what is missing (writer, first, last).

        `asked` says for which rows the fold of an event will ask: those of many events are read together.
        """
        self.name = name
        self.installation = installation
        self.settings = installation.settings
        self.state = state
        self.broker = broker
        self.database = Database(self.settings.database, name)
        self.numbering = Numbering(name, self.settings.partitions, apply)
        self.owned = self.settings.owned_range
        self.committer = Committer(
            self.database, self.numbering, installation.sealer, installation.clock, alone=self.whole
        )
        self._reactions: dict[str, list[React]] = {}
        self._needs: dict[str, list[Needs]] = {}
        self._opens: dict[str, list[OpensBy]] = {}
        self._hearers: dict[str, list[React]] = {}
        self._folds = folds
        self._chunk = chunk
        self._asked = asked
        self.gather = gather
        self._raw = raw
        self._raw_again = raw_again
        self._repeated = repeated
        self._gap = gap
        self._commands: dict[type[Command], Decide] = {}
        self._loops: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self._beginnings: list[Callable[[], None]] = []
        self._endings: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self._last: list[Callable[[], None]] = []
        self._partings: list[Callable[[], None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self.source: Source | None = None
        """Where events come from; None: a consumer of this service's own."""
        self.reader: Reader | None = None
        self.relay: Relay | None = None
        self.subscribed = asyncio.Event()
        """Set when commands are answered."""

    @property
    def whole(self) -> bool:
        """Whether this process has all partitions of the service."""
        return len(self.owned) == self.settings.partitions

    # What a service declares

    def reacts(
        self, payload: type[Payload], *, needs: Needs | None = None, opens: OpensBy | None = None
    ) -> Callable[[R], R]:
        """Register what happens after an event was folded: decide and record.

        `opens` names the keys of what the handler opens, so that those of many events are asked for together.

        `needs` says whether what the handler needs of *other* writers is there; the event waits until it is, for
        their events may come later than what hangs on them.
        """

        def register(handler: R) -> R:
            self._reactions.setdefault(payload.type, []).append(handler)
            if needs is not None:
                self._needs.setdefault(payload.type, []).append(needs)
            if opens is not None:
                self._opens.setdefault(payload.type, []).append(opens)
            return handler

        return register

    def hears(self, payload: type[Payload], handler: React) -> None:
        """Call a function after an event that `apply` keeps was folded; it decides nothing and records nothing."""
        self._hearers.setdefault(payload.type, []).append(handler)

    def command(self, command: type[Command], decide: Decide) -> None:
        """Answer a command by deciding in a unit of work."""
        self._commands[command] = decide

        async def handle(body: bytes) -> bytes:
            reply = await answer(body, command, decide, self.committer, self.installation.directory)
            return reply.model_dump_json().encode()

        self.subscribe(command.nats_subject(), handle)

    def query(self, command: type[Command], read: Query) -> None:
        """Answer a question from the tables."""

        async def handle(body: bytes) -> bytes:
            try:
                request = Request.model_validate_json(body)
                officer = officer_of(self.installation.directory, request.officer)
                asked = command.model_validate(request.data)
                reply = Reply(result=await asyncio.to_thread(self._read, read, officer, asked))
            except Exception as error:  # whoever asked must get an answer
                reply = Reply(problem=told(error, command))
            return reply.model_dump_json().encode()

        self.subscribe(command.nats_subject(), handle)

    def door(self, command: type[Command], take: AsyncQuery) -> None:
        """Answer a command by a function that commits by itself, and that does nothing twice when asked again."""

        async def handle(body: bytes) -> bytes:
            try:
                request = Request.model_validate_json(body)
                officer = officer_of(self.installation.directory, request.officer)
                reply = Reply(result=await take(officer, command.model_validate(request.data)))
            except Exception as error:  # whoever asked must get an answer
                reply = Reply(problem=told(error, command))
            return reply.model_dump_json().encode()

        self.subscribe(command.nats_subject(), handle)

    def told_anyone(self, command: type[Command], read: Callable[[Connection, Any], dict[str, Any]]) -> None:
        """Answer a question that no officer asks: the broker lets those services ask it that the topology names."""

        async def handle(body: bytes) -> bytes:
            try:
                asked = command.model_validate(Request.model_validate_json(body).data)
                reply = Reply(result=await asyncio.to_thread(self._read_for_anyone, read, asked))
            except Exception as error:  # whoever asked must get an answer
                reply = Reply(problem=told(error, command))
            return reply.model_dump_json().encode()

        self.subscribe(command.nats_subject(), handle)

    def loop(self, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a coroutine for as long as the service runs; one that fails is started again."""
        self._loops.append(run)

    def before_start(self, begin: Callable[[], None]) -> None:
        """Call a function when the tables are ready, before any service of this process begins to work."""
        self._beginnings.append(begin)

    def at_parting(self, part: Callable[[], None]) -> None:
        """Call a function when the process is about to stop: answers that last for as long as it runs end there."""
        self._partings.append(part)

    def part(self) -> None:
        """Let go of whoever would stay; called before the doors wait for answers under way."""
        for part in self._partings:
            part()

    def at_end(self, finish: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a coroutine when the service stops: nothing new begins by then, and commits are still possible."""
        self._endings.append(finish)

    def at_last(self, finish: Callable[[], None]) -> None:
        """Call a function, in a thread, when the service stops and nothing is committed any more."""
        self._last.append(finish)

    def every(self, seconds: float, job: Callable[[Unit], None]) -> None:
        """Do a job in a unit of work again and again: deadlines are rows that become events."""

        async def run() -> None:
            while True:
                await asyncio.sleep(seconds)
                await self.committer.run(job, later=True)

        self.loop(run)

    async def stored(self, event: AnyEvent) -> None:
        """Wait until the broker has an event of this process: then it is not lost with the service's database."""
        await self.subscribed.wait()
        if self.relay is not None:
            await self.relay.stored(event.partition, event.number)

    def subscribe(self, subject: str, handle: Callable[[bytes], Awaitable[bytes]]) -> None:
        """Answer requests on a subject; the processes of a service share them."""

        async def whole(message: Any) -> bytes:
            return bytes(message.body)

        self.broker.app.subscriber(subject, queue=self.name, decoder=whole)(handle)

    def _read(self, read: Query, officer: Actor, asked: Command) -> dict[str, Any]:
        with self.database.read() as connection:
            return read(connection, officer, asked)

    def _read_for_anyone(self, read: Callable[[Connection, Any], dict[str, Any]], asked: Command) -> dict[str, Any]:
        with self.database.read() as connection:
            return read(connection, asked)

    # Running

    def prepare(self) -> None:
        """Bring the database up to date and take the right to work on it.

        Raises `AlreadyRunning`, and `OtherPartitions` where the installation was made with more or fewer.
        """
        self.database.create_schema()
        migrate(self.database)
        self.database.own(f"{self.owned.start}-{self.owned.stop - 1}")
        with self.database.write() as connection:
            known = set(connection.execute(select(tables.writer.c.partition)).scalars())
            if known and len(known) != self.settings.partitions:
                raise OtherPartitions(
                    f"this installation was made with {len(known)} partitions: set CORONG_PARTITIONS={len(known)}"
                )
            if not known:
                rows = [
                    {"partition": partition, "last": 0, "relayed": 0} for partition in range(self.settings.partitions)
                ]
                make = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(tables.writer)
                # Another process that shares this service may make the same ones at this moment.
                connection.execute(make.on_conflict_do_nothing(index_elements=["partition"]), rows)
        for begin in self._beginnings:
            begin()
        for verb in DeadLetters.VERBS:
            self.subscribe(f"corong.command.{self.name}.dead.{verb}", DeadLetterOffice(self).handler(verb))
        self.subscribe(HashState.nats_subject(self.name), StateHasher(self.database, self.state).answer)

    async def start(self) -> None:
        """Start: commits at once; everything that needs the broker as soon as it is there."""
        self.committer.start()
        self._spawn(self._with_broker, "broker")
        for run in self._loops:
            self._spawn(partial(self._again, run), run.__qualname__)

    async def _with_broker(self) -> None:
        await self.broker.connect()
        if self.name in WRITERS:
            look = None if self.whole else LOOK_SECONDS
            self.relay = Relay(self.name, self.database, self.committer, self.broker, self.owned, look)
            heads = Heads(self.name, self.database, self.broker, self.relay, self.owned)
            self._spawn(lambda: self._again(self.relay.run), "relay")  # type: ignore[union-attr]
            self._spawn(lambda: self._again(heads.run), "heads")
            if self.settings.log_verifier:
                going = LettingGo(
                    self.name, self.committer, self.broker, self.owned, self.settings.log_verifier,
                    self.settings.keep_days,
                )  # fmt: skip
                self._spawn(lambda: self._again(going.run), "letting-go")
        self.reader = Reader(
            self.name,
            self.database,
            self.committer,
            self.source or OwnConsumer(self.broker, self._durable(), self.gather),
            self.wants(),
            self._react,
            self._chunk,
            self._raw,
            self._ready,
            self._repeated,
            self._asked,
            self._opened_by if self._opens else None,
        )
        gaps = Gaps(self.reader, self.broker, READS[self.name], self.owned, self._tell_gap)
        self._spawn(lambda: self._again(self.reader.run), "reader")  # type: ignore[union-attr]
        self._spawn(lambda: self._again(gaps.run), "gaps")
        await self.broker.start()
        self.subscribed.set()

    def _durable(self) -> str:
        if self.whole:
            return consumer_name(self.name)
        return consumer_name(self.name, "EVENTS", self.owned.start, self.owned.stop - 1)

    def wants(self) -> frozenset[str]:
        """`<noun>.<verb>` of the events that are opened; the rest only moves the mark."""
        types = [*self._folds, *(CATALOGUE[name] for name in self._reactions)]
        return frozenset(f"{payload.noun}.{payload.verb}" for payload in types)

    def _react(self, unit: Unit, event: AnyEvent) -> None:
        for hearer in self._hearers.get(event.type, ()):
            hearer(unit, event)
        for handler in self._reactions.get(event.type, ()):
            handler(unit, event)

    def _ready(self, unit: Unit, event: AnyEvent) -> bool:
        return all(needs(unit, event) for needs in self._needs.get(event.type, ()))

    def _opened_by(self, event: AnyEvent) -> Iterator[str]:
        for opens in self._opens.get(event.type, ()):
            yield from opens(event)

    async def _tell_gap(self, writer: str, first: int, last: int) -> None:
        if self._gap is not None:
            found = self._gap
            await self.committer.run(lambda unit: found(unit, writer, first, last), later=True)

    def _spawn(self, run: Callable[[], Coroutine[Any, Any, None]], what: str) -> None:
        self._tasks.append(asyncio.create_task(run(), name=f"{self.name}-{what}"))

    async def _again(self, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            try:
                await run()
                return
            except Closed:
                return
            except Exception as error:  # a loop must not die of one bad moment
                kind = type(error).__name__
                log.error("loop failed", service=self.name, loop=run.__qualname__, error=kind, where=where(error))
                await asyncio.sleep(1.0)

    async def stop(self) -> None:
        """Stop cleanly: take no more, finish what was begun, send the outbox as far as the broker takes it."""
        await end(self._tasks)
        if self.source is not None:
            self.source.leave()
        for finish in self._endings:
            with contextlib.suppress(Exception):  # the others must end all the same
                await finish()
        self._tasks.clear()
        if self.broker.connected:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(self.broker.stop(), 5)
        await self.committer.close()
        for close in self._last:
            with contextlib.suppress(Exception):  # as above
                await asyncio.to_thread(close)
        self.database.close()

    async def ready(self) -> dict[str, str]:
        """What is not ready, by part; empty when the service takes messages. Asks the broker for its consumers."""
        found: dict[str, str] = {}
        if not self.broker.connected:
            return {"broker": "not connected"}
        if not self.subscribed.is_set():
            found["commands"] = "not subscribed"
        if self.reader is None or not self.reader.bound.is_set():
            found["reader"] = "not bound"
        else:
            try:
                await self.reader.source.pending()
            except Exception as error:  # any failure means not ready
                found["consumer"] = type(error).__name__
        if self.broker.refused:
            found["permissions"] = f"{len(self.broker.refused)} refused"
        return found

    def bring_again(self, unit: Unit, event: AnyEvent, body: bytes) -> None:
        """Fold and react to an event that was parked."""
        if self._raw_again is not None:
            self._raw_again(unit, body, event.writer, event.number)
            return
        unit.traceparent = event.traceparent
        unit.numbering.apply(event, unit.rows)
        self._react(unit, event)


def cause_of(entity: UUID, what: str) -> UUID:
    """A cause for what a service does by itself: the same step of the same thing has the same cause."""
    return uuid5(entity, what)
