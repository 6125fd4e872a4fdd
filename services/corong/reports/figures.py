"""The figures of the yearly service report. Each is a count of cases that can be named: the sums reconcile."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from corong.reports.book import Book
from corong.reports.record import Record
from corong.reports.register import Row, rows
from corong.reports.standing import OF_OBJECTIONS, OF_REQUESTS, End, Standing
from corong_contracts.case import CaseKind
from corong_contracts.case_life import ObjectionGround
from corong_contracts.decision import ExemptGround
from corong_contracts.dispute import Result

__all__ = ["BANDS", "DisputeFigures", "ObjectionFigures", "RequestFigures", "Yearly", "band", "yearly"]

K = TypeVar("K")

BANDS: tuple[tuple[int, int | None], ...] = ((0, 5), (6, 10), (11, 17), (18, None))
"""Working days from the receipt to the notice: half of the law's time, all of it, with its extension, and beyond."""


def band(days: int) -> tuple[int, int | None]:
    """The band that so many working days fall into."""
    return next(one for one in BANDS if one[1] is None or days <= one[1])


@dataclass(frozen=True)
class RequestFigures:
    """Of some requests. `standings` sums to `received`, `bands` with `uncounted` to `decided`."""

    received: int
    standings: Mapping[Standing, int]
    grounds: Mapping[ExemptGround, int]
    """Of refusals, whole or in part; one may name several grounds."""
    bands: Mapping[tuple[int, int | None], int]
    uncounted: int
    """Decided, but no calendar of the log has all of the days."""
    days_total: int
    days_least: int | None
    days_median: float | None
    days_most: int | None
    in_time: int
    late: int
    completed: int
    """The applicant was asked for what was missing."""
    extended: int
    silent: int
    """The law's time ran out without a notice, whatever came later."""
    silent_open: int
    """Of these: there is no decision yet, and nothing else ended the case."""
    objected: int
    cost: int
    """Rupiah, of all notices together."""

    @property
    def decided(self) -> int:
        """With a notice: granted, partly granted, refused, or not held."""
        return self.received - sum(self.standings[one] for one in End)


@dataclass(frozen=True)
class ObjectionFigures:
    """Of the objections that were received in the year. `standings` and `grounds` each sum to `received`."""

    received: int
    standings: Mapping[Standing, int]
    grounds: Mapping[ObjectionGround | None, int]
    """None: not linked with its request yet."""
    in_time: int
    late: int
    silent: int


@dataclass(frozen=True)
class DisputeFigures:
    """Of the disputes that were filed in the year."""

    filed: int
    results: Mapping[Result | None, int]
    """None: not settled yet."""


@dataclass(frozen=True)
class Yearly:
    """A year. The parts by unit and by month of receipt each sum to the whole."""

    year: int
    unit: str | None
    whole: RequestFigures
    units: Mapping[str | None, RequestFigures]
    """None: not routed to a unit yet."""
    months: tuple[RequestFigures, ...]
    """January to December."""
    objections: ObjectionFigures
    disputes: DisputeFigures
    requests: tuple[Row, ...]
    """The time for each: all of them, the earliest first."""


def yearly(book: Book, year: int, unit: str | None = None, *, demo: bool = False) -> Yearly:
    """The figures of the requests and objections received, and the disputes filed, in the year."""
    found = tuple(rows(book, year, unit, demo=demo))
    requests = [(row, book.records[row.case_id]) for row in found]
    units = sorted({row.unit for row in found}, key=lambda name: (name is None, name or ""))
    return Yearly(
        year=year,
        unit=unit,
        whole=_requests(requests),
        units={name: _requests([one for one in requests if one[0].unit == name]) for name in units},
        months=tuple(
            _requests([one for one in requests if one[0].received.month == month]) for month in range(1, 13)
        ),
        objections=_objections(list(book.of_year(CaseKind.OBJECTION, year, unit, demo=demo))),
        disputes=_disputes(book, year, unit, demo=demo),
        requests=found,
    )  # fmt: skip


def _requests(given: list[tuple[Row, Record]]) -> RequestFigures:
    decided = [row for row, _ in given if row.decided is not None]
    days = [row.working_days for row in decided if row.working_days is not None]
    return RequestFigures(
        received=len(given),
        standings=_counted(OF_REQUESTS, (row.standing for row, _ in given)),
        grounds=_counted(ExemptGround, (ground for row in decided for ground in set(row.grounds))),
        bands=_counted(BANDS, map(band, days)),
        uncounted=len(decided) - len(days),
        days_total=sum(days),
        days_least=min(days, default=None),
        days_median=median(days) if days else None,
        days_most=max(days, default=None),
        in_time=sum(row.in_time is True for row, _ in given),
        late=sum(row.in_time is False for row, _ in given),
        completed=sum(record.asked_to_complete > 0 for _, record in given),
        extended=sum(row.extended_to is not None for row, _ in given),
        silent=sum(row.silent for row, _ in given),
        silent_open=sum(row.silent and row.standing is End.OPEN for row, _ in given),
        objected=sum(row.objection is not None for row, _ in given),
        cost=sum(row.finding.cost for row in decided if row.finding is not None),
    )


def _objections(given: list[Record]) -> ObjectionFigures:
    return ObjectionFigures(
        received=len(given),
        standings=_counted(OF_OBJECTIONS, (record.standing for record in given)),
        grounds=_counted((*ObjectionGround, None), (record.ground for record in given)),
        in_time=sum(record.clock is not None and record.clock.in_time is True for record in given),
        late=sum(record.clock is not None and record.clock.in_time is False for record in given),
        silent=sum(record.silent for record in given),
    )


def _disputes(book: Book, year: int, unit: str | None, *, demo: bool) -> DisputeFigures:
    found = [
        record.dispute
        for record in book.records.values()
        if record.dispute is not None
        and record.dispute.filed_on.year == year
        and record.demo is demo
        and (unit is None or record.unit == unit)
    ]
    results: tuple[Result | None, ...] = (
        "mediated", "for_applicant", "for_office", "partly", "withdrawn", "not_admitted", None,
    )  # fmt: skip
    return DisputeFigures(len(found), _counted(results, (dispute.result for dispute in found)))


def _counted(all_of: Iterable[K], found: Iterable[K]) -> dict[K, int]:
    """How often each was found; those that were not are there with 0, in the order of `all_of`."""
    counts = Counter(found)
    return {one: counts[one] for one in all_of}
