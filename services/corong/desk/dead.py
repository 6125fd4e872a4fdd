"""What could not be processed: every service's dead letters, and intake's quarantine."""

import asyncio
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter

from corong.desk.context import Desk, Officer
from corong.desk.models import (
    DeadLetter,
    DeadLetterDone,
    DeadLetterList,
    DeadLetterShown,
    Quarantined,
    QuarantineList,
)
from corong.desk.paging import Cursor, Key, Limit, after_of, cut, cut_after, read_after, read_cursor
from corong.runtime.clock import stamp
from corong.runtime.commands import ask, ask_subject
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.refusal import Refused
from corong_contracts.base import SERVICES
from corong_contracts.command import After, DeadLetters, ListQuarantine

ServiceName = Literal["intake", "routing", "publishing", "auditing", "desk", "portal"]


def routes(desk: Desk) -> APIRouter:
    """The router."""
    router = desk.router("operations")

    async def command(officer: Actor, service: str, verb: str, asked: DeadLetters) -> dict[str, Any]:
        subject = f"corong.command.{service}.dead.{verb}"
        return await ask_subject(desk.service.broker, subject, asked.model_dump(mode="json"), officer.id)

    async def listed(officer: Actor, service: str, asked: DeadLetters) -> list[DeadLetter] | None:
        try:
            found = await command(officer, service, "list", asked)
        except Refused as refused:
            if refused.status < 500:
                raise
            return None
        return [DeadLetter(service=service, **letter) for letter in found["letters"]]

    @router.get("/dead")
    async def dead(officer: Officer, limit: Limit = 50, cursor: Cursor = None) -> DeadLetterList:
        """Every service's dead letters, the oldest first; services that don't answer are named."""
        authorise(officer, Action.DEAD_READ, Scope())
        after = read_cursor(cursor, (str, str, str))
        found = await asyncio.gather(
            *(
                listed(officer, service, DeadLetters(limit=limit + 1, after=_after(after, service)))
                for service in SERVICES
            )
        )
        letters = [letter for some in found for letter in some or ()]
        page, following = cut_after(letters, after, limit, _place)
        silent = [service for service, some in zip(SERVICES, found, strict=True) if some is None]
        return DeadLetterList(letters=page, silent=silent, next=following)

    @router.get("/dead/{service}/{identity}")
    async def show(officer: Officer, service: ServiceName, identity: UUID) -> DeadLetterShown:
        """One dead letter, without its body."""
        authorise(officer, Action.DEAD_READ, Scope())
        return DeadLetterShown(**await command(officer, service, "show", DeadLetters(id=identity)))

    @router.post("/dead/{service}/{identity}/retry")
    async def retry(officer: Officer, service: ServiceName, identity: UUID) -> DeadLetterDone:
        """Process it again, after what hindered it was mended."""
        return DeadLetterDone(**await command(officer, service, "retry", DeadLetters(id=identity)))

    @router.post("/dead/{service}/{identity}/drop")
    async def drop(officer: Officer, service: ServiceName, identity: UUID) -> DeadLetterDone:
        """Never process it. It stays in the table, marked."""
        return DeadLetterDone(**await command(officer, service, "drop", DeadLetters(id=identity)))

    @router.get("/quarantine")
    async def quarantine(officer: Officer, limit: Limit = 50, cursor: Cursor = None) -> QuarantineList:
        """Input that was authentic but unreadable, the newest first."""
        authorise(officer, Action.QUARANTINE_READ, Scope())
        after = read_after(cursor)
        found = await ask(desk.service.broker, ListQuarantine(limit=limit + 1, after=after), officer.id)
        page, following = cut(found["quarantine"], limit, lambda row: (row["at"], row["quarantine_id"]))
        items = [Quarantined(**{**row, "fields": row["fields"].split()}) for row in page]
        return QuarantineList(quarantine=items, next=following)

    return router


def _place(letter: DeadLetter) -> Key:
    return stamp(letter.parked_at), letter.service, str(letter.id)


def _after(cursor: Key | None, service: str) -> After | None:
    """Where a service goes on when the list of all stands at `cursor`. Raises `Refused` (422)."""
    if cursor is None:
        return None
    at, last, identity = map(str, cursor)
    if service != last:  # at that very moment all of its letters stand before the cursor, or all after it
        identity = str(UUID(int=2**128 - 1 if service < last else 0))
    return after_of(at, identity)
