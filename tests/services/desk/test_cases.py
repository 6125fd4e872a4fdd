"""A case as an officer reads it: the thread opened, files, reasons in words, what was erased."""

import asyncio
import base64
from datetime import datetime
from uuid import uuid4

import pytest
from sqlalchemy import text

from corong.runtime.clock import stamp
from corong.runtime.key_erasure import Doomed, KeyEraser
from tests.services.desk.office import HEALTH, PUPR, ROAD, Office

pytestmark = pytest.mark.asyncio(loop_scope="package")

UNIT, OPERATOR, MAIN, SUPERIOR = f"petugas-{PUPR}", f"operator-{PUPR}", "ppid-utama", "atasan-ppid"
PHOTO = bytes(range(256)) * 8


def files(*named: tuple[str, str, bytes]) -> list[dict[str, str]]:
    return [
        {"name": name, "media_type": kind, "content": base64.b64encode(content).decode()}
        for name, kind, content in named
    ]


async def test_the_thread_is_opened_for_the_reader(office: Office) -> None:
    receipt = await office.write(sender="warga-utas", subject="Jalan rusak")
    case = receipt["case_id"]
    await office.post(UNIT, f"cases/{case}/claim")
    await office.post(UNIT, f"cases/{case}/note", {"note": "Cek anggaran dulu."})
    await office.post(UNIT, f"cases/{case}/answer", {"text": "Kami tangani."})
    shown = await office.get(SUPERIOR, f"cases/{case}")
    assert [(step["kind"], step["text"]) for step in shown["thread"]] == [
        ("message.received", ROAD),
        ("case.routed", None),
        ("case.claimed", None),
        ("case.noted", "Cek anggaran dulu."),
        ("case.answered", "Kami tangani."),
        ("clock.met", None),
        ("clock.met", None),
        ("clock.met", None),
    ]
    message, *_, answer, _, _, _ = shown["thread"]
    assert (message["subject"], message["sender"]) == (
        "Jalan rusak", {"address": "warga-utas", "name": "Warga Contoh"},
    )  # fmt: skip
    assert (answer["actor"], answer["officer"]["id"]) == (f"officer:{UNIT}", UNIT)
    assert (shown["registration"], shown["unit"]["id"], shown["channel"]) == (receipt["registration"], PUPR, "papan")
    assert (shown["state"], shown["unanswered"], shown["messages"]) == ("answered", False, 1)
    assert shown["actions"] == ["case.read", "case.approve", "case.dispute"]
    assert "case.close" in (await office.get(UNIT, f"cases/{case}"))["actions"]
    assert len(office.hub.rows("desk", "SELECT 1 FROM entry WHERE sealed LIKE :words", words="%anggaran%")) == 0


async def test_a_case_is_found_by_its_number_in_every_writing(office: Office) -> None:
    receipt = await office.write(sender="warga-nomor")
    number = receipt["registration"]
    book, year, sequence = number.split("/")
    writings = (number, number.replace("/", "%2F"), number.replace("/", "-"), number.lower(),
                f"{book}-{year}-{int(sequence)}", receipt["case_id"], receipt["case_id"].upper())  # fmt: skip
    for writing in writings:
        assert (await office.get(UNIT, f"cases/{writing}"))["case_id"] == receipt["case_id"], writing
    done = await office.post(UNIT, f"cases/{number}/note", {"note": "Lewat nomor."})
    assert done["case"]["case_id"] == receipt["case_id"]


async def test_reasons_are_sentences_in_the_readers_language(office: Office) -> None:
    case = await office.case(sender="warga-alasan")
    indonesian = (await office.get(UNIT, f"cases/{case}", language="id"))["reasons"]
    english = (await office.get(UNIT, f"cases/{case}", language="en"))["reasons"]
    assert len(indonesian) == len(english) > 0
    assert any("pesan menyebut “jalan" in reason for reason in indonesian)
    assert any("the message speaks of “jalan" in reason for reason in english)


async def test_a_file_comes_back_as_it_was_sent_and_is_only_saved(office: Office) -> None:
    named = (("foto jalan é.png", "image/png", PHOTO), ('a"\r\nX-Evil: 1/../b.html', "text/html\r\nX-Evil: 1", b"<b>"))
    receipt = await office.write(sender="warga-foto", attachments=files(*named))
    shown = await office.get(UNIT, f"cases/{receipt['case_id']}")
    photo, page = shown["thread"][0]["attachments"]
    assert (photo["name"], photo["media_type"], photo["size"]) == ("foto jalan é.png", "image/png", len(PHOTO))
    got = await office.client(UNIT).get(photo["url"])
    assert (got.status_code, got.content, got.headers["content-type"]) == (200, PHOTO, "image/png")
    assert got.headers["content-disposition"] == (
        "attachment; filename=\"lampiran\"; filename*=UTF-8''foto%20jalan%20%C3%A9.png"
    )
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["cache-control"] == "no-store"
    assert got.headers["content-security-policy"] == "default-src 'none'; sandbox"
    evil = await office.client(UNIT).get(page["url"])
    assert (evil.content, evil.headers["content-type"]) == (b"<b>", "application/octet-stream")
    assert "x-evil" not in evil.headers
    assert evil.headers["content-disposition"].startswith("attachment; ")
    by_number = receipt["registration"]
    same = await office.client(UNIT).get(f"/api/v1/cases/{by_number}/attachments/{photo['digest']}")
    assert same.content == PHOTO
    other = await office.case(sender="warga-lain")
    missing = await office.client(UNIT).get(f"/api/v1/cases/{other}/attachments/{photo['digest']}")
    assert (missing.status_code, missing.json()["code"]) == (404, "no_such_file")


async def test_what_was_erased_is_shown_as_erased(office: Office) -> None:
    receipt = await office.write(sender="warga-terhapus", attachments=files(("a.txt", "text/plain", b"a")))
    case = receipt["case_id"]
    await office.post(UNIT, f"cases/{case}/note", {"note": "Tentang orang ini."})
    before = await office.get(UNIT, f"cases/{case}")
    person = office.hub.rows("desk", "SELECT person FROM registered WHERE case_id = :case", case=case)[0]["person"]
    installation = office.hub.hub.installation
    eraser = KeyEraser(installation.key_database, installation.clock)
    doomed = Doomed(str(uuid4()), person, tuple(eraser.keys_of(person)), stamp(installation.clock()), "UU 27/2022", "1")
    eraser.destroy([doomed], 0)
    installation.keys.look()  # it looks every second by itself
    after = await office.get(UNIT, f"cases/{case}")
    steps = {step["kind"]: step for step in after["thread"]}
    for kind in ("message.received", "case.noted"):
        assert steps[kind]["erased"]
        assert steps[kind]["erased"]["legal_basis"] == "UU 27/2022"
        assert (steps[kind]["text"], steps[kind]["sender"]) == (None, None)
    assert [step["kind"] for step in after["thread"]] == [step["kind"] for step in before["thread"]]
    assert not steps["case.routed"]["erased"]
    gone = await office.client(UNIT).get(before["thread"][0]["attachments"][0]["url"])
    assert (gone.status_code, gone.json()["code"]) == (410, "erased")


async def test_what_does_not_open_is_told_and_hides_nothing_else(office: Office) -> None:
    case = await office.case(sender="warga-segel")
    await office.post(UNIT, f"cases/{case}/note", {"note": "Masih terbaca."})
    where = {"case": case, "other": await office.case(sender="warga-segel-2")}

    def swap() -> None:
        with office.hub.service("desk").database.write() as connection:
            # Another message's seal: it was made for another event, so it must not open as this one's.
            connection.execute(
                text(
                    "UPDATE entry SET sealed = (SELECT replace(o.sealed, o.event_id, entry.event_id) FROM entry o "
                    "WHERE o.case_id = :other AND o.kind = 'message.received') "
                    "WHERE case_id = :case AND kind = 'message.received'"
                ),
                where,
            )

    # In a thread: the desk itself may be in the middle of a commit, and needs the loop to come to its end.
    await asyncio.to_thread(swap)
    shown = await office.get(UNIT, f"cases/{case}")
    assert (shown["thread"][0]["unreadable"], shown["thread"][0]["text"]) == (True, None)
    assert shown["thread"][-1]["text"] == "Masih terbaca."


async def test_another_persons_message_in_the_thread_points_to_the_case(office: Office) -> None:
    first = await office.write(sender="warga-asli")
    forged = await office.write("Saya juga mengalami jalan rusak.", "orang-lain", thread=[first["key"]])
    assert forged["case_id"] != first["case_id"]
    shown = await office.get(UNIT, f"cases/{forged['case_id']}")
    assert shown["related_case"]["case_id"] == first["case_id"]
    assert shown["other_cases"] == []
    await office.post(MAIN, f"cases/{first['case_id']}/assign", {"unit": HEALTH, "instruction": "Milik dinas lain."})
    assert (await office.get(UNIT, f"cases/{forged['case_id']}"))["related_case"] is None


async def test_the_queues_count_what_waits(office: Office) -> None:
    async def numbers() -> dict[str, int]:
        line: dict[str, int] = (await office.get(UNIT, "queues"))["queues"][0]
        return {name: value for name, value in line.items() if name != "unit"}

    def more(after: dict[str, int], before: dict[str, int]) -> dict[str, int]:
        return {name: after[name] - before[name] for name in after if after[name] != before[name]}

    before = await numbers()
    case = await office.case(sender="warga-hitung")
    assert more(await numbers(), before) == {"open": 1, "unanswered": 1}
    await office.post(UNIT, f"cases/{case}/priority", {"priority": "urgent"})
    await office.post(UNIT, f"cases/{case}/claim")
    assert more(await numbers(), before) == {"open": 1, "unanswered": 1, "urgent": 1, "held": 1}
    await office.post(UNIT, f"cases/{case}/answer", {"text": "Baik."})
    assert more(await numbers(), before) == {"answered": 1, "urgent": 1, "held": 1}
    await office.post(UNIT, f"cases/{case}/close", {"outcome": "answered"})
    assert more(await numbers(), before) == {"closed": 1}
    closed = await office.get(UNIT, "queue", state="closed", limit=200)
    assert case in [item["case_id"] for item in closed["cases"]]
    default = await office.get(UNIT, "queue", limit=200)
    assert case not in [item["case_id"] for item in default["cases"]]


async def test_a_queue_is_filtered_by_kind(office: Office) -> None:
    receipt = await office.write(sender="warga-jenis", kind="information_request")
    page = await office.get(MAIN, "queue", kind="information_request", limit=200)
    assert receipt["case_id"] in [item["case_id"] for item in page["cases"]]
    assert {item["kind"] for item in page["cases"]} == {"information_request"}
    # An operator answers for the account, and does not decide on requests for information (UU 14/2008).
    if (unit := page["cases"][0]["unit"]["id"]) != PUPR:
        await office.post(MAIN, f"cases/{receipt['case_id']}/assign", {"unit": PUPR, "instruction": f"Dari {unit}."})
    refused = await office.post(
        OPERATOR, f"cases/{receipt['case_id']}/close", {"outcome": "no_answer_needed"}, status=403
    )
    assert refused["code"] == "information_officer_only"


async def test_the_office_is_late_when_the_first_of_its_clocks_ran_out(office: Office) -> None:
    case = (await office.write(sender="warga-tenggat", subject="Jalan rusak"))["case_id"]
    path = f"cases/{case}"
    life = await office.get(UNIT, f"{path}/life")
    due = {clock["rule"]: datetime.fromisoformat(clock["due"]) for clock in life["clocks"]}
    assert due["lapor_plan"] < due["complaint_without_oversight"]

    async def late_at() -> datetime | None:
        told = (await office.get(UNIT, path))["due_at"]
        return datetime.fromisoformat(told) if told else None

    assert await late_at() == due["lapor_plan"]
    await office.post(UNIT, f"{path}/claim")
    await office.post(UNIT, f"{path}/plan", {"text": "Petugas memeriksa jalan itu Senin depan."})
    assert await late_at() == due["complaint_without_oversight"]
    await office.post(UNIT, f"{path}/answer", {"text": "Kami tangani."})
    assert await late_at() is None
