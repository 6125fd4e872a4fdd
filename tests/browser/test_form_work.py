"""The browser's work for the form in Chromium: found while the check page is read, and taken where nothing else is."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.chromium import chromium, page_of
from tests.hubs import running_hub

pytestmark = pytest.mark.browser


async def test_the_work_is_done_while_the_answers_are_read(tmp_path: Path) -> None:
    async with running_hub(tmp_path, form_unproved=0) as hub, chromium() as browser:
        async with page_of(browser, hub.url) as page:
            await page.goto("/tulis?jenis=question")
            await page.get_by_label("Isi pesan").fill("Jam berapa kantor buka?")
            for _ in range(2):
                await page.get_by_role("button", name="Lanjut").click()
            await expect(page.locator("input[data-work]")).not_to_have_value("", timeout=60_000)
            await page.get_by_role("button", name="Kirim pesan").click()
            await expect(page.locator("#registration")).to_be_visible()
        async with page_of(browser, hub.url, java_script_enabled=False) as page:
            await page.goto("/tulis?jenis=question")
            await page.get_by_label("Isi pesan").fill("Jam berapa kantor buka?")
            for _ in range(2):
                await page.get_by_role("button", name="Lanjut").click()
            await page.get_by_role("button", name="Kirim pesan").click()
            await expect(page.get_by_text("dari jaringan Anda").first).to_be_visible()
            await expect(page.get_by_label("Isi pesan")).to_have_value("Jam berapa kantor buka?")
