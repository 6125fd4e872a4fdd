"""Officers at their queues: who may hold a case, what each step leaves in the log, and what never goes out."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.services.desk.office import HEALTH, PUPR, Office, open_office

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNIT, OPERATOR, MAIN, MAIN_2 = f"petugas-{PUPR}", f"operator-{PUPR}", "ppid-utama", "ppid-utama-2"
RACERS = (UNIT, OPERATOR, MAIN, MAIN_2)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with open_office(tmp_path_factory.mktemp("officers")) as opened:
        yield opened


async def test_of_officers_who_claim_one_case_at_once_exactly_one_has_it(office: Office) -> None:
    cases = await asyncio.gather(*(office.case(sender=f"warga-{number}") for number in range(20)))
    clients = [office.client(officer) for officer in RACERS]
    claims = await asyncio.gather(*(client.post(f"/api/v1/cases/{case}/claim") for case in cases for client in clients))
    for place, case in enumerate(cases):
        mine = claims[place * len(RACERS) : (place + 1) * len(RACERS)]
        assert sorted(answer.status_code for answer in mine) == [200, 409, 409, 409]
        winner = RACERS[[answer.status_code for answer in mine].index(200)]
        assert {answer.json()["code"] for answer in mine if answer.status_code == 409} == {"held_by_another"}
        shown = await office.get(UNIT, f"cases/{case}")
        assert shown["holder"]["id"] == winner
        claimed = [fact for fact in await office.facts(case) if fact[0] == "case.claimed"]
        assert claimed == [("case.claimed", f"officer:{winner}")]


async def test_a_case_handed_back_is_free_for_the_next(office: Office) -> None:
    case = await office.case()
    await office.post(UNIT, f"cases/{case}/claim")
    refused = await office.post(OPERATOR, f"cases/{case}/hand-back", status=409)
    assert refused["code"] == "not_held"
    free = await office.post(UNIT, f"cases/{case}/hand-back")
    assert free["case"]["holder"] is None
    held = await office.post(OPERATOR, f"cases/{case}/claim")
    assert held["case"]["holder"] == {"id": OPERATOR, "name": "Arif Peraga"}
    assert (await office.facts(case))[-3:] == [
        ("case.claimed", f"officer:{UNIT}"),
        ("case.released", f"officer:{UNIT}"),
        ("case.claimed", f"officer:{OPERATOR}"),
    ]


async def test_a_lease_that_ended_holds_nothing_before_and_after_it_is_written_down(office: Office) -> None:
    first, second = await office.case(), await office.case()
    for case in (first, second):
        await office.post(UNIT, f"cases/{case}/claim")
    mine = await office.get(UNIT, "queue", held="me", limit=200)
    assert {first, second} <= {case["case_id"] for case in mine["cases"]}
    office.clock.forward(minutes=31)
    assert (await office.get(UNIT, f"cases/{first}"))["holder"] is None
    assert (await office.get(UNIT, "queue", held="any"))["cases"] == []
    free = await office.get(UNIT, "queue", held="nobody", limit=200)
    assert {first, second} <= {case["case_id"] for case in free["cases"]}
    refused = await office.post(UNIT, f"cases/{first}/answer", {"text": "Terlambat."}, status=409)
    assert refused["code"] == "not_held"
    taken = await office.post(OPERATOR, f"cases/{first}/claim")
    assert taken["case"]["holder"]["id"] == OPERATOR
    steps = [fact for fact in await office.facts(first) if fact[0] in ("case.claimed", "case.released")]
    assert steps == [
        ("case.claimed", f"officer:{UNIT}"), ("case.released", "system"), ("case.claimed", f"officer:{OPERATOR}"),
    ]  # fmt: skip
    # Nobody asks for the other one: the service itself writes down that its lease ended.
    ended = "SELECT 1 FROM entry WHERE case_id = :case AND kind = 'case.released'"
    await office.hub.until(lambda: office.hub.rows("desk", ended, case=second))
    assert (await office.facts(second))[-1] == ("case.released", "system")


async def test_disposition_moves_the_case_with_its_instruction(office: Office) -> None:
    case = await office.case()
    await office.post(UNIT, f"cases/{case}/claim")
    body = {"unit": HEALTH, "to_officer": f"petugas-{HEALTH}", "instruction": "Mohon ditindaklanjuti bersama PUPR."}
    moved = await office.post(MAIN, f"cases/{case}/assign", body)
    assert (moved["case"]["unit"]["id"], moved["case"]["holder"]) == (HEALTH, None)
    shown = await office.get(f"petugas-{HEALTH}", f"cases/{case}")
    step = next(one for one in reversed(shown["thread"]) if one["kind"] == "case.assigned")  # its clocks may follow it
    assert (step["text"], step["officer"]["id"]) == (body["instruction"], MAIN)
    assert step["data"] == {"from_unit": PUPR, "unit": HEALTH, "to_officer": f"petugas-{HEALTH}"}
    assert (await office.get(UNIT, f"cases/{case}", status=403))["code"] == "other_unit"
    assert (await office.post(UNIT, f"cases/{case}/claim", status=403))["code"] == "other_unit"
    assert [by for kind, by in await office.facts(case) if kind == "case.assigned"] == [f"officer:{MAIN}"]
    unknown = await office.post(MAIN, f"cases/{case}/assign", {**body, "unit": "dinas-antariksa"}, status=422)
    assert (unknown["code"], unknown["fields"]) == ("unknown_unit", ["unit"])
    stranger = await office.post(MAIN, f"cases/{case}/assign", {**body, "unit": PUPR}, status=422)
    assert (stranger["code"], stranger["fields"]) == ("unknown_officer", ["to_officer"])


async def test_not_our_authority_goes_back_to_the_main_office_with_the_reason(office: Office) -> None:
    case = await office.case()
    done = await office.post(UNIT, f"cases/{case}/return", {"reason": "Ruas ini jalan nasional."})
    assert done["case"] is None, "the unit may not read it any more"
    shown = await office.get(MAIN, f"cases/{case}")
    reasons = [step["text"] for step in shown["thread"] if step["kind"] == "case.returned"]
    assert (shown["unit"]["id"], reasons) == ("diskominfo", ["Ruas ini jalan nasional."])
    again = await office.post(MAIN, f"cases/{case}/return", {"reason": "Bukan kami."}, status=409)
    assert again["code"] == "already_main"
    assert [by for kind, by in await office.facts(case) if kind == "case.returned"] == [f"officer:{UNIT}"]


async def test_a_queue_shows_the_urgent_first_and_then_the_oldest(office: Office) -> None:
    cases = [await office.case(sender=f"urut-{number}") for number in range(5)]
    for place, priority in ((3, "urgent"), (1, "high"), (4, "urgent"), (0, "low")):
        done = await office.post(OPERATOR, f"cases/{cases[place]}/priority", {"priority": priority})
        assert done["case"]["priority"] == priority
    shown: list[str] = []
    query: dict[str, Any] = {}
    while True:  # small pages: the order holds across them
        page = await office.get(UNIT, "queue", unit=PUPR, state="open", limit=2, **query)
        shown += [case["case_id"] for case in page["cases"]]
        if page["next"] is None:
            break
        query = {"cursor": page["next"]}
    assert len(shown) == len(set(shown))
    assert [case for case in shown if case in cases] == [cases[place] for place in (3, 4, 1, 2, 0)]
    urgent = await office.get(UNIT, "queue", priority="urgent")
    assert [case["case_id"] for case in urgent["cases"]] == [cases[3], cases[4]]
    same = await office.post(UNIT, f"cases/{cases[3]}/priority", {"priority": "urgent"})
    assert same["events"] == []


async def test_an_internal_note_never_leaves_the_house(office: Office) -> None:
    case = await office.case(sender="warga-catatan")
    note = "RAHASIA-7: pelapor sudah dua kali datang ke kantor."
    noted = await office.post(UNIT, f"cases/{case}/note", {"note": note})
    assert noted["case"]["holder"] is None, "a note needs no claim"
    await office.post(UNIT, f"cases/{case}/claim")
    await office.post(UNIT, f"cases/{case}/answer", {"text": "Tim kami turun besok."})
    await office.hub.until(lambda: "Tim kami turun besok." in office.network.texts())
    await office.hub.settled()
    assert not any("RAHASIA-7" in sent.text + sent.subject for sent in office.network.tried)
    sealer = office.hub.hub.installation.sealer
    for row in office.hub.rows("publishing", "SELECT sealed, text FROM publication"):
        assert "RAHASIA-7" not in (row["text"] or "") + (sealer.open_text(row["sealed"]) if row["sealed"] else "")
    shown = await office.get(UNIT, f"cases/{case}")
    assert [step["text"] for step in shown["thread"] if step["kind"] == "case.noted"] == [note]
    await office.post(UNIT, f"cases/{case}/close", {"outcome": "answered"})
    await office.post(UNIT, f"cases/{case}/note", {"note": "Catatan setelah ditutup."})


async def test_what_closing_asks_for(office: Office) -> None:
    case = await office.case(sender="warga-tutup")
    early = await office.post(UNIT, f"cases/{case}/close", {"outcome": "answered"}, status=409)
    assert early["code"] == "not_answered"
    unclaimed = await office.post(UNIT, f"cases/{case}/answer", {"text": "Sudah."}, status=409)
    assert unclaimed["code"] == "not_held"
    await office.post(OPERATOR, f"cases/{case}/claim")
    busy = await office.post(UNIT, f"cases/{case}/close", {"outcome": "no_answer_needed"}, status=409)
    assert busy["code"] == "held_by_another"
    done = await office.post(OPERATOR, f"cases/{case}/answer", {"text": "Sudah diperbaiki.", "close": True})
    # An answer meets the complaint's own time, and the one for a plan.
    types = [f"id.corong.{name}.v1" for name in ("case.answered", "case.closed", *("clock.met",) * 3)]
    assert [fact["type"] for fact in done["events"]] == types
    assert (done["case"]["state"], done["case"]["holder"]) == ("closed", None)
    for command, body in (("claim", None), ("answer", {"text": "Lagi."}), ("close", {"outcome": "spam"})):
        assert (await office.post(UNIT, f"cases/{case}/{command}", body, status=409))["code"] == "closed"
    spam = await office.case("Menang undian, klik tautan ini", sender="penipu")
    unit = (await office.get(MAIN, f"cases/{spam}"))["unit"]["id"]
    closed = await office.post(MAIN, f"cases/{spam}/close", {"outcome": "spam"})
    assert (closed["case"]["state"], closed["case"]["unit"]["id"]) == ("closed", unit)


async def test_a_command_repeated_with_its_key_is_done_once(office: Office) -> None:
    case = await office.case(sender="warga-ulang")
    first = await office.post(UNIT, f"cases/{case}/claim", key="klaim-1")
    again = await office.post(UNIT, f"cases/{case}/claim", key="klaim-1")
    assert (first["repeated"], again["repeated"]) == (False, True)
    assert again["events"] == first["events"]
    notes = [office.post(UNIT, f"cases/{case}/note", {"note": "Satu."}, key="catatan") for _ in range(6)]
    answers = await asyncio.gather(*notes)
    assert len({answer["events"][0]["id"] for answer in answers}) == 1
    assert sorted(answer["repeated"] for answer in answers) == [False, *[True] * 5]
    # The key belongs to officer, command and case: another's gets nothing of this one.
    other = await office.post(OPERATOR, f"cases/{case}/note", {"note": "Dua."}, key="catatan")
    assert not other["repeated"]
    kinds = [kind for kind, _ in await office.facts(case)]
    assert (kinds.count("case.claimed"), kinds.count("case.noted")) == (1, 2)


async def test_a_message_after_the_close_opens_a_new_case_in_the_same_conversation(office: Office) -> None:
    first = await office.write(sender="warga-lanjut")
    case = first["case_id"]
    await office.post(UNIT, f"cases/{case}/claim")
    await office.post(UNIT, f"cases/{case}/answer", {"text": "Baik."})
    follow_up = await office.write("Kapan?", "warga-lanjut", thread=[first["key"]])
    assert (follow_up["case_id"], follow_up["status"]) == (case, "follow_up")
    shown = await office.get(UNIT, f"cases/{case}")
    assert (shown["state"], shown["unanswered"], shown["messages"]) == ("answered", True, 2)
    await office.post(UNIT, f"cases/{case}/answer", {"text": "Pekan depan.", "close": True})
    await office.hub.settled()
    again = await office.write("Jalan di depan pasar rusak lagi.", "warga-lanjut", thread=[follow_up["key"]])
    assert again["status"] == "registered"
    assert again["case_id"] != case
    rows = office.hub.rows("routing", "SELECT case_id, conversation_id FROM registered")
    conversations = {row["case_id"]: row["conversation_id"] for row in rows}
    assert conversations[again["case_id"]] == conversations[case]
    newer = await office.get(MAIN, f"cases/{again['case_id']}")
    assert [other["case_id"] for other in newer["other_cases"]] == [case]
    assert newer["other_cases"][0]["state"] == "closed"
