"""Routes of the officers: who they are, adding one, changing one, shutting one out and letting one in again."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field
from sqlalchemy import Connection, select

from corong.desk.access import links
from corong.desk.bodies import Body
from corong.desk.context import SHOWN_SECONDS, Desk, IdempotencyKey
from corong.desk.context import Officer as Asking
from corong.desk.models import Done, OfficerRef, UnitRef
from corong.desk.tables import officer as editions
from corong.runtime.clock import moment
from corong.runtime.officer_entry import Officer, Role
from corong.runtime.officer_rows import edition_of
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.refusal import Refused, busy
from corong.runtime.rows import Row
from corong_contracts.base import Slug
from corong_contracts.command_base import Command
from corong_contracts.officer_command import (
    AddOfficer,
    ChangeOfficer,
    ChangeReason,
    DeactivateOfficer,
    Edition,
    InviteHours,
    InviteOfficer,
    OfficerName,
    ReactivateOfficer,
)

_LOOK = 0.005
"""Seconds."""

OfficerId = Annotated[Slug, Path(description="The officer's id.")]
Why = Annotated[ChangeReason, Field(description="Stands in the log for ever.")]


class KnownOfficer(BaseModel):
    """An officer as they are now."""

    id: str
    name: str
    role: Role
    unit: UnitRef
    active: bool
    edition: int = Field(description="1, 2, 3 …; 0: as officers.toml says, which nobody changed.")


class KnownOfficers(BaseModel):
    """Officers."""

    officers: list[KnownOfficer]


class OfficerEdition(BaseModel):
    """What somebody made of an officer."""

    edition: int
    name: str
    role: Role
    unit: UnitRef
    active: bool
    by: OfficerRef | None = Field(description="null: what officers.toml said before.")
    reason: str
    changed_at: datetime


class OfficerWithEditions(KnownOfficer):
    """And what became of them, the newest first."""

    editions: list[OfficerEdition]


class NewOfficer(Body):
    """Somebody new."""

    id: Slug = Field(description="Theirs for ever: events name it.")
    name: OfficerName
    role: Role
    unit: Slug
    reason: Why


class OfficerChange(Body):
    """What is to be otherwise; what is left out stays."""

    name: OfficerName | None = None
    role: Role | None = None
    unit: Slug | None = None
    edition: Edition = Field(description="The one that was in force when it was looked at.")
    reason: Why


class OfficerReason(Body):
    """Why."""

    reason: Why


class OfficerDone(Done):
    """And who the officer is now."""

    officer: KnownOfficer


class Invitation(OfficerReason):
    """A link to come in by."""

    hours: InviteHours = Field(links.HOURS, description="How long it is good.")


class Invited(Done):
    """The link; nobody can look it up again."""

    link: str = Field(description="Good once. Whoever holds it comes in as that officer: hand it over in person.")
    expires_at: datetime


class Officers:
    """The desk's view of them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def many(self, officer: Actor, unit: str | None = None, active: bool | None = None) -> list[KnownOfficer]:
        """Raises `Forbidden`, `Refused` (422)."""
        authorise(officer, Action.SETUP_READ, Scope())
        if unit is not None:
            self.desk.check_unit(unit)
        return [
            self.known(one)
            for one in self.desk.directory.officers
            if unit in (None, one.unit) and active in (None, one.active)
        ]

    async def one(self, officer: Actor, identity: str) -> OfficerWithEditions:
        """Raises `Forbidden`, `Refused` (404)."""
        authorise(officer, Action.SETUP_READ, Scope())
        found = self.desk.directory.roster.get(identity)
        if found is None:
            raise Refused(404, "no_such_officer", "Petugas itu tidak ada.", "There is no such officer.")
        rows = await self.desk.read(lambda connection: self._opened(connection, identity))
        return OfficerWithEditions(**self.known(found).model_dump(), editions=rows)

    def _opened(self, connection: Connection, identity: str) -> list[OfficerEdition]:
        chosen = select(editions).where(editions.c.officer == identity).order_by(editions.c.edition.desc())
        return [self._edition(dict(row)) for row in connection.execute(chosen).mappings()]

    def _edition(self, row: Row) -> OfficerEdition:
        name = edition_of(self.desk.installation.sealer, row).officer.name
        same: dict[str, Any] = {key: row[key] for key in ("edition", "role", "active", "reason")}
        return OfficerEdition(
            **same, name=name, unit=self._unit(row["unit"]), by=self.desk.person(row["by"]),
            changed_at=moment(row["changed_at"]),
        )  # fmt: skip

    def known(self, one: Officer) -> KnownOfficer:
        """As it is shown."""
        return KnownOfficer(
            id=one.id, name=one.name, role=one.role, unit=self._unit(one.unit), active=one.active,
            edition=self.desk.directory.roster.edition(one.id),
        )  # fmt: skip

    def _unit(self, identity: str) -> UnitRef:
        return self.desk.unit(identity) or UnitRef(id=identity, name=identity)

    async def command(self, officer: Actor, command: Command, identity: str, key: str | None) -> OfficerDone:
        """Send a command; the answer shows the officer afterwards. Raises `Refused`, `Forbidden`."""
        told = await self.desk.ask(officer, command, None, f"{identity}\n{key}" if key else None)
        await self._heard(identity, told.result.get("edition", 0))
        found = self.desk.directory.roster.get(identity)
        if found is None:  # routing has it, and this process hears of it when the broker is there again
            raise busy()
        return OfficerDone(**told.as_done(), officer=self.known(found))

    async def invite(
        self, officer: Actor, identity: str, asked: Invitation, key: str | None, base: str
    ) -> Invited:  # fmt: skip
        """A one-time link that the log tells of, at the hub's address `base`. Raises `Refused`, `Forbidden`."""
        command = InviteOfficer(officer=identity, hours=asked.hours, reason=asked.reason)
        told = await self.desk.ask(officer, command, None, f"{identity}\n{key}" if key else None, wait=False)
        if told.result.get("repeated"):
            raise Refused(
                409, "link_made_already", "Tautan itu sudah dibuat dan ditampilkan satu kali. Buat yang baru.",
                "That link was made already and shown once. Make a new one.",
            )  # fmt: skip
        expires = moment(told.result["expires_at"])
        text = links.make(
            self.desk.installation.key.derive(links.KEY_USE), identity, generation=told.result["generation"],
            expires=int(expires.timestamp()),
        )  # fmt: skip
        return Invited(**told.as_done(), link=links.address(base.rstrip("/"), text), expires_at=expires)

    async def _heard(self, identity: str, edition: int) -> None:
        """Until this process's roster has what the tables have: a moment at most."""
        for _ in range(int(SHOWN_SECONDS / _LOOK)):
            if self.desk.directory.roster.edition(identity) >= edition:
                return
            await asyncio.sleep(_LOOK)


def routes(desk: Desk) -> APIRouter:
    """The router."""
    router = desk.router("officers")
    officers = Officers(desk)

    @router.get("/officers")
    async def many(
        officer: Asking,
        unit: Annotated[str | None, Query(max_length=63, description="Of this unit alone.")] = None,
        active: Annotated[bool | None, Query(description="Those who are, or who are not.")] = None,
    ) -> KnownOfficers:
        """Everybody who works with the hub, or did."""
        return KnownOfficers(officers=officers.many(officer, unit, active))

    @router.post("/officers", status_code=201)
    async def add(officer: Asking, body: NewOfficer, key: IdempotencyKey = None) -> OfficerDone:
        """Add somebody; they come in by a link."""
        command = AddOfficer(
            officer=body.id, called=body.name, role=body.role, unit=body.unit, reason=body.reason
        )  # fmt: skip
        return await officers.command(officer, command, body.id, key)

    @router.get("/officers/{officer_id}")
    async def one(officer: Asking, officer_id: OfficerId) -> OfficerWithEditions:
        """An officer, and who made what of them, when and why."""
        return await officers.one(officer, officer_id)

    @router.post("/officers/{officer_id}/change")
    async def change(
        officer: Asking, officer_id: OfficerId, body: OfficerChange, key: IdempotencyKey = None
    ) -> OfficerDone:  # fmt: skip
        """Another name, role or unit; it holds at once, for who is signed in as well."""
        command = ChangeOfficer(
            officer=officer_id, called=body.name, role=body.role, unit=body.unit, after=body.edition,
            reason=body.reason,
        )  # fmt: skip
        return await officers.command(officer, command, officer_id, key)

    @router.post("/officers/{officer_id}/deactivate")
    async def deactivate(
        officer: Asking, officer_id: OfficerId, body: OfficerReason, key: IdempotencyKey = None
    ) -> OfficerDone:  # fmt: skip
        """Shut somebody out: sessions, tokens and links end at once, and for good."""
        command = DeactivateOfficer(officer=officer_id, reason=body.reason)
        return await officers.command(officer, command, officer_id, key)

    @router.post("/officers/{officer_id}/reactivate")
    async def reactivate(
        officer: Asking, officer_id: OfficerId, body: OfficerReason, key: IdempotencyKey = None
    ) -> OfficerDone:  # fmt: skip
        """Let somebody in again; what ended stays ended."""
        command = ReactivateOfficer(officer=officer_id, reason=body.reason)
        return await officers.command(officer, command, officer_id, key)

    @router.post("/officers/{officer_id}/invite", status_code=201)
    async def invite(
        officer: Asking, officer_id: OfficerId, body: Invitation, key: IdempotencyKey = None
    ) -> Invited:  # fmt: skip
        """A one-time link by which somebody comes in and chooses a password; the log says who made it, for whom."""
        return await officers.invite(officer, officer_id, body, key, desk.installation.public_url)

    return router
