"""Routes of what the government itself owes: breaches' notices and the yearly report."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from corong.desk.bodies import Body
from corong.desk.context import Desk, IdempotencyKey, InLanguage, Officer
from corong.desk.models import Done, OfficerRef
from corong.runtime.policy import Actor
from corong.runtime.reasons import Language
from corong_contracts.base import Time
from corong_contracts.obligation import (
    EndObligation,
    ListObligations,
    LogPosition,
    MeetObligation,
    ObligationWords,
    OwedTo,
    RecordBreach,
    ReportDigest,
)


class Obligation(BaseModel):
    """Something that the government owes by law."""

    obligation_id: UUID
    rule: str
    name: str
    basis: str
    law: str = Field(description="How long the law gives, in words.")
    owed_to: OwedTo
    subject: str = Field(description="Of a breach: what happened.")
    year: int | None = Field(description="Of a yearly report: the year that it tells of.")
    state: Literal["running", "ran_out", "met", "ended"]
    late: bool
    reminded: bool
    started: Time
    zone: str
    last_day: date
    due: Time
    officer: OfficerRef | None = Field(description="Who recorded it; null: it began by itself.")
    began_at: Time
    done_at: Time | None
    done_by: OfficerRef | None
    in_time: bool | None = Field(description="Null until it is met.")
    words: str | None = Field(description="How it was met, or why nothing is owed.")
    digest: str | None = Field(description="SHA-256 of the report that was handed in.")
    position: int | None = Field(description="The position of the log up to which that report was computed.")


class ObligationDay(BaseModel):
    """A date of the count."""

    date: date
    words: str


class ExplainedObligation(Obligation):
    """With its days, one by one."""

    counts_the_same: bool = Field(description="False where the rules say something else today than when it began.")
    days: list[ObligationDay]


class Obligations(BaseModel):
    """What is owed first, the nearest end first; then the rest, the newest first; 200 at most."""

    obligations: list[Obligation]


class Breach(Body):
    """A breach of personal data."""

    known_at: Annotated[Time, Field(description="When it was known: the 72 hours run from then on.")]
    subject: Annotated[ObligationWords, Field(description="What happened; no personal data, it stands in the log.")]


class ObligationDone(Body):
    """That it was done."""

    at: Annotated[Time, Field(description="When.")]
    how: Annotated[ObligationWords, Field(description="How: letter number, to whom; no personal data.")]
    digest: Annotated[ReportDigest | None, Field(description="Of the yearly report's file.")] = None
    position: Annotated[LogPosition | None, Field(description="The log's position that it names.")] = None


class ObligationMistaken(Body):
    """That nothing is owed."""

    reason: Annotated[ObligationWords, Field(description="Stands in the log for ever.")]


class ObligationsDone(Done):
    """And which were meant."""

    obligations: list[UUID]


class OwedBooks:
    """What the desk asks routing of them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def listed(self, officer: Actor, language: Language) -> list[Obligation]:
        """Raises `Forbidden`, `Refused`."""
        told = (await self._desk.ask(officer, ListObligations(), None, None, wait=False)).result
        return [Obligation.model_validate(self._words(one, language)) for one in told["obligations"]]

    async def one(self, officer: Actor, identity: UUID, language: Language) -> ExplainedObligation:
        """Raises `Forbidden`, `Refused` (404)."""
        asked = ListObligations(obligation_id=identity)
        (one,) = (await self._desk.ask(officer, asked, None, None, wait=False)).result["obligations"]
        days = [{**day, "words": day["words"][language]} for day in one["days"]]
        return ExplainedObligation.model_validate({**self._words(one, language), "days": days})

    def _words(self, one: dict[str, Any], language: Language) -> dict[str, Any]:
        people = {name: self._desk.person(one[name]) for name in ("officer", "done_by")}
        return {**one, "name": one["name"][language], "law": one["law"][language], **people}


def routes(desk: Desk) -> APIRouter:
    """The router."""
    router = desk.router("obligations")
    books = OwedBooks(desk)

    @router.get("/obligations")
    async def listed(officer: Officer, language: InLanguage) -> Obligations:
        """What the government itself owes and what it owed: breaches' notices and the yearly reports."""
        return Obligations(obligations=await books.listed(officer, language))

    @router.get("/obligations/{obligation_id}")
    async def one(officer: Officer, language: InLanguage, obligation_id: UUID) -> ExplainedObligation:
        """One of them, with its days counted one by one."""
        return await books.one(officer, obligation_id, language)

    @router.post("/obligations", status_code=201)
    async def record(officer: Officer, body: Breach, key: IdempotencyKey = None) -> ObligationsDone:
        """Record a breach of personal data: notices to the persons and to the agency are owed within 72 hours."""
        told = await desk.ask(officer, RecordBreach(**body.model_dump()), None, key)
        return ObligationsDone(**told.as_done(), obligations=told.result["obligations"])

    @router.post("/obligations/{obligation_id}/meet")
    async def meet(
        officer: Officer, obligation_id: UUID, body: ObligationDone, key: IdempotencyKey = None
    ) -> ObligationsDone:
        """Record that it was done; of a yearly report with the digest of its file and the log's position."""
        asked = MeetObligation(obligation_id=obligation_id, **body.model_dump())
        told = await desk.ask(officer, asked, obligation_id, key)
        return ObligationsDone(**told.as_done(), obligations=[obligation_id])

    @router.post("/obligations/{obligation_id}/end")
    async def end(
        officer: Officer, obligation_id: UUID, body: ObligationMistaken, key: IdempotencyKey = None
    ) -> ObligationsDone:
        """Record that a breach was recorded by mistake: nothing is owed."""
        asked = EndObligation(obligation_id=obligation_id, **body.model_dump())
        told = await desk.ask(officer, asked, obligation_id, key)
        return ObligationsDone(**told.as_done(), obligations=[obligation_id])

    return router
