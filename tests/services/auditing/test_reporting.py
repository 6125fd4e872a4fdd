"""What reports are folded from: whole at every position, in pages however they are cut, with the words where asked."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid5

import pytest

from corong.auditing import report_rules, reporting
from corong.auditing.export_rules import may_name_somebody
from corong.auditing.reporting import Reporting
from corong.auditing.tlog import leaf_hash, root_of
from corong.reports import TYPES
from corong.runtime.policy import Actor, Forbidden
from corong.runtime.refusal import Refused
from corong.runtime.service import Service
from corong_contracts.audit import AuditReported, ReportAsked
from corong_contracts.command import ReadReport, ReadReportWords, RecordReport, WordsOf
from tests.services.auditing.facts import arrival, body
from tests.services.auditing.logs import Log
from tests.services.stores import BACKENDS, Store

MAIN = Actor(kind="officer", id="ppid-utama", role="main_officer", unit="diskominfo")
AUDITOR = Actor(kind="officer", id="auditor-inspektorat", role="auditor", unit="inspektorat")
UNIT = Actor(kind="officer", id="petugas", role="unit_officer", unit="dinas-pupr")
NOBODY = cast(Service, SimpleNamespace(query=lambda *_: None, command=lambda *_: None))
ROUTED, NOTED, RECEIVED, DETAILED = (
    f"id.corong.{name}.v1" for name in ("case.routed", "case.noted", "message.received", "case.detailed")
)
OURS, OTHER, OLDER = (UUID(int=number) for number in (0x51, 0x52, 0x53))
MESSAGE = UUID(int=0x99)
CSV = ReportAsked(report="register", year=2026, format="csv")
pytestmark = pytest.mark.parametrize("backend", BACKENDS)


@pytest.fixture
def log(store: Store, tmp_path: Path) -> Log:
    return Log(store, tmp_path)


def page(log: Log, officer: Actor = MAIN, asked: ReportAsked = CSV, **more: Any) -> dict[str, Any]:
    with log.works.database.read() as connection:
        return Reporting(NOBODY).read(connection, officer, ReadReport(asked=asked, **more))


def words(log: Log, at: int, *wanted: WordsOf, officer: Actor = MAIN) -> list[dict[str, Any]]:
    with log.works.database.read() as connection:
        found = Reporting(NOBODY).words(connection, officer, ReadReportWords(asked=CSV, at=at, wanted=list(wanted)))
    told: list[dict[str, Any]] = found["found"]
    return told


def test_pages_hold_all_that_a_book_reads_and_no_more(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = [ROUTED if n % 3 else NOTED for n in range(1, 41)]
    log.append(*(arrival(body(n, type=kind), n) for n, kind in enumerate(kinds, 1)))
    before = page(log)
    log.append(arrival(body(41, type=ROUTED), 41))
    assert {ROUTED} == {kind for kind in kinds if kind in TYPES}
    monkeypatch.setattr(reporting, "LOOKED_AT", 7)
    for at, size in ((40, 40), (None, 41), (5, 5)):
        for limit in (1, 3, 500):
            found: list[tuple[int, str]] = []
            first: int | None = 0
            while first is not None:
                part = page(log, at=at, first=first, limit=limit)
                assert part["size"] == size
                found += [(entry["position"], entry["event"]) for entry in part["entries"]]
                assert part["next"] is None or part["next"] > first
                first = part["next"]
            wanted = [n for n, kind in enumerate([*kinds, ROUTED]) if kind == ROUTED and n < size]
            assert found == [(n, body(n + 1, type=ROUTED).decode()) for n in wanted]
    root = root_of([leaf_hash(body(n, type=kind)) for n, kind in enumerate(kinds, 1)])
    assert page(log, at=40)["root"] == before["root"] == root.hex()
    assert before["at"] == "2026-07-01T03:04:05.000000Z"


def test_words_are_those_of_the_message_and_the_newest_particulars(log: Log) -> None:
    def said(n: int, case: UUID, kind: str, **data: Any) -> bytes:
        return body(n, correlationid=str(case), type=kind, data={"case_id": str(case), **data})

    bodies = [
        said(1, OLDER, RECEIVED, message_id=str(MESSAGE)),
        said(2, OURS, DETAILED, particulars={"key": "k", "box": "YQ"}),
        said(3, OURS, RECEIVED, message_id=str(UUID(int=0x98)), thread=[str(MESSAGE)]),
        said(4, OURS, DETAILED, particulars={"key": "k", "box": "Yg"}),
        said(5, OTHER, DETAILED, particulars={"key": "k", "box": "Yw"}),
        said(6, OURS, DETAILED, particulars={"key": "k", "box": "ZA"}),
    ]
    log.append(*(arrival(one, n) for n, one in enumerate(bodies, 1)))
    split = WordsOf(case_id=OURS, message_id=MESSAGE, cases=(OLDER,))
    (found,) = words(log, 6, split)
    assert found == {"case_id": str(OURS), "message": bodies[0].decode(), "particulars": bodies[5].decode()}
    assert words(log, 5, split)[0]["particulars"] == bodies[3].decode(), "as the log had it then"
    bare = WordsOf(case_id=OTHER, message_id=MESSAGE)
    assert [set(one) for one in words(log, 6, split, bare)] == [
        {"case_id", "message", "particulars"}, {"case_id", "particulars"},
    ]  # fmt: skip
    assert words(log, 6) == []


def test_a_page_of_words_ends_where_it_grows_too_long(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    log.append(*(arrival(body(n, correlationid=str(case), type=DETAILED, data={"x": "y" * 300}), n)
                 for n, case in enumerate((OURS, OTHER, OLDER), 1)))  # fmt: skip
    monkeypatch.setattr(reporting, "MOST_BYTES", 1)
    wanted = [WordsOf(case_id=case, message_id=MESSAGE) for case in (OURS, OTHER, OLDER)]
    assert [one["case_id"] for one in words(log, 3, *wanted)] == [str(OURS)]


def test_what_is_refused(log: Log) -> None:
    with pytest.raises(Refused, match="empty_log"):
        page(log)
    log.append(*(arrival(body(n), n) for n in range(1, 4)))
    for at in (0, 4, 2**53 - 1):
        with pytest.raises(Refused, match="beyond_the_log"):
            page(log, at=at)
    opened, own = CSV.model_copy(update={"opened": True}), CSV.model_copy(update={"unit": "dinas-pupr"})
    assert page(log, UNIT, own)["entries"] == []
    for officer, asked in ((AUDITOR, opened), (UNIT, CSV), (UNIT, own.model_copy(update={"opened": True}))):
        with pytest.raises(Forbidden):
            page(log, officer, asked)
    with pytest.raises(Forbidden):
        words(log, 3, WordsOf(case_id=OURS, message_id=MESSAGE), officer=AUDITOR)
    for wrong in ({"format": "pdf"}, {"report": "yearly"}, {"report": "yearly", "format": "json", "opened": True}):
        with pytest.raises(Refused, match="no_such_format"):
            page(log, asked=CSV.model_copy(update=wrong))


def test_what_is_recorded_and_what_not(log: Log) -> None:
    log.append(*(arrival(body(n), n) for n in range(1, 4)))
    found = page(log, at=2)
    given = {"asked": CSV, "count": 0, "size": 2, "root": found["root"], "file": "1" * 64}
    cause = UUID(int=0x77)
    works = Reporting(NOBODY)
    with pytest.raises(Refused, match="other_checkpoint"):
        log.works.commit(lambda unit: works.record(unit, MAIN, RecordReport(**{**given, "size": 3}), cause))
    log.works.commit(lambda unit: works.record(unit, MAIN, RecordReport(**given), cause), datetime.now(UTC))
    (event,) = log.works.bodies()
    assert AuditReported.type.encode() in event
    assert str(uuid5(cause, "report")).encode() in event
    assert log.works.numbers() != {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Rp 25.000.000.", False), ("Rp25.000.000 dan Rp. 1.500.000,00", False), ("tahun 2026 dan 2027", False),
        ("12.345 permohonan", False), ("", False), ("0812 3456 7890", True), ("Rp 0812345678", True),
        ("1209011203850001", True), ("budi@contoh.id", True), ("Rp 1.500.000 lewat 0812-3456-789", True),
    ],
)  # fmt: skip
def test_money_is_no_telephone_number(backend: str, text: str, found: bool) -> None:
    assert may_name_somebody(text) is found
    asked = ReportAsked(report="yearly", year=2026, format="pdf", plan=text)
    if found:
        with pytest.raises(Refused, match="looks_personal"):
            report_rules.may_report(MAIN, asked)
    else:
        report_rules.may_report(MAIN, asked)
