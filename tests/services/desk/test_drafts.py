"""What an officer types and does not send is kept: shown again, told where two windows differ, cleared when sent."""

import html
import re
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from corong.desk.context import Desk
from corong.desk.drafts.drafts import Drafts, Overtaken
from corong.desk.drafts.tables import draft as drafts
from tests.services.desk.office import PUPR, Office
from tests.services.desk.test_act_pages import act
from tests.services.desk.visitor import Visitor, signed_in, token_of

pytestmark = pytest.mark.asyncio(loop_scope="package")

OFFICER, MAIN = f"petugas-{PUPR}", "ppid-utama"


async def keep(visitor: Visitor, case: str, slug: str, version: int = 0, **words: str) -> httpx.Response:
    """As the form's script does it."""
    page = await visitor.get(f"/desk/perkara/{case}/tindakan/{slug}")
    headers = {"X-Corong-Token": token_of(page), "Accept": "application/json"}
    data = {"draft": str(version), **words}
    return await visitor.client.post(f"/desk/perkara/{case}/draf/{slug}", data=data, headers=headers)


def rows(office: Office, case: str) -> list[Any]:
    with office.hub.service("desk").database.read() as connection:
        return list(connection.execute(select(drafts).where(drafts.c.case_id == case)).mappings())


async def test_it_is_shown_again_to_its_officer_alone_and_goes_when_it_was_sent(office: Office) -> None:
    case = await office.case(sender="warga-draf")
    async with await signed_in(office.hub, OFFICER) as phone, await signed_in(office.hub, OFFICER) as desk:
        done = await keep(phone, case, "catatan", note="Belum selesai <b>ditulis</b>")
        assert (done.status_code, done.json()["version"]) == (200, 1)
        assert "Draf tersimpan" in done.json()["told"]
        page = await desk.get(f"/desk/perkara/{case}")
        assert "Belum selesai &lt;b&gt;ditulis&lt;/b&gt;" in page
        assert '<details class="card" id="catatan" data-key="n" open>' in page
        async with await signed_in(office.hub, MAIN) as other:
            assert "Belum selesai" not in await other.get(f"/desk/perkara/{case}")
        assert "Belum selesai" not in str(rows(office, case))
        await act(desk, case, "catatan", note="Sudah selesai")
        assert "Belum selesai" not in await phone.get(f"/desk/perkara/{case}")
        assert [(row["sealed"], row["version"]) for row in rows(office, case)] == [(None, 2)]
        late = await keep(phone, case, "catatan", 1, note="Belum selesai, lagi")
        assert late.status_code == 409
        assert "sudah dikirim atau dibuang" in late.json()["told"]


async def test_two_windows_are_told_of_each_other(office: Office) -> None:
    case = await office.case(sender="warga-dua-jendela")
    async with await signed_in(office.hub, OFFICER) as visitor:
        assert (await keep(visitor, case, "disposisi", instruction="Periksa besok.")).json()["version"] == 1
        again = await keep(visitor, case, "disposisi", instruction="Periksa besok.")
        assert (again.status_code, again.json()["version"]) == (200, 1), "its answer was lost on the way"
        other = await keep(visitor, case, "disposisi", instruction="Periksa lusa.")
        assert other.status_code == 409
        assert other.headers["x-corong-draft"] == "yes"
        assert (other.json()["version"], other.json()["words"]) == (1, [["instruction", "Periksa besok."]])
        willed = await keep(visitor, case, "disposisi", 1, instruction="Periksa lusa.")
        assert willed.json()["version"] == 2
        page = await visitor.get(f"/desk/perkara/{case}")
        assert "Anda mulai menulis dan belum mengirim:" in page
        assert "Periksa lusa." in await visitor.get(f"/desk/perkara/{case}/tindakan/disposisi")


async def test_without_a_script_there_is_a_button_for_it(office: Office) -> None:
    case = await office.case(sender="warga-tanpa-skrip")
    address = f"/desk/perkara/{case}/draf/catatan"
    async with await signed_in(office.hub, OFFICER) as visitor:
        page = await visitor.get(f"/desk/perkara/{case}")
        assert f'formaction="{address}?dari=perkara"' in page
        words = {"token": token_of(page), "once": "x", "draft": "0", "note": "Dari telepon.\r\nBaris dua."}
        answer = await visitor.client.post(f"{address}?dari=perkara", data=words)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/desk/perkara/{case}?draf=catatan#catatan")
        page = await visitor.get(f"/desk/perkara/{case}?draf=catatan")
        assert "Dari telepon.\nBaris dua." in page
        assert 'role="status"' in page
        answer = await visitor.client.post(address, data={**words, "note": "Dari kantor."})
        assert answer.status_code == 409
        assert "Anda menulis yang berbeda" in answer.text
        assert "Dari kantor.</textarea>" in answer.text
        assert "<p>Dari telepon.<br>\nBaris dua.</p>" in answer.text
        version = re.search(r'name="draft" value="(\d+)"', answer.text)
        assert version is not None
        assert version.group(1) == "1"
        answer = await visitor.client.post(address, data={**words, "note": "Dari kantor.", "draft": "1"})
        assert answer.headers["location"] == f"/desk/perkara/{case}/tindakan/catatan?draf=tersimpan"
        answer = await visitor.client.post(f"{address}/buang", data=words)
        assert answer.status_code == 303
        assert "Dari kantor." not in await visitor.get(answer.headers["location"])


async def test_a_refused_form_keeps_its_draft(office: Office) -> None:
    case = await office.case(sender="warga-ditolak-draf")
    async with await signed_in(office.hub, OFFICER) as visitor:
        await keep(visitor, case, "disposisi", unit="", instruction="Periksa besok.")
        page = await act(visitor, case, "disposisi", 422, unit="", instruction="Periksa besok, ya.", draft="1")
        assert "Periksa besok, ya." in html.unescape(page)
        assert 'name="draft" value="1"' in page
        assert "Periksa besok." in await visitor.get(f"/desk/perkara/{case}/tindakan/disposisi")


async def test_who_may_not_read_the_case_keeps_nothing_there(office: Office) -> None:
    case = await office.case(sender="warga-unit-lain")
    async with await signed_in(office.hub, "petugas-dinas-kesehatan") as visitor:
        token = token_of(await visitor.get("/desk"))
        headers = {"X-Corong-Token": token}
        answer = await visitor.client.post(f"/desk/perkara/{case}/draf/catatan", data={"note": "x"}, headers=headers)
        assert answer.status_code == 403
        assert rows(office, case) == []


async def test_what_is_not_as_it_should_be_is_refused(office: Office) -> None:
    case = await office.case(sender="warga-draf-salah")
    async with await signed_in(office.hub, OFFICER) as visitor:
        assert (await keep(visitor, case, "catatan", note="a" * 60_001)).status_code == 422
        for version in ("-1", "x", "9" * 30, ""):
            page = await visitor.get(f"/desk/perkara/{case}")
            words = {"token": token_of(page), "draft": version, "note": f"versi {version}"}
            answer = await visitor.client.post(f"/desk/perkara/{case}/draf/catatan", data=words)
            assert answer.status_code in (303, 409)
        headers = {"X-Corong-Token": token_of(page)}
        answer = await visitor.client.post(f"/desk/perkara/{case}/draf/terbang", data={}, headers=headers)
        assert answer.status_code == 404


async def test_old_ones_go(office: Office) -> None:
    case = await office.case(sender="warga-draf-lama")
    desk = Desk(office.hub.service("desk"))
    kept = Drafts(desk)
    words = (("note", "Dulu."),)
    await kept.save(OFFICER, UUID(case), "catatan", words, 0)
    with pytest.raises(Overtaken):
        await kept.save(OFFICER, UUID(case), "catatan", (("note", "Lain."),), 0)
    await kept.prune()
    assert len(rows(office, case)) == 1
    office.clock.forward(hours=24 * 14 + 1)
    try:
        await kept.prune()
        assert rows(office, case) == []
    finally:
        office.clock.forward(hours=-(24 * 14 + 1))
