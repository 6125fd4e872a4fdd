"""The services at work: their own code, readers, committers and databases, with a clock that is told what time it is.

What they don't have is the broker between them (`belt.py`) and the doors to networks: messages, commands and the time
come from the town.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, bindparam, event, literal_column, select

import corong.auditing.app
import corong.desk.app
import corong.intake.app
import corong.portal.app
import corong.publishing.app
import corong.routing.app
from corong.auditing.state_hashes import StateHashes
from corong.documents.pdf import Letterhead
from corong.embedded import migrate_keys
from corong.intake.accept import Intake
from corong.publishing import state as publishing_state
from corong.publishing.dispatch import Dispatcher
from corong.publishing.letter_maker import LetterMaker
from corong.publishing.papers import Paper
from corong.publishing.posts import Posts
from corong.routing import state as routing_state
from corong.routing.app import Routing
from corong.runtime.arrivals import Arrived
from corong.runtime.clock import stamp
from corong.runtime.commands import answer
from corong.runtime.database import Database
from corong.runtime.installation import Installation
from corong.runtime.reader import Reader
from corong.runtime.service import Service, cause_of
from corong.runtime.settings import Settings
from corong.runtime.state_hashes import StateHasher
from corong.runtime.statements import run
from corong.runtime.unit import Unit
from corong_contracts.channel import InboundMessage, Receipt
from corong_contracts.command import COMMANDS, ClaimCase, Command, Problem, PublishPost, Request, StateHash
from corong_contracts.topology import READS
from tests.simulation.belt import Belt, NoBroker, sent

DECIDING = ("intake", "routing")
PUBLISHING = ("publishing",)
READING = ("auditing", "desk", "portal")
EVERY = (*DECIDING, *PUBLISHING, *READING)
BUILDERS: dict[str, Callable[..., Service]] = {
    "routing": corong.routing.app.build, "publishing": corong.publishing.app.build,
    "auditing": corong.auditing.app.build, "desk": corong.desk.app.build, "portal": corong.portal.app.build,
}  # fmt: skip
T = TypeVar("T")
_COMMANDS = {model.name: model for model in COMMANDS}
_TICK = timedelta(microseconds=1)
MUCH = 2000
"""Events that are worth a commit to those who only read."""
DRAWN = 20
"""One letter in so many is drawn as a PDF."""
SPACE = UUID(int=0x7EA5)
_LEASES = select(routing_state.case.c.case_id).where(routing_state.case.c.lease_until <= bindparam("now"))
_POST = publishing_state.publication.c
_POSTS = select(_POST.publication_id).where(
    _POST.state == literal_column("'scheduled'"), _POST.publish_at <= bindparam("now")
)


class Clock:
    """What time it is. Each look is a microsecond later, so that no two commits are at one moment."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def __call__(self) -> datetime:
        self._now += _TICK
        return self._now

    def at(self, moment: datetime) -> None:
        """It is that moment now; it never goes back."""
        self._now = max(moment, self._now)


class SomeDrawn:
    """Every `DRAWN`th letter is drawn as a PDF, the others are files of their words alone.

    Drawing takes as long as all else that is done for some ten cases; that it is right is shown elsewhere
    (tests/services/documents). Everything before and after it is as ever: the letter is filled, sealed, stored,
    told in the log by its digest, and sent.
    """

    def __init__(self, drawn: Callable[[Paper, Letterhead], bytes]) -> None:
        self._drawn = drawn
        self._count = 0

    def __call__(self, paper: Paper, head: Letterhead) -> bytes:
        self._count += 1
        return self._drawn(paper, head) if self._count % DRAWN == 1 else paper.letter.message.encode()


class Declined(Exception):
    """A service refused a command."""

    def __init__(self, command: str, problem: Problem) -> None:
        super().__init__(f"{command}: {problem.code}")


class Hub:
    """Some of the services in this process. `start` first, `stop` at the end."""

    def __init__(self, data: Path, config: Path, clock: Clock, names: Sequence[str] = EVERY) -> None:
        settings = Settings(data=data, config=config, state_hash_hours=0, database_url=None)
        self.clock = clock
        self.installation = Installation.open(settings, clock=clock, create=True)
        _hurry(self.installation.key_database)
        if "intake" in names:
            migrate_keys(self.installation)
        self.services = {name: self._build(name) for name in names}
        for service in self.services.values():
            _hurry(service.database)
        self.listeners: list[Callable[[str, list[Arrived]], None]] = []
        """Told of each commit: who wrote, and what."""
        self._kept: dict[str, list[Arrived]] = {name: [] for name in names}
        """What each has not been given yet: services may read behind, and do more with each commit then."""
        self._to_send = False
        """Whether publishing wrote anything since it was looked what is to be sent."""
        self._rested = asyncio.Event()
        self._dead: BaseException | None = None
        """Why a reader ended: it never should."""
        self._belts = {name: Belt(self._rested.set) for name in names}
        self._tasks: list[asyncio.Task[None]] = []

    intake: Intake
    routing: Routing
    posts: Posts
    dispatcher: Dispatcher
    letters: LetterMaker

    def _build(self, name: str) -> Service:
        broker, installation = NoBroker(name), self.installation
        if name == "intake":
            service, self.intake = corong.intake.app.build(installation, broker)
            return service
        service = BUILDERS[name](installation, broker)
        if name == "routing":
            self.routing = _declares(service, ClaimCase, Routing)
        if name == "publishing":
            self.posts = _declares(service, PublishPost, Posts)
            parts = [getattr(run, "__self__", None) for run in service._loops]
            (self.dispatcher,) = (part for part in parts if isinstance(part, Dispatcher))
            (self.letters,) = (part for part in parts if isinstance(part, LetterMaker))
            self.letters.pages_of = SomeDrawn(self.letters.pages_of)  # type: ignore[method-assign]
        return service

    async def start(self) -> None:
        """Make the databases and begin to read."""
        for name, service in self.services.items():
            service.prepare()
            service.committer.start()
            service.committer.listeners.append(self._teller(name))
            service.subscribed.set()
            reader = Reader(
                name, service.database, service.committer, self._belts[name], service.wants(), service._react,
                service._chunk, service._raw, service._ready, service._repeated,
            )  # fmt: skip
            service.reader = reader
            task = asyncio.create_task(reader.run())
            task.add_done_callback(self._ended)
            self._tasks.append(task)

    def _teller(self, name: str) -> Callable[[Unit], None]:
        def tell(unit: Unit) -> None:
            items = sent(unit)
            self._to_send |= name == "publishing"
            self.hears(name, items)
            for listener in self.listeners:
                listener(name, items)

        return tell

    def hears(self, writer: str, items: list[Arrived]) -> None:
        """A service, here or in another process, wrote this."""
        for name, kept in self._kept.items():
            if writer in READS[name]:
                kept += items

    async def stop(self) -> None:
        """Finish and let the files go."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for service in self.services.values():
            await service.committer.close()
            service.database.close()
        self.installation.key_database.close()

    def hashes(self) -> list[StateHash]:
        """Of every service's tables, as it tells them."""
        return [StateHasher(service.database, service.state).read() for service in self.services.values()]

    async def records(self, hashes: Sequence[StateHash]) -> None:
        """Auditing writes them into the log."""
        auditing = self.services["auditing"]
        writer = StateHashes(auditing)
        cause = cause_of(SPACE, stamp(self.clock()))
        await auditing.committer.run(lambda unit: writer._write(unit, cause, "system", list(hashes)))
        await self.reads("auditing")

    async def settled(self) -> None:
        """What those who decide have written is read by those who decide, and what is to be sent is sent."""
        deciding = [name for name in (*DECIDING, *PUBLISHING) if name in self.services]
        while any(self._kept[name] for name in deciding) or self._to_send:
            await self.reads(*deciding)
            if "publishing" in self.services:
                self._to_send = False
                await self._deliver()

    async def reads(self, *names: str) -> None:
        """Wait until these services have taken all that was written."""
        for name in names:
            kept, self._kept[name] = self._kept[name], []
            self._belts[name].put(kept)
        await self._still()

    async def reads_if_much(self) -> None:
        """Those who only read do so now and then."""
        much = [name for name in READING if len(self._kept.get(name, ())) >= MUCH]
        if much:
            await self.reads(*much)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            self._dead = task.exception() or RuntimeError("a reader ended")
            self._rested.set()

    async def _still(self) -> None:
        while not all(belt.resting for belt in self._belts.values()):
            if self._dead is not None:
                raise self._dead
            self._rested.clear()
            await self._rested.wait()

    async def _deliver(self) -> None:
        while waiting := self.letters._look():
            assert all(await self.letters.make(waiting))
        while await self.dispatcher.step():
            pass
        while self.dispatcher._tasks:
            await asyncio.wait(set(self.dispatcher._tasks))
        self._to_send = False

    # What comes from outside

    async def accepts(self, messages: Sequence[InboundMessage]) -> list[Receipt]:
        """Messages at the door, in one commit; routing reads of them."""
        await self.reads("intake")
        receipts = await self.intake.accept_many(messages)
        await self.reads("routing")
        return receipts

    async def asks(self, officer: str, command: str, cause: UUID, **data: Any) -> dict[str, Any]:
        """An officer's command. Raises `Declined`."""
        model = _COMMANDS[command]
        service = self.services[model.service]
        request = Request(id=cause, officer=officer, data=data)
        reply = await answer(
            request.model_dump_json().encode(), model, service._commands[model], service.committer,
            self.installation.directory,
        )  # fmt: skip
        if reply.problem is not None:
            raise Declined(command, reply.problem)
        return reply.result or {}

    async def passes(self, moment: datetime) -> None:
        """It is that moment: what the clock does by itself is done, in the order in which the services do it."""
        self.clock.at(moment)
        if "routing" in self.services:
            await self._clocks_pass()
        if "publishing" in self.services:
            while self._due("publishing", _POSTS):
                await self.services["publishing"].committer.run(self.posts.release_due)
        await self.settled()

    async def _clocks_pass(self) -> None:
        works = self.routing.clockwork
        routing = self.services["routing"].committer
        while self._due("routing", _LEASES):
            await routing.run(self.routing.expire_leases)
        if works._calendar_is_new():
            while await routing.run(works.follow_calendar):
                pass
        while works._something_is_due():
            await routing.run(works.ring_due)

    def _due(self, service: str, statement: Select[Any]) -> bool:
        """Whether a service's own table has something to do by now: it looks again and again, the town only then."""
        with self.services[service].database.read() as connection:
            return bool(run(connection, statement, now=stamp(self.clock())))


def _declares(service: Service, command: type[Command], kind: type[T]) -> T:
    """The part of a service that decides on a command."""
    part = service._commands[command].__self__  # type: ignore[attr-defined]  # a bound method
    assert isinstance(part, kind)
    return part


def _hurry(database: Database) -> None:
    """Commits don't wait for the disk: nobody pulls the plug on a simulated year (tests/faults is for that)."""
    for engine in (database.writing, database.reading):
        event.listen(engine, "connect", lambda connection, record: connection.execute("PRAGMA synchronous=OFF"))
