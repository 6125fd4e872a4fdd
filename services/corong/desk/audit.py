"""The log, for auditors: pages of JSON, or all of it as a stream of lines."""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic_core import to_json

from corong.desk.cases import Cases
from corong.desk.context import Desk, IdempotencyKey, Officer
from corong.desk.models import LogEntry, LogPage, LogProven, StatesHashed
from corong.desk.paging import read_cursor, write_cursor
from corong.runtime.commands import ask
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong_contracts.base import Time
from corong_contracts.command import Command, HashStates, ProveEntry, ReadLog

LINES = "application/x-ndjson"
LINES_AT_ONCE = 500
LARGEST = 2**62
HASHES = UUID("4d3c3f0e-6b1e-5b8d-8d0b-8f7e0d5b2f44")
HASH_SECONDS = 300.0


def routes(desk: Desk) -> APIRouter:
    """The router."""
    router = desk.router("audit")
    cases = Cases(desk)

    async def page(officer: Actor, asked: Command) -> dict[str, Any]:
        return await ask(desk.service.broker, asked, officer.id)

    @router.get(
        "/audit/log",
        response_model=LogPage,
        responses={
            200: {"content": {LINES: {"schema": {"type": "string"}}}, "description": "Events in the log's order."}
        },
    )
    async def log(
        request: Request,
        officer: Officer,
        case: Annotated[str | None, Query(max_length=60, description="Its id or registration number.")] = None,
        event_type: Annotated[str | None, Query(alias="type", max_length=80, description="Or a part of it.")] = None,
        actor: Annotated[str | None, Query(max_length=80, description="Such as `officer:ppid-utama`.")] = None,
        since: Annotated[Time | None, Query(description="From this moment on.")] = None,
        until: Annotated[Time | None, Query(description="Before this moment.")] = None,
        start: Annotated[int, Query(ge=0, le=LARGEST, description="From this position on.")] = 0,
        before: Annotated[int | None, Query(ge=0, le=LARGEST, description="Up to this position.")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 200,
        newest: Annotated[bool, Query(description="The newest first; of a page, not of lines.")] = False,
        cursor: Annotated[str | None, Query(max_length=400)] = None,
    ) -> Response | LogPage:
        """Events as they were written. With `Accept: application/x-ndjson` every page, one event on a line.

        Citizens' words are sealed in them: the log is read without reading those.
        """
        authorise(officer, Action.AUDIT_READ, Scope())
        after = read_cursor(cursor, (int,))
        asked = ReadLog(
            after=int(after[0]) if after and not newest else start,
            before=int(after[0]) if after and newest else before,
            limit=limit,
            case=await cases.identify(case) if case is not None else None,
            type=event_type,
            actor=actor,
            since=since,
            until=until,
            newest=newest,
        )
        if LINES in request.headers.get("accept", ""):
            asked = asked.model_copy(update={"limit": LINES_AT_ONCE, "newest": False})
            first = await page(officer, asked)  # a refusal must come before the first line
            return StreamingResponse(_lines(officer, asked, first), media_type=LINES)
        found = await page(officer, asked)
        following = write_cursor((found["next"],)) if found["next"] is not None else None
        return LogPage(events=[LogEntry(**item) for item in found["events"]], next=following)

    @router.get("/audit/proof", response_model=LogProven)
    async def proof(
        officer: Officer,
        event: Annotated[UUID | None, Query(description="The event's id.")] = None,
        position: Annotated[int | None, Query(ge=0, le=LARGEST, description="Its place in the log.")] = None,
        case: Annotated[str | None, Query(max_length=60, description="The registration of this case.")] = None,
    ) -> LogProven:
        """One event with its proof, which is checked without asking the hub again. Name it in one way."""
        authorise(officer, Action.AUDIT_READ, Scope())
        named = await cases.identify(case) if case is not None else None
        return LogProven(**await page(officer, ProveEntry(event=event, position=position, case=named)))

    @router.post("/audit/states")
    async def hash_states(officer: Officer, key: IdempotencyKey = None) -> StatesHashed:
        """Have every service tell the hash of its tables, and write each into the log.

        It takes time in proportion to the tables; with the same key it is done once.
        """
        request_id = uuid5(HASHES, f"{officer.id}/{key}") if key is not None else None
        done = await ask(desk.service.broker, HashStates(), officer.id, request_id=request_id, wait=HASH_SECONDS)
        return StatesHashed(**done)

    async def _lines(officer: Actor, asked: ReadLog, found: dict[str, Any]) -> AsyncIterator[bytes]:
        while True:
            yield b"".join(to_json(item) + b"\n" for item in found["events"])
            if found["next"] is None:
                return
            # A failure half-way breaks the connection off: the reader must not take a part for the whole.
            found = await page(officer, asked.model_copy(update={"after": found["next"]}))

    return router
