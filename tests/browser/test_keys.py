"""A case found, claimed, answered and noted by single keys in Chromium; a letter that is typed stays a letter."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.chromium import chromium, page_of
from tests.browser.test_drafts import enter
from tests.browser.test_officer import written
from tests.hubs import RunningHub, running_hub

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser]

TYPED = "Jalan kami cek rutin: J, K, N, A dan C. Apa lagi?"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHub]:
    async with running_hub(tmp_path_factory.mktemp("keys")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as opened:
        yield opened


async def test_a_day_by_keys(hub: RunningHub, browser: Browser) -> None:
    numbers = [(await written(hub, f"Jalan rusak {one}"))[0] for one in ("satu", "dua")]
    async with page_of(browser, hub.url) as page:
        keys = page.keyboard
        await enter(page, hub)
        await page.goto("/desk")
        lines = page.locator(".case-line h3 a")
        await keys.press("j")
        await expect(lines.nth(0)).to_be_focused()
        await keys.press("j")
        await expect(lines.nth(1)).to_be_focused()
        await keys.press("k")
        await expect(lines.nth(0)).to_be_focused()
        await keys.press("?")
        help = page.get_by_role("dialog", name="Pintasan papan tik")
        await expect(help).to_be_visible()
        await keys.press("Escape")
        await expect(help).to_be_hidden()
        await lines.nth(0).focus()
        await keys.press("Enter")
        await expect(page.locator("h1")).to_have_text(numbers[0])
        await keys.press("r")
        await expect(page.get_by_role("button", name="Ambil perkara")).to_be_focused()
        await keys.press("Enter")
        await expect(page.locator(".case-head")).to_contain_text("Saya")
        await keys.press("n")
        note = page.get_by_label("Catatan", exact=True)
        await expect(note).to_be_focused()
        await keys.type(TYPED)
        await expect(note).to_have_value(TYPED)
        await keys.press("Control+Enter")
        await expect(page.locator(".letter.inside")).to_contain_text(TYPED)
        await keys.press("r")
        await expect(page.get_by_label("Jawaban untuk warga")).to_be_focused()
        await keys.type("Sudah ditambal.")
        await keys.press("Control+Enter")
        await expect(page.locator(".letter.answer")).to_contain_text("Sudah ditambal.")
        await keys.press("c")
        await expect(page.locator("h1")).to_have_text("Tutup perkara")
        await page.goto(f"/desk/perkara/{numbers[1].replace('/', '-')}")
        await keys.press("a")
        await expect(page.locator("h1")).to_have_text("Disposisi ke unit lain")
        await page.go_back()
        await keys.press("u")
        await expect(page.get_by_role("navigation", name="Tampilan")).to_be_visible()


async def test_they_can_be_switched_off_for_all_devices(hub: RunningHub, browser: Browser) -> None:
    await written(hub, "Jalan gelap")
    async with page_of(browser, hub.url) as page:
        await enter(page, hub)
        await page.goto("/desk/akun")
        await page.get_by_role("button", name="Matikan pintasan").click()
        await expect(page.get_by_role("button", name="Nyalakan pintasan")).to_be_visible()
    async with page_of(browser, hub.url) as page:
        await enter(page, hub)
        await page.goto("/desk")
        await expect(page.locator("#keys-help")).to_have_count(0)
        await page.keyboard.press("j")
        await expect(page.locator(".case-line h3 a").first).not_to_be_focused()
        await page.goto("/desk/akun")
        await page.get_by_role("button", name="Nyalakan pintasan").click()
        await expect(page.get_by_role("button", name="Matikan pintasan")).to_be_visible()
