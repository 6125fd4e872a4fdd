"""The figures: volume, answers and their times, what waits and is late; each number leads to its cases."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from corong.desk import figure_cases
from corong.desk.figure_words import band_words, channel_word, figure_word
from corong.desk.figures import Figures, Measured
from corong.desk.figures_api import MONTH, DeskFigures
from corong.desk.months import first_day, months_between
from corong.desk.pages.address_fields import address
from corong.desk.pages.admission import Visitor, may
from corong.desk.pages.frame import HEADERS, Frame
from corong.desk.pages.places import case_address
from corong.desk.pages.words import kind_word, state_shown
from corong.desk.paging import cut, read_cursor
from corong.desk.tallying import PUBLIC
from corong.runtime.bar_chart import chart
from corong.runtime.clock import stamp
from corong.runtime.language import language_of
from corong.runtime.policy import Action, Scope, allowed
from corong.working_days.zones import start_of
from corong_contracts.case import CaseKind

ADDRESS = "/desk/angka"
CASES = f"{ADDRESS}/perkara"
ON_A_PAGE = 50
UNITS_SHOWN = 15
CHOICE_MONTHS = 24
"""So many months can be chosen from."""

Reader = Annotated[Visitor, Depends(may(Action.FIGURES_READ))]


@dataclass(frozen=True)
class Line:
    """A line of a table: its name, its figures, and how its cases are asked for."""

    name: str
    figures: Measured
    asked: Mapping[str, str]
    share: float
    """Of the longest bar beside it, from 0 to 100."""
    day: date | None = None
    """The first of a month."""


@dataclass(frozen=True)
class BandLine:
    """How many were answered within a time."""

    name: str
    cases: int
    figure: str
    share: float


@dataclass(frozen=True)
class Period:
    """What the page was asked for, as it stands in the address."""

    unit: str
    dari: str
    sampai: str

    def address(self, path: str = ADDRESS, **more: str) -> str:
        """A page of the figures with the same unit and months."""
        return address(path, {**vars(self), **more})


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    desk = frame.desk
    shown = DeskFigures(desk)

    def asked_for(request: Request, visitor: Visitor) -> tuple[str | None, list[str], Period]:
        asked = request.query_params
        unit = shown.unit(visitor.actor, asked.get("unit") or None)
        months = shown.months(_month(request, "dari"), _month(request, "sampai"))
        return unit, months, Period(asked.get("unit", "")[:63], months[0], months[-1])

    def may_list(visitor: Visitor, unit: str | None) -> bool:
        return allowed(visitor.actor, Action.QUEUE_LIST, Scope(unit))

    @router.get("/desk/figures")
    async def by_its_english_name(visitor: Reader) -> Response:
        return RedirectResponse(ADDRESS, 303, HEADERS)

    @router.get(ADDRESS)
    async def figures(request: Request, visitor: Reader) -> Response:
        unit, months, period = asked_for(request, visitor)
        found = await shown.read(unit, months)
        _ = frame.pages.texts(request).gettext
        everywhere = allowed(visitor.actor, Action.FIGURES_READ, Scope())
        all_units = request.query_params.get("semua") == "ya"
        units = _lines(found.units, _unit_name, "unit")
        values = [(one.received, one.answered) for one in found.months.values()]
        latest = shown.this_month()
        return frame.render(
            request, visitor, "desk/figures.html",
            whole=found.whole, comments=found.comments, period=period, cases=CASES, linked=may_list(visitor, unit),
            title=_unit_name(unit) if unit else _("Semua unit"),
            months=_months(found), drawn=chart([first_day(month) for month in months], values, language_of(request)),
            bands=_bands(found.whole, band_words(_)),
            units=units if all_units else units[:UNITS_SHOWN], more_units=0 if all_units else len(units) - UNITS_SHOWN,
            kinds=_lines(found.kinds, lambda name: kind_word(name, _), "jenis"),
            channels=_lines(found.channels, lambda name: channel_word(name, _), "kanal"),
            choices=_choices(latest, months), at=desk.now(),
            directory=sorted(desk.directory.units, key=lambda one: one.name) if everywhere else [],
        )  # fmt: skip

    def _unit_name(unit: str) -> str:
        ref = desk.unit(unit)
        return ref.name if ref else unit

    @router.get(CASES)
    async def cases_behind(request: Request, visitor: Reader) -> Response:
        unit, months, period = asked_for(request, visitor)
        if not may_list(visitor, unit):
            return RedirectResponse(period.address(), 303, HEADERS)
        asked = request.query_params
        figure = asked.get("angka", "") if asked.get("angka") in figure_cases.FIGURES else "received"
        kind = asked.get("jenis", "") if asked.get("jenis") in [*CaseKind] else ""
        channel = asked.get("kanal", "")[:64]
        wanted = figure_cases.Wanted(
            begin=stamp(start_of(first_day(months[0]), shown.zone)),
            end=stamp(start_of((first_day(months[-1]) + timedelta(days=31)).replace(day=1), shown.zone)),
            figure=figure, unit=unit, kind=kind or None, channel=channel.removesuffix(PUBLIC) or None,
            public=channel.endswith(PUBLIC) if channel else None, demo=desk.installation.settings.demo,
        )  # fmt: skip
        after = read_cursor(asked.get("lanjut"), figure_cases.ORDER)
        rows = await desk.read(lambda connection: figure_cases.page(connection, wanted, after, ON_A_PAGE))
        rows, following = cut(rows, ON_A_PAGE, lambda row: (row["registered_at"], row["case_id"]))
        _ = frame.pages.texts(request).gettext
        same = {"angka": figure, "jenis": kind, "kanal": channel}
        return frame.render(
            request, visitor, "desk/figure_cases.html",
            rows=[
                {**row, "kind": kind_word(row["kind"], _), "unit": _unit_name(row["unit"]),
                 "state": state_shown(row["state"], row["life"], _)}
                for row in rows
            ],
            title=figure_word(figure, _), back=period.address(), address_of=case_address,
            narrowed=[
                _unit_name(unit) if unit else _("Semua unit"),
                *([kind_word(kind, _)] if kind else []), *([channel_word(channel, _)] if channel else []),
            ],
            first=first_day(months[0]), last=first_day(months[-1]),
            beginning=period.address(CASES, **same) if after is not None else None,
            next=period.address(CASES, **same, lanjut=following) if following else None,
        )  # fmt: skip

    return router


def _month(request: Request, name: str) -> str | None:
    """A month of the address; what is none is as not asked."""
    asked = request.query_params.get(name, "")
    return asked if re.fullmatch(MONTH, asked) else None


def _months(found: Figures) -> list[Line]:
    most = max((one.received for one in found.months.values()), default=0)
    return [
        Line(month, one, {"dari": month, "sampai": month}, _share(one.received, most), first_day(month))
        for month, one in found.months.items()
    ]


def _lines(found: Mapping[str, Measured], name: Callable[[str], str], field: str) -> list[Line]:
    most = max((one.received for one in found.values()), default=0)
    lines = [Line(name(key), one, {field: key}, _share(one.received, most)) for key, one in found.items()]
    return sorted(lines, key=lambda line: (-line.figures.received, line.name))


def _bands(whole: Measured, words: tuple[str, ...]) -> list[BandLine]:
    most = max(whole.bands)
    return [
        BandLine(word, many, f"band{number}", _share(many, most))
        for number, (word, many) in enumerate(zip(words, whole.bands, strict=True))
    ]


def _share(part: int, most: int) -> float:
    return round(100 * part / most, 1) if most else 0.0


def _choices(latest: date, months: list[str]) -> list[date]:
    """Months to choose from, the latest first; those that are shown are among them."""
    first = latest.year * 12 + latest.month - CHOICE_MONTHS
    earliest = f"{first // 12}-{first % 12 + 1:02d}"
    found = {*months_between(earliest, f"{latest:%Y-%m}"), months[0], months[-1]}
    return [first_day(month) for month in sorted(found, reverse=True)]
