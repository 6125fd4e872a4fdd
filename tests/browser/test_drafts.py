"""What an officer types in Chromium is there after a reload, in another window, and after a restart of the hub."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import WIDTHS, chromium, page_of
from tests.browser.test_officer import OFFICER, written
from tests.hubs import RunningHub, running_hub
from tests.services.desk.visitor import signed_in

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser]

WORDS = "Yth. Bapak/Ibu, kami sudah ke lokasi dan"
SAVED = "Draf tersimpan"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as opened:
        yield opened


async def enter(page: Page, hub: RunningHub, officer: str = OFFICER) -> None:
    """A session, without the door."""
    async with await signed_in(hub, officer) as visitor:
        cookie = next(iter(visitor.client.cookies.jar))
    await page.context.add_cookies([{"name": cookie.name, "value": cookie.value or "", "url": hub.url}])


async def test_it_survives_a_reload_another_window_and_a_restart(browser: Browser, tmp_path: Path) -> None:
    async with page_of(browser, "http://127.0.0.1", width=WIDTHS[0]) as page:
        async with running_hub(tmp_path) as hub:
            number, _ = await written(hub, "Jalan rusak")
            case = f"/desk/perkara/{number.replace('/', '-')}"
            await enter(page, hub)
            await page.goto(hub.url + case)
            await page.get_by_role("button", name="Ambil perkara").click()
            field = page.get_by_label("Jawaban untuk warga")
            state = page.locator("#jawab [data-draft-state]")
            await field.press_sequentially(WORDS)
            await expect(state).to_contain_text(SAVED)
            await page.reload()
            await expect(field).to_have_value(WORDS)
            other = await page.context.new_page()
            await other.goto(hub.url + case)
            await other.get_by_label("Jawaban untuk warga").press_sequentially("Dari jendela lain: ")
            await expect(other.locator("#jawab [data-draft-state]")).to_contain_text(SAVED)
            await field.press("Control+End")
            await field.press_sequentially(" besok")
            alert = page.get_by_role("alert")
            await expect(alert).to_contain_text("Anda menulis yang berbeda")
            await alert.get_by_text("Lihat yang lain").click()
            await expect(alert).to_contain_text("Dari jendela lain")
            await expect(field).to_have_value(f"{WORDS} besok")
            await alert.get_by_role("button", name="Simpan yang di sini").click()
            await expect(alert).to_have_count(0)
            await expect(state).to_contain_text(SAVED)
            await other.close()
        async with running_hub(tmp_path) as hub:
            await page.goto(hub.url + case)
            await expect(field).to_have_value(f"{WORDS} besok")
            await page.locator("#jawab").get_by_role("button", name="Jawab warga").click()
            await expect(page.locator(".letter.answer")).to_contain_text("besok")
            if await field.count():
                await expect(field).to_have_value("")


async def test_a_lost_connection_is_told_and_tried_again(browser: Browser, tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub, page_of(browser, hub.url) as page:
        number, _ = await written(hub, "Jembatan goyang")
        await enter(page, hub)
        await page.goto(f"/desk/perkara/{number.replace('/', '-')}/tindakan/catatan")
        await page.route("**/draf/**", lambda route: route.abort())
        await page.get_by_label("Catatan").press_sequentially("Sambungan putus")
        state = page.locator("[data-draft-state]")
        await expect(state).to_contain_text("Belum tersimpan")
        await page.unroute("**/draf/**")
        await page.get_by_role("button", name="Simpan draf").click()
        await expect(state).to_contain_text(SAVED)
        await enter(page, hub)
        await page.get_by_label("Catatan").fill("Masuk lagi di jendela lain")
        kept = "SELECT 1 FROM draft WHERE version = 2"
        await hub.until(lambda: hub.rows("desk", kept))
        await page.reload()
        await expect(page.get_by_label("Catatan")).to_have_value("Masuk lagi di jendela lain")


async def test_without_a_script_a_button_keeps_it(browser: Browser, tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub, page_of(browser, hub.url, width=360, java_script_enabled=False) as page:
        number, _ = await written(hub, "Jalan gelap")
        await enter(page, hub)
        await page.goto(f"/desk/perkara/{number.replace('/', '-')}")
        await page.locator("#catatan summary").click()
        await page.get_by_label("Catatan", exact=True).fill("Tanpa skrip")
        await page.locator("#catatan").get_by_role("button", name="Simpan draf").click()
        await expect(page.locator("#catatan [role=status]")).to_contain_text(SAVED)
        await expect(page.get_by_label("Catatan", exact=True)).to_have_value("Tanpa skrip")
        await page.locator("#catatan").get_by_role("button", name="Buang draf").click()
        await page.locator("#catatan summary").click()
        await expect(page.get_by_label("Catatan", exact=True)).to_have_value("")
