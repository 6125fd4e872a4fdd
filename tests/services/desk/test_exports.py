"""Exports of the log by the officers' API: what is in them, that the log tells of them, and who gets none."""

import asyncio
import contextlib
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from corong.auditing.standalone import corong_verify as verifier
from corong.cli.parts import parts
from corong.desk import exports
from corong.desk.exporting.archive import pack
from corong.runtime.commands import ask
from corong.runtime.refusal import busy
from corong_contracts.command import ReadExport, RecordExport
from tests.services.desk.office import HEALTH, PUPR, Office

pytestmark = pytest.mark.asyncio(loop_scope="package")

MAIN, SUPERIOR, AUDITOR, ADMIN = "ppid-utama", "atasan-ppid", "auditor-inspektorat", "admin-hub"
UNIT, STRANGER = f"petugas-{PUPR}", f"petugas-{HEALTH}"
PATH = "/api/v1/audit/exports"
WHY = "Pemeriksaan tahunan 2026"
NAMES = [
    "README.txt", "cover.pdf", "checkpoint", "events.ndjson", "events.csv", "events.xlsx", "record.tlog-proof",
]  # fmt: skip


def key(office: Office) -> list[verifier.Key]:
    return [verifier.Key.parse(str(office.hub.service("auditing").tree.key.verifier))]


async def take(office: Office, officer: str = AUDITOR, status: int = 200, language: str = "en", **asked: Any) -> bytes:
    answer = await office.client(officer, language).post(PATH, json={"reason": WHY, **asked}, timeout=60)
    assert answer.status_code == status, answer.text
    if status == 200:
        assert answer.headers["content-type"] == "application/zip"
        assert answer.headers["cache-control"] == "no-store"
    return answer.content


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def record(data: bytes) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(verifier.event_in(members(data)["record.tlog-proof"]))
    return event


def checked(office: Office, data: bytes, folder: Path) -> verifier.Report:
    file = folder / "ekspor.zip"
    file.write_bytes(data)
    return verifier.verify_export(str(file), key(office))


async def history(office: Office) -> str:
    case = str((await office.write("RAHASIA-9 di Gang Melati.", sender="warga-ekspor"))["case_id"])
    await office.post(UNIT, f"cases/{case}/claim")
    await office.post(UNIT, f"cases/{case}/answer", {"text": "RAHASIA-10", "close": True})
    await office.hub.settled()
    return case


async def test_an_export_is_whole_proven_and_told_of_in_the_log(office: Office, tmp_path: Path) -> None:
    case = await history(office)
    data = await take(office, case=case)
    files = members(data)
    assert list(files) == NAMES
    report = checked(office, data, tmp_path)
    assert (report.code, report.troubles) == (0, [])
    lines = [json.loads(line) for line in files["events.ndjson"].splitlines()]
    logged = (await office.get(AUDITOR, "audit/log", case=case, limit=500))["events"]
    assert [(line["index"], json.loads(line["event"])) for line in lines] == [
        (item["position"], item["event"]) for item in logged
    ]
    assert report.seen == len(lines)
    for words in (b"RAHASIA-9", b"RAHASIA-10", b"Gang Melati", b"warga-ekspor"):
        assert words not in data
    # In the log, under its own number, and found by whoever looks for it.
    event = record(data)
    found = (await office.get(AUDITOR, "audit/log", type="audit.exported", limit=500))["events"]
    assert event in [item["event"] for item in found]
    assert (event["actor"], event["data"]["reason"]) == (f"officer:{AUDITOR}", WHY)
    assert event["data"]["filter"] == {"case": case, "first": 0}
    assert (event["data"]["count"], event["data"]["opened"]) == (len(lines), False)
    assert await office.facts(case), "and the hub goes on"


async def test_the_same_again_at_the_same_checkpoint(office: Office, tmp_path: Path) -> None:
    await history(office)
    first = members(await take(office, unit=PUPR, type="case."))
    await history(office)
    at = first["checkpoint"].decode()
    again = members(await take(office, unit=PUPR, type="case.", checkpoint=at))
    assert {name for name in NAMES if first[name] != again[name]} == {"record.tlog-proof"}
    newer = members(await take(office, unit=PUPR, type="case."))
    assert newer["events.ndjson"] != first["events.ndjson"]
    archives: list[bytes] = []
    for files in (first, again):
        folder = tmp_path / str(len(archives))
        folder.mkdir()
        for name in NAMES:
            (folder / name).write_bytes(b"" if name == "record.tlog-proof" else files[name])
        pack([folder / name for name in NAMES], folder / "export.zip", datetime(2026, 7, 1, 3, 4, 6, tzinfo=UTC))
        archives.append((folder / "export.zip").read_bytes())
    assert archives[0] == archives[1]


@pytest.mark.parametrize(
    ("officer", "asked", "status", "code"),
    [
        (AUDITOR, {}, 200, ""), (MAIN, {}, 200, ""), (SUPERIOR, {}, 200, ""),
        (AUDITOR, {"public": True}, 200, ""), (MAIN, {"open": True}, 200, ""), (SUPERIOR, {"open": True}, 200, ""),
        (AUDITOR, {"open": True}, 403, "role_has_no_such_right"),
        (UNIT, {}, 403, "role_has_no_such_right"), (UNIT, {"unit": PUPR}, 403, "role_has_no_such_right"),
        (STRANGER, {"unit": PUPR}, 403, "role_has_no_such_right"), (ADMIN, {}, 403, "role_has_no_such_right"),
        (MAIN, {"open": True, "public": True}, 422, "public_or_opened"),
        (AUDITOR, {"reason": "Budi, NIK 1209 0112 0385 0001"}, 422, "looks_personal"),
        (AUDITOR, {"reason": " "}, 422, "no_reason"), (AUDITOR, {"reason": ""}, 422, "invalid"),
        (AUDITOR, {"actor": "Budi Santoso"}, 422, "invalid"), (AUDITOR, {"case": "UM-2020-1"}, 404, "no_such_case"),
        (AUDITOR, {"checkpoint": "x\n1\n"}, 422, "other_checkpoint"), (AUDITOR, {"orang": "x"}, 422, "invalid"),
    ],
)  # fmt: skip
async def test_who_gets_an_export(office: Office, officer: str, asked: dict[str, Any], status: int, code: str) -> None:
    if not office.hub.rows("auditing", "SELECT 1 FROM entry"):
        await history(office)
    before = len((await office.get(AUDITOR, "audit/log", type="audit.exported", limit=500))["events"])
    told = {language: await take(office, officer, status, language, before=3, **asked) for language in ("id", "en")}
    await office.hub.settled()
    after = len((await office.get(AUDITOR, "audit/log", type="audit.exported", limit=500))["events"])
    assert after - before == (2 if status == 200 else 0)
    if status != 200:
        bodies = {language: json.loads(data) for language, data in told.items()}
        assert {body["code"] for body in bodies.values()} == {code}
        assert bodies["id"]["detail"] != bodies["en"]["detail"]


async def test_without_a_token_there_is_none(office: Office) -> None:
    async with office.hub.client() as client:
        assert (await client.post(PATH, json={"reason": WHY})).status_code == 401


async def test_for_the_public(office: Office, tmp_path: Path) -> None:
    case = await history(office)
    data = await take(office, public=True)
    report = checked(office, data, tmp_path)
    assert report.code == 0, report.troubles
    assert report.withheld > 0
    assert case.encode() not in data
    assert record(data)["data"]["withheld"] == report.withheld


async def test_opened_words_are_in_the_tables_alone(office: Office, tmp_path: Path) -> None:
    case = await history(office)
    data = await take(office, MAIN, case=case, open=True)
    assert checked(office, data, tmp_path).code == 0
    files = members(data)
    assert b"RAHASIA-9 di Gang Melati." in files["events.csv"]
    with zipfile.ZipFile(io.BytesIO(files["events.xlsx"])) as book:
        assert b"RAHASIA-10" in b"".join(book.read(name) for name in book.namelist())
    for name in ("events.ndjson", "cover.pdf", "checkpoint", "record.tlog-proof"):
        assert b"RAHASIA" not in files[name]
    assert record(data)["data"]["opened"] is True


async def test_how_far_it_is_and_what_goes_wrong_late(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """In parts: progress first, and at last the archive; or why there is none, and then not a byte of it."""
    await history(office)

    async def in_parts() -> list[tuple[str, bytes]]:
        headers = {"Accept": "multipart/mixed"}
        answer = await office.client(AUDITOR).post(PATH, json={"reason": WHY}, headers=headers, timeout=60)
        assert answer.status_code == 200
        return [(kind, b"".join(blocks)) for kind, blocks in parts(iter([answer.content]))]

    whole = await in_parts()
    assert {kind for kind, _ in whole[:-1]} == {"application/json"}
    told = json.loads(whole[-2][1])
    assert told["done"] == told["size"] > 0
    assert list(members(whole[-1][1])) == NAMES

    async def away(broker: Any, command: Any, *arguments: Any, **more: Any) -> Any:
        if isinstance(command, RecordExport):
            raise busy()
        return await ask(broker, command, *arguments, **more)

    monkeypatch.setattr(exports, "ask", away)
    failed = await in_parts()
    assert failed[-1][0] == "application/problem+json"
    assert json.loads(failed[-1][1])["status"] == 503
    assert b"PK" not in b"".join(body for _, body in failed)
    assert json.loads(await take(office, status=503))["code"] == "busy"
    assert list((office.hub.hub.installation.settings.data / "exporting").iterdir()) == []


async def test_a_place_that_can_not_be_written_is_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await history(office)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    before = len((await office.get(AUDITOR, "audit/log", type="audit.exported", limit=500))["events"])
    monkeypatch.setattr("corong.desk.exporting.cover.write", full)
    assert json.loads(await take(office, status=503))["code"] == "export_not_made"
    await office.hub.settled()
    assert len((await office.get(AUDITOR, "audit/log", type="audit.exported", limit=500))["events"]) == before


async def test_who_goes_away_leaves_nothing_behind(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither files nor a record, and the place is free for the next."""
    await history(office)
    folder = office.hub.hub.installation.settings.data / "exporting"
    before = len((await office.get(AUDITOR, "audit/log", type="audit.exported", limit=500))["events"])

    async def endless(broker: Any, command: Any, *arguments: Any, **more: Any) -> Any:
        if isinstance(command, ReadExport) and command.checkpoint:
            await asyncio.Event().wait()
        return {**await ask(broker, command, *arguments, **more), "next": 3}

    with monkeypatch.context() as patched:
        patched.setattr(exports, "ask", endless)
        headers = {"Accept": "multipart/mixed"}
        reading = []  # as one is let go of, its connection is closed
        async with contextlib.AsyncExitStack() as open_ones:
            for _ in range(exports.AT_ONCE):
                asked = office.client(AUDITOR).stream("POST", PATH, json={"reason": WHY}, headers=headers)
                answer = await open_ones.enter_async_context(asked)
                reading.append(answer.aiter_raw())
                await anext(reading[-1])
            assert len(list(folder.iterdir())) == exports.AT_ONCE
            assert json.loads(await take(office, status=503))["code"] == "export_busy"
        await office.hub.until(lambda: not list(folder.iterdir()))
    await take(office)
    await office.hub.settled()
    after = len((await office.get(AUDITOR, "audit/log", type="audit.exported", limit=500))["events"])
    assert after == before + 1
