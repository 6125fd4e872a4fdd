"""Routes of the calendar of days off: its versions and decrees, what another decree would move, entering one."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy import Connection, select

from corong.desk.bodies import Body
from corong.desk.context import Desk, IdempotencyKey, InLanguage, Officer
from corong.desk.models import Done, OfficerRef
from corong.desk.tables import registered
from corong.runtime.policy import Actor
from corong.runtime.reasons import Language
from corong_contracts.base import Time
from corong_contracts.decree import DayOffKind, DecreeContent, DecreedDayOff, DecreedWorkday
from corong_contracts.decree_command import EnterDecree, ShowCalendar, TryDecree

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
"""Of a decree; the event has it without what stands around it."""


class Version(BaseModel):
    """A version of the calendar."""

    number: int
    digest: str = Field(description="SHA-256 of its content, by which events name it.")
    in_force: date
    decree: str
    title: str
    decreed_years: list[int] = Field(description="Others hold estimates of the feasts.")
    first_year: int
    last_year: int


class Decree(DecreeContent):
    """A decree, and where it comes from."""

    origin: Literal["corong", "file", "log"] = Field(
        description="It comes with Corong, stands in decrees.toml, or was entered by an officer."
    )
    officer: OfficerRef | None
    entered_at: Time | None


class DayOff(BaseModel):
    """Why a day is off."""

    kind: DayOffKind | Literal["estimated_holiday"]
    name: str
    decree: str | None = Field(description="null: an estimate.")


class DatedDayOff(DayOff):
    """A day off."""

    date: date


class Calendar(BaseModel):
    """The calendar."""

    current: str = Field(description="Digest of the version by which deadlines are counted today.")
    versions: list[Version]
    decrees: list[Decree]
    year: int
    decreed: bool = Field(description="Whether a decree settles that year.")
    days: list[DatedDayOff] = Field(description="Of that year, by the newest version; weekends are never counted.")


class NewDayOff(DecreedDayOff):
    """A day off as an officer enters it."""

    name: Text
    reason: Text


class NewWorkday(DecreedWorkday):
    """A day of work again as an officer enters it."""

    reason: Text


class NewDecree(Body):
    """A decree as an officer enters it."""

    number: Text = Field(description="As it is cited.")
    title: Text
    in_force: date
    source: Text = Field(description="Where it was read.")
    verified: Literal["v", "k"] = Field(default="k", description="v: the source was read. k: to be confirmed.")
    settles: Annotated[int | None, Field(ge=2024, le=2099, description="The year whose whole list it gives.")] = None
    added: list[NewDayOff] = Field(default_factory=list, max_length=60)
    taken_away: list[NewWorkday] = Field(default_factory=list, max_length=60)

    def content(self) -> DecreeContent:
        """As commands have it."""
        return DecreeContent.model_validate(self.model_dump())


class DayChange(BaseModel):
    """A day that the decree changes."""

    date: date
    old: DayOff | None
    new: DayOff | None
    moves_work: bool = Field(description="Whether a working day becomes a day off or the other way.")


class ClockMoves(BaseModel):
    """How many open deadlines of a clock would move."""

    rule: str
    name: str
    moves: int


class Deadline(BaseModel):
    """A deadline that would move."""

    case_id: str
    registration: str | None
    rule: str
    name: str
    before: date
    after: date


class DecreeTrial(BaseModel):
    """What the decree would do."""

    changes: list[DayChange]
    moves: int = Field(description="So many open deadlines move, from the day of its force on.")
    clocks: list[ClockMoves]
    deadlines: list[Deadline] | None = Field(
        description="The first 200, the earliest first; null for whoever may not read every case."
    )


class DecreeDone(Done):
    """And under which number."""

    number: str


class Calendars:
    """What the desk asks routing of it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def shown(self, officer: Actor, year: int | None) -> Calendar:
        """Raises `Forbidden`, `Refused`."""
        told = (await self._desk.ask(officer, ShowCalendar(year=year), None, None, wait=False)).result
        decrees = [{**one, "officer": self._desk.person(one["officer"])} for one in told["decrees"]]
        return Calendar.model_validate({**told, "decrees": decrees})

    async def tried(self, officer: Actor, decree: DecreeContent, language: Language) -> DecreeTrial:
        """Raises `Forbidden`, `Refused`."""
        told = (await self._desk.ask(officer, TryDecree(decree=decree), None, None, wait=False)).result
        deadlines = told["deadlines"]
        if deadlines is not None:
            numbers = await self._desk.read(lambda connection: numbers_of(connection, deadlines))
            deadlines = [
                {**one, "name": one["name"][language], "registration": numbers.get(one["case_id"])}
                for one in deadlines
            ]  # fmt: skip
        clocks = [{**one, "name": one["name"][language]} for one in told["clocks"]]
        return DecreeTrial.model_validate({**told, "clocks": clocks, "deadlines": deadlines})


def routes(desk: Desk) -> APIRouter:
    """The router."""
    router = desk.router("calendar")
    calendars = Calendars(desk)

    @router.get("/calendar")
    async def shown(
        officer: Officer,
        year: Annotated[int | None, Query(ge=1, le=9999, description="By default the present one.")] = None,
    ) -> Calendar:
        """The calendar of days off by which deadlines are counted, with the decrees behind it."""
        return await calendars.shown(officer, year)

    @router.post("/calendar/decrees/try")
    async def attempt(officer: Officer, language: InLanguage, body: NewDecree) -> DecreeTrial:
        """Which days a decree would change, and which open deadlines it would move; nothing changes."""
        return await calendars.tried(officer, body.content(), language)

    @router.post("/calendar/decrees", status_code=201)
    async def enter(officer: Officer, body: NewDecree, key: IdempotencyKey = None) -> DecreeDone:
        """Enter a decree: from the day of its force on it counts, and moves the open deadlines that it touches."""
        content = body.content()
        told = await desk.ask(officer, EnterDecree(decree=content), None, key)
        return DecreeDone(**told.as_done(), number=content.number)

    return router


def numbers_of(connection: Connection, deadlines: list[dict[str, Any]]) -> dict[str, str]:
    """Case → registration number."""
    wanted = {one["case_id"] for one in deadlines}
    chosen = select(registered.c.case_id, registered.c.registration).where(registered.c.case_id.in_(wanted))
    return {row.case_id: row.registration for row in connection.execute(chosen)}
