"""Every page that a citizen can come to, one after the other, in an open window."""

import re
from collections.abc import AsyncIterator

from playwright.async_api import FilePayload, Page

from tests.browser.story import COMPLAINT, Story


async def write(page: Page, story: Story) -> AsyncIterator[str]:
    """Through the form: a request as far as its check, an objection's own questions, a complaint to its receipt."""
    await page.goto("/tulis")
    await go_on(page, "#errors")
    yield "tulis-tanpa-jenis"
    await page.check("#kind-information_request")
    await go_on(page, "#text")
    yield "tulis-isi"
    await page.fill("#text", "Mohon salinan izin atas nama 1209 0112 3456 7890.")
    await go_on(page, "#digits")
    yield "tulis-isi-nomor-16-angka"
    await page.check("#digits")
    await go_on(page, "#purpose")
    yield "tulis-tujuan"
    await page.check("#obtain-copy")
    await go_on(page, "#postal")
    yield "tulis-siapa"
    await page.fill("#contact", "bukan alamat")
    await go_on(page, "#errors")
    yield "tulis-siapa-salah"
    await page.fill("#contact", "")
    await page.fill("#name", "Contoh Warga")
    await go_on(page, "#attachments")
    yield "tulis-periksa"
    await page.goto("/tulis?jenis=objection")
    yield "keberatan-permohonan"
    await page.fill("#number", story.waiting[0])
    await page.fill("#secret", story.waiting[1])
    await go_on(page, "#grounds-c")
    yield "keberatan-alasan"
    await page.goto("/tulis?jenis=complaint")
    await page.fill("#text", COMPLAINT)
    await go_on(page, "details.answered")
    await page.click("details.answered summary")
    yield "tulis-sudah-terjawab"
    await go_on(page, "#contact")
    await go_on(page, "#attachments")
    files = [FilePayload(name=f"{number}.txt", mimeType="text/plain", buffer=b"x") for number in range(6)]
    await page.set_input_files("#attachments", files)
    await page.click("form .actions button:not(.quiet)")
    await page.wait_for_selector("#errors")
    yield "tulis-salah"
    await page.set_input_files("#attachments", [])
    await page.click("form button")
    await page.wait_for_selector("#registration")
    yield "tanda-terima"


async def go_on(page: Page, until: str) -> None:
    """Press the page's first button and wait for something on the next one."""
    await page.click("form .actions button:not(.quiet)")
    await page.wait_for_selector(until)


async def walk(page: Page, story: Story) -> AsyncIterator[str]:
    """Go there; yields the page's name each time that one is open."""
    for name, address in (("beranda", "/"), ("tulis", "/tulis"), ("cek", f"/cek?nomor={story.waiting[0]}")):
        await page.goto(address)
        yield name
    for name, address in (
        ("informasi", "/informasi"),
        ("informasi-dikecualikan", "/informasi?jenis=dikecualikan&cari=dibuka"),
        ("informasi-tidak-ada", "/informasi?cari=zirafah"),
        ("satu-informasi", "/informasi/apbd"),
        ("satu-dikecualikan", "/informasi/rekam-medis"),
        ("jawaban", "/jawaban"),
        ("jawaban-dicari", "/jawaban?cari=perbaikan+jalan&unit=dinas-pupr"),
        ("jawaban-tidak-ada", "/jawaban?cari=zirafah"),
        ("satu-jawaban", f"/jawaban/{story.public}"),
        ("layanan", "/layanan"),
        ("layanan-unit", "/layanan/dinas-pupr"),
    ):
        await page.goto(address)
        yield name
    await page.goto("/unggahan")
    yield "unggahan"
    await page.goto(f"/unggahan/{story.post}")
    yield "satu-unggahan"
    await page.goto("/bukti")
    yield "periksa-bukti"
    await page.get_by_role("button", name=re.compile("^(Periksa|Check)$")).click()
    await page.wait_for_selector("#verdict:not([hidden])")
    yield "periksa-bukti-tanpa-berkas"
    await page.goto("/tidak-ada")
    yield "galat-404"
    async for name in write(page, story):
        yield name
    await page.goto("/cek")
    await page.fill("#number", story.answered[0])
    await page.fill("#secret", "AAAA-AAAA-AAAA-AAAA")
    await page.click("form button")
    await page.wait_for_selector("#errors")
    yield "cek-salah"
    for name, (number, secret) in (("perkara-dijawab", story.answered), ("perkara-menunggu", story.waiting)):
        await page.goto("/cek")
        await page.fill("#number", number)
        await page.fill("#secret", secret)
        await page.click("form button")
        await page.wait_for_selector(".progress")
        yield name
