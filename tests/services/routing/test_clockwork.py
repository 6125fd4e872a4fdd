"""Clocks in cases: reminded before, escalated after, silence told with the right it opens, moved by a decree."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from corong.routing.calendar_versions import Calendars
from corong.routing.decrees import AddedDay, Decree, national_decrees
from corong.routing.tables import clock
from corong.runtime.clock import stamp
from corong.working_days.zones import ZONES, start_of
from corong_contracts.case import CaseKind
from tests.services.routing.town import NOW, UNIT, Day, Town
from tests.services.stores import BACKENDS, Store

REQUEST, OBJECTION, QUESTION = CaseKind.INFORMATION_REQUEST, CaseKind.OBJECTION, CaseKind.QUESTION
WIB = ZONES["WIB"]
DECREE = Decree(
    number="SKB 9/2026", title="Perubahan", in_force=date(2026, 3, 27), source="contoh",
    added=(AddedDay(date=date(2026, 4, 7), kind="joint_leave", name="Cuti Bersama", reason="contoh"),),
)  # fmt: skip


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    opened = Town(folder=tmp_path)
    yield opened
    opened.close()


def wakes(day: Day) -> list[str]:
    """All that is due at this moment; what came of it."""
    before = len(day.unit.recorded)
    while day.town.routing.clockwork.ring_due(day.unit):
        pass
    found = day.unit.recorded[before:]
    day.events += found
    return [f"{event.data.noun}.{event.data.verb}" for event in found]


def follows(day: Day) -> list[str]:
    """All that the calendar of this moment moves."""
    before = len(day.unit.recorded)
    while day.town.routing.clockwork.follow_calendar(day.unit):
        day.unit.committed()
        day.unit.after.clear()
    day.unit.committed()
    day.unit.after.clear()
    found = day.unit.recorded[before:]
    day.events += found
    return [f"{event.data.noun}.{event.data.verb}" for event in found]


def test_before_the_end_it_reminds_and_at_the_end_it_tells_the_citizen_what_opened(day: Day) -> None:
    case = day.arrives(REQUEST, unit=UNIT)
    assert wakes(day) == []
    day.at(datetime(2026, 3, 28, 0, 0, tzinfo=WIB))
    assert wakes(day) == ["clock.ran_out"], "asking for what is missing: nobody is told"
    day.at(start_of(date(2026, 4, 7), "WIB") - timedelta(microseconds=1))
    assert wakes(day) == []
    day.at(start_of(date(2026, 4, 7), "WIB"))
    assert wakes(day) == ["clock.reminded"], "the last two of ten days"
    assert wakes(day) == []
    day.at(start_of(date(2026, 4, 9), "WIB") - timedelta(microseconds=1))
    assert wakes(day) == []
    day.at(start_of(date(2026, 4, 9), "WIB"))
    rang = ["clock.ran_out", "clock.escalated", "clock.opened", "document.issued", "case.notified"]
    assert wakes(day) == ["template.adopted", *rang], "with the words of the first letter of its kind"
    told = day.events[-1].data
    found = day.case(case).clocks
    assert (told.notice, told.right, told.until) == ("silence", "objection_filing", found["objection_filing"].last_day)  # type: ignore[attr-defined]
    # Day zero of the right is the last day of the silence.
    assert found["objection_filing"].inputs.started.astimezone(WIB).date() == date(2026, 4, 8)
    assert found["request_notice"].state == "ran_out"
    assert wakes(day) == []
    # It may still be answered, late: the clock says so.
    day.does("unit", "case.claim", case)
    day.does("unit", "case.grant", case, text="Maaf terlambat.")
    (met,) = [event.data for event in day.events if event.data.verb == "met"]
    assert (met.rule, met.in_time) == ("request_notice", False)  # type: ignore[attr-defined]


def test_found_late_the_right_still_starts_on_the_last_day(day: Day) -> None:
    case = day.arrives(REQUEST, unit=UNIT)
    day.at(datetime(2026, 4, 20, 9, 0, tzinfo=WIB))
    assert "case.notified" in wakes(day)
    assert day.case(case).clocks["objection_filing"].inputs.started.astimezone(WIB).date() == date(2026, 4, 8)


def test_the_superiors_silence_opens_the_way_to_the_commission(day: Day) -> None:
    request, objection = day.arrives(REQUEST, unit=UNIT), day.arrives(OBJECTION)
    day.does("main", "case.object", objection, request_id=request, ground="c")
    day.at(day.case(objection).clocks["objection_decision"].due)
    wakes(day)
    assert day.verbs(objection)[-1] == "case.notified"
    assert day.case(objection).clocks["dispute_filing"].state == "running"
    day.does("main", "case.dispute", objection, reference="3/PSI", filed_on="2026-05-08")
    assert day.case(objection).disputed == "recorded"


def test_while_the_applicant_is_waited_for_nothing_runs_out(day: Day) -> None:
    case = day.arrives(REQUEST, unit=UNIT)
    day.does("unit", "case.claim", case)
    day.does("unit", "case.ask_completion", case, text="Tahun?")
    day.at(datetime(2027, 3, 1, 9, 0, tzinfo=WIB))
    assert wakes(day) == []


def test_an_answered_case_rings_no_more(day: Day) -> None:
    case = day.arrives(QUESTION, unit=UNIT)
    day.does("unit", "case.claim", case)
    day.does("unit", "case.answer", case, text="Buka pukul 8.")
    day.at(datetime(2027, 3, 1, 9, 0, tzinfo=WIB))
    assert wakes(day) == []


def test_a_reopened_clock_rings_again_though_its_day_is_the_same(day: Day) -> None:
    case = day.arrives(QUESTION, unit=UNIT)
    day.at(datetime(2026, 4, 20, 9, 0, tzinfo=WIB))
    assert wakes(day) == ["clock.ran_out", "clock.escalated"]
    day.does("unit", "case.withdraw", case, reason="Keliru.")
    day.does("unit", "case.reopen", case, reason="Ternyata tidak.")
    assert wakes(day) == ["clock.ran_out", "clock.escalated"]
    ids = [event.id for event in day.events]
    assert len(ids) == len(set(ids))


def test_a_decree_moves_exactly_what_it_touches_and_says_why(day: Day) -> None:
    touched = day.arrives(REQUEST, unit=UNIT)
    asked = day.arrives(REQUEST, unit=UNIT)
    day.does("unit", "case.claim", asked)
    day.does("unit", "case.ask_completion", asked, text="Tahun?")
    early = day.arrives(QUESTION, unit=UNIT)
    assert follows(day) == []
    day.town.routing._book.calendars = Calendars([*national_decrees(), DECREE])
    day.at(datetime(2026, 3, 26, 12, 0, tzinfo=WIB))
    day.town.routing._book._current = None
    assert follows(day) == [], "it is not in force yet"
    day.at(datetime(2026, 3, 27, 12, 0, tzinfo=WIB))
    assert sorted(follows(day)) == ["calendar.adopted", "clock.moved"]
    (moved,) = [event.data for event in day.events if event.data.verb == "moved"]
    assert (moved.case_id, moved.because, moved.before) == (touched, "calendar", date(2026, 4, 8))  # type: ignore[attr-defined]
    assert moved.count.last_day == date(2026, 4, 9)  # type: ignore[attr-defined]
    assert [(one.day, one.was, one.decree) for one in moved.days] == [  # type: ignore[attr-defined]
        (date(2026, 4, 7), "hari kerja", "SKB 9/2026")
    ]
    assert day.case(early).clocks["question_answer"].last_day == date(2026, 3, 26)
    assert follows(day) == []
    # What stood still is counted by the new calendar when it runs on.
    day.does("unit", "case.complete", asked)
    version = Calendars([*national_decrees(), DECREE]).at(DECREE.in_force)
    assert day.case(asked).clocks["request_notice"].calendar == version.digest


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_is_due_is_found_by_the_index_alone(store: Store, backend: str, tmp_path: Path) -> None:
    town = Town(store, tmp_path)
    try:
        with town.works.database.write() as connection:
            day = town.day(connection)
            for _ in range(3):
                day.arrives(QUESTION, unit=UNIT)
            day.unit.rows.flush()
            statement = town.routing.clockwork._due(stamp(day.now)).limit(1).compile(
                town.works.database.writing, compile_kwargs={"literal_binds": True}
            )  # fmt: skip
            if backend == "postgres":  # a table of three rows is read whole otherwise
                connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            explain = "EXPLAIN QUERY PLAN " if backend == "sqlite" else "EXPLAIN "
            plan = "\n".join(str(row) for row in connection.exec_driver_sql(f"{explain}{statement}"))
        assert "clock_next" in plan
        assert "TEMP B-TREE" not in plan
        assert "Sort" not in plan
    finally:
        town.close()


def test_what_came_due_while_the_hub_was_off_rings_once_at_the_next_start(tmp_path: Path) -> None:
    place = Store(f"sqlite:///{tmp_path}")
    first = Town(place, tmp_path)
    case = first.works.commit(lambda unit: Day(first, unit).arrives(QUESTION, unit=UNIT), NOW)
    first.close()
    late = NOW + timedelta(days=90)
    rung: list[str] = []
    for _ in range(2):
        again = Town(place, tmp_path)
        while again.works.commit(again.routing.clockwork.ring_due, late):
            pass
        with again.works.database.read() as connection:
            (state,) = connection.execute(select(clock.c.state).where(clock.c.case_id == str(case))).scalars()
        rung.append(state)
        written = [body for body in again.works.bodies() if b'"type":"id.corong.clock.ran_out' in body]
        again.close()
        assert len(written) == 1
    assert rung == ["ran_out", "ran_out"]
