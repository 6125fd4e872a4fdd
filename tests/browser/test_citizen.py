"""The citizen's way in Chromium: with and without JavaScript, by mouse and by keyboard, on a phone and at a desk."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from corong.intake.form_entry import MOST_FILE_BYTES
from tests.browser.chromium import WIDTHS, chromium, page_of
from tests.hubs import RunningHub, running_hub
from tests.peers.pictures import PIXEL
from tests.services.portal.citizen import answer_case

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser]

TEXT = "Lampu jalan di Aek Ledong padam.\n\nSudah tiga malam."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHub]:
    async with running_hub(tmp_path_factory.mktemp("citizen")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as opened:
        yield opened


def cases(hub: RunningHub) -> int:
    return int(hub.rows("intake", 'SELECT count(*) AS n FROM "case"')[0]["n"])


async def receipt(page: Page) -> tuple[str, str]:
    """What the receipt's page shows."""
    await expect(page.locator("#registration")).to_be_visible()
    return await page.inner_text("#registration"), await page.inner_text("#receipt-secret")


async def to_check(page: Page, pages: int = 2) -> None:
    """From a question through so many pages to the check of all answers."""
    for _ in range(pages):
        await page.get_by_role("button", name="Lanjut").click()
    await expect(page.get_by_label("Lampiran")).to_be_visible()


async def send(page: Page, pages: int = 2) -> None:
    await to_check(page, pages)
    await page.get_by_role("button", name="Kirim pesan").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["javascript", "no-javascript"])
@pytest.mark.parametrize("width", WIDTHS)
async def test_from_home_to_the_answer(
    hub: RunningHub, browser: Browser, tmp_path: Path, width: int, scripts: bool
) -> None:
    photo = tmp_path / "lampu.png"
    photo.write_bytes(PIXEL)
    async with page_of(browser, hub.url, width=width, java_script_enabled=scripts) as page:
        await page.goto("/")
        await page.get_by_role("link", name="Mulai menulis").click()
        await page.get_by_text("Melaporkan masalah").click()
        await page.get_by_role("button", name="Lanjut").click()
        await page.get_by_label("Perihal").fill("Lampu padam")
        await page.get_by_label("Isi pesan").fill(TEXT)
        await page.get_by_role("button", name="Lanjut").click()
        await page.get_by_label("Nama").fill("Contoh Warga")
        await page.get_by_label("Surel atau telepon").fill("0812 3456 7890")
        await page.get_by_role("button", name="Lanjut").click()
        await expect(page.get_by_text("Sudah tiga malam.")).to_be_visible()
        await page.get_by_label("Lampiran").set_input_files(photo)
        await page.get_by_role("button", name="Kirim pesan").click()
        number, secret = await receipt(page)
        assert secret not in page.url
        assert await page.get_by_role("button", name="Cetak").is_visible() == scripts
        await answer_case(hub, number, "Lampu diganti besok malam.")
        await page.get_by_role("link", name="Cek pesan ini").click()
        await expect(page.get_by_label("Nomor pendaftaran")).to_have_value(number)
        await page.get_by_label("Kode rahasia").fill(secret)
        await page.get_by_role("button", name="Lihat pesan").click()
        await expect(page.get_by_text("Lampu diganti besok malam.")).to_be_visible()
        await expect(page.get_by_text("Sudah tiga malam.")).to_be_visible()
        await expect(page.get_by_text(re.compile(r"lampu\.png"))).to_be_visible()
        await expect(page.locator(".progress .reached")).to_have_count(4)
        assert secret not in page.url


@pytest.mark.parametrize("width", WIDTHS)
async def test_by_keyboard_alone(hub: RunningHub, browser: Browser, width: int) -> None:
    async with page_of(browser, hub.url, width=width) as page:
        keys = page.keyboard
        await page.goto("/tulis")
        await keys.press("Tab")
        await expect(page.get_by_role("link", name="Langsung ke isi")).to_be_focused()
        await keys.press("Enter")
        await keys.press("Tab")
        await keys.press("Space")  # the first kind
        await expect(page.locator("#kind-information_request")).to_be_checked()
        await keys.press("ArrowDown")
        await expect(page.locator("#kind-complaint")).to_be_checked()
        await keys.press("Tab")
        await keys.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Apa yang terjadi?")
        await page.locator("main").focus()
        await keys.press("Tab")
        await keys.type("Lampu padam")
        await keys.press("Tab")
        await expect(page.locator("#text")).to_be_focused()
        outline = await page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert outline == "3px"
        await keys.type("Lampu jalan padam.")
        await keys.press("Tab")
        await keys.press("Enter")
        await expect(page.locator("#contact")).to_be_visible()
        await page.locator("#contact").focus()
        await keys.press("Enter")  # as in any form: the first button
        await expect(page.locator("#attachments")).to_be_visible()
        await page.locator("main").focus()
        reached = []
        # Five answers can be changed; attachments, the button; never the field that only programs fill.
        for _ in range(7):
            await keys.press("Tab")
            assert await page.evaluate("document.activeElement.name") != "website"
            reached.append(await page.evaluate("document.activeElement.textContent.trim()"))
        assert [words.startswith("Ubah") for words in reached] == [True] * 5 + [False] * 2
        await expect(page.get_by_role("button", name="Kirim pesan")).to_be_focused()
        await keys.press("Enter")
        number, _ = await receipt(page)
        assert number.startswith("PD/")


async def test_what_is_wrong_is_reached_at_once(hub: RunningHub, browser: Browser) -> None:
    async with page_of(browser, hub.url) as page:
        await page.goto("/tulis?jenis=question")
        await page.get_by_label("Perihal").fill("Jam buka")
        await page.get_by_role("button", name="Lanjut").click()
        summary = page.locator("#errors")
        await expect(summary).to_be_focused()
        assert (await page.title()).startswith("Perbaiki:")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator("#text")).to_be_focused()
        await expect(page.locator("#text")).to_have_attribute("aria-invalid", "true")
        await expect(page.get_by_label("Perihal")).to_have_value("Jam buka")
        await page.get_by_label("Isi pesan").fill("Sekarang ada isinya.")
        await send(page)
        await receipt(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["javascript", "no-javascript"])
async def test_going_back_keeps_what_was_written(hub: RunningHub, browser: Browser, scripts: bool) -> None:
    async with page_of(browser, hub.url, width=360, java_script_enabled=scripts) as page:
        await page.goto("/tulis?jenis=information_request")
        await page.get_by_label("Isi pesan").fill("Mohon salinan APBD.")
        for _ in range(3):
            await page.get_by_role("button", name="Lanjut").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Periksa sebelum dikirim")
        # By the browser, by the page's own button, and by what stands beside an answer.
        await page.go_back()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Siapa Anda?")
        await page.get_by_label("Nama").fill("Contoh Warga")
        await page.get_by_role("button", name="Kembali").click()
        await expect(page.get_by_label("Tujuan penggunaan")).to_be_visible()
        await page.get_by_text("Mendapat salinan").click()
        await page.get_by_role("button", name="Lanjut").click()
        await expect(page.get_by_label("Nama")).to_have_value("Contoh Warga")
        await page.get_by_role("button", name="Lanjut").click()
        await page.get_by_role("button", name="Ubah Isi pesan").click()
        await expect(page.get_by_label("Isi pesan")).to_have_value("Mohon salinan APBD.")
        await page.get_by_label("Isi pesan").fill("Mohon salinan APBD 2026.")
        await send(page, pages=3)
        number, secret = await receipt(page)
        assert number.startswith("PI/")
        assert "?" not in page.url
        await hub.settled()
        await page.goto("/cek")
        await page.get_by_label("Nomor pendaftaran").fill(number)
        await page.get_by_label("Kode rahasia").fill(secret)
        await page.get_by_role("button", name="Lihat pesan").click()
        await expect(page.get_by_text("Mohon salinan APBD 2026.")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["javascript", "no-javascript"])
async def test_pressing_twice_and_reloading_is_one_message(hub: RunningHub, browser: Browser, scripts: bool) -> None:
    before = cases(hub)
    async with page_of(browser, hub.url, java_script_enabled=scripts) as page:
        await page.goto("/tulis?jenis=question")
        await page.get_by_label("Isi pesan").fill("Jam berapa kantor buka?")
        await to_check(page)
        await page.get_by_role("button", name="Kirim pesan").dblclick()
        first = await receipt(page)
        await page.reload()
        assert await receipt(page) == first
        await page.go_back()
        await page.get_by_role("button", name="Kirim pesan").click()
        assert await receipt(page) == first
    assert cases(hub) == before + 1


async def test_attachments_that_are_too_big_are_explained(hub: RunningHub, browser: Browser, tmp_path: Path) -> None:
    for name, size, status in (
        ("sebelas.bin", MOST_FILE_BYTES + 1_048_576, "Satu berkas paling besar 10 MB."),
        ("tigapuluh.bin", 30 * 1_048_576, "Kiriman terlalu besar"),
    ):
        file = tmp_path / name
        with file.open("wb") as sparse:
            sparse.truncate(size)
        async with page_of(browser, hub.url) as page:
            await page.goto("/tulis?jenis=question")
            await page.get_by_label("Isi pesan").fill("Dengan lampiran.")
            await to_check(page)
            await page.get_by_label("Lampiran").set_input_files(file)
            await page.get_by_role("button", name="Kirim pesan").click()
            await expect(page.get_by_text(status).first).to_be_visible()


async def test_the_language_can_be_changed_on_the_page(hub: RunningHub, browser: Browser) -> None:
    async with page_of(browser, hub.url) as page:
        await page.goto("/cek?nomor=PD/2026/000001")
        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Check your message")
        await expect(page.get_by_label("Registration number")).to_have_value("PD/2026/000001")
        await page.get_by_role("link", name="Write", exact=True).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("What would you like to tell us?")


async def test_a_script_in_a_message_never_runs(hub: RunningHub, browser: Browser) -> None:
    payload = "<script>document.title='diretas'</script><img src=x onerror=\"document.title='diretas'\">"
    async with page_of(browser, hub.url) as page:
        await page.goto("/tulis?jenis=question")
        await page.get_by_label("Perihal").fill(payload)
        await page.get_by_label("Isi pesan").fill(payload)
        await to_check(page)
        await expect(page.get_by_text(payload)).to_have_count(2)
        await page.get_by_role("button", name="Kirim pesan").click()
        number, secret = await receipt(page)
        await answer_case(hub, number, payload)
        await page.goto("/cek")
        await page.get_by_label("Nomor pendaftaran").fill(number)
        await page.get_by_label("Kode rahasia").fill(secret)
        await page.get_by_role("button", name="Lihat pesan").click()
        await expect(page.get_by_text(payload)).to_have_count(3)
        assert "diretas" not in (await page.title())
