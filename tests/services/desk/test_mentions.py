"""A note names officers who may read the case; they see it until they have opened the case."""

import pytest

from tests.services.desk.office import HEALTH, PUPR, Office
from tests.services.desk.test_act_pages import act
from tests.services.desk.visitor import signed_in
from tests.services.portal.citizen import text_of

pytestmark = pytest.mark.asyncio(loop_scope="package")

OFFICER, COLLEAGUE, MAIN = f"petugas-{PUPR}", "operator-dinas-pupr", "ppid-utama"
NOTE = "Tolong cek <lubangnya> di sisi timur."


async def test_who_is_mentioned_sees_it_until_the_case_is_opened(office: Office) -> None:
    case = await office.case(sender="warga-sebut")
    async with await signed_in(office.hub, OFFICER) as author, await signed_in(office.hub, COLLEAGUE) as reader:
        page = await author.get(f"/desk/perkara/{case}/tindakan/catatan")
        assert f'value="{COLLEAGUE}"' in page
        assert f'value="{OFFICER}"' not in page
        assert f'value="petugas-{HEALTH}"' not in page
        await act(author, case, "catatan", note=NOTE, more={"mentions": [COLLEAGUE, MAIN]})
        await office.hub.settled()
        shown = text_of(await reader.get("/desk"))
        assert "Menyebut saya 1 belum dibaca" in shown
        listed = await reader.get("/desk/sebutan")
        assert "Tolong cek &lt;lubangnya&gt; di sisi timur." in listed
        assert "belum dibaca" in listed
        assert NOTE not in text_of(await author.get("/desk/sebutan"))
        assert "1 belum dibaca" not in text_of(await author.get("/desk"))
        await reader.get(f"/desk/perkara/{case}")
        assert "belum dibaca" not in text_of(await reader.get("/desk"))
        assert "Tolong cek" in await reader.get("/desk/sebutan")
        await office.post(OFFICER, f"cases/{case}/claim")
        await office.post(OFFICER, f"cases/{case}/assign", {"unit": HEALTH, "instruction": "Wewenang Anda."})
        assert "Tolong cek" not in await reader.get("/desk/sebutan"), "who may not read the case reads no note of it"
    async with await signed_in(office.hub, MAIN, "en") as main:
        assert "Mentioning me" in await main.get("/desk/sebutan")


async def test_nobody_is_mentioned_who_may_not_read_the_case(office: Office) -> None:
    case = await office.case(sender="warga-sebut-salah")
    for officer in (f"petugas-{HEALTH}", "auditor-inspektorat", "admin-hub", "tidak-ada"):
        body = {"note": "Lihat ini.", "mentions": [officer]}
        refused = await office.post(OFFICER, f"cases/{case}/note", body, status=422)
        assert refused["code"] in ("may_not_read", "unknown_officer")
        assert refused["fields"] == ["mentions"]
    done = await office.post(OFFICER, f"cases/{case}/note", {"note": "Lihat ini.", "mentions": [OFFICER, MAIN, MAIN]})
    assert len(done["events"]) == 1
    await office.hub.settled()
    found = office.hub.rows("desk", "SELECT officer FROM mention WHERE case_id = :case", case=case)
    assert found == [{"officer": MAIN}], "oneself is not told of what one wrote"
