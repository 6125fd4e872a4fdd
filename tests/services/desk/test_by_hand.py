"""What comes to the counter, by telephone and on paper: entered, registered, answered, and brought to the citizen."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.services.desk.office import HEALTH, PUPR, Office
from tests.services.desk.visitor import Visitor, signed_in, token_of
from tests.services.portal.citizen import Citizen, receipt_of, text_of

pytestmark = pytest.mark.asyncio(loop_scope="package")

CLERK, UNIT = "ppid-utama", f"petugas-{PUPR}"
ZONE = ZoneInfo("Asia/Jakarta")
ROAD = "Jalan di depan pasar Kisaran rusak parah, mohon diperbaiki. Disampaikan di loket."


def once_of(page: str) -> str:
    found = re.search(r'name="once" value="([^"]+)"', page)
    assert found, "the form has no key"
    return found.group(1)


async def enter(visitor: Visitor, account: str, *, key: str = "", files: Any = None, **words: str) -> httpx.Response:
    """Fill in the form of an account and send it."""
    page = await visitor.get(f"/desk/masukkan?akun={account}")
    now = datetime.now(ZONE)
    data = {
        "token": token_of(page), "once": key or once_of(page), "akun": account, "received_on": now.date().isoformat(),
        "received_at": "00:00", "kind": "complaint", "text": ROAD, **words,
    }  # fmt: skip
    nothing = [("attachments", ("", b"", "application/octet-stream"))]
    return await visitor.client.post("/desk/masukkan", data=data, files=files or nothing)


async def entered(office: Office, visitor: Visitor, account: str, **more: Any) -> tuple[dict[str, Any], str]:
    """The registration as intake has it, and the secret; once the desk shows the case in a queue."""
    answer = await enter(visitor, account, **more)
    assert answer.status_code == 201, text_of(answer.text)
    number, secret = receipt_of(answer.text)
    query = 'SELECT * FROM registered JOIN "case" USING (case_id) WHERE registration = :number'
    await office.hub.until(lambda: office.hub.rows("desk", query, number=number))
    return office.hub.rows("desk", query, number=number)[0], secret


async def held(office: Office, case: str, count: int = 1) -> list[dict[str, Any]]:
    """The answers to a case that wait to be brought."""
    query = "SELECT * FROM delivery WHERE case_id = :case AND state = 'held' AND code = 'by_hand'"
    await office.hub.until(lambda: len(office.hub.rows("desk", query, case=case)) == count)
    return office.hub.rows("desk", query, case=case)


async def answered(office: Office, officer: str, case: str, text: str) -> None:
    await office.post(officer, f"cases/{case}/claim")
    await office.post(officer, f"cases/{case}/answer", {"text": text})


async def test_from_the_counter_to_the_answer_in_the_citizens_hand(office: Office) -> None:
    received = datetime.now(ZONE) - timedelta(days=2)
    async with await signed_in(office.hub, CLERK) as clerk:
        found, secret = await entered(
            office, clerk, "loket-diskominfo", received_on=received.date().isoformat(), received_at="09:30",
            name="Contoh Warga", contact="0812 3456 7890", postal="Jalan Contoh 1, Kisaran",
        )  # fmt: skip
    case = found["case_id"]
    assert (found["channel"], found["account"], found["unit"]) == ("counter", "loket-diskominfo", PUPR)
    shown = await office.get(UNIT, f"cases/{case}")
    message = shown["thread"][0]
    # When the office had it, not when it was typed; by whom it was entered; where the citizen can be found.
    at = datetime.fromisoformat(f"{received.date()}T09:30+07:00")
    assert datetime.fromisoformat(message["at"]) == at
    assert (message["actor"], message["officer"]["id"]) == (f"officer:{CLERK}", CLERK)
    assert message["sender"] == {"address": "081234567890", "name": "Contoh Warga"}
    assert message["particulars"] == {"address": "Jalan Contoh 1, Kisaran"}
    clocks = office.hub.rows("desk", "SELECT count FROM clock WHERE case_id = :case", case=case)
    starts = {datetime.fromisoformat(json.loads(clock["count"])["started"]) for clock in clocks}
    assert min(starts) == at

    await answered(office, UNIT, case, "Lubang ditambal pekan ini, terima kasih atas laporan Anda.")
    (waiting,) = await held(office, case)
    async with Citizen(office.hub) as citizen:
        assert "ditambal" not in (await citizen.check(found["registration"], secret)).text
    async with await signed_in(office.hub, UNIT) as officer:
        listed = await officer.get("/desk/serahan")
        assert f"/desk/serahan/{waiting['delivery_id']}" in listed
        assert f"/desk/serahan/{waiting['delivery_id']}" in await officer.get(f"/desk/perkara/{case}")
        address = f"/desk/serahan/{waiting['delivery_id']}"
        page = await officer.get(address)
        told = text_of(page)
        assert "Contoh Warga" in told
        assert "Lubang ditambal" in told
        assert "Jalan Contoh 1" in told
        letter = await officer.client.get(f"{address}/surat")
        assert letter.content.startswith(b"%PDF-")
        assert letter.headers["content-type"] == "application/pdf"
        now = datetime.now(ZONE)
        words = {"how": "handed_over", "brought_on": now.date().isoformat(), "once": once_of(page)}
        tomorrow = (now + timedelta(days=1)).date().isoformat()
        late = await officer.post(address, token_of(page), **{**words, "brought_on": tomorrow, "brought_at": "00:00"})
        assert late.status_code == 422
        assert "tidak sesudah sekarang" in text_of(late.text)
        done = await officer.post(address, token_of(page), **words, brought_at=now.strftime("%H:%M"))
        assert (done.status_code, done.headers["location"]) == (303, "/desk/serahan?selesai=ya")
        again = await officer.post(address, token_of(page), **{**words, "once": "x" * 20}, brought_at="00:00")
        assert again.status_code == 409
        assert address not in await officer.get("/desk/serahan")
    facts = await office.facts(case)
    assert [fact for fact in facts if fact[0].startswith("delivery.")] == [
        ("delivery.started", "system"), ("delivery.held", "system"), ("delivery.sent", f"officer:{UNIT}"),
    ]  # fmt: skip
    log = await office.get("auditor-inspektorat", "audit/log", case=case, limit=500)
    (sent,) = [item["event"] for item in log["events"] if item["event"]["type"].endswith("delivery.sent.v1")]
    assert (sent["data"]["how"], sent["data"]["known_by"], sent["data"]["officer"]) == ("handed_over", "officer", UNIT)
    async with Citizen(office.hub) as citizen:
        assert "Lubang ditambal" in text_of((await citizen.check(found["registration"], secret)).text)


async def test_the_same_form_is_one_message_and_its_receipt_can_be_printed(office: Office) -> None:
    async with await signed_in(office.hub, CLERK) as clerk:
        first = await enter(clerk, "telepon-diskominfo", key="k" * 24)
        again = await enter(clerk, "telepon-diskominfo", key="k" * 24)
        assert (first.status_code, again.status_code) == (201, 201)
        assert receipt_of(first.text) == receipt_of(again.text)
        other = await enter(clerk, "telepon-diskominfo", key="k" * 24, text="Lain lagi.")
        assert other.status_code == 409
        assert "Buka formulir baru" in text_of(other.text)
        assert "Lain lagi." in other.text
        await office.hub.settled()
        number, secret = receipt_of(first.text)
        paper = await clerk.client.post("/cek/tanda-terima", data={"number": number, "secret": secret})
        assert paper.headers["content-type"] == "application/pdf"


async def test_a_letter_has_its_number_its_date_and_its_scan(office: Office) -> None:
    scan = [("attachments", ("pindaian.pdf", b"%PDF-1.4 contoh", "application/pdf"))]
    async with await signed_in(office.hub, CLERK) as clerk:
        found, _secret = await entered(
            office, clerk, "surat-diskominfo", files=scan, kind="information_request", text="Mohon salinan APBD 2026.",
            letter_number="12/RT/III/2026", letter_dated="2026-03-07", name="Contoh Warga", identity="nik",
            postal="Jalan Contoh 1, Kisaran", purpose="penelitian", obtain="copy", send="post",
        )  # fmt: skip
        page = text_of(await clerk.get(f"/desk/perkara/{found['case_id']}"))
    assert "12/RT/III/2026" in page
    assert "7 Maret 2026" in page
    assert "KTP" in page
    assert "penelitian" in page
    assert "dicatat oleh Ade Contoh" in page
    shown = await office.get(CLERK, f"cases/{found['case_id']}")
    assert shown["thread"][0]["letter"] == {"number": "12/RT/III/2026", "dated": "2026-03-07"}
    (file,) = shown["thread"][0]["attachments"]
    assert file["name"] == "pindaian.pdf"
    got = await office.client(CLERK).get(file["url"])
    assert got.content == b"%PDF-1.4 contoh"


async def test_an_objection_names_its_request(office: Office) -> None:
    async with await signed_in(office.hub, CLERK) as clerk:
        request, _secret = await entered(
            office, clerk, "loket-diskominfo", kind="information_request", text="Mohon salinan APBD 2025."
        )  # fmt: skip
        missing = await enter(clerk, "loket-diskominfo", kind="objection", text="Tidak dijawab.", grounds="c")
        assert missing.status_code == 422
        assert "Isi nomor permohonan" in text_of(missing.text)
        assert "Tidak dijawab." in missing.text
        unknown = await enter(
            clerk, "loket-diskominfo", kind="objection", text="Tidak dijawab.", grounds="c", request="PI/1999/000001"
        )
        assert unknown.status_code == 404
        found, _secret = await entered(
            office, clerk, "loket-diskominfo", kind="objection", text="Tidak dijawab.", grounds="c",
            request=request["registration"],
        )  # fmt: skip
    assert found["related_case"] == request["case_id"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"received_on": "2099-01-01"}, "Waktu diterima harus sebelum sekarang"),
        ({"received_on": "2001-01-01"}, "paling lama setahun"),
        ({"received_on": ""}, "Diterima pada tanggal"),
        ({"received_on": "0001-01-01"}, "paling kecil 1000-01-01"),
        ({"text": "  "}, "Pesan warga"),
        ({"name": "Contoh 1209011203800001"}, "nomor 16 angka"),
        ({"text": "NIK saya 1209011203800001"}, "nomor 16 angka"),
        ({"contact": "1209011203800001"}, "nama@contoh.id"),
        ({"kind": "spam"}, "Jenis"),
    ],
)
async def test_what_is_wrong_is_told_and_nothing_is_lost(office: Office, words: dict[str, str], told: str) -> None:
    async with await signed_in(office.hub, CLERK) as clerk:
        answer = await enter(clerk, "loket-diskominfo", subject="Pokok yang tetap ada", **words)
    assert answer.status_code == 422
    assert told in text_of(answer.text)
    assert "Pokok yang tetap ada" in answer.text


async def test_a_number_that_is_needed_may_stand_there(office: Office) -> None:
    async with await signed_in(office.hub, CLERK) as clerk:
        answer = await enter(clerk, "loket-diskominfo", text="Rekening 1209011203800001 salah", digits="ya")
    assert answer.status_code == 201


async def test_each_unit_keeps_its_own_counter(office: Office) -> None:
    async with await signed_in(office.hub, f"petugas-{HEALTH}") as stranger:
        assert "belum punya akun" in text_of(await stranger.get("/desk/masukkan"))
        token = token_of(await stranger.get("/desk/akun"))
        answer = await stranger.post("/desk/masukkan", token, akun="loket-diskominfo", text=ROAD)
        assert answer.status_code == 403
    async with await signed_in(office.hub, "petugas-rsud-ham") as nurse:
        page = await nurse.get("/desk/masukkan")
        assert "loket-rsud-ham" in page
        assert "loket-diskominfo" not in page
    async with await signed_in(office.hub, "auditor-inspektorat") as auditor:
        await auditor.get("/desk/masukkan", 403)
        await auditor.get("/desk/serahan", 403)


async def test_another_units_answer_is_not_brought(office: Office) -> None:
    async with await signed_in(office.hub, CLERK) as clerk:
        found, _secret = await entered(office, clerk, "loket-diskominfo", name="Warga Lain")
    await answered(office, UNIT, found["case_id"], "Sudah kami catat.")
    (waiting,) = await held(office, found["case_id"])
    address = f"/desk/serahan/{waiting['delivery_id']}"
    async with await signed_in(office.hub, f"petugas-{HEALTH}") as stranger:
        await stranger.get(address, 403)
        await stranger.get(f"{address}/surat", 403)
        answer = await stranger.post(address, token_of(await stranger.get("/desk/akun")), how="told")
        assert answer.status_code == 403
        assert address not in await stranger.get("/desk/serahan")
    path = f"deliveries/{waiting['delivery_id']}/resolve"
    refused = await office.post(UNIT, path, {"outcome": "again"}, 409)
    assert refused["code"] == "by_hand"
    refused = await office.post(UNIT, path, {"outcome": "sent"}, 422)
    assert refused["fields"] == ["how"]
    yesterday = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    refused = await office.post(UNIT, path, {"outcome": "sent", "how": "told", "at": yesterday}, 422)
    assert refused["fields"] == ["at"]
    done = await office.post(UNIT, path, {"outcome": "sent", "how": "told"})
    assert done["delivery"]["state"] == "sent"
