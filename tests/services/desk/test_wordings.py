"""Words for answers: kept by the office, each change an edition in the log, put into an answer with the case's own."""

import html
import re

import pytest

from tests.services.desk.office import HEALTH, PUPR, Office
from tests.services.desk.visitor import Visitor, signed_in, token_of
from tests.services.portal.citizen import text_of

pytestmark = pytest.mark.asyncio(loop_scope="package")

OFFICER, MAIN, OPERATOR = f"petugas-{PUPR}", "ppid-utama", "operator-dinas-pupr"
WORDS = "Yth. {nama}, laporan {nomor} ditangani {unit} ({petugas})."


async def keep(visitor: Visitor, name: str, text: str = WORDS, status: int = 303, **words: str) -> str:
    """Write a new one; the page that comes back."""
    page = await visitor.get("/desk/templat-jawaban/baru")
    answer = await visitor.post("/desk/templat-jawaban/baru", token_of(page), title=name, text=text, **words)
    assert answer.status_code == status, text_of(answer.text)
    return answer.text


async def address_of(visitor: Visitor, name: str) -> str:
    """Where one is changed."""
    page = html.unescape(await visitor.get("/desk/templat-jawaban"))
    found = re.search(rf'href="(/desk/templat-jawaban/[0-9a-f-]+)">Ubah<span class="visually-hidden"> {name}<', page)
    assert found, "it can't be changed here"
    return found[1]


async def test_a_wording_goes_into_an_answer(office: Office) -> None:
    case = await office.case(sender="warga-templat")
    number = (await office.get(OFFICER, f"cases/{case}"))["registration"]
    async with await signed_in(office.hub, OFFICER) as officer:
        await keep(officer, "Sedang ditangani", unit=PUPR)
        assert (await officer.client.get(f"/desk/perkara/{case}/templat-jawaban")).status_code == 303, "not held yet"
        await office.post(OFFICER, f"cases/{case}/claim")
        assert f"/desk/perkara/{case}/templat-jawaban" in await officer.get(f"/desk/perkara/{case}")
        page = await officer.get(f"/desk/perkara/{case}/templat-jawaban")
        said = f"Yth. Warga Contoh, laporan {number} ditangani Dinas Pekerjaan Umum dan Penataan Ruang"
        assert said in text_of(page)
        chosen = re.findall(r'href="([^"]+\?pilih=[^"]+)"[^>]*>Pakai<span class="visually-hidden"> Sedang', page)[0]
        form = await officer.get(html.unescape(chosen))
        assert said in html.unescape(form)
        assert f'action="/desk/perkara/{case}/tindakan/jawab"' in form
        # Another edition, and none of it any more: what is offered changes, the log has each.
        address = await address_of(officer, "Sedang ditangani")
        page = await officer.get(address)
        changed = await officer.post(address, token_of(page), title="Sedang ditangani", text="Kami kerjakan, {nomor}.")
        assert changed.status_code == 303
        assert f"Kami kerjakan, {number}." in await officer.get(f"/desk/perkara/{case}/templat-jawaban")
        gone = await officer.post(
            address, token_of(page), title="Sedang ditangani", text="Kami kerjakan, {nomor}.", retired="ya"
        )
        assert gone.status_code == 303
        assert "Kami kerjakan" not in await officer.get(f"/desk/perkara/{case}/templat-jawaban")
    wording = address.rpartition("/")[2]
    assert await office.facts(wording) == [("wording.adopted", f"officer:{OFFICER}")] * 3


async def test_what_is_wrong_is_told_and_who_may_not_keeps_none(office: Office) -> None:
    async with await signed_in(office.hub, MAIN) as main:
        page = await keep(main, "Salah nama", "Halo {nama}, {nik}.", 422)
        assert "Tidak dikenal: {nik}" in text_of(page)
        assert "Halo {nama}" in page
        await keep(main, "Untuk semua", "Terima kasih, {nama}.")
        everybodys = await address_of(main, "Untuk semua")
    async with await signed_in(office.hub, f"petugas-{HEALTH}") as other:
        listed = await other.get("/desk/templat-jawaban")
        assert "Untuk semua" in listed
        assert "Sedang ditangani" not in listed
        page = await other.get(everybodys)
        refused = await other.post(everybodys, token_of(page), title="Untuk semua", text="Diubah.")
        assert refused.status_code == 403
        assert "pada unitnya sendiri" in text_of(refused.text)
        await keep(other, "Milik unit lain", status=403, unit=PUPR)
    async with await signed_in(office.hub, OPERATOR) as operator:
        assert "Untuk semua" in await operator.get("/desk/templat-jawaban")
        await operator.get("/desk/templat-jawaban/baru", 403)
