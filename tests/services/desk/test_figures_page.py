"""The figures on their page and by the API: who sees whose, where each number leads, what is asked strangely."""

import html
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.services.desk.office import HEALTH, PUPR, Office, open_office
from tests.services.desk.visitor import signed_in
from tests.services.portal.citizen import text_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNIT, STRANGER = f"petugas-{PUPR}", f"petugas-{HEALTH}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def busy(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """Three cases on the roads, one of them answered; one of the clinic."""
    async with open_office(tmp_path_factory.mktemp("figures")) as office:
        for number in range(3):
            await office.write(sender=f"warga-{number}")
        await office.write("Puskesmas tutup terus, mohon obat.", "warga-9")
        case = await office.case(sender="warga-dijawab")
        await office.post(UNIT, f"cases/{case}/claim")
        await office.post(UNIT, f"cases/{case}/answer", {"text": "Sudah diperbaiki."})
        yield office


async def test_the_api_counts_what_one_may_see(busy: Office) -> None:
    for officer in ("ppid-utama", "atasan-ppid", "auditor-inspektorat"):
        found = await busy.get(officer, "figures")
        assert found["unit"] is None
        assert {line["unit"]["id"]: line["received"] for line in found["units"]} == {PUPR: 4, HEALTH: 1}
        assert (found["whole"]["received"], found["whole"]["answered"], found["whole"]["waiting"]) == (5, 1, 4)
    own = await busy.get(UNIT, "figures")
    assert (own["unit"]["id"], own["units"]) == (PUPR, [])
    assert (own["whole"]["received"], own["whole"]["answered"]) == (4, 1)
    assert own["whole"]["rate"] == 0.25
    assert own["whole"]["answer_times"][0] == {"up_to_hours": 1, "cases": 1}
    assert own["whole"]["answer_times"][-1] == {"up_to_hours": None, "cases": 0}
    assert own["months"][-1]["received"] == 4
    assert len(own["months"]) == 12
    assert sum(line["received"] for line in own["kinds"]) == 4
    assert [(line["channel"], line["public"], line["received"]) for line in own["channels"]] == [("papan", False, 4)]
    assert (await busy.get(STRANGER, "figures", unit=PUPR, status=403))["code"] == "other_unit"
    assert (await busy.get("admin-hub", "figures", status=403))["code"] == "role_has_no_such_right"


async def test_months_that_are_none(busy: Office) -> None:
    for months in ({"since": "2026-13"}, {"since": "x"}, {"since": "2026-02", "until": "2026-01"},
                   {"since": "2020-01", "until": "2026-01"}, {"since": "0000-01", "until": "0000-02"},
                   {"until": "9999-12"}):  # fmt: skip
        assert (await busy.get("ppid-utama", "figures", status=422, **months))["status"] == 422
    empty = await busy.get("ppid-utama", "figures", since="2020-01", until="2020-03")
    assert [line["month"] for line in empty["months"]] == ["2020-01", "2020-02", "2020-03"]
    assert (empty["whole"]["received"], empty["whole"]["rate"]) == (0, None)


async def test_each_number_leads_to_its_cases(busy: Office) -> None:
    async with await signed_in(busy.hub, UNIT) as visitor:
        page = await visitor.get("/desk/angka")
        links = re.findall(r'<a href="(/desk/angka/perkara\?[^"]+)">([0-9.]+)</a>', page)
        assert len(links) > 10
        for address, number in links:
            cases = await visitor.get(html.unescape(address))
            assert len(re.findall(r'<h2 class="reg-line">', cases)) == int(number), address
        assert (await visitor.client.get("/desk/figures")).headers["location"] == "/desk/angka"
        strange = await visitor.get("/desk/angka/perkara?angka=x&jenis=y&dari=z&kanal=%00")
        assert "Tidak ada perkara" in strange
        await visitor.get(f"/desk/angka?unit={HEALTH}", 403)
        await visitor.get("/desk/angka/perkara?lanjut=x", 422)


async def test_an_auditor_reads_numbers_and_no_cases(busy: Office) -> None:
    async with await signed_in(busy.hub, "auditor-inspektorat", "en") as visitor:
        page = await visitor.get("/desk/angka")
        assert "All units" in text_of(page)
        assert "/desk/angka/perkara" not in page
        assert (await visitor.client.get("/desk/angka/perkara")).status_code == 303
    async with await signed_in(busy.hub, "admin-hub") as visitor:
        assert "/desk/angka" not in await visitor.get("/desk/akun")
        await visitor.get("/desk/angka", 403)
