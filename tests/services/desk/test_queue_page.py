"""The queue's page: what it lists, for whom, in which words; filters, paging, deadlines."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from corong.desk.pages.words import deadline_shown
from corong.runtime.catalogue import translations
from corong.runtime.language import Language
from tests.services.desk.office import HEALTH, PUPR, Office, open_office
from tests.services.desk.visitor import Visitor, signed_in
from tests.services.portal.citizen import text_of

JAKARTA = ZoneInfo("Asia/Jakarta")
MIDNIGHT = datetime(2026, 3, 18, 17, tzinfo=UTC)  # 19 March, 00.00 WIB: the 18th was the last day


@pytest.mark.parametrize(
    ("language", "before", "told", "icon", "tone"),
    [
        ("id", timedelta(days=14), "13 hari lagi", "clock", ""),
        ("id", timedelta(days=3, hours=1), "3 hari lagi", "clock", "warning"),
        ("en", timedelta(days=4), "3 days left", "clock", "warning"),
        ("en", timedelta(days=2), "Due tomorrow", "clock", "warning"),
        ("id", timedelta(hours=25), "Jatuh tempo besok", "clock", "warning"),
        ("id", timedelta(hours=24), "Jatuh tempo hari ini", "clock", "negative"),
        ("en", timedelta(seconds=1), "Due today", "clock", "negative"),
        ("id", timedelta(0), "Terlambat 1 hari", "late", "negative"),
        ("en", timedelta(hours=-23), "1 day late", "late", "negative"),
        ("en", timedelta(hours=-24), "2 days late", "late", "negative"),
        ("id", timedelta(days=-30), "Terlambat 31 hari", "late", "negative"),
    ],
)
def test_a_deadline_in_words(language: Language, before: timedelta, told: str, icon: str, tone: str) -> None:
    texts = translations(language)
    shown = deadline_shown(MIDNIGHT, MIDNIGHT - before, JAKARTA, texts.gettext, texts.ngettext)
    assert shown is not None
    assert (shown.text, shown.icon, shown.tone) == (told, icon, tone)
    assert deadline_shown(None, MIDNIGHT, JAKARTA, texts.gettext, texts.ngettext) is None


def numbers(page: str) -> list[str]:
    """The registration numbers of the list, in order."""
    return re.findall(r'<span class="reg">([^<]+)</span>', page)


@pytest.mark.slow
async def test_a_queue_from_the_first_case_to_the_late_one(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        road = await office.write()
        lamp = await office.write("Jembatan di Simpang Empat roboh, mohon <b>segera</b>.", "warga-2")
        clinic = await office.write("Puskesmas tutup terus, mohon obat.", "warga-3")
        await office.post(f"petugas-{PUPR}", f"cases/{lamp['case_id']}/priority", {"priority": "urgent"})
        await office.post(f"petugas-{PUPR}", f"cases/{road['case_id']}/claim")
        unit = await signed_in(office.hub, f"petugas-{PUPR}")
        main = await signed_in(office.hub, "ppid-utama")
        health = await signed_in(office.hub, f"petugas-{HEALTH}")
        try:
            await _lists(unit, main, health, road["registration"], lamp["registration"], clinic["registration"])
            await _pages(office, main)
            await _late(office, unit, road["registration"])
        finally:
            for visitor in (unit, main, health):
                await visitor.client.aclose()


async def _lists(unit: Visitor, main: Visitor, health: Visitor, road: str, lamp: str, clinic: str) -> None:
    page = await unit.get("/desk")
    assert numbers(page) == [lamp, road], "the urgent one first"
    assert "Mendesak" in page
    assert "&lt;b&gt;segera&lt;/b&gt;" in page
    assert "hari lagi" in page
    assert numbers(await health.get("/desk")) == [clinic]
    assert set(numbers(await main.get("/desk"))) == {road, lamp, clinic}
    assert numbers(await main.get(f"/desk?unit={HEALTH}")) == [clinic]
    assert numbers(await unit.get("/desk?pemegang=saya")) == [road]
    assert numbers(await main.get("/desk?pemegang=saya")) == []
    assert numbers(await unit.get("/desk?pemegang=kosong")) == [lamp]
    assert numbers(await unit.get("/desk?keadaan=selesai")) == []
    assert "Tidak ada perkara di sini." in await unit.get("/desk?jenis=objection")
    assert numbers(await unit.get("/desk?terlambat=ya")) == []
    strange = "/desk?keadaan=x&jenis=%00&pemegang=me&unit="
    assert numbers(await unit.get(strange)) == [lamp, road], "what is none of the choices is as not asked"
    await unit.get("/desk?lanjut=%21", 422)
    await main.get("/desk?unit=%00", 422)


async def _pages(office: Office, main: Visitor) -> None:
    for count in range(32):
        await office.write(f"Lampu jalan nomor {count} mati.", f"warga-lampu-{count}")
    whole: list[str] = []
    path: str | None = "/desk?jenis="
    while path is not None:
        page = await main.get(path)
        whole += numbers(page)
        found = re.search(r'href="([^"]+)" rel="next"', page)
        path = found[1].replace("&amp;", "&") if found else None
    assert len(whole) == len(set(whole)) == 35


async def _late(office: Office, unit: Visitor, road: str) -> None:
    office.clock.forward(days=120)
    # The session is over by then: that is tried, too.
    assert (await unit.client.get("/desk")).headers["location"] == "/masuk?next=%2Fdesk"
    async with await signed_in(office.hub, f"petugas-{PUPR}") as later:
        page = await later.get("/desk?terlambat=ya")
        assert road in numbers(page)
        assert re.search(r"Terlambat \d+ hari", text_of(page))
        count = re.search(r"(\d+) perkara terlambat", text_of(page))
        assert count is not None
        assert int(count[1]) >= 2
