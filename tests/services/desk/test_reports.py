"""The register and the yearly report by the officers' API: what is in them, who gets what, what the log tells of it."""

import asyncio
import csv
import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import pytest
import pytest_asyncio
from pypdf import PdfReader
from sqlalchemy import select, update

from corong.cli.parts import parts
from corong.desk import reports
from corong.desk.reporting import kept_books
from corong.runtime.commands import ask
from corong.runtime.refusal import busy
from corong.working_days.zones import ZONES
from corong_contracts.command import ReadReport, RecordReport
from tests.services.desk.office import HEALTH, PUPR, Office

pytestmark = pytest.mark.asyncio(loop_scope="package")

MAIN, SUPERIOR, AUDITOR, ADMIN = "ppid-utama", "atasan-ppid", "auditor-inspektorat", "admin-hub"
UNIT, STRANGER, OPERATOR = f"petugas-{PUPR}", f"petugas-{HEALTH}", f"operator-{PUPR}"
YEAR = datetime.now(ZONES["WIB"]).year
ASKED = "Permohonan informasi: salinan RAHASIA-21 anggaran jalan Kisaran."
PARTICULARS = {
    "name": "Siti RAHASIA-22", "address": "Gang RAHASIA-23 No. 4", "contact": "=0812 RAHASIA-24",
    "occupation": "guru", "purpose": "penelitian RAHASIA-25",
}  # fmt: skip


@dataclass
class Requests:
    """Numbers of requests: granted with all particulars; open, told by its message alone; another unit's."""

    detailed: str
    bare: str
    elsewhere: str


async def request_of(office: Office, sender: str, text: str = ASKED) -> str:
    receipt = await office.write(text, sender, kind="information_request")
    return str(receipt["registration"]).replace("/", "-")


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def requests(office: Office) -> Requests:
    found = [await request_of(office, f"pemohon-{number}") for number in range(3)]
    await office.post(MAIN, f"cases/{found[2]}/assign", {"unit": HEALTH, "instruction": "Jawab."})
    await office.post(UNIT, f"cases/{found[0]}/claim")
    await office.post(UNIT, f"cases/{found[0]}/detail", PARTICULARS)
    finding = {"form": "soft_copy", "cost": 7_500}
    await office.post(UNIT, f"cases/{found[0]}/grant", {"text": "Terlampir.", "finding": finding})
    await office.hub.settled()
    return Requests(*(case.replace("-", "/") for case in found))


async def make(
    office: Office, officer: str, report: str = "register", status: int = 200, reader: str = "en", **asked: Any
) -> Any:
    body = {"year": YEAR, **asked}
    answer = await office.client(officer, reader).post(f"/api/v1/reports/{report}", json=body, timeout=60)
    assert answer.status_code == status, answer.text
    if status == 200:
        assert answer.headers["cache-control"] == "no-store"
    return answer


async def lines(office: Office, officer: str = MAIN, **asked: Any) -> dict[str, dict[str, str]]:
    """Number → column → cell, of the CSV."""
    answer = await make(office, officer, format="csv", **asked)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    text = answer.content.decode("utf-8-sig")
    return {row["Nomor"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}


async def told(office: Office) -> list[dict[str, Any]]:
    await office.hub.settled()
    found = (await office.get(AUDITOR, "audit/log", type="audit.reported", limit=500))["events"]
    return [item["event"] for item in found]


async def test_the_register_has_what_the_officer_wrote_and_else_the_message(office: Office, requests: Requests) -> None:
    rows = await lines(office)
    row = rows[requests.detailed]
    assert (row["Nama"], row["Pekerjaan"], row["Keputusan"]) == ("Siti RAHASIA-22", "guru", "dikabulkan")
    assert (row["Alamat"], row["Tujuan penggunaan"]) == ("Gang RAHASIA-23 No. 4", "penelitian RAHASIA-25")
    assert row["Informasi yang diminta"] == ASKED, "nobody wrote down what is asked: it is the message"
    assert row["Kontak"] == "'=0812 RAHASIA-24", "a cell is no formula"
    assert (row["Bentuk"], row["Biaya (rupiah)"], row["Dikuasai"]) == ("salinan lunak", "7500", "dikuasai")
    assert (row["Hari kerja"], row["Tepat waktu"], row["Unit"]) == (
        "0",
        "ya",
        "Dinas Pekerjaan Umum dan Penataan Ruang",
    )
    bare = rows[requests.bare]
    assert (bare["Nama"], bare["Kontak"], bare["Pekerjaan"]) == ("Warga Contoh", "pemohon-1", "")
    assert (bare["Keputusan"], bare["Tanggal pemberitahuan"]) == ("belum diputus", "")


async def test_the_same_position_gives_the_same_bytes_whatever_came_after(office: Office, requests: Requests) -> None:
    kinds = [("register", form) for form in ("csv", "xlsx", "json")] + [("yearly", form) for form in ("pdf", "json")]
    first = {kind: await make(office, MAIN, kind[0], format=kind[1]) for kind in kinds}
    later = await request_of(office, "pemohon-kemudian")
    await office.hub.settled()
    for kind, answer in first.items():
        at = int(answer.headers["corong-log-size"])
        again = await make(office, MAIN, kind[0], format=kind[1], at=at)
        assert again.content == answer.content, kind
        assert again.headers["corong-log-root"] == answer.headers["corong-log-root"]
        assert (await make(office, MAIN, kind[0], format=kind[1])).content != answer.content
    assert later.replace("-", "/") in await lines(office)
    with zipfile.ZipFile(io.BytesIO(first["register", "xlsx"].content)) as book:
        assert book.testzip() is None
        words = b"".join(book.read(name) for name in book.namelist())
        assert b"RAHASIA-22" in words
        assert b"quotePrefix" in words
        assert b"<f>" not in words


async def test_the_applicants_columns_are_for_two_roles_and_the_rows_for_the_own_unit(
    office: Office, requests: Requests
) -> None:
    for officer in (MAIN, SUPERIOR):
        assert (await lines(office, officer))[requests.detailed]["Nama"] == "Siti RAHASIA-22"
        assert (await lines(office, officer, open=False))[requests.detailed]["Nama"] == "ditahan"
    for officer in (AUDITOR, UNIT):
        for form in ("csv", "xlsx", "json"):
            data = (await make(office, officer, format=form)).content
            assert b"RAHASIA" not in unpacked(data)
        shown = await lines(office, officer)
        assert {shown[requests.detailed][name] for name in ("Nama", "Alamat", "Kontak", "Pekerjaan",
                "Informasi yang diminta", "Tujuan penggunaan")} == {"ditahan"}  # fmt: skip
        assert (requests.elsewhere in shown) is (officer == AUDITOR)
    units = {row["unit"] for row in (await make(office, STRANGER, format="json")).json()["rows"]}
    assert units == {HEALTH}
    assert set(await lines(office, MAIN, unit=HEALTH)) == set(await lines(office, STRANGER))


def unpacked(data: bytes) -> bytes:
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return b"".join(book.read(name) for name in book.namelist())


@pytest.mark.parametrize(
    ("officer", "report", "asked", "status", "code"),
    [
        (AUDITOR, "register", {"open": True}, 403, "role_has_no_such_right"),
        (UNIT, "register", {"open": True}, 403, "role_has_no_such_right"),
        (UNIT, "register", {"unit": HEALTH}, 403, "other_unit"), (UNIT, "yearly", {"unit": HEALTH}, 403, "other_unit"),
        (OPERATOR, "register", {}, 403, "role_has_no_such_right"), (ADMIN, "yearly", {}, 403, "role_has_no_such_right"),
        (MAIN, "register", {"format": "pdf"}, 422, "invalid"), (MAIN, "yearly", {"format": "csv"}, 422, "invalid"),
        (MAIN, "register", {"at": 0}, 422, "invalid"), (MAIN, "register", {"at": 10**9}, 422, "beyond_the_log"),
        (MAIN, "register", {"year": 26}, 422, "invalid"), (MAIN, "register", {"tahun": 1}, 422, "invalid"),
        (MAIN, "register", {"unit": "dinas-antariksa"}, 422, "unknown_unit"),
        (MAIN, "yearly", {"obstacles": "Keluhan Budi, 0812 3456 7890"}, 422, "looks_personal"),
        (MAIN, "yearly", {"plan": "surel budi@contoh.id"}, 422, "looks_personal"),
        (MAIN, "yearly", {"plan": "x\x00y"}, 422, "not_plain"),
    ],
)  # fmt: skip
async def test_who_gets_none_and_why(
    office: Office, requests: Requests, officer: str, report: str, asked: dict[str, Any], status: int, code: str
) -> None:
    before = len(await told(office))
    found = {lang: (await make(office, officer, report, status, lang, **asked)).json() for lang in ("id", "en")}
    assert {body["code"] for body in found.values()} == {code}
    assert found["id"]["detail"] != found["en"]["detail"]
    assert "Budi" not in str(found)
    assert len(await told(office)) == before


async def test_without_a_token_there_is_none(office: Office) -> None:
    async with office.hub.client() as client:
        for report in ("register", "yearly"):
            assert (await client.post(f"/api/v1/reports/{report}", json={"year": YEAR})).status_code == 401


async def test_the_yearly_report_reconciles_with_the_register(office: Office, requests: Requests) -> None:
    words: dict[str, Any] = {
        "obstacles": "Arsip lama belum digital.\n\nPegawai kurang.",
        "plan": "Digitalisasi, Rp 25.000.000.",
    }
    found = (await make(office, AUDITOR, "yearly", format="json", **words)).json()
    at = found["log"]["size"]
    register = (await make(office, AUDITOR, format="json", at=at)).json()
    assert found["log"] == register["log"]
    figures, rows = found["requests"], register["rows"]
    assert figures["received"] == len(rows) == sum(part["received"] for part in found["units"])
    assert sum(part["received"] for part in found["months"]) == len(rows)
    assert figures["decisions"]["granted"] == sum(row["decision"] == "granted" for row in rows)
    assert [row["number"] for row in found["times"]] == [row["number"] for row in rows]
    answer = await make(office, MAIN, "yearly", at=at, **words)
    assert answer.headers["content-disposition"] == f'attachment; filename="laporan-tahunan-{YEAR}.pdf"'
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    for part in (f"Laporan tahunan layanan informasi publik {YEAR}", "Arsip lama belum digital.", "Rp 25.000.000",
                 requests.detailed, "Dinas Kesehatan", "Pemerintah Kabupaten Asahan (contoh)".upper()):  # fmt: skip
        assert part in text, part
    assert "RAHASIA" not in text
    english = await make(office, MAIN, "yearly", at=at, language="en")
    shown = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(english.content)).pages)
    assert f"Yearly report of the information service {YEAR}" in shown
    assert "Left empty." in shown


async def test_of_the_erased_the_row_stays_and_nothing_more(office: Office, requests: Requests) -> None:
    case = await request_of(office, "pemohon-terhapus", "Permohonan informasi: salinan RAHASIA-26 tentang jalan.")
    number = case.replace("-", "/")
    await office.hub.settled()
    before = await make(office, MAIN, format="csv")
    assert b"RAHASIA-26" in before.content
    decision = {"legal_basis": "UU 27/2022 Pasal 43", "schedule": "JRA-480/1"}
    done = await office.post(MAIN, "erasures", {"case": number, **decision}, status=202)

    async def completed() -> bool:
        plan = await office.post(MAIN, "erasures/plan", {"person": done["person"]})
        return bool(plan["erasure"]["completed_at"])

    await office.hub.until(completed)
    await office.hub.settled()
    row = (await lines(office))[number]
    assert {row[name] for name in ("Nama", "Kontak", "Informasi yang diminta")} == {"dihapus"}
    assert row["Keterangan"] == "data pemohon dihapus (UU 27/2022 Pasal 43, JRA JRA-480/1)"
    assert (row["Keputusan"], row["Tanggal diterima"]) != ("", "")
    assert (await lines(office, at=int(before.headers["corong-log-size"])))[number]["Nama"] == "dihapus"
    assert "ditahan" not in (await make(office, MAIN, format="json")).text
    withheld = (await make(office, AUDITOR, format="json")).json()["rows"]
    (shown,) = [one for one in withheld if one["number"] == number]
    assert (shown["applicant"], shown["erased"]["schedule"]) == ({"state": "withheld"}, "JRA-480/1")


async def test_the_log_tells_of_each(office: Office, requests: Requests) -> None:
    answer = await make(office, MAIN, format="csv", unit=PUPR)
    (event,) = [one for one in await told(office) if one["id"] == answer.headers["corong-event"]]
    data = event["data"]
    assert (event["actor"], data["officer"]) == (f"officer:{MAIN}", MAIN)
    assert data["file"] == hashlib.sha256(answer.content).hexdigest()
    assert (data["size"], data["root"]) == (int(answer.headers["corong-log-size"]), answer.headers["corong-log-root"])
    assert data["asked"] == {
        "report": "register", "year": YEAR, "unit": PUPR, "format": "csv", "language": "id", "opened": True,
        "demo": False, "obstacles": "", "plan": "",
    }  # fmt: skip
    assert data["count"] == len(list(csv.reader(io.StringIO(answer.text)))) - 1
    assert (await make(office, AUDITOR, "yearly", plan="Lebih cepat.")).status_code == 200
    newest = (await told(office))[-1]["data"]
    assert (newest["asked"]["report"], newest["asked"]["plan"]) == ("yearly", "Lebih cepat.")


async def test_a_report_goes_on_where_the_last_one_ended(
    office: Office, requests: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And whatever is wrong with what was kept, it is folded anew: the bytes are the same."""
    monkeypatch.setattr(kept_books, "KEEP_AFTER", 1)
    database = office.hub.service("desk").database
    begun: list[int] = []

    async def asked(broker: Any, command: Any, officer: str, **more: Any) -> dict[str, Any]:
        if isinstance(command, ReadReport):
            begun.append(command.first)
        return await ask(broker, command, officer, **more)

    monkeypatch.setattr(reports, "ask", asked)
    report = kept_books.report_book

    def change(**values: Any) -> int:
        with database.write() as connection:
            if values:
                connection.execute(update(report).values(**values))
            return int(connection.execute(select(report.c.size)).scalar_one())

    first = await make(office, MAIN, format="csv")
    kept = await asyncio.to_thread(change)
    assert kept == int(first.headers["corong-log-size"])
    number = (await request_of(office, "pemohon-berikut")).replace("-", "/")
    await office.hub.settled()
    begun.clear()
    on = await make(office, MAIN, format="csv")
    assert sorted(begun)[:2] == [0, kept], "the first page tells what the log is, the second what the kept book is of"
    assert begun.count(0) == 1
    assert number in on.text
    at = int(on.headers["corong-log-size"])
    damages: list[dict[str, Any]] = [{"root": "0" * 64}, {"book": b"no book"}, {"form": "of another Corong"}]
    for damage in damages:
        await asyncio.to_thread(partial(change, **damage))
        anew = await make(office, MAIN, format="csv", at=at)
        assert anew.content == on.content, damage
        assert await asyncio.to_thread(change) == at, f"{damage}: what does not fit makes room"


async def test_how_far_it_is_and_what_goes_wrong_late(
    office: Office, requests: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In parts: progress, what was recorded, the file; or why there is none, and then not a byte of it."""

    async def in_parts(report: str, form: str) -> list[tuple[str, bytes]]:
        headers = {"Accept": "multipart/mixed"}
        body = {"year": YEAR, "format": form}
        answer = await office.client(MAIN).post(f"/api/v1/reports/{report}", json=body, headers=headers, timeout=60)
        assert answer.status_code == 200
        return [(kind, b"".join(blocks)) for kind, blocks in parts(iter([answer.content]))]

    for report, form, kind in (
        ("register", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("yearly", "json", reports.JSON_PART),
    ):
        whole = await in_parts(report, form)
        made = json.loads(whole[-2][1])["made"]
        assert whole[-1][0] == kind
        assert made["sha256"] == hashlib.sha256(whole[-1][1]).hexdigest()
        assert json.loads(whole[-3][1]) == {"done": made["size"], "size": made["size"]}

    async def away(broker: Any, command: Any, *arguments: Any, **more: Any) -> Any:
        if isinstance(command, RecordReport):
            raise busy()
        return await ask(broker, command, *arguments, **more)

    monkeypatch.setattr(reports, "ask", away)
    failed = await in_parts("register", "csv")
    assert failed[-1][0] == "application/problem+json"
    assert b"RAHASIA" not in b"".join(body for _, body in failed)
    assert (await make(office, MAIN, status=503)).json()["code"] == "busy"


async def test_both_are_documented(office: Office) -> None:
    async with office.hub.client() as client:
        described = (await client.get("/api/v1/openapi.json")).json()
    for report, kinds in (("register", {"text/csv", "application/json"}), ("yearly", {"application/pdf"})):
        operation = described["paths"][f"/api/v1/reports/{report}"]["post"]
        assert kinds <= set(operation["responses"]["200"]["content"])
        assert {"401", "403", "422", "503"} <= set(operation["responses"])
