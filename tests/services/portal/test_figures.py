"""The service figures, counted from rows; the working days between two days; where a chart's bars stand."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json
from sqlalchemy import Connection, create_engine, insert

from corong.portal.figures import Figures, Report, UnitFigures, figures_of, months_until, working_days_by
from corong.portal.figures_pages import FiguresKeeper
from corong.portal.tables import answer, calendar, clock, metadata, progress, registered
from corong.runtime.bar_chart import BOTTOM, HEIGHT, TOP, WIDTH, chart
from corong.runtime.clock import stamp
from corong.working_days.calendars import Calendar, DayOff

JAKARTA = ZoneInfo("Asia/Jakarta")
NOW = datetime(2026, 4, 20, 3, tzinfo=UTC)
EID = {date(2026, 3, day): DayOff("national_holiday", "Idulfitri", "SKB 1") for day in range(18, 25)}
DAYS = Calendar("SKB 1", "Hari libur", date(2026, 1, 1), 2025, 2026, frozenset({2026}), EID)


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as opened:
        opened.execute(insert(calendar).values(digest=DAYS.digest, content=to_json(DAYS.content()).decode()))
        yield opened
    engine.dispose()


def case(connection: Connection, received: datetime, **more: Any) -> str:
    """A case with its rows; the answer, the clock and what is not usual in `more`."""
    case_id = str(uuid4())
    given = {"unit": "dinas-pupr", "kind": "complaint", "outcome": None, "demo": False, "sent": None, **more}
    connection.execute(
        insert(registered).values(
            case_id=case_id, registration=case_id[:30], channel="web", registered_at=stamp(received),
            demo=given["demo"], receipt_check="0" * 64,
        )
    )  # fmt: skip
    connection.execute(
        insert(progress).values(
            case_id=case_id, unit=given["unit"], kind=given["kind"], outcome=given["outcome"],
            changed_at=stamp(received),
        )
    )  # fmt: skip
    for number, sent in enumerate(given["sent"] or ()):
        connection.execute(
            insert(answer).values(
                publication_id=str(uuid4()), case_id=case_id, number=number, unit=None, drafted_at=stamp(received),
                sealed="", sent_at=stamp(sent) if sent else None,
            )
        )  # fmt: skip
    for rule, bound, state, due, in_time in given.get("clocks", ()):
        connection.execute(
            insert(clock).values(
                case_id=case_id, rule=rule, bound=bound, state=state, last_day="2026-04-01", due=stamp(due),
                in_time=in_time,
            )
        )  # fmt: skip
    return case_id


def march(day: int, hour: int = 3) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def test_what_was_received_and_answered_by_unit_and_month(connection: Connection) -> None:
    case(connection, march(17), sent=[march(27), march(30)])  # the law's worked example: 3 working days
    case(connection, march(2), sent=[march(3)])
    case(connection, march(2), sent=[None])  # drafted and not sent
    case(connection, datetime(2026, 3, 31, 17, 30, tzinfo=UTC), unit="dinas-sosial")  # April in Jakarta already
    case(connection, datetime(2025, 4, 30, 16, tzinfo=UTC))  # thirteen months ago
    report = figures_of(connection, JAKARTA, NOW)
    assert [one.unit for one in report.units] == ["dinas-pupr", "dinas-sosial"]
    pupr, sosial = report.units
    assert pupr.whole == Figures(received=3, answered=2, late=0, median_days=2.0)
    assert pupr.months[-2] == pupr.whole
    assert sosial.months[-1] == Figures(received=1)
    assert report.government.whole.received == 4
    assert sum(month.received for month in report.government.months) == 4


def test_what_is_late(connection: Connection) -> None:
    before, after = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
    late = [
        ("request_notice", "unit_officer", "ran_out", before, None),
        ("objection_decision", "superior", "met", before, False),
        ("question_answer", "unit_officer", "running", before, None),
    ]
    in_time = [
        ("request_notice", "unit_officer", "running", after, None),
        ("request_notice", "unit_officer", "met", before, True),
        ("request_notice", "unit_officer", "paused", before, None),
        ("request_completion", "unit_officer", "ran_out", before, None),
        ("dispute_filing", "applicant", "ran_out", before, None),
        ("request_notice", "unit_officer", "ended", before, None),
    ]
    for one in (*late, *in_time):
        case(connection, march(2), clocks=[one])
    case(connection, march(2), clocks=[late[0], ("complaint_ceiling", "main_officer", "ran_out", before, None)])
    assert figures_of(connection, JAKARTA, NOW).government.whole.late == len(late) + 1


def test_what_is_not_counted(connection: Connection) -> None:
    for more in ({"kind": "spam"}, {"kind": "praise"}, {"outcome": "merged"}, {"outcome": "duplicate"}, {"demo": True}):
        case(connection, march(2), **more)
    case(connection, march(2), outcome="withdrawn")
    assert figures_of(connection, JAKARTA, NOW).government.whole.received == 1
    assert figures_of(connection, JAKARTA, NOW, demo=True).government.whole.received == 1


def test_nothing_at_all(connection: Connection) -> None:
    report = figures_of(connection, JAKARTA, NOW)
    assert report.units == ()
    assert report.government.whole == Figures()


def test_without_a_calendar_days_are_not_told(connection: Connection) -> None:
    connection.execute(calendar.delete())
    case(connection, march(2), sent=[march(3)])
    assert figures_of(connection, JAKARTA, NOW).government.whole == Figures(received=1, answered=1)


def test_the_months_end_with_this_one() -> None:
    assert months_until(date(2026, 1, 31))[0] == date(2025, 2, 1)
    assert months_until(date(2026, 1, 31))[-1] == date(2026, 1, 1)
    assert months_until(date(2026, 12, 1))[0] == date(2026, 1, 1)


class Counting(FiguresKeeper):
    """Tells with each report how often it counted."""

    def __init__(self) -> None:
        nothing: Any = None
        super().__init__(nothing, kept_seconds=0)
        self.counted = 0
        self.breaks = False

    def _count(self) -> Report:
        if self.breaks:
            raise OSError
        self.counted += 1
        none = UnitFigures("", Figures(received=self.counted), ())
        return Report((), NOW, none, ())


async def test_who_asks_while_they_are_counted_anew_gets_those_of_before() -> None:
    keeper = Counting()

    async def told() -> int:
        return (await keeper.report()).government.whole.received

    assert await told() == 1
    assert await told() == 1
    assert keeper._counting is not None
    await keeper._counting
    keeper.breaks = True
    assert await told() == 2
    await asyncio.wait([keeper._counting])
    keeper.breaks = False
    assert await told() == 2
    await keeper._counting
    assert await told() == 3
    await keeper._counting


async def test_whoever_asks_first_hears_that_they_cannot_be_counted() -> None:
    keeper = Counting()
    keeper.breaks = True
    with pytest.raises(OSError):
        await keeper.report()
    keeper.breaks = False
    assert (await keeper.report()).government.whole.received == 1


DAY = st.dates(date(2024, 12, 1), date(2027, 2, 1))


@given(DAY, DAY)
def test_working_days_are_those_that_the_calendar_counts_one_by_one(first: date, last: date) -> None:
    inside = date(2025, 1, 1) <= first <= last <= date(2026, 12, 31)
    between = (first + timedelta(days=number) for number in range(1, (last - first).days + 1))
    assert working_days_by(DAYS)(first, last) == (sum(map(DAYS.is_working, between)) if inside else None)


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)), min_size=1, max_size=12))
def test_bars_stand_side_by_side_within_the_drawing(values: list[tuple[int, int]]) -> None:
    drawn = chart([date(2026, month, 1) for month in range(1, len(values) + 1)], values, "id")
    bars = [bar for pair in drawn.pairs for bar in (pair.first, pair.second)]
    assert [bar.value for bar in bars] == [value for pair in values for value in pair]
    for bar in bars:
        assert bar.y >= TOP - 0.1
        assert abs(bar.y + bar.height - (HEIGHT - BOTTOM)) < 0.2
    for left, right in pairwise(bars):
        assert left.x + drawn.bar <= right.x
    assert bars[0].x >= 0
    assert bars[-1].x + drawn.bar <= WIDTH
    if most := max(bar.value for bar in bars):
        assert max(bar.height for bar in bars if bar.value == most) == HEIGHT - TOP - BOTTOM
