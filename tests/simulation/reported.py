"""The register and the yearly figures beside the town's book, row by row and sum by sum."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import corong.reports
from corong.reports import yearly
from tests.simulation.book import Book, Entry
from tests.simulation.reckoning import YEAR, day_of

ENDED = {"withdrawn": "withdrawn", "merged": "merged", None: "open"}


def differences(book: Book, reported: corong.reports.Book) -> Iterator[str]:
    """In words."""
    found = yearly(reported, YEAR)
    requests = {entry.case_id: entry for entry in book.cases.values() if entry.kind == "information_request"}
    rows = {row.case_id: row for row in found.requests}
    for case_id in requests.keys() | rows.keys():
        entry, row = requests.get(case_id), rows.get(case_id)
        if entry is None or row is None:
            yield f"register: {entry.registration if entry else case_id}: {'lacking' if entry else 'is no request'}"
            continue
        for name, value in _row(entry).items():
            if getattr(row, name) != value:
                yield f"register: {entry.registration}: {name} is {getattr(row, name)!r}, not {value!r}"
    yield from _sums("the year", found.whole, list(requests.values()))
    units = {entry.unit for entry in requests.values()}
    if units != set(found.units):
        yield f"report: units {sorted(map(str, found.units))}, not {sorted(units)}"
    for unit in units & set(found.units):
        yield from _sums(unit, found.units[unit], [entry for entry in requests.values() if entry.unit == unit])
    for month, figures in enumerate(found.months, 1):
        of_month = [entry for entry in requests.values() if day_of(entry.received).month == month]
        yield from _sums(f"month {month}", figures, of_month)
    objections = [entry for entry in book.cases.values() if entry.kind == "objection"]
    decisions = [entry.clocks["objection_decision"] for entry in objections]
    yield from _unequal("objections", found.objections, {
        "received": len(objections), "standings": _counted(map(standing, objections)),
        "grounds": _counted(entry.ground for entry in objections),
        "in_time": sum(clock.in_time is True for clock in decisions),
        "late": sum(clock.in_time is False for clock in decisions), "silent": sum(clock.ran_out for clock in decisions),
    })  # fmt: skip
    filed = [entry for entry in objections if entry.filed_on is not None]
    results = _counted("mediated" if entry.disputed == "settled" else None for entry in filed)
    yield from _unequal("disputes", found.disputes, {"filed": len(filed), "results": results})


def standing(entry: Entry) -> str:
    """What became of a request or an objection."""
    return entry.decision or ENDED.get(entry.outcome, "closed")


def _row(entry: Entry) -> dict[str, Any]:
    notice, objection = entry.clocks["request_notice"], entry.objection
    return {
        "number": entry.registration, "received": day_of(entry.received), "unit": entry.unit,
        "standing": standing(entry), "last_day": notice.last_day, "decided": entry.decided_on,
        "extended_to": notice.last_day if notice.extended else None,
        "closed": entry.closed_on, "working_days": _working_days(entry), "in_time": notice.in_time,
        "silent": notice.ran_out, "merged_into": entry.merged_into.registration if entry.merged_into else None,
        "turned_from": entry.turned_from, "grounds": tuple("h" for _ in range(entry.refused)),
        **({"objection": None} if objection is None else {}),
    }  # fmt: skip


def _working_days(entry: Entry) -> int | None:
    """From the receipt to the decision, without the days of waiting, by the calendar of the case's clock."""
    if entry.decided_on is None:
        return None
    notice = entry.clocks["request_notice"]
    first = day_of(entry.received)
    days = [first + timedelta(days=number) for number in range(1, (entry.decided_on - first).days + 1)]
    return sum(
        notice.days.working(day) and not any(asked < day <= told for asked, told in notice.pauses) for day in days
    )


def _sums(whose: str, figures: corong.reports.RequestFigures, entries: list[Entry]) -> Iterator[str]:
    notices = [entry.clocks["request_notice"] for entry in entries]
    days = [number for entry in entries if (number := _working_days(entry)) is not None]
    bands = _counted(
        (0, 5) if number <= 5 else (6, 10) if number <= 10 else (11, 17) if number <= 17 else (18, None)
        for number in days
    )
    yield from _unequal(whose, figures, {
        "received": len(entries), "standings": _counted(map(standing, entries)), "bands": bands, "uncounted": 0,
        "days_total": sum(days), "days_most": max(days, default=None), "days_least": min(days, default=None),
        "in_time": sum(notice.in_time is True for notice in notices),
        "late": sum(notice.in_time is False for notice in notices),
        "completed": sum(entry.completions > 0 for entry in entries),
        "extended": sum(notice.extended for notice in notices), "silent": sum(notice.ran_out for notice in notices),
        "silent_open": sum(
            notice.ran_out and standing(entry) == "open" for notice, entry in zip(notices, entries, strict=True)
        ),
        "objected": sum(entry.objection is not None for entry in entries),
        "grounds": _counted("h" for entry in entries if entry.refused),
    })  # fmt: skip


def _unequal(whose: str, figures: Any, expected: dict[str, Any]) -> Iterator[str]:
    for name, value in expected.items():
        found = getattr(figures, name)
        found = {key: number for key, number in found.items() if number} if isinstance(found, dict) else found
        if found != value:
            yield f"report: {whose}: {name} is {found}, not {value}"


def _counted(found: Iterable[Any]) -> dict[Any, int]:
    return dict(Counter(found))
