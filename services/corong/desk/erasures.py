"""Legal holds and erasures: who it is about is found here, by case or address; auditing decides and does it."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from corong.desk import queue
from corong.desk.bodies import Body
from corong.desk.cases import Cases, no_such_case
from corong.desk.context import Desk, IdempotencyKey, Officer
from corong.desk.models import Fact
from corong.desk.paging import Cursor, cut, read_after
from corong.runtime.commands import ask
from corong.runtime.contacts import known_by
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.refusal import Refused
from corong_contracts.base import Slug, Time
from corong_contracts.command import ErasePerson, ListHolds, PlaceHold, PlanErasure, ReleaseHold
from corong_contracts.erasure import HoldReason, LegalBasis, Person, Schedule


class SubjectBody(Body):
    """Who: one of a case, an address on a channel, or the random id that the log has."""

    case: str | None = Field(default=None, max_length=60, description="Its id or registration number.")
    channel: Slug | None = None
    address: str | None = Field(default=None, min_length=1, max_length=998)
    person: Person | None = None


class HoldBody(SubjectBody):
    """A hold to place."""

    reason: HoldReason
    legal_basis: LegalBasis


class ReleaseBody(Body):
    """Why a hold ends."""

    legal_basis: LegalBasis


class EraseBody(SubjectBody):
    """An erasure to decide."""

    legal_basis: LegalBasis
    schedule: Schedule


class Hold(BaseModel):
    """A legal hold."""

    hold_id: UUID
    person: str
    case_id: UUID | None
    reason: str
    legal_basis: str
    officer: str
    placed_at: Time
    released_at: Time | None = None
    released_by: str | None = None


class HoldList(BaseModel):
    """Legal holds, the newest first."""

    holds: list[Hold]
    next: str | None = None


class ErasureState(BaseModel):
    """How far an erasure is."""

    erasure_id: UUID
    state: Literal["decided", "completed"]
    legal_basis: str
    schedule: str
    officer: str
    decided_at: Time
    completed_at: Time | None


class PlannedCase(BaseModel):
    """A case whose words would be erased."""

    case_id: UUID
    registration: str | None
    unit: str | None
    state: str | None


class Plan(BaseModel):
    """What an erasure would destroy, and what hinders it."""

    person: str
    cases: list[PlannedCase]
    keys: list[str]
    addresses: int = Field(description="By how many addresses the person can still be found.")
    files: int
    file_bytes: int
    holds: list[Hold] = Field(description="While there is one, nothing is erased.")
    erasure: ErasureState | None = Field(default=None, description="The decision, where it was taken.")


class HoldDone(BaseModel):
    """A hold was placed or released."""

    hold_id: UUID
    events: list[Fact]
    repeated: bool


class EraseDone(BaseModel):
    """An erasure was decided; it is carried out from now on."""

    erasure_id: UUID
    person: str
    events: list[Fact]
    repeated: bool


class Subjects:
    """Finds who it is about."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._cases = Cases(desk)

    async def find(self, body: SubjectBody) -> tuple[str, UUID | None]:
        """The person and, where it was named, the case. Raises `Refused` (404, 422)."""
        named = [body.case is not None, body.address is not None or body.channel is not None, body.person is not None]
        if sum(named) != 1 or (body.address is None) != (body.channel is None):
            raise Refused(
                422, "one_subject", "Sebut satu saja: perkara, alamat dengan kanalnya, atau id orang.",
                "Name one: a case, an address with its channel, or a person's id.", ["case", "channel", "address"],
            )  # fmt: skip
        if body.person is not None:
            return body.person, None
        if body.case is not None:
            case_id = await self._cases.identify(body.case)
            row = await self._desk.read(lambda connection: queue.one(connection, str(case_id)))
            if row is None or not row["person"]:
                raise no_such_case()
            return str(row["person"]), case_id
        return await self._desk.read(lambda _: self._by_address(str(body.channel), str(body.address))), None

    def _by_address(self, channel: str, address: str) -> str:
        installation = self._desk.installation
        # As a network gives it, and as the forms keep a telephone number.
        for form in dict.fromkeys((address.strip().casefold(), known_by(address.strip()))):
            if found := installation.keys.find(installation.key.pseudonym("person", channel, form)):
                return found
        raise Refused(
            404, "no_such_person", "Alamat itu tidak dikenal di kanal ini.",
            "That address is not known on this channel.", ["address"],
        )  # fmt: skip

    async def cases(self, person: str) -> list[dict[str, Any]]:
        """The person's cases."""

        def read(connection: Connection) -> list[dict[str, Any]]:
            return queue.of_person(connection, person, "")

        return await self._desk.read(read)


def routes(desk: Desk) -> APIRouter:
    """The router."""
    router = desk.router("erasure")
    subjects = Subjects(desk)

    async def planned(officer: Actor, person: str) -> Plan:
        found = await ask(desk.service.broker, PlanErasure(person=person), officer.id)
        cases = [
            PlannedCase(**{name: row[name] for name in ("case_id", "registration", "unit", "state")})
            for row in await subjects.cases(person)
        ]
        decided = found.pop("erasure")
        state = None
        if decided is not None:
            state = ErasureState(**decided, state="completed" if decided["completed_at"] else "decided")
        return Plan(**found, cases=cases, erasure=state)

    @router.get("/holds")
    async def holds(
        officer: Officer,
        released: bool = False,
        limit: Annotated[int, Query(ge=1, le=500)] = 200,
        cursor: Cursor = None,
    ) -> HoldList:
        """Legal holds: nothing of these persons is erased."""
        asked = ListHolds(released=released, limit=limit + 1, after=read_after(cursor))
        found = await ask(desk.service.broker, asked, officer.id)
        page, following = cut(found["holds"], limit, lambda row: (row["placed_at"], row["hold_id"]))
        return HoldList(holds=[Hold(**row) for row in page], next=following)

    @router.post("/holds")
    async def place(officer: Officer, body: HoldBody, key: IdempotencyKey = None) -> HoldDone:
        """Place a legal hold on a person."""
        authorise(officer, Action.HOLD_PLACE, Scope())
        person, case_id = await subjects.find(body)
        command = PlaceHold(person=person, case_id=case_id, reason=body.reason, legal_basis=body.legal_basis)
        told = await desk.ask(officer, command, UUID(person), key, wait=False)
        hold_id = told.facts[0].subject.removeprefix("hold/")
        return HoldDone(hold_id=UUID(hold_id), events=told.facts, repeated=bool(told.result.get("repeated")))

    @router.post("/holds/{hold_id}/release")
    async def release(officer: Officer, hold_id: UUID, body: ReleaseBody, key: IdempotencyKey = None) -> HoldDone:
        """Release a legal hold."""
        told = await desk.ask(
            officer, ReleaseHold(hold_id=hold_id, legal_basis=body.legal_basis), hold_id, key, wait=False
        )
        return HoldDone(hold_id=hold_id, events=told.facts, repeated=bool(told.result.get("repeated")))

    @router.post("/erasures/plan")
    async def plan(officer: Officer, body: SubjectBody) -> Plan:
        """What an erasure would destroy; changes nothing. After a decision also how far it is."""
        authorise(officer, Action.PERSON_ERASE, Scope())
        person, _ = await subjects.find(body)
        return await planned(officer, person)

    @router.post("/erasures", status_code=202)
    async def erase(officer: Officer, body: EraseBody, key: IdempotencyKey = None) -> EraseDone:
        """Decide that a person's data is destroyed. Refused under a legal hold. There is no way back."""
        authorise(officer, Action.PERSON_ERASE, Scope())
        person, _ = await subjects.find(body)
        cases = [UUID(row["case_id"]) for row in await subjects.cases(person)]
        command = ErasePerson(person=person, cases=cases, legal_basis=body.legal_basis, schedule=body.schedule)
        told = await desk.ask(officer, command, UUID(person), key, wait=False)
        decided = next(fact for fact in told.facts if fact.subject.startswith("erasure/"))
        return EraseDone(
            erasure_id=UUID(decided.subject.removeprefix("erasure/")), person=person, events=told.facts,
            repeated=bool(told.result.get("repeated")),
        )  # fmt: skip

    return router
