"""A small year reconciles to the last case; and what was left out of one on purpose is found and named."""

import shutil
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

import corong.routing.clockwork
from corong.routing.case_clocks import moved_by_calendar
from corong.runtime.database import Database
from tests.simulation import reconcile, replaying
from tests.simulation.reckoning import DAY
from tests.simulation.regency import IN_FORCE
from tests.simulation.running import Size, Year, run

KINDS = {"information_request", "complaint", "suggestion", "question", "praise", "spam"}


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Year:
    return run(tmp_path_factory.mktemp("year"), Size(cases=250, units=20, seed=seed))


def test_log_tables_register_and_report_say_what_the_town_says(year: Year) -> None:
    assert reconcile.problems(year) == []


def test_replay_gives_the_hashes_that_the_services_have(year: Year) -> None:
    assert replaying.problems(year) == []


def test_all_of_it_happened(year: Year) -> None:
    cases = year.book.cases.values()
    events = sum((entry.events for entry in cases), Counter[str]())
    assert {entry.kind for entry in cases} >= KINDS
    lacking = {"clock.ran_out", "clock.escalated", "clock.reminded", "decision.given", "case.completed"} - set(events)
    assert not lacking
    assert len(cases) > 250
    assert any(entry.silences for entry in cases)
    assert year.book.moved


def test_an_event_that_is_not_in_the_log_is_missed_under_its_case(year: Year, tmp_path: Path) -> None:
    twin = Year(shutil.copytree(year.folder, tmp_path / "twin"), year.book, year.hashes, [], year.calendars)
    changed = Database(twin.url, "auditing")
    with changed.write() as connection:
        gone: Any = connection.execute(
            text(
                "DELETE FROM entry WHERE position = (SELECT min(position) FROM entry WHERE type LIKE '%case.closed%')"
                " RETURNING case_id, writer, number"
            )
        ).one()
    changed.close()
    (entry,) = [entry for case_id, entry in year.book.cases.items() if str(case_id) == gone.case_id]
    found = reconcile.problems(twin)
    assert f"log: {entry.registration}: too many {{}}, lacking {{'case.closed': 1}}" in found
    assert any(f"lacking: {{'{gone.writer}': [{gone.number}]}}" in problem for problem in replaying.problems(twin))


def test_a_deadline_that_the_decree_did_not_move_is_missed(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed_over: list[tuple[UUID, str]] = []

    def but_for_one(case_id: Any, clock: Any, changes: Any, counting: Any) -> Any:
        draft = moved_by_calendar(case_id, clock, changes, counting)
        if draft is not None and not passed_over:
            passed_over.append((case_id, clock.rule))
            return None
        return draft

    monkeypatch.setattr(corong.routing.clockwork, "moved_by_calendar", but_for_one)
    august = run(tmp_path, Size(cases=60, units=5, seed=seed, first=IN_FORCE - 20 * DAY, last=IN_FORCE + 2 * DAY))
    ((case_id, rule),) = passed_over
    number = august.book.cases[case_id].registration
    found = [problem for problem in reconcile.problems(august) if problem.startswith("decree: ")]
    assert len(found) == 1
    assert found[0].startswith(f"decree: the hub did not move {number} {rule} from ")
