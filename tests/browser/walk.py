"""Every page that a citizen can come to, one after the other, in an open window."""

import re
from collections.abc import AsyncIterator

from playwright.async_api import Page

from tests.browser.story import COMPLAINT, Story


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
    await page.goto("/tulis")
    await page.fill("#contact", "bukan alamat")
    await page.fill("#name", "Contoh Warga")
    await page.click("form button")
    await page.wait_for_selector("#errors")
    yield "tulis-salah"
    await page.goto("/tulis")
    await page.check("#kind-complaint")
    await page.fill("#text", COMPLAINT)
    await page.click("form button")
    await page.wait_for_selector("#registration")
    yield "tanda-terima"
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
