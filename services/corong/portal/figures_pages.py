"""Pages of the service figures: all units, one unit by month with its chart, and everything as JSON."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from corong.portal.figures import Figures, Report, UnitFigures, figures_of
from corong.runtime.bar_chart import chart
from corong.runtime.language import language_of
from corong.runtime.pages import Pages
from corong.runtime.problems import problems
from corong.runtime.service import Service

KEPT_SECONDS = 60.0
"""The figures are counted at most this often, however many ask."""


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
    """Counts when somebody asks, and not again for a while."""

    def __init__(self, service: Service, kept_seconds: float = KEPT_SECONDS) -> None:
        self._service = service
        self._kept_seconds = kept_seconds
        self._kept: tuple[float, Report] | None = None
        self._counting = asyncio.Lock()

    async def report(self) -> Report:
        """The figures, at most as old as they are kept."""
        async with self._counting:
            if self._kept is None or time.monotonic() - self._kept[0] >= self._kept_seconds:
                self._kept = (time.monotonic(), await asyncio.to_thread(self._count))
            return self._kept[1]

    def _count(self) -> Report:
        installation = self._service.installation
        zone, demo = installation.directory.hub.zone, installation.settings.demo
        with self._service.database.read() as connection:
            return figures_of(connection, zone, installation.clock(), demo=demo)


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
