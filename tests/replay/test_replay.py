"""Replay after a real run: equal to what is live, and every change is found, row by row."""

from pathlib import Path

import pytest

from corong.replay.foldings import FOLDINGS
from corong.replay.logs import DatabaseLog, FolderLog
from corong.replay.survey import Asked
from corong_contracts.case import CaseRegistered, CaseRouted
from tests.replay.runs import bodies, changed, database_url, events, execute, finished, hashes, publish, replayed, url_of

BACKENDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.mark.parametrize("backend", BACKENDS)
async def test_replay_is_what_is_live_and_a_change_is_shown(
    backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = database_url(backend, tmp_path, request)
    data = await finished(tmp_path, url)
    live = url_of(data, url)
    log = DatabaseLog(live)
    found = replayed(log, live)
    assert {name: (outcome.compared, outcome.not_compared, outcome.wrong) for name, outcome in found.items()} == {
        name: (["live"], {}, {}) for name in FOLDINGS
    }
    folder = FolderLog(publish(tmp_path / "log", bodies(live)))
    assert hashes(replayed(folder, None)) == hashes(found), "a published folder says the same"

    (case, *_) = (event.data.case_id for event in events(live) if isinstance(event.data, CaseRegistered))
    execute(live, "routing", 'UPDATE "case" SET unit = \'diskominfo\' WHERE case_id = :id', id=str(case))
    execute(live, "intake", "DELETE FROM closed")
    execute(live, "desk", 'UPDATE "case" SET state = \'open\', holder = \'siapa\' WHERE case_id = :id', id=str(case))
    found = replayed(log, live)
    assert [name for name, outcome in found.items() if outcome.wrong] == ["desk", "intake", "routing"]
    (difference,) = found["routing"].differences
    assert (difference.table, difference.key, difference.column) == ("case", (str(case),), "unit")
    assert (difference.replayed, difference.live) == ("dinas-pupr", "diskominfo")
    (row,) = found["intake"].differences
    assert (row.table, row.column, row.live) == ("closed", None, None)
    assert {item.column for item in found["desk"].differences} == {"state", "holder"}

    found = replayed(log, live, Asked(case=str(case)))
    assert {item.column for item in found["desk"].differences} == {"state", "holder"}
    assert found["portal"].compared == ["live"]


async def test_a_changed_event_is_found_and_a_missing_one(tmp_path: Path) -> None:
    data = await finished(tmp_path, None)
    live = url_of(data, None)
    entries = bodies(live)
    at = next(index for index, event in enumerate(events(live)) if isinstance(event.data, CaseRouted))
    forged = [*entries[:at], changed(entries[at], unit="diskominfo"), *entries[at + 1 :]]
    found = replayed(FolderLog(publish(tmp_path / "log", forged)), live)
    assert {item.column for item in found["routing"].differences} == {"unit"}
    assert found["intake"].compared == ["live"], "intake keeps nothing of it"

    writer, number = events(live)[at].writer, events(live)[at].number
    found = replayed(FolderLog(publish(tmp_path / "log", [*entries[:at], *entries[at + 1 :]])), None)
    follows = any(event.writer == writer and event.number > number for event in events(live))
    assert found["routing"].lacking == ({writer: [number]} if follows else {})
    assert follows

    found = replayed(FolderLog(publish(tmp_path / "log", [*entries, entries[at]])), None)
    assert found["routing"].broken == {len(entries): f"{writer}: {number} comes again"}
    found = replayed(FolderLog(publish(tmp_path / "log", [*entries[:at], b"{}", *entries[at + 1 :]])), None)
    assert list(found["routing"].broken) == [at]
