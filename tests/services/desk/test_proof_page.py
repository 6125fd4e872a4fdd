"""Who audits takes from a case's page the proof of each step; it is good without asking the hub again."""

import re

import pytest

from tests.services.desk.office import PUPR, Office
from tests.services.desk.visitor import signed_in
from tests.services.portal.citizen import text_of

pytestmark = pytest.mark.asyncio(loop_scope="package")

OFFICER, MAIN = f"petugas-{PUPR}", "ppid-utama"


async def test_each_step_has_its_proof(office: Office) -> None:
    case = await office.case(sender="warga-bukti")
    other = await office.case(sender="warga-bukti-lain")
    await office.post(MAIN, f"cases/{case}/note", {"note": "Catatan rahasia."})
    await office.hub.settled()
    async with await signed_in(office.hub, MAIN) as visitor:
        page = await visitor.get(f"/desk/perkara/{case}")
        links = re.findall(rf'href="(/desk/perkara/{case}/bukti/[0-9a-f-]+)"', page)
        shown = await office.get(MAIN, f"cases/{case}")
        assert len(links) == len(shown["thread"]) >= 3
        for link in links:
            answer = await visitor.client.get(link)
            assert answer.status_code == 200, answer.text
            assert answer.text.startswith("c2sp.org/tlog-proof@v1")
            assert answer.headers["content-disposition"].startswith("attachment;")
            assert "Catatan rahasia" not in answer.text
        foreign = links[0].replace(case, other)
        assert "tidak ada pada perkara ini" in text_of(await visitor.get(foreign, 404))
        await visitor.get(f"/desk/perkara/{case}/bukti/x", 404)


async def test_who_may_not_read_the_log_has_none(office: Office) -> None:
    case = await office.case(sender="warga-tanpa-bukti")
    event = (await office.get(MAIN, f"cases/{case}"))["thread"][0]["event_id"]
    async with await signed_in(office.hub, OFFICER) as visitor:
        assert "/bukti/" not in await visitor.get(f"/desk/perkara/{case}")
        await visitor.get(f"/desk/perkara/{case}/bukti/{event}", 403)
    async with await signed_in(office.hub, "auditor-inspektorat") as visitor:
        await visitor.get(f"/desk/perkara/{case}/bukti/{event}", 403)
