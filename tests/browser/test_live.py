"""Two officers on one case in Chromium: each sees the other and what comes; what is being typed is never touched."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import WIDTHS, chromium, page_of
from tests.browser.test_drafts import enter
from tests.browser.test_officer import OFFICER, written
from tests.hubs import RunningHub, running_hub

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser]

COLLEAGUE = "operator-dinas-pupr"
BEGUN = "Yth. Ibu, kami sudah"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHub]:
    async with running_hub(tmp_path_factory.mktemp("live")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as opened:
        yield opened


async def stays(page: Page, words: str) -> None:
    """What is typed, where the cursor is, and who has the focus."""
    field = page.get_by_label("Jawaban untuk warga")
    await expect(field).to_have_value(words)
    await expect(field).to_be_focused()
    assert await field.evaluate("field => field.selectionStart") == len(words)


async def test_two_officers_on_one_case(hub: RunningHub, browser: Browser) -> None:
    number, _ = await written(hub, "Jalan rusak")
    case = f"/desk/perkara/{number.replace('/', '-')}"
    names = {one.id: one.name for one in hub.hub.installation.directory.officers}
    async with page_of(browser, hub.url) as page, page_of(browser, hub.url, width=WIDTHS[0]) as other:
        await enter(page, hub)
        await enter(other, hub, COLLEAGUE)
        await page.goto(case)
        await page.get_by_role("button", name="Ambil perkara").click()
        field = page.get_by_label("Jawaban untuk warga")
        await field.press_sequentially(BEGUN)
        await other.goto(case)
        await expect(page.locator("[data-words=open]")).to_contain_text(names[COLLEAGUE])
        await expect(other.locator("[data-words=open]")).to_contain_text(names[OFFICER])
        await stays(page, BEGUN)
        await other.locator("#catatan summary").click()
        await other.get_by_label("Catatan", exact=True).fill("Lubangnya di sisi timur.")
        await other.get_by_role("button", name="Catatan internal").click()
        await expect(page.locator(".letters article.arrived")).to_contain_text("Lubangnya di sisi timur.")
        await expect(page.locator("[data-live]")).to_contain_text("Baru saja masuk: Catatan internal.")
        await stays(page, BEGUN)
        await page.keyboard.type(" menambalnya.")
        await stays(page, f"{BEGUN} menambalnya.")
        await expect(page.locator("#jawab [data-draft-state]")).to_contain_text("Draf tersimpan")
        await page.locator("#jawab").get_by_role("button", name="Jawab warga").click()
        await expect(other.locator(".letter.answer")).to_contain_text("menambalnya.")


async def test_the_queue_tells_of_new_cases_and_patches_the_others(hub: RunningHub, browser: Browser) -> None:
    number, _ = await written(hub, "Jalan berlubang")
    async with page_of(browser, hub.url) as page, page_of(browser, hub.url) as other:
        await enter(page, hub)
        await enter(other, hub, COLLEAGUE)
        await page.goto("/desk")
        line = page.get_by_role("listitem").filter(has_text=number)
        await other.goto(f"/desk/perkara/{number.replace('/', '-')}")
        await expect(line.locator("[data-open-by]")).to_be_visible()
        await other.get_by_role("button", name="Ambil perkara").click()
        await expect(line.locator(".holder")).not_to_contain_text("Belum dipegang")
        before = await page.locator(".case-line").count()
        newer, _ = await written(hub, "Jembatan goyang")
        news = page.locator("[data-live]")
        await expect(news).to_contain_text("Perkara yang baru di sini: 1")
        assert await page.locator(".case-line").count() == before, "nothing moves under the pointer"
        await news.get_by_role("button", name="Tampilkan").click()
        await expect(page.get_by_role("listitem").filter(has_text=newer)).to_be_visible()
        await expect(news).to_be_empty()
