"""Replay after a real run: equal to what is live, and every change is found, row by row."""

from pathlib import Path

import pytest

from corong.replay.foldings import FOLDINGS
from corong.replay.logs import DatabaseLog, FolderLog
from corong.replay.survey import Asked
from corong_contracts.audit import AuditStateHashed
from corong_contracts.case import CaseRegistered, CaseRouted
from tests.hubs import running_hub
from tests.pipeline.first_message import from_the_door_to_the_answer
from tests.replay.runs import (
    bodies,
    changed,
    database_url,
    events,
    execute,
    finished,
    hashes,
    publish,
    replayed,
    url_of,
    work,
)

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
    execute(live, "routing", "UPDATE \"case\" SET unit = 'diskominfo' WHERE case_id = :id", id=str(case))
    execute(live, "intake", "DELETE FROM closed")
    execute(live, "desk", "UPDATE \"case\" SET state = 'open', holder = 'siapa' WHERE case_id = :id", id=str(case))
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


async def test_a_stranger_with_the_log_alone_compares_with_the_hashes_in_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with running_hub(data) as hub:
        await from_the_door_to_the_answer(hub)
        async with hub.client("officer", "auditor-inspektorat") as auditor:
            first = await auditor.post("/api/v1/audit/states", headers={"Idempotency-Key": "h-1"})
            assert first.status_code == 200, first.text
            again = await auditor.post("/api/v1/audit/states", headers={"Idempotency-Key": "h-1"})
            assert again.json() == first.json(), "done once"
            assert {item["service"] for item in first.json()["hashes"]} == set(FOLDINGS)
            await work(hub)
            second = await auditor.post("/api/v1/audit/states")
            assert second.json()["silent"] == []
        async with hub.client("officer", "petugas-dinas-pupr") as officer:
            assert (await officer.post("/api/v1/audit/states")).status_code == 403
        await work(hub, 20, 24)
        await hub.settled()
    live = url_of(data, None)
    entries = bodies(live)
    found = replayed(FolderLog(publish(tmp_path / "log", entries)), None)
    said = [index for index, event in enumerate(events(live)) if isinstance(event.data, AuditStateHashed)]
    assert len(said) == 2 * len(FOLDINGS)
    assert sorted(int(name) for outcome in found.values() for name in outcome.compared) == said
    assert not any(outcome.wrong or outcome.not_compared for outcome in found.values())

    at = next(index for index, event in enumerate(events(live)) if isinstance(event.data, CaseRouted))
    forged = [*entries[:at], changed(entries[at], unit="diskominfo"), *entries[at + 1 :]]
    found = replayed(FolderLog(publish(tmp_path / "log", forged)), None)
    assert {name for name, outcome in found.items() if outcome.wrong} == {"routing", "desk", "portal"}

    # The log up to a hash is enough to compare with it.
    found = replayed(FolderLog(publish(tmp_path / "log", entries)), None, before=said[0] + 1)
    assert sum(len(outcome.compared) for outcome in found.values()) == 1
