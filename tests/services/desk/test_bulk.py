"""One act on many cases: foreseen for each, done for each, told for each, and taken back."""

import re
from typing import Any

import httpx
import pytest

from tests.services.desk.office import HEALTH, PUPR, Office
from tests.services.desk.visitor import Visitor, signed_in, token_of
from tests.services.portal.citizen import text_of

pytestmark = pytest.mark.asyncio(loop_scope="package")

OFFICER, MAIN = f"petugas-{PUPR}", "ppid-utama"


def hidden(page: str, name: str) -> list[str]:
    """The values of a form's hidden fields of one name."""
    return re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)


async def foreseen(visitor: Visitor, slug: str, *cases: str) -> str:
    """The page that says what will happen."""
    asked = "&".join([f"tindakan={slug}", *(f"perkara={case}" for case in cases)])
    return await visitor.get(f"/desk/massal?{asked}")


async def send(visitor: Visitor, page: str, status: int = 200, address: str = "/desk/massal", **words: str) -> str:
    """Send the form of a page of this kind."""
    data: dict[str, Any] = {
        name: hidden(page, name) for name in ("tindakan", "perkara", "once", "balik", "jejak") if hidden(page, name)
    }
    answer: httpx.Response = await visitor.client.post(address, data={"token": token_of(page), **data, **words})
    assert answer.status_code == status, text_of(answer.text)
    return answer.text


async def traces(office: Office, case: str, kind: str) -> list[str]:
    """The trace ids of the events of one type."""
    log = await office.get("auditor-inspektorat", "audit/log", case=case, limit=500)
    events = [item["event"] for item in log["events"]]
    return [event["traceparent"].split("-")[1] for event in events if event["type"] == f"id.corong.{kind}.v1"]


async def test_some_are_claimed_together_and_handed_back(office: Office) -> None:
    cases = [await office.case(sender=f"warga-massal-{number}") for number in range(3)]
    closed, others = cases[2], cases[:2]
    await office.post(OFFICER, f"cases/{closed}/close", {"outcome": "spam"})
    async with await signed_in(office.hub, OFFICER) as visitor:
        page = await foreseen(visitor, "ambil", *cases)
        assert sorted(hidden(page, "perkara")) == sorted(others)
        told = text_of(page)
        assert "Akan dikerjakan: 2 perkara" in told
        assert "Tidak dapat: 1 perkara" in told
        assert "Keadaannya (Selesai)" in told
        nothing = await foreseen(visitor, "ambil", closed)
        assert hidden(nothing, "perkara") == []
        assert re.search(r'<a class="button" href="/desk">Pilih lagi di antrean</a>', nothing)
        result = await send(visitor, page)
        assert "Tercatat: 2 perkara." in text_of(result)
        for case in others:
            assert (await office.get(OFFICER, f"cases/{case}"))["holder"]["id"] == OFFICER
        again = await send(visitor, page)
        assert "Tercatat: 2 perkara." in text_of(again)
        assert sorted(one.split(":")[0] for one in hidden(result, "balik")) == sorted(others)
        undone = await send(visitor, result, address="/desk/massal/urungkan")
        assert "Diurungkan: 2 perkara." in text_of(undone)
        assert hidden(undone, "balik") == []
    await office.hub.settled()
    claimed = [await traces(office, case, "case.claimed") for case in others]
    released = [await traces(office, case, "case.released") for case in others]
    assert [len(found) for found in claimed] == [1, 1], "sent twice is done once"
    assert len({trace for found in (*claimed, *released) for trace in found}) == 1
    for case in others:
        assert (await office.get(OFFICER, f"cases/{case}"))["holder"] is None


async def test_what_is_refused_for_one_hinders_none_of_the_others(office: Office) -> None:
    mine, lost = [await office.case(sender=f"warga-sebagian-{number}") for number in range(2)]
    async with await signed_in(office.hub, OFFICER) as visitor:
        page = await foreseen(visitor, "ambil", mine, lost)
        assert len(hidden(page, "perkara")) == 2
        await office.post(MAIN, f"cases/{lost}/claim")  # between the page and its form
        told = text_of(await send(visitor, page))
    assert "Tercatat: 1 perkara." in told
    assert "Tidak jadi: 1 perkara" in told
    assert (await office.get(OFFICER, f"cases/{mine}"))["holder"]["id"] == OFFICER


async def test_priority_unit_and_closing_come_back_as_they_were(office: Office) -> None:
    first, second = [await office.case(sender=f"warga-balik-{number}") for number in range(2)]
    await office.post(MAIN, f"cases/{first}/priority", {"priority": "low"})
    before = {case: (await office.get(MAIN, f"cases/{case}"))["priority"] for case in (first, second)}
    async with await signed_in(office.hub, MAIN) as visitor:
        result = await send(visitor, await foreseen(visitor, "prioritas", first, second), priority="urgent")
        for case in (first, second):
            assert (await office.get(MAIN, f"cases/{case}"))["priority"] == "urgent"
        await send(visitor, result, address="/desk/massal/urungkan")
        for case, priority in before.items():
            assert (await office.get(MAIN, f"cases/{case}"))["priority"] == priority

        page = await foreseen(visitor, "disposisi", first, second)
        missing = await send(visitor, page, 422, unit=HEALTH)
        assert "Isi disposisi" in text_of(missing)
        result = await send(visitor, page, unit=HEALTH, instruction="Mohon ditangani bersama.")
        for case in (first, second):
            assert (await office.get(MAIN, f"cases/{case}"))["unit"]["id"] == HEALTH
        await send(visitor, result, address="/desk/massal/urungkan")
        for case in (first, second):
            assert (await office.get(MAIN, f"cases/{case}"))["unit"]["id"] == PUPR

        result = await send(visitor, await foreseen(visitor, "tutup-tanpa-jawaban", first, second), outcome="duplicate")
        assert len(hidden(result, "balik")) == 2
        await send(visitor, result, address="/desk/massal/urungkan")
        for case in (first, second):
            assert (await office.get(MAIN, f"cases/{case}"))["state"] == "open"

        page = await foreseen(visitor, "catatan", first, second)
        assert "tidak dapat diurungkan" in text_of(page)
        assert hidden(await send(visitor, page, note="Satu kejadian."), "balik") == []


async def test_nothing_of_another_unit_is_touched_or_shown(office: Office) -> None:
    case = await office.case("Jalan rahasia di Kisaran rusak, mohon diperbaiki.", sender="warga-tertutup")
    async with await signed_in(office.hub, f"petugas-{HEALTH}") as stranger:
        page = await foreseen(stranger, "catatan", case)
        assert "rahasia" not in page
        assert "Tidak ada perkara yang dipilih" in text_of(page)
        token = token_of(await stranger.get("/desk/akun"))
        answer = await stranger.post("/desk/massal", token, tindakan="catatan", perkara=case, note="Menyelinap.")
        assert answer.status_code == 200
        assert "Tidak ada yang dikerjakan" in text_of(answer.text)
        answer = await stranger.post(
            "/desk/massal/urungkan", token, tindakan="catatan", balik=f"{case}:", jejak="0" * 32
        )
        assert answer.status_code == 422
        await stranger.get("/desk/massal?tindakan=putuskan", 404)
    assert not [step for step in (await office.get(MAIN, f"cases/{case}"))["thread"] if step["kind"] == "case.noted"]
    async with await signed_in(office.hub, "atasan-ppid") as superior:
        assert 'form="bulk"' not in await superior.get("/desk")
