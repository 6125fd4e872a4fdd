"""Routes of the units: which there are, what a change would move, adding one, changing one, closing one."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field
from sqlalchemy import Connection, select

from corong.desk.bodies import Body
from corong.desk.context import SHOWN_SECONDS, Desk, IdempotencyKey, InLanguage
from corong.desk.context import Officer as Asking
from corong.desk.models import Done, OfficerRef, UnitRef
from corong.desk.rules_api import Differing, differing
from corong.desk.tables import unit_edition
from corong.desk.trying_rules import Question, Trying
from corong.runtime.clock import moment
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.reasons import Language
from corong.runtime.refusal import Refused, busy
from corong.runtime.rows import Row
from corong.runtime.unit_entry import KnownUnit as Entry
from corong.runtime.unit_rows import edition_of
from corong_contracts.base import Slug
from corong_contracts.command_base import Command
from corong_contracts.officer_command import ChangeReason
from corong_contracts.unit import UnitContent, UnitKind, UnitName, Weekday
from corong_contracts.unit_command import AddUnit, ChangeUnit, CloseUnit, TryUnit
from corong_contracts.unit_command import UnitEdition as Edition

_LOOK = 0.005
"""Seconds."""
MOST_TRIED = 2_000
"""So many cases at most, the newest."""

UnitId = Annotated[Slug, Path(description="The unit's id.")]
Why = Annotated[ChangeReason, Field(description="Stands in the log for ever.")]
Topics = Annotated[tuple[Slug, ...], Field(max_length=100, description="By the names that the rules have for them.")]
Places = Annotated[tuple[UnitName, ...], Field(max_length=200, description="Names by which people call its area.")]
Within = Annotated[Slug | None, Field(description="A clinic's sub-district; null: none.")]
OpeningDays = Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7, description="When its doors are open.")]


class KnownUnit(BaseModel):
    """A unit as it is now."""

    id: str
    name: str
    kind: UnitKind
    topics: list[str]
    places: list[str]
    within: str | None
    opening_days: list[Weekday]
    successor: UnitRef | None = Field(description="Who took over when it was closed; null: it is open.")
    edition: int = Field(description="1, 2, 3 …; 0: as units.toml says, which nobody changed.")


class KnownUnits(BaseModel):
    """Units."""

    units: list[KnownUnit]


class UnitEdition(BaseModel):
    """What somebody made of a unit."""

    edition: int
    name: str
    kind: UnitKind
    topics: list[str]
    places: list[str]
    within: str | None
    opening_days: list[Weekday]
    successor: UnitRef | None
    by: OfficerRef | None = Field(description="null: what units.toml said before.")
    reason: str
    changed_at: datetime


class UnitWithEditions(KnownUnit):
    """And what became of it, the newest first."""

    editions: list[UnitEdition]


class NewUnit(Body):
    """A new unit."""

    id: Slug = Field(description="Its own for ever: events name it.")
    name: UnitName
    kind: UnitKind
    topics: Topics = ()
    places: Places = ()
    within: Within = None
    opening_days: OpeningDays = ("mon", "tue", "wed", "thu", "fri")
    reason: Why

    @property
    def content(self) -> UnitContent:
        """As commands have it."""
        return UnitContent(**self.model_dump(exclude={"id", "reason"}))


class UnitFields(Body):
    """What is to be otherwise; what is left out stays."""

    name: UnitName | None = None
    kind: UnitKind | None = None
    topics: Topics | None = None
    places: Places | None = None
    within: Within = None
    opening_days: OpeningDays | None = None

    def over(self, now: Entry) -> UnitContent:
        """What the unit would be; `within` may be given as null."""
        given = self.model_dump(include=set(UnitFields.model_fields) & self.model_fields_set)
        kept = {name: value for name, value in given.items() if value is not None or name == "within"}
        return now.content.model_copy(update=kept)


class UnitChange(UnitFields):
    """A change of a unit."""

    edition: Edition = Field(description="The one that was in force when it was looked at.")
    reason: Why


class UnitClosing(Body):
    """Closing a unit."""

    successor: Slug = Field(description="An open unit: it gets the topics, places, open cases and officers.")
    edition: Edition = Field(description="The one that was in force when it was looked at.")
    reason: Why


class UnitProposal(UnitFields):
    """A change, or with `successor` a closing, to be looked at."""

    successor: Slug | None = None


class ChangedUnit(BaseModel):
    """What a unit is, and what it would be."""

    unit: UnitRef
    gained_topics: list[str]
    lost_topics: list[str]
    gained_places: list[str]
    lost_places: list[str]
    within: str | None
    name: str
    closes: bool


class UnitTrial(Differing):
    """What would move."""

    edition: int = Field(description="Of the unit, in force now.")
    closes: bool
    changes: list[ChangedUnit]
    open_cases: dict[str, int] = Field(description="By state: they go to the successor.")
    officers: list[OfficerRef] = Field(description="They go to the successor.")
    accounts: list[str] = Field(description="What comes in there goes to the successor.")


class UnitDone(Done):
    """And what the unit is now."""

    unit: KnownUnit


class Units:
    """The desk's view of them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._trying = Trying(desk)

    def many(self, officer: Actor, closed: bool | None = None) -> list[KnownUnit]:
        """Raises `Forbidden`."""
        authorise(officer, Action.SETUP_READ, Scope())
        return [self.known(one) for one in self.desk.directory.units if closed in (None, one.closed)]

    async def one(self, officer: Actor, identity: str) -> UnitWithEditions:
        """Raises `Forbidden`, `Refused` (404)."""
        authorise(officer, Action.SETUP_READ, Scope())
        found = self.entry(identity)
        rows = await self.desk.read(lambda connection: self._editions(connection, identity))
        return UnitWithEditions(**self.known(found).model_dump(), editions=rows)

    def entry(self, identity: str) -> Entry:
        """As the directory has it. Raises `Refused` (404)."""
        if not self.desk.directory.has_unit(identity):
            raise Refused(404, "no_such_unit", "Unit itu tidak ada.", "There is no such unit.")
        return self.desk.directory.unit(identity)

    def known(self, one: Entry) -> KnownUnit:
        """As it is shown."""
        return KnownUnit(
            id=one.id, **one.content.model_dump(), successor=self.desk.unit(one.successor),
            edition=self.desk.directory.chart.edition(one.id),
        )  # fmt: skip

    def _editions(self, connection: Connection, identity: str) -> list[UnitEdition]:
        table = unit_edition
        chosen = select(table).where(table.c.unit == identity).order_by(table.c.edition.desc())
        return [self._edition(dict(row)) for row in connection.execute(chosen).mappings()]

    def _edition(self, row: Row) -> UnitEdition:
        one = edition_of(row).unit
        return UnitEdition(
            **one.content.model_dump(), edition=row["edition"], successor=self.desk.unit(one.successor),
            by=self.desk.person(row["by"]), reason=row["reason"], changed_at=moment(row["changed_at"]),
        )  # fmt: skip

    async def tried(self, officer: Actor, identity: str, what: UnitContent | str, language: Language) -> UnitTrial:
        """What a content or, with a successor's id, a closing would move. Raises `Forbidden`, `Refused`."""
        content, successor = (what, None) if isinstance(what, UnitContent) else (None, what)

        def ask(cases: Any) -> TryUnit:
            return TryUnit(unit=identity, content=content, successor=successor, cases=cases)

        question: Question = ask
        found = await self._trying.page(officer, Action.UNIT_CHANGE, question, 30, MOST_TRIED, None)
        told = found.told
        return UnitTrial.model_validate(
            {
                **differing(self.desk, found, language),
                "edition": told["edition"],
                "closes": successor is not None,
                "changes": [self._changed(one) for one in told["changes"]],
                "open_cases": told["open_cases"],
                "officers": [self.desk.person(one) for one in told["officers"]],
                "accounts": [self.desk.directory.account(one).name for one in told["accounts"]],
            }
        )

    def _changed(self, told: dict[str, Any]) -> dict[str, Any]:
        before, after = told["before"] or {"topics": [], "places": []}, told["after"]
        closes = told["successor"] is not None
        moved = {
            f"{how}_{name}": [] if closes else [one for one in a[name] if one not in b[name]]
            for name in ("topics", "places")
            for how, a, b in (("gained", after, before), ("lost", before, after))
        }
        named = self.desk.unit(told["unit"])
        ref = named if self.desk.directory.has_unit(told["unit"]) else {"id": told["unit"], "name": after["name"]}
        return {"unit": ref, **moved, "within": after["within"], "name": after["name"], "closes": closes}

    async def command(self, officer: Actor, command: Command, identity: str, key: str | None) -> UnitDone:
        """Send a command; the answer shows the unit afterwards. Raises `Refused`, `Forbidden`."""
        told = await self.desk.ask(officer, command, None, f"{identity}\n{key}" if key else None)
        await self._heard(identity, told.result.get("edition", 0))
        if not self.desk.directory.has_unit(identity):
            raise busy()  # routing has it, and this process hears of it when the broker is there again
        return UnitDone(**told.as_done(), unit=self.known(self.desk.directory.unit(identity)))

    async def _heard(self, identity: str, edition: int) -> None:
        """Until this process's chart has what the tables have: a moment at most."""
        for _ in range(int(SHOWN_SECONDS / _LOOK)):
            if self.desk.directory.chart.edition(identity) >= edition:
                return
            await asyncio.sleep(_LOOK)


def routes(desk: Desk) -> APIRouter:
    """The router."""
    router = desk.router("units")
    units = Units(desk)

    @router.get("/units")
    async def many(
        officer: Asking, closed: Annotated[bool | None, Query(description="Those that are, or are not.")] = None
    ) -> KnownUnits:  # fmt: skip
        """Every unit that there is, or was."""
        return KnownUnits(units=units.many(officer, closed))

    @router.post("/units", status_code=201)
    async def add(officer: Asking, body: NewUnit, key: IdempotencyKey = None) -> UnitDone:
        """Add a unit; it takes cases at once."""
        command = AddUnit(unit=body.id, content=body.content, reason=body.reason)
        return await units.command(officer, command, body.id, key)

    @router.get("/units/{unit_id}")
    async def one(officer: Asking, unit_id: UnitId) -> UnitWithEditions:
        """A unit, and who made what of it, when and why."""
        return await units.one(officer, unit_id)

    @router.post("/units/{unit_id}/try")
    async def attempt(officer: Asking, language: InLanguage, unit_id: UnitId, body: UnitProposal) -> UnitTrial:
        """What a change or closing would move, of the messages of the last 30 days as well; nothing changes."""
        authorise(officer, Action.UNIT_CHANGE, Scope())
        what = body.successor or body.over(units.entry(unit_id))
        return await units.tried(officer, unit_id, what, language)

    @router.post("/units/{unit_id}/change")
    async def change(officer: Asking, unit_id: UnitId, body: UnitChange, key: IdempotencyKey = None) -> UnitDone:
        """Change what is given; it holds at once."""
        authorise(officer, Action.UNIT_CHANGE, Scope())
        content = body.over(units.entry(unit_id))
        command = ChangeUnit(unit=unit_id, content=content, after=body.edition, reason=body.reason)
        return await units.command(officer, command, unit_id, key)

    @router.post("/units/{unit_id}/close")
    async def close(officer: Asking, unit_id: UnitId, body: UnitClosing, key: IdempotencyKey = None) -> UnitDone:
        """Close a unit: its topics, places, open cases and officers go to its successor. It is never opened again."""
        command = CloseUnit(unit=unit_id, successor=body.successor, after=body.edition, reason=body.reason)
        return await units.command(officer, command, unit_id, key)

    return router
