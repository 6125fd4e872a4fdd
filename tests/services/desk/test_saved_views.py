"""An officer's own views: kept from a filtered list, shown as tabs with counts, renamed, deleted, nobody else's."""

import re

import pytest

from corong.desk.views.views import MOST
from tests.services.desk.office import HEALTH, PUPR, Office
from tests.services.desk.test_search import read
from tests.services.desk.visitor import Visitor, signed_in, token_of
from tests.services.portal.citizen import text_of

pytestmark = pytest.mark.asyncio(loop_scope="package")

MAIN, UNIT, AUDITOR = "ppid-utama", f"petugas-{PUPR}", "auditor-inspektorat"


def tabs(page: str) -> list[tuple[str, str]]:
    """(name, count) of the officer's own tabs."""
    found = re.search(r'<nav class="views own".*?</nav>', page, re.DOTALL)
    links = re.findall(r"<li>(.*?)</li>", found.group(0), re.DOTALL)[:-1] if found else []
    parts = [re.search(r'>([^<]+?)(?: <span class="many">([^<]+)<.*)?</a>', link, re.DOTALL) for link in links]
    return [(part.group(1).strip(), part.group(2) or "") for part in parts if part]


async def keep(visitor: Visitor, name: str, page_of: str, **asked: str) -> int:
    """Send the form that keeps a view; the answer's status."""
    token = token_of(await visitor.get("/desk"))
    answer = await visitor.post("/desk/tampilan", token, name=name, page_of=page_of, **asked)
    return answer.status_code


async def test_a_filter_and_a_search_are_kept_counted_renamed_and_deleted(office: Office) -> None:
    case = (await office.write("Halte bus Bandar Pulau ambruk.", "warga-tampilan"))["case_id"]
    await read(office, case)
    async with await signed_in(office.hub, MAIN) as main, await signed_in(office.hub, UNIT) as unit:
        page = await main.get(f"/desk?jenis=objection&unit={PUPR}")
        assert "Simpan tampilan ini" in page
        assert "Simpan tampilan ini" not in await main.get("/desk")
        answer = await main.post(
            "/desk/tampilan", token_of(page), name="  Keberatan   PUPR ", page_of="queue", jenis="objection", unit=PUPR,
            strange="x",
        )  # fmt: skip
        assert answer.headers["location"] == f"/desk?unit={PUPR}&jenis=objection"
        assert await keep(main, "Halte", "search", q="halte ambruk") == 303
        assert await keep(main, "Frasa", "search", q='"halte bus"') == 303
        shown = await main.get("/desk")
        assert tabs(shown) == [("Keberatan PUPR", "0"), ("Halte", "1"), ("Frasa", "")]
        assert tabs(await main.get("/desk/cari?q=halte+ambruk")) == tabs(shown)
        assert 'aria-current="true">Halte' in await main.get("/desk/cari?q=halte+ambruk")
        assert tabs(await unit.get("/desk")) == [], "another's are nobody's"

        managed = await main.get("/desk/tampilan")
        first, second, third = re.findall(r'action="/desk/tampilan/([^/]+)/hapus"', managed)
        token = token_of(managed)
        theirs = token_of(await unit.get("/desk"))
        for act in ("hapus", "nama"):
            assert (await unit.post(f"/desk/tampilan/{first}/{act}", theirs, name="Milik saya")).status_code == 404
        assert (await main.post(f"/desk/tampilan/{second}/nama", token, name="frasa")).status_code == 409
        refused = await main.post(f"/desk/tampilan/{second}/nama", token, name=" ")
        assert refused.status_code == 422
        assert "Beri nama" in text_of(refused.text)
        assert (await main.post(f"/desk/tampilan/{second}/nama", token, name="Halte ambruk")).status_code == 303
        assert (await main.post(f"/desk/tampilan/{third}/hapus", token)).status_code == 303
        assert (await main.post(f"/desk/tampilan/{third}/hapus", token)).status_code == 404
        assert tabs(await main.get("/desk")) == [("Keberatan PUPR", "0"), ("Halte ambruk", "1")]
        for view in (first, second):
            await main.post(f"/desk/tampilan/{view}/hapus", token)
        assert "Belum ada." in await main.get("/desk/tampilan")


async def test_the_same_name_is_the_same_view_and_there_is_an_end(office: Office) -> None:
    async with await signed_in(office.hub, UNIT) as unit:
        assert await keep(unit, "Kosong", "queue") == 422
        assert await keep(unit, "Salah", "lain", jenis="objection") == 422
        for number in range(MOST):
            assert await keep(unit, f"Tampilan {number}", "queue", jenis="question") == 303
        assert await keep(unit, "Satu lagi", "queue", jenis="question") == 409
        assert await keep(unit, "tampilan 0", "queue", jenis="praise") == 303
        assert len(tabs(await unit.get("/desk"))) == MOST
        assert await keep(unit, "tampilan 1", "queue", unit=HEALTH) == 303
        assert ("tampilan 1", "") in tabs(await unit.get("/desk")), "not the officer's to count"
