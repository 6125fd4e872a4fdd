"""Pages of an export: each entry's path leads to the one signed checkpoint, also when the log has grown since."""

import base64
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from corong.auditing import export_rules, exporting
from corong.auditing.exporting import Exporting
from corong.auditing.standalone import corong_verify as verifier
from corong.auditing.tlog import leaf_hash, verify_inclusion
from corong.runtime.policy import Actor, Forbidden
from corong.runtime.refusal import Refused
from corong.runtime.service import Service
from corong_contracts.audit import ExportFilter
from corong_contracts.command import ReadExport, RecordExport
from tests.services.auditing.facts import arrival, body
from tests.services.auditing.logs import KEY, Log
from tests.services.stores import BACKENDS, Store

KEYS = [verifier.Key.parse(str(KEY.verifier))]
AUDITOR = Actor(kind="officer", id="auditor-inspektorat", role="auditor")
NOBODY = cast(Service, SimpleNamespace(query=lambda *_: None, command=lambda *_: None))
pytestmark = pytest.mark.parametrize("backend", BACKENDS)


@pytest.fixture
def log(store: Store, tmp_path: Path) -> Log:
    return Log(store, tmp_path)


def page(log: Log, officer: Actor = AUDITOR, checkpoint: str = "", limit: int = 500, public: bool = False,
         **wanted: Any) -> dict[str, Any]:  # fmt: skip
    asked = ReadExport(filter=ExportFilter(**wanted), checkpoint=checkpoint, limit=limit, public=public, reason="Uji")
    with log.works.database.read() as connection:
        return Exporting(NOBODY, log.tree).read(connection, officer, asked)


def all_pages(log: Log, **asked: Any) -> list[int]:
    found: list[int] = []
    first: int | None = 0
    while first is not None:
        part = page(log, first=first, **asked)
        found += [entry["position"] for entry in part["entries"]]
        assert part["next"] is None or part["next"] > first
        first = part["next"]
    return found


def test_each_entry_is_proven_at_one_checkpoint_while_the_log_grows(log: Log) -> None:
    log.append(*(arrival(body(n), n) for n in range(1, 301)))
    first = page(log, limit=200)
    log.append(*(arrival(body(n), n) for n in range(301, 700)))
    rest = page(log, checkpoint=first["checkpoint"], limit=200, first=first["next"])
    head = verifier.open_checkpoint(first["checkpoint"].encode(), KEYS)
    entries = first["entries"] + rest["entries"]
    assert [entry["position"] for entry in entries] == list(range(300))
    assert rest["next"] is None
    for entry in entries:
        event, path = entry["event"].encode(), [base64.b64decode(item) for item in entry["path"]]
        assert event == body(entry["position"] + 1)
        verify_inclusion(leaf_hash(event), entry["position"], 300, path, head.root)
        assert verifier.root_by_inclusion(verifier.leaf(event), entry["position"], 300, path) == head.root
    assert page(log, checkpoint=first["checkpoint"], limit=200) == first
    assert (first["at"], first["key"]) == ("2026-07-01T03:04:05.000000Z", str(KEY.verifier))


def test_a_units_entries_are_all_of_every_case_that_was_ever_there(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the pages' size, and the last change of unit counts only within the checkpoint."""
    ours, theirs = UUID(int=0x51), UUID(int=0x52)
    assigned = {"type": "id.corong.case.assigned.v1"}

    def given(n: int, case: UUID, unit: str, before: str) -> bytes:
        return body(n, correlationid=str(case), data={"unit": unit, "from_unit": before}, **assigned)

    bodies = [body(n, correlationid=str(ours if n % 3 else theirs)) for n in range(1, 41)]
    bodies[4] = given(5, ours, "dinas-sosial", "dinas-pupr")
    bodies[5] = given(6, theirs, "dinas-lain", "dinas-pupr-kota")
    log.append(*(arrival(one, n) for n, one in enumerate(bodies, 1)))
    before = page(log)["checkpoint"]
    log.append(arrival(given(41, theirs, "dinas-pupr", "dinas-lain"), 41))
    wanted = [n - 1 for n in range(1, 41) if (n % 3 or n == 5) and n != 6]
    monkeypatch.setattr(exporting, "MOST_LOOKED_AT", 7)
    for limit in (1, 3, 500):
        assert all_pages(log, unit="dinas-pupr", checkpoint=before, limit=limit) == wanted
        assert all_pages(log, unit="dinas-pupr", limit=limit) == list(range(41))
        assert all_pages(log, unit="tidak-ada", limit=limit) == []


def test_strangers_get_hashes_that_lead_to_the_same_root(log: Log) -> None:
    finding = body(2, type="id.corong.audit.gap_found.v1")
    log.append(arrival(body(1), 1), arrival(finding, 2), arrival(body(3), 3))
    found = page(log, public=True)
    assert [set(entry) - {"path", "position"} for entry in found["entries"]] == [{"hash"}, {"event"}, {"hash"}]
    head = verifier.open_checkpoint(found["checkpoint"].encode(), KEYS)
    for entry in found["entries"]:
        hashed = base64.b64decode(entry["hash"]) if "hash" in entry else verifier.leaf(entry["event"].encode())
        path = [base64.b64decode(step) for step in entry["path"]]
        assert verifier.root_by_inclusion(hashed, entry["position"], 3, path) == head.root


def test_what_is_refused(log: Log) -> None:
    with pytest.raises(Refused, match=r"empty_log"):
        page(log)
    log.append(*(arrival(body(n), n) for n in range(1, 4)))
    found = page(log)
    with pytest.raises(Refused, match="other_checkpoint"):
        page(log, checkpoint=found["checkpoint"].replace("\n3\n", "\n2\n"))
    for role in ("admin", "unit_officer", "operator"):
        with pytest.raises(Forbidden):
            page(log, officer=Actor(kind="officer", id="x", role=role, unit="dinas-pupr"), unit="dinas-pupr")
    assert page(log, first=3)["entries"] == []


def test_what_is_recorded_and_what_not(log: Log) -> None:
    log.append(*(arrival(body(n), n) for n in range(1, 4)))
    found = page(log)
    given: dict[str, Any] = {
        "filter": ExportFilter(), "public": False, "opened": False, "count": 3, "withheld": 0, "size": 3,
        "root": found["root"], "files": {"events.csv": "a" * 64}, "reason": "Pemeriksaan 2025-2026, UU 14/2008",
    }  # fmt: skip
    recording = Exporting(NOBODY, log.tree)

    def record(officer: Actor = AUDITOR, **other: Any) -> Any:
        asked = RecordExport(**{**given, **other})
        return log.works.commit(lambda unit: recording.record(unit, officer, asked, UUID(int=9)))

    for root, size in ((found["root"], 2), ("b" * 64, 3), (found["root"], 4)):
        with pytest.raises(Refused, match="other_checkpoint"):
            record(root=root, size=size)
    with pytest.raises(Forbidden):
        record(opened=True)
    for words in ("Budi 1209011203850001", "hubungi 0812 3456 7890", "telp. 0812-3456-789", "a@b.id", " ", "a\nb"):
        with pytest.raises(Refused, match=r"looks_personal|no_reason"):
            record(reason=words)
    export_rules.check_reason("Pemeriksaan 2025-2026, UU 14/2008 Pasal 7, 12/03/2026")
    main = Actor(kind="officer", id="ppid-utama", role="main_officer", unit="diskominfo")
    record(officer=main, opened=True)
