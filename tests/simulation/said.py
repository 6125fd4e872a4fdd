"""What the log says, in one pass: each case's events, what decrees moved, whom silence was told, the reports' book."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import corong.reports
from corong.replay.envelope import cause, envelope, opened
from corong.replay.logs import DatabaseLog
from corong_contracts.case_life import CaseNotified
from corong_contracts.clock import ClockMoved

TOLD = 1000
"""Entries between two words about the progress."""


@dataclass
class Said:
    """One log's word."""

    events: dict[UUID, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Case or post → how many of each, as `case.closed`."""
    moved: list[tuple[UUID, str, date, date]] = field(default_factory=list)
    """By a decree: case, clock, last day before and after."""
    silences: dict[UUID, list[tuple[str, date]]] = field(default_factory=lambda: defaultdict(list))
    """Case → which right opened in silence, and until when."""
    book: corong.reports.Book = field(default_factory=lambda: corong.reports.Book("WIB"))


def read(url: str, told: Callable[[int], None] = lambda count: None) -> Said:
    """Read auditing's log; `told` hears how many entries were read."""
    said = Said()
    wanted = {*corong.reports.TYPES, ClockMoved.type, CaseNotified.type}
    for position, body in DatabaseLog(url).entries():
        kind = envelope(body).type
        said.events[UUID(cause(body).entity)][".".join(kind.split(".")[2:4])] += 1
        if kind in wanted:
            event = opened(body, kind)
            said.book.add(event)
            data = event.data
            if isinstance(data, ClockMoved) and data.because == "calendar":
                said.moved.append((data.case_id, data.count.rule, data.before, data.count.last_day))
            elif isinstance(data, CaseNotified) and data.notice == "silence" and data.right and data.until:
                said.silences[data.case_id].append((data.right, data.until))
        if position % TOLD == TOLD - 1:
            told(TOLD)
    return said
