"""Pages of the service figures: all units, one unit by month with its chart, and everything as JSON."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from corong.portal.figures import Figures, Report, UnitFigures, figures_of
from corong.runtime.bar_chart import chart
from corong.runtime.language import language_of
from corong.runtime.logs import where
from corong.runtime.pages import Pages
from corong.runtime.problems import problems
from corong.runtime.service import Service

log = structlog.get_logger()

KEPT_SECONDS = 60.0
"""The figures are counted at most this often, however many ask."""
OLDEST_SECONDS = 600.0
"""Older ones are shown to nobody."""


class MonthShown(BaseModel):
    """Of a month, or of all of them where `month` is missing."""

    month: str | None = None
    """`2026-03`."""
    received: int
    answered: int
    late: int
    median_days: float | None
    """Working days to the first answer."""


class UnitShown(BaseModel):
    """A unit."""

    unit: str | None
    """None: the whole government."""
    name: str
    whole: MonthShown
    months: list[MonthShown]


class FiguresShown(BaseModel):
    """The figures of the last twelve months."""

    government: UnitShown
    units: list[UnitShown]


@dataclass(frozen=True)
class _Row:
    """A unit in the table of all."""

    id: str
    name: str
    figures: Figures


class FiguresKeeper:
    """Counts when somebody asks, and not again for a while; then beside who asks, who gets those of before."""

    def __init__(self, service: Service, kept_seconds: float = KEPT_SECONDS) -> None:
        self._service = service
        self._kept_seconds = kept_seconds
        self._kept: tuple[float, Report] | None = None
        self._counting: asyncio.Task[None] | None = None

    async def report(self) -> Report:
        """The figures; whoever asks first waits, and whoever asks first in a long while."""
        age = time.monotonic() - self._kept[0] if self._kept is not None else float("inf")
        if age >= self._kept_seconds and (self._counting is None or self._counting.done()):
            self._counting = asyncio.create_task(self._count_anew())
            self._counting.add_done_callback(_told)
        if self._counting is not None and (self._kept is None or age >= max(OLDEST_SECONDS, self._kept_seconds)):
            await asyncio.shield(self._counting)
        assert self._kept is not None
        return self._kept[1]

    async def _count_anew(self) -> None:
        begun = time.monotonic()
        self._kept = begun, await asyncio.to_thread(self._count)

    def _count(self) -> Report:
        installation = self._service.installation
        zone, demo = installation.directory.hub.zone, installation.settings.demo
        with self._service.database.read() as connection:
            return figures_of(connection, zone, installation.clock(), demo=demo)


def _told(counting: "asyncio.Task[None]") -> None:
    """A failure of which nobody waits to hear; whoever asks next has them counted again."""
    if not counting.cancelled() and (error := counting.exception()) is not None:
        log.error("the service figures could not be counted", error=type(error).__name__, where=where(error))


def routes(service: Service, pages: Pages, keeper: FiguresKeeper | None = None) -> APIRouter:
    """The router."""
    router = APIRouter()
    directory = service.installation.directory
    kept = keeper or FiguresKeeper(service)

    def name_of(unit: str) -> str:
        return directory.unit(unit).name if directory.has_unit(unit) else unit

    @router.get("/layanan", include_in_schema=False)
    async def all_units(request: Request) -> Response:
        report = await kept.report()
        found = [_Row(one.unit, name_of(one.unit), one.whole) for one in report.units]
        return pages.render(
            request,
            "figures.html",
            units=sorted(found, key=lambda row: (-row.figures.received, row.name)),
            whole=report.government.whole,
            at=report.at.isoformat(),
            drawn=_drawn(request, report.months, report.government.months),
        )

    @router.get("/layanan.json", response_model=FiguresShown, tags=["public information"], responses=problems(500, 503))
    async def as_json() -> Any:
        """What each unit received and answered in the last twelve months, and in how many working days."""
        report = await kept.report()
        return FiguresShown(
            government=_shown(report, report.government, None, directory.hub.name),
            units=[_shown(report, one, one.unit, name_of(one.unit)) for one in report.units],
        )

    @router.get("/layanan/{unit}", include_in_schema=False)
    async def one_unit(request: Request, unit: str) -> Response:
        if not directory.has_unit(unit):
            raise HTTPException(404)
        report = await kept.report()
        found = report.by_unit.get(unit) or UnitFigures(unit, Figures(), tuple(Figures() for _ in report.months))
        return pages.render(
            request,
            "figures_unit.html",
            name=name_of(unit),
            whole=found.whole,
            months=list(zip(report.months, found.months, strict=True)),
            at=report.at.isoformat(),
            drawn=_drawn(request, report.months, found.months),
        )

    return router


def _drawn(request: Request, months: Sequence[date], figures: Sequence[Figures]) -> Any:
    values = [(one.received, one.answered) for one in figures]
    return chart(months, values, language_of(request))


def _shown(report: Report, found: UnitFigures, unit: str | None, name: str) -> UnitShown:
    months = [
        MonthShown(month=f"{month:%Y-%m}", **vars(one)) for month, one in zip(report.months, found.months, strict=True)
    ]
    return UnitShown(unit=unit, name=name, whole=MonthShown(**vars(found.whole)), months=months)
