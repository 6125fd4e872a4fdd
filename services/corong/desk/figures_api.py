"""The figures for programs: the same as the page's."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from corong.desk.context import Desk, Officer
from corong.desk.figures import Figures, Measured, figures
from corong.desk.models import UnitRef
from corong.desk.months import months_between
from corong.desk.tallying import BAND_HOURS, PUBLIC
from corong.runtime.policy import Action, Actor, Scope, allowed, authorise
from corong.runtime.refusal import Refused
from corong.working_days.zones import zone_named

MOST_MONTHS = 36
USUAL_MONTHS = 12
MONTH = r"^[0-9]{4}-(0[1-9]|1[0-2])$"

Month = Annotated[str | None, Query(pattern=MONTH)]


class Band(BaseModel):
    """How many were answered within a time."""

    up_to_hours: int | None = Field(description="From the receipt to the first answer; null: longer than the others.")
    cases: int


class MeasuredShown(BaseModel):
    """Numbers of cases."""

    received: int
    unneeded: int = Field(description="Praise, spam, duplicates: nobody waits for an answer. Not counted below.")
    answered: int
    late: int = Field(description="The office's time ran out at least once.")
    waiting: int
    overdue: int = Field(description="Those that wait and are late.")
    rate: float | None = Field(description="Which part of those that need an answer has one.")
    answer_times: list[Band]


class MonthFigures(MeasuredShown):
    """By the month of the receipt, in the government's time zone."""

    month: str


class UnitFigures(MeasuredShown):
    """By the unit that has the case now."""

    unit: UnitRef


class KindFigures(MeasuredShown):
    """By kind."""

    kind: str


class ChannelFigures(MeasuredShown):
    """By channel; what was written in public stands apart."""

    channel: str
    public: bool


class FiguresShown(BaseModel):
    """Of the cases received in these months."""

    unit: UnitRef | None = Field(description="Null: all units.")
    since: str
    until: str
    at: datetime
    whole: MeasuredShown
    comments: MeasuredShown = Field(description="What was written in public; `rate` is the comment answer rate.")
    months: list[MonthFigures]
    units: list[UnitFigures]
    kinds: list[KindFigures]
    channels: list[ChannelFigures]


class DeskFigures:
    """Figures as an officer may see them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.zone = zone_named(desk.directory.hub.time_zone)

    def this_month(self) -> date:
        """The first day of it, there."""
        return self.desk.now().astimezone(self.desk.directory.hub.zone).date().replace(day=1)

    def unit(self, officer: Actor, unit: str | None) -> str | None:
        """The unit that is asked for; by default all where one may see them, else the own. Raises `Forbidden`."""
        if unit is None and not allowed(officer, Action.FIGURES_READ, Scope()):
            unit = officer.unit
        authorise(officer, Action.FIGURES_READ, Scope(unit))
        if unit is not None:
            self.desk.check_unit(unit)
        return unit

    def months(self, since: str | None, until: str | None) -> list[str]:
        """The months that are asked for, a year up to now by default. Raises `Refused` (422)."""
        last = until or f"{self.this_month():%Y-%m}"
        if since is None:
            day = date.fromisoformat(f"{last}-01")
            for _ in range(USUAL_MONTHS - 1):
                if day.year > 1:
                    day = (day - timedelta(days=1)).replace(day=1)
            since = f"{day:%Y-%m}"
        if not since <= last or int(last[:4]) - int(since[:4]) > MOST_MONTHS // 12 or last[:4] in ("0000", "9999"):
            raise _strange()
        found = months_between(since, last) if since[:4] != "0000" else []
        if not 0 < len(found) <= MOST_MONTHS:
            raise _strange()
        return found

    async def read(self, unit: str | None, months: list[str]) -> Figures:
        """Those of a unit that was asked about, or of all."""
        demo = self.desk.installation.settings.demo
        return await self.desk.read(lambda connection: figures(connection, unit, months, self.zone, demo=demo))


def _strange() -> Refused:
    return Refused(
        422, "bad_months", f"Pilih bulan awal dan akhir, paling banyak {MOST_MONTHS} bulan.",
        f"Choose a first and a last month, {MOST_MONTHS} months at most.", ["since", "until"],
    )  # fmt: skip


def routes(desk: Desk) -> APIRouter:
    """The router."""
    router = desk.router("figures")
    shown = DeskFigures(desk)

    @router.get("/figures")
    async def all_figures(
        officer: Officer,
        unit: Annotated[str | None, Query(max_length=63, description="By default all that one may see.")] = None,
        since: Month = None,
        until: Month = None,
    ) -> FiguresShown:
        """Volume, answers and their times, what waits and is late; by month, unit, kind and channel."""
        wanted, months = shown.unit(officer, unit), shown.months(since, until)
        found = await shown.read(wanted, months)
        return FiguresShown(
            unit=desk.unit(wanted), since=months[0], until=months[-1], at=desk.now(),
            whole=_shown(found.whole), comments=_shown(found.comments),
            months=[MonthFigures(month=name, **_fields(one)) for name, one in found.months.items()],
            units=[
                UnitFigures(unit=ref, **_fields(one))
                for name, one in sorted(found.units.items())
                if (ref := desk.unit(name)) is not None
            ],
            kinds=[KindFigures(kind=name, **_fields(one)) for name, one in sorted(found.kinds.items())],
            channels=[
                ChannelFigures(channel=name.removesuffix(PUBLIC), public=name.endswith(PUBLIC), **_fields(one))
                for name, one in sorted(found.channels.items())
            ],
        )  # fmt: skip

    return router


def _shown(one: Measured) -> MeasuredShown:
    return MeasuredShown(**_fields(one))


def _fields(one: Measured) -> dict[str, Any]:
    limits = (*BAND_HOURS, None)
    times = [Band(up_to_hours=hours, cases=many) for hours, many in zip(limits, one.bands, strict=True)]
    return {**{name: value for name, value in vars(one).items() if name != "bands"}, "rate": one.rate,
            "answer_times": times}  # fmt: skip
