"""A case's life over HTTP, in a whole hub: decisions, silence, splitting; what reaches the citizen, and where."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.services.desk.office import PUPR, Office, open_office

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNIT, MAIN, SUPERIOR = f"petugas-{PUPR}", "ppid-utama", "atasan-ppid"
ASKED = "Permohonan informasi: mohon salinan DPA Dinas PUPR tentang jalan tahun 2025."
TEST = {"number": "UK/1/2026", "held_on": "2026-03-20", "exempt_until": "2099-03-20"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with open_office(tmp_path_factory.mktemp("life")) as opened:
        yield opened


async def request_of(office: Office, sender: str) -> dict[str, Any]:
    """A request for information in PUPR's queue; the receipt."""
    receipt = await office.write(ASKED, sender)
    shown = await office.get(MAIN, f"cases/{receipt['case_id']}")
    assert shown["kind"] == "information_request"
    if shown["unit"]["id"] != PUPR:
        body = {"unit": PUPR, "instruction": "Mohon dijawab."}
        await office.post(MAIN, f"cases/{receipt['case_id']}/assign", body)
    return receipt


async def reaches(office: Office, words: str) -> str:
    """Wait until a text with these words went out; the text."""
    found = await office.hub.until(lambda: [text for text in office.network.texts() if words in text])
    return str(found[0])


async def test_a_refusal_goes_out_when_the_superior_has_approved_what_was_read(office: Office) -> None:
    case = (await request_of(office, "warga-tolak"))["case_id"]
    await office.post(UNIT, f"cases/{case}/claim")
    body = {
        "outcome": "partly_granted", "finding": {"grounds": ["h"], "test": TEST}, "redactions": ["kolom NIK"],
        "weighing": "Rahasia pribadi.", "text": "Salinan terlampir, kecuali kolom NIK.",
    }  # fmt: skip
    await office.post(UNIT, f"cases/{case}/refuse", body)
    (proposed,) = (await office.get(SUPERIOR, f"cases/{case}"))["decisions"]
    assert (proposed["state"], proposed["text"], proposed["weighing"], proposed["redactions"]) == (
        "proposed", "Salinan terlampir, kecuali kolom NIK.", "Rahasia pribadi.", ["kolom NIK"],
    )  # fmt: skip
    wrong = await office.post(SUPERIOR, f"cases/{case}/approve", {"text_hash": "hmac-x"}, status=409)
    assert wrong["code"] == "other_text"
    assert not [text for text in office.network.texts() if "kolom NIK" in text]
    done = await office.post(SUPERIOR, f"cases/{case}/approve", {"text_hash": proposed["text_hash"]})
    assert (done["case"]["life"], done["case"]["state"]) == ("decided", "answered")
    told = await reaches(office, "kolom NIK")
    assert told.startswith("Pemberitahuan atas permohonan ")
    assert "dikabulkan sebagian.\n\nSalinan terlampir, kecuali kolom NIK." in told
    shown = await office.get(UNIT, f"cases/{case}")
    assert [(one["state"], one["approved_by"]["id"]) for one in shown["decisions"]] == [("given", SUPERIOR)]


async def test_what_may_be_done_and_how_the_deadline_was_counted(office: Office) -> None:
    case = (await request_of(office, "warga-tenggat"))["case_id"]
    life = await office.get(UNIT, f"cases/{case}/life")
    assert (life["state"], life["told"]) == ("registered", "registered")
    assert {"claim", "extend", "assign", "withdraw"} <= {act["act"] for act in life["acts"]}
    clock = next(one for one in life["clocks"] if one["rule"] == "request_notice")
    assert (clock["state"], clock["basis"]) == ("running", "UU 14/2008 Pasal 22 ayat (7)")
    assert [day["number"] for day in clock["days"]][-1] == 10
    assert clock["days"][-1]["date"] == clock["last_day"]
    assert clock["counts_the_same"]
    indonesian = await office.get(UNIT, f"cases/{case}/life", language="id")
    assert indonesian["told"] == "terdaftar"
    done = await office.post(UNIT, f"cases/{case}/extend", {"reasons": "Arsip di kecamatan."})
    assert [fact["type"] for fact in done["events"]][:2] == ["id.corong.case.extended.v1", "id.corong.clock.moved.v1"]
    assert "Arsip di kecamatan." in await reaches(office, "perpanjang")
    again = await office.post(UNIT, f"cases/{case}/extend", {"reasons": "Lagi."}, status=409)
    assert again["code"] == "extended_already"
    assert "claim" in again["allowed"]
    stranger = await office.get("petugas-dinas-kesehatan", f"cases/{case}/life", status=403)
    assert stranger["code"] == "other_unit"


async def test_a_message_split_off_becomes_a_case_of_its_own_in_the_same_conversation(office: Office) -> None:
    first = await office.write(sender="warga-pisah")
    case = first["case_id"]
    later = await office.write("Dan lampu jalannya mati.", "warga-pisah", thread=[first["key"]])
    assert later["case_id"] == case
    body = {"message_id": later["message_id"], "kind": "complaint", "reason": "Perkara lain."}
    done = await office.post(UNIT, f"cases/{case}/split", body)
    assert [fact["type"] for fact in done["events"]] == ["id.corong.case.split.v1"]
    told = await reaches(office, "perkara tersendiri")
    await office.hub.settled()
    (row,) = office.hub.rows("desk", "SELECT * FROM moved WHERE from_case = :case", case=case)
    new_id = row["case_id"]
    new = await office.get(UNIT, f"cases/{new_id}")
    assert new["registration"] in told
    assert (new["kind"], new["unit"]["id"], new["due_at"] is not None) == ("complaint", PUPR, True)
    assert [step["text"] for step in new["thread"] if step["kind"] == "message.received"] == [
        "Dan lampu jalannya mati."
    ]
    old = await office.get(UNIT, f"cases/{case}")
    assert [step["text"] for step in old["thread"] if step["kind"] == "message.received"] == [
        "Jalan di depan pasar Kisaran rusak parah, mohon diperbaiki."
    ]
    # An answer to the new case answers that message, in the conversation of both.
    await office.post(UNIT, f"cases/{new_id}/claim")
    await office.post(UNIT, f"cases/{new_id}/answer", {"text": "Lampu diganti besok.", "close": True})
    await reaches(office, "Lampu diganti besok.")
    await office.hub.settled()
    # It is the new case's own answer: on its receipt, and not on that of the case which the message came from.
    either = "SELECT case_id FROM answer WHERE case_id IN (:old, :new)"
    answers = office.hub.rows("portal", either, old=case, new=new_id)
    assert {answer["case_id"] for answer in answers} == {new_id}
    # What the citizen writes next belongs to the case that is still open.
    next_one = await office.write("Terima kasih. Jalannya kapan?", "warga-pisah", thread=[later["key"]])
    assert next_one["case_id"] == case


async def test_a_moved_message_is_read_in_the_other_case_and_every_answer_stays_in_its_own_conversation(
    office: Office,
) -> None:
    one, two = await office.write(sender="warga-pindah"), await office.write("Lampu mati.", "warga-pindah")
    later = await office.write("Lampunya di simpang.", "warga-pindah", thread=[one["key"]])
    here, there = one["case_id"], two["case_id"]
    assert (later["case_id"], here != there) == (here, True)
    body = {"message_id": later["message_id"], "into": two["registration"], "reason": "Tentang lampu."}
    done = await office.post(MAIN, f"cases/{here}/move-message", body)
    assert [fact["type"] for fact in done["events"]] == [
        "id.corong.case.message_moved.v1", "id.corong.case.notified.v1",
    ]  # fmt: skip
    await reaches(office, two["registration"])
    await office.hub.settled()
    assert await texts(office, here) == ["Jalan di depan pasar Kisaran rusak parah, mohon diperbaiki."]
    assert await texts(office, there) == ["Lampu mati.", "Lampunya di simpang."]
    counted = [(await office.get(MAIN, f"cases/{case}"))["messages"] for case in (here, there)]
    assert counted == [1, 2]
    for case, words in ((there, "Lampu diganti besok."), (here, "Jalan diperbaiki besok.")):
        await office.post(MAIN, f"cases/{case}/claim")
        await office.post(MAIN, f"cases/{case}/answer", {"text": words})
        await reaches(office, words)
    await office.hub.settled()
    answers = office.hub.rows(
        "publishing",
        "SELECT p.case_id, p.message_id, d.conversation_id, a.conversation_id AS own FROM publication p"
        " JOIN delivery d ON d.publication_id = p.publication_id JOIN arrival a ON a.message_id = :first"
        " WHERE p.case_id = :case AND p.author LIKE 'officer:%' ORDER BY d.place DESC",
        first=two["message_id"], case=there,
    )  # fmt: skip
    assert answers[0]["conversation_id"] == answers[0]["own"]
    assert answers[0]["message_id"] == two["message_id"], "not the one that was written elsewhere"
    back = body | {"into": here}
    await office.post(MAIN, f"cases/{there}/move-message", back)
    await office.hub.settled()
    assert await texts(office, there) == ["Lampu mati."]
    assert (await texts(office, here))[1:] == ["Lampunya di simpang."]
    assert office.hub.rows("portal", "SELECT 1 FROM moved WHERE message_id = :id", id=later["message_id"]) == []


async def texts(office: Office, case: str) -> list[str]:
    """What the citizen wrote in the case, as an officer reads it."""
    shown = await office.get(MAIN, f"cases/{case}")
    return [step["text"] for step in shown["thread"] if step["kind"] == "message.received"]


async def test_an_answer_that_is_too_long_for_the_network_is_told_in_short_and_kept_whole(office: Office) -> None:
    receipt = await office.write(sender="warga-panjang")
    path = f"cases/{receipt['case_id']}"
    await office.post(UNIT, f"{path}/claim")
    words = "Jalan itu kami perbaiki, ruas demi ruas. " * 20
    await office.post(UNIT, f"{path}/answer", {"text": words})
    told = await reaches(office, "Jawaban untuk perkara Anda")
    assert f"{receipt['registration']}. Baca seluruhnya di " in told
    assert len(told) <= 500
    await office.hub.settled()
    shown = await office.get(UNIT, path)
    assert [step["text"] for step in shown["thread"] if step["kind"] == "case.answered"] == [words]
    (kept,) = office.hub.rows(
        "portal", "SELECT a.sealed FROM answer a WHERE a.case_id = :case", case=receipt["case_id"]
    )  # fmt: skip
    assert len(kept["sealed"]) > len(words), "the page of the receipt shows the whole"


async def test_when_a_clock_runs_out_the_citizen_is_told_what_opened(office: Office) -> None:
    case = (await request_of(office, "warga-sunyi"))["case_id"]
    office.clock.forward(days=60)
    told = await reaches(office, "Tenggat kami untuk perkara")
    assert "mengajukan keberatan sampai" in told
    assert len(told) <= 500, "what this network takes; the whole is on the page of the receipt"
    assert "/cek" in told
    await office.hub.settled()
    shown = await office.get(MAIN, f"cases/{case}")
    assert shown["late"]
    kinds = [step["kind"] for step in shown["thread"]]
    assert [kind for kind in kinds if kind in ("clock.ran_out", "clock.escalated")][-2:] == [
        "clock.ran_out",
        "clock.escalated",
    ]
    life = await office.get(MAIN, f"cases/{case}/life")
    assert {clock["rule"]: clock["state"] for clock in life["clocks"]}["objection_filing"] in ("running", "ran_out")
