"""What every route of the desk needs: who asks, the desk's tables, the owning services, names."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends, Header, Request, Response, Security
from fastapi.security import HTTPBearer
from sqlalchemy import Connection, select

from corong.desk.models import Fact, OfficerRef, UnitRef
from corong.runtime import tables
from corong.runtime.commands import ask
from corong.runtime.policy import Actor
from corong.runtime.problems import problems
from corong.runtime.reasons import Language
from corong.runtime.refusal import Refused
from corong.runtime.service import Service
from corong.runtime.web import Bearer, language_of
from corong_contracts.command import Command

T = TypeVar("T")

NAMESPACE = UUID("4f0c1d52-7f0e-5b6c-8c57-1c1f6a1f7d33")
ZONE_HEADER = "Corong-Time-Zone"
"""IANA name of the government's time zone, on every answer of a list or a thing: clients show moments in it."""
SHOWN_SECONDS = 2.0
"""How long an answer waits for the desk's own tables to show what the command did."""

_TOKEN = HTTPBearer(
    scheme_name="officer", bearerFormat="corong", auto_error=False, description="An officer's token (`corong token`)."
)

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="The same command on the same thing with the same key is done once, whoever repeats it when.",
    ),
]


async def officer(request: Request) -> Actor:
    """Dependency: the officer who asks. Raises `Refused` (401)."""
    desk: Desk = request.state.desk
    return desk.bearer.officer(request)


async def language(request: Request) -> Language:
    """Dependency: the reader's language."""
    return "en" if language_of(request) == "en" else "id"


Officer = Annotated[Actor, Depends(officer)]
InLanguage = Annotated[Language, Depends(language)]


class Told:
    """What the owning service answered."""

    def __init__(self, result: dict[str, Any], shown: bool) -> None:
        self.result = result
        self.facts = [Fact.model_validate(event) for event in result.get("events", ())]
        self.shown = shown

    def as_done(self) -> dict[str, Any]:
        """The fields of `models.Done`."""
        return {"events": self.facts, "repeated": bool(self.result.get("repeated")), "shown": self.shown}


class Desk:
    """The desk service as its routes see it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.installation = service.installation
        self.directory = service.installation.directory
        self.bearer = Bearer(service.installation)

    def router(self, tag: str) -> APIRouter:
        """A router of the officers' API, for a part of it."""
        return APIRouter(
            prefix="/api/v1",
            tags=[tag],
            responses=problems(),
            dependencies=[Depends(self.provide), Depends(self._headers), Security(_TOKEN)],
        )

    async def provide(self, request: Request) -> None:
        """Dependency of all routes, the first: this desk for those that follow."""
        request.state.desk = self

    async def _headers(self, response: Response) -> None:
        response.headers["Cache-Control"] = "no-store"  # what officers read is personal
        response.headers[ZONE_HEADER] = self.directory.hub.time_zone

    def now(self) -> datetime:
        """The present moment."""
        return self.installation.clock()

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run a query on the desk's tables, in a thread."""

        def run() -> T:
            with self.service.database.read() as connection:
                return query(connection)

        return await asyncio.to_thread(run)

    async def ask(
        self, officer: Actor, command: Command, about: UUID | None, key: str | None, *, wait: bool = True,
        traceparent: str | None = None,
    ) -> Told:  # fmt: skip
        """Send a command to its service and wait until the desk's tables show what it did. Raises `Refused`.

        `key` with the officer, the command and what it is `about` makes the request's id: whoever uses another's key
        gets nothing of theirs. Without `wait` it is not waited for: the desk does not read that writer. Commands with
        one `traceparent` (W3C Trace Context) were given together; it stands in their events.
        """
        request_id = uuid5(NAMESPACE, "\n".join((officer.id, command.name, str(about), key))) if key else None
        result = await ask(
            self.service.broker, command, officer.id, request_id=request_id, traceparent=traceparent
        )  # fmt: skip
        return Told(result, await self._shows(result.get("events", ())) if wait else False)

    async def _shows(self, events: Any) -> bool:
        needed: dict[str, int] = {}
        for event in events:
            needed[event["writer"]] = max(event["number"], needed.get(event["writer"], 0))
        inbox = tables.inbox.c

        def taken(connection: Connection) -> bool:
            found = connection.execute(select(inbox.writer, inbox.taken).where(inbox.writer.in_(needed)))
            marks = {row.writer: row.taken for row in found}
            return all(marks.get(writer, 0) >= number for writer, number in needed.items())

        loop = asyncio.get_running_loop()
        deadline, wait = loop.time() + SHOWN_SECONDS, 0.005
        while needed and not await self.read(taken):
            if loop.time() > deadline:
                return False
            await asyncio.sleep(wait)
            wait = min(wait * 2, 0.1)
        return True

    def unit(self, identity: str | None) -> UnitRef | None:
        """A unit by its name; one that left the directory by its id."""
        if identity is None:
            return None
        known = self.directory.has_unit(identity)
        return UnitRef(id=identity, name=self.directory.unit(identity).name if known else identity)

    def person(self, identity: str | None) -> OfficerRef | None:
        """An officer by name; one who left the directory by id."""
        if identity is None:
            return None
        try:
            return OfficerRef(id=identity, name=self.directory.officer(identity).name)
        except KeyError:
            return OfficerRef(id=identity, name=identity)

    def by(self, actor: str) -> OfficerRef | None:
        """The officer that an event's actor names."""
        return self.person(actor.removeprefix("officer:")) if actor.startswith("officer:") else None

    def check_unit(self, identity: str) -> None:
        """Raises `Refused` (422) where there is no such unit."""
        if not self.directory.has_unit(identity):
            raise Refused(422, "unknown_unit", "Unit itu tidak ada.", "There is no such unit.", ["unit"])
