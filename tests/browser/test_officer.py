"""An officer's first day in Chromium: from the link to the answered case, without JavaScript, and by keyboard alone."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import WIDTHS, chromium, page_of
from tests.browser.walk_desk import SIGNED_IN
from tests.hubs import RunningHub, running_hub
from tests.services.desk.visitor import PASSWORD, link_of
from tests.services.portal.citizen import Citizen

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser]

OFFICER = "petugas-dinas-pupr"
ANSWER = "Terima kasih. Lubang ditambal pekan ini."
NAMED = """name => { const at = document.activeElement;
  return at.name === name || at.textContent.trim().startsWith(name); }"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHub]:
    async with running_hub(tmp_path_factory.mktemp("officer")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as opened:
        yield opened


async def written(hub: RunningHub, subject: str) -> tuple[str, str]:
    """A citizen's complaint that the desk shows: its number and secret."""
    async with Citizen(hub) as citizen:
        number, secret = await citizen.receipt(subject=subject)
    known = 'SELECT 1 FROM registered JOIN "case" USING (case_id) WHERE registration = :number'
    await hub.until(lambda: hub.rows("desk", known, number=number))
    return number, secret


async def reads_the_answer(page: Page, hub: RunningHub, number: str, secret: str) -> None:
    await hub.settled()
    await page.goto("/cek")
    await page.get_by_label("Nomor pendaftaran").fill(number)
    await page.get_by_label("Kode rahasia").fill(secret)
    await page.get_by_role("button", name="Lihat pesan").click()
    await expect(page.get_by_text(ANSWER)).to_be_visible()


async def test_a_phone_without_scripts(hub: RunningHub, browser: Browser) -> None:
    number, secret = await written(hub, "Jalan rusak")
    async with page_of(browser, hub.url, width=WIDTHS[0], java_script_enabled=False) as page:
        await page.goto(f"/masuk/tautan?kunci={link_of(hub, OFFICER)}")
        await page.get_by_label("Kata sandi baru").fill(PASSWORD)
        await page.get_by_label("Sekali lagi").fill(PASSWORD)
        await page.get_by_role("button", name="Simpan dan masuk").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Dinas Pekerjaan Umum dan Penataan Ruang")
        await page.get_by_role("navigation", name="Tampilan").get_by_role("link", name="Belum dipegang").click()
        await page.get_by_text("Saring", exact=True).click()
        await page.get_by_label("Jenis", exact=True).select_option(label="Pengaduan")
        await page.get_by_role("button", name="Tampilkan").click()
        line = page.get_by_role("listitem").filter(has_text=number)
        await expect(line).to_contain_text("hari lagi")
        await line.get_by_role("link").click()
        await page.get_by_role("button", name="Ambil perkara").click()
        await expect(page.locator(".case-head")).to_contain_text("Saya")
        form = page.locator("#jawab")
        await form.get_by_role("textbox").first.fill(ANSWER)
        await form.get_by_role("button", name="Jawab warga").click()
        await expect(page.locator(".letter.answer")).to_contain_text(ANSWER)
        menu = page.get_by_text("Menu", exact=True)
        await expect(page.get_by_role("button", name="Keluar")).to_have_count(0)
        await menu.focus()
        await page.keyboard.press("Enter")
        places = page.get_by_role("navigation", name="Menu utama")
        await expect(places.get_by_role("link", name="Antrean")).to_have_attribute("aria-current", "page")
        await page.get_by_role("button", name="Keluar").click()
        await page.goto("/desk")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Masuk sebagai petugas")
        await reads_the_answer(page, hub, number, secret)


async def test_by_keyboard_alone(hub: RunningHub, browser: Browser) -> None:
    number, _ = await written(hub, "Jembatan goyang")
    async with page_of(browser, hub.url, width=WIDTHS[1]) as page:
        keys = page.keyboard

        async def tab_to(name: str) -> None:
            """Go on until something of that name, or beginning so, is reached."""
            for _ in range(60):
                await keys.press("Tab")
                if await page.evaluate(NAMED, name):
                    assert await page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"
                    return
            raise AssertionError(f"{name} is not reached by the keyboard")

        await page.goto(f"/masuk/tautan?kunci={link_of(hub, OFFICER)}")
        await keys.press("Tab")
        await expect(page.get_by_role("link", name="Langsung ke isi")).to_be_focused()
        await keys.press("Enter")
        for field in ("password", "again"):
            await tab_to(field)
            await keys.type(PASSWORD)
        await keys.press("Enter")
        await page.wait_for_selector(SIGNED_IN, state="attached")
        await tab_to("Jembatan goyang")
        await keys.press("Enter")
        await page.wait_for_selector(".case-head")
        assert number in await page.inner_text("h1")
        await tab_to("Ambil perkara")
        await keys.press("Enter")
        await expect(page.locator(".case-head")).to_contain_text("Saya")
        await tab_to("Keluar")
        await keys.press("Enter")
        await expect(page.get_by_text("Anda sudah keluar.")).to_be_visible()
