"""Posts in the browser: written, seen as each account shows them, approved by another, published, told what to do."""

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from corong_contracts.channel import Permanent, Unknown
from tests.services.desk.office import HEALTH, PUPR, Office
from tests.services.desk.visitor import Visitor, signed_in, token_of
from tests.services.portal.citizen import text_of

pytestmark = pytest.mark.asyncio(loop_scope="package")

OFFICER, OPERATOR, MAIN = f"petugas-{PUPR}", "operator-dinas-pupr", "ppid-utama"
TEXT = "Jalan di depan pasar Kisaran ditutup Sabtu ini untuk perbaikan."


async def write(visitor: Visitor, status: int = 303, **words: Any) -> str:
    """Fill in the form and save; where it leads, or the page that comes back."""
    page = await visitor.get("/desk/unggahan/baru")
    data = {
        "token": token_of(page), "unit": PUPR, "label": "layanan", "text": TEXT, "accounts": ["papan"],
        "langkah": "simpan", **words,
    }  # fmt: skip
    answer = await visitor.client.post("/desk/unggahan/baru", data=data)
    assert answer.status_code == status, text_of(answer.text)
    return answer.headers["location"].partition("?")[0] if status == 303 else answer.text


async def do(visitor: Visitor, post: str, what: str, status: int = 303, **words: str) -> str:
    """Press a button of a post's page."""
    page = await visitor.get(post)
    hashes = re.findall(r'name="hash" value="([^"]+)"', page)
    more = {"hash": hashes[0]} if hashes else {}
    answer = await visitor.post(f"{post}/{what}", token_of(page), **{**more, **words})
    assert answer.status_code == status, text_of(answer.text)
    return answer.text


async def test_from_the_draft_to_the_network(office: Office) -> None:
    async with await signed_in(office.hub, OPERATOR) as operator, await signed_in(office.hub, OFFICER) as officer:
        seen = await write(operator, 200, langkah="pratinjau", **{"teks-papan": "Pasar Kisaran: jalan ditutup."})
        assert "29 dari 500" in text_of(seen)
        assert "Pasar Kisaran: jalan ditutup." in seen
        assert TEXT in seen, "what was written is still in the form"
        post = await write(operator)
        page = text_of(await operator.get(post))
        assert "Draf, belum disetujui" in page
        assert f"{len(TEXT)} dari 500" in page
        assert "Setujui teks ini" not in page, "an operator has no such right"
        await do(operator, post, "tayangkan", 409, langkah="sekarang")
        await do(officer, post, "setujui")
        assert "Disetujui, belum tayang" in text_of(await officer.get(post))
        await do(operator, post, "tayangkan", langkah="sekarang")
        identity = post.rpartition("/")[2]
        query = "SELECT 1 FROM delivery WHERE publication_id = :post AND state = 'sent'"
        await office.hub.until(lambda: office.hub.rows("desk", query, post=identity))
        page = await operator.get(post)
        assert "Sudah tayang" in text_of(page)
        assert f"https://papan.example/{office.network.sent[-1].delivery_id}" in page
        assert "Turunkan: hapus dari semua akun" not in text_of(page), "who may not approve may not take down"
        corrected = await operator.get(f"/desk/unggahan/baru?ralat={identity}")
        assert f"Ralat: {TEXT}" in corrected
        assert post in await officer.get("/desk/unggahan")
    assert office.network.texts()[-1] == TEXT


async def test_what_went_out_by_mistake_is_taken_down_where_the_channel_can(office: Office) -> None:
    async with await signed_in(office.hub, OPERATOR) as operator, await signed_in(office.hub, MAIN) as main:
        post = await write(operator, accounts=["papan", "feed"])
        identity = post.rpartition("/")[2]

        async def stand(*states: str) -> None:
            query = "SELECT state FROM delivery WHERE publication_id = :post ORDER BY account DESC"
            wanted = [(state,) for state in states]
            found = office.hub.rows
            await office.hub.until(
                lambda: [tuple(row.values()) for row in found("desk", query, post=identity)] == wanted
            )

        await do(main, post, "turunkan", 409, reason="Belum tayang.")
        await do(main, post, "setujui")
        await do(operator, post, "tayangkan", langkah="sekarang")
        await stand("sent", "sent")
        await office.hub.settled()
        async with Visitor(office.hub) as citizen:
            assert TEXT in await citizen.get(f"/unggahan/{identity}")
            refused = await operator.post(f"{post}/turunkan", token_of(await operator.get(post)), reason="Keliru.")
            assert refused.status_code == 403
            await do(main, post, "turunkan", 422, reason=" ")
            office.network.keeps = Permanent("forbidden")
            await do(main, post, "turunkan", reason="Jadwalnya keliru.")
            await stand("stays", "gone")
            page = text_of(await main.get(post))
            assert "Jejaring tidak menghapusnya." in page
            assert "forbidden" in page
            assert "Jadwalnya keliru." in page
            await office.hub.settled()
            await citizen.get(f"/unggahan/{identity}", 404)
            assert TEXT not in await citizen.get("/unggahan")
        office.network.keeps = None
        again = {"reason": "Sekali lagi."}
        done = await office.post(MAIN, f"posts/{identity}/take-down", again)
        assert [fact["type"] for fact in done["events"]] == ["id.corong.publication.taken_down.v1"]
        await stand("gone", "gone")
        (of_network,) = [one for one in done["post"]["deliveries"] if one["account"] == "papan"]
        assert office.network.deleted == [f"papan-{of_network['delivery_id']}"]
        assert (await office.post(MAIN, f"posts/{identity}/take-down", again, status=409))["code"] == "nothing_out"
        assert "Turunkan: hapus dari semua akun" not in text_of(await main.get(post))


async def test_another_text_needs_another_approval_by_somebody_else(office: Office) -> None:
    async with await signed_in(office.hub, OFFICER) as officer, await signed_in(office.hub, MAIN) as main:
        post = await write(officer)
        page = await officer.get(post)
        assert "teks ini tulisan Anda" in text_of(page)
        refused = await officer.post(f"{post}/setujui", token_of(page), hash="sha256-0")
        assert refused.status_code == 403
        assert "petugas lain yang menyetujuinya" in text_of(refused.text)
        old = re.findall(r'name="hash" value="([^"]+)"', await main.get(post))[0]
        form = await officer.get(f"{post}/ubah")
        changed = await officer.post(
            f"{post}/ubah", token_of(form), text=f"{TEXT} Lewat Jalan Contoh.", langkah="simpan"
        )
        assert changed.status_code == 303
        stale = await main.post(f"{post}/setujui", token_of(await main.get(post)), hash=old)
        assert stale.status_code == 409
        assert "Teks sudah berubah" in text_of(stale.text)
        await do(main, post, "setujui")
        form = await officer.get(f"{post}/ubah")
        await officer.post(f"{post}/ubah", token_of(form), text=TEXT, langkah="simpan")
        assert "Draf, belum disetujui" in text_of(await main.get(post)), "an edit voids the approval"
        await do(main, post, "tarik")
        page = text_of(await main.get(post))
        assert "Ditarik" in page
        assert "Tindakan" not in page


async def test_it_goes_out_at_its_time(office: Office) -> None:
    async with await signed_in(office.hub, OPERATOR) as operator, await signed_in(office.hub, OFFICER) as officer:
        post = await write(operator, label="seremonial")
        await do(officer, post, "setujui")
        await do(operator, post, "tayangkan", 422, langkah="jadwal", on="bukan tanggal", at="08:00")
        day = (datetime.now(ZoneInfo("Asia/Jakarta")) + timedelta(days=3)).date().isoformat()
        await do(operator, post, "tayangkan", langkah="jadwal", on=day, at="08:00")
        page = text_of(await operator.get(post))
        assert "Dijadwalkan" in page
        assert "08.00" in page
        assert post in await operator.get("/desk/unggahan?keadaan=scheduled")
        assert post not in await operator.get("/desk/unggahan?label=layanan")


async def test_what_is_wrong_is_told_and_nothing_is_lost(office: Office) -> None:
    async with await signed_in(office.hub, OPERATOR) as operator:
        for words, told in (
            ({"label": ""}, "Label"), ({"accounts": []}, "Akun"), ({"text": "x" * 501}, "terlalu panjang"),
            ({"accounts": ["web"]}, "tidak dapat menayangkan"), ({"unit": HEALTH}, "pada unitnya sendiri"),
        ):  # fmt: skip
            status = 403 if "unit" in words else 422
            page = await write(operator, status, title="Judul yang tetap ada", **words)
            assert told in text_of(page), words
            assert "Judul yang tetap ada" in page
        seen = await write(operator, 200, langkah="pratinjau", text="x" * 501)
        assert "501 dari 500: terlalu panjang" in text_of(seen)
        post = await write(operator)
    async with await signed_in(office.hub, f"petugas-{HEALTH}") as stranger:
        await stranger.get(post, 403)
        assert post not in await stranger.get("/desk/unggahan")


async def test_an_unknown_outcome_is_the_officers_to_say(office: Office) -> None:
    async with await signed_in(office.hub, OPERATOR) as operator, await signed_in(office.hub, OFFICER) as officer:
        post = await write(operator)
        await do(officer, post, "setujui")
        office.network.failing = Unknown("timeout")
        try:
            await do(operator, post, "tayangkan", langkah="sekarang")
            query = "SELECT delivery_id FROM delivery WHERE publication_id = :post AND state = 'held'"
            identity = post.rpartition("/")[2]
            await office.hub.until(lambda: office.hub.rows("desk", query, post=identity))
        finally:
            office.network.failing = None
        address = f"/desk/serahan/{office.hub.rows('desk', query, post=identity)[0]['delivery_id']}"
        page = await operator.get(post)
        assert "Tertahan" in text_of(page)
        assert address in page
        assert "1 akun bermasalah" in text_of(await operator.get("/desk/unggahan"))
        form = await operator.get(address)
        assert TEXT in form
        done = await operator.post(address, token_of(form), outcome="sent")
        assert done.status_code == 303
        assert "Sudah tayang" in text_of(await operator.get(post))
