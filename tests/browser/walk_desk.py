"""Every page that an officer can come to, one after the other, in an open window."""

from collections.abc import AsyncIterator
from itertools import cycle

from playwright.async_api import Page, expect

from tests.browser.story import Story
from tests.hubs import RunningHub
from tests.services.desk.visitor import PASSWORD, link_of

OFFICER = "ppid-utama"
INVITED = cycle(f"petugas-{unit}" for unit in ("dinas-pupr", "dinas-kesehatan", "dinas-sosial", "dinas-pendidikan"))
"""Who gets links to come in by: not too many for one."""
SIGNED_IN = "form[action='/desk/keluar']"


async def come_in(page: Page, hub: RunningHub, officer: str = OFFICER) -> None:
    """By a new link, as on the first day."""
    await page.goto(f"/masuk/tautan?kunci={link_of(hub, officer)}")
    await page.fill("#password", PASSWORD)
    await page.fill("#again", PASSWORD)
    await page.click("main form button")
    await page.wait_for_selector(SIGNED_IN, state="attached")


async def sign_out(page: Page) -> None:
    """By the button in the head, which on a phone is behind the menu."""
    menu = page.locator(".menu summary")
    if await menu.is_visible():
        await menu.click()
    await page.get_by_role("button", name="Keluar").click()
    await expect(page.get_by_text("Anda sudah keluar.")).to_be_visible()


async def walk_desk(page: Page, hub: RunningHub, story: Story) -> AsyncIterator[str]:
    """Go there; yields the page's name each time that one is open."""
    await page.goto("/desk")
    yield "desk-masuk"
    await page.fill("#officer", OFFICER)
    await page.fill("#password", "bukan ini kata sandinya")
    await page.click("main form button")
    await page.wait_for_selector("#errors")
    yield "desk-masuk-salah"
    await page.goto("/masuk/tautan?kunci=bukan-tautan")
    yield "desk-tautan-habis"
    await page.goto(f"/masuk/tautan?kunci={link_of(hub, OFFICER)}")
    await page.fill("#password", PASSWORD)
    await page.fill("#again", f"{PASSWORD} lagi")
    await page.click("main form button")
    await page.wait_for_selector("#errors")
    yield "desk-tautan"
    await page.fill("#password", PASSWORD)
    await page.fill("#again", PASSWORD)
    await page.click("main form button")
    await page.wait_for_selector(SIGNED_IN, state="attached")
    yield "desk-antrean"
    menu = page.locator(".menu summary")
    if await menu.is_visible():  # on a phone alone
        await menu.click()
        yield "desk-menu"
    await page.goto("/desk?jenis=objection")
    yield "desk-antrean-kosong"
    await page.goto("/desk/sebutan")
    yield "desk-sebutan"
    await page.fill("#cari", "jalan")
    await page.click("form.find button")
    await page.wait_for_selector("mark")
    yield "desk-cari"
    await page.click(".keep summary")
    await page.fill("#nama-tampilan", "Jalan rusak")
    await page.click(".keep button")
    await page.wait_for_selector(".views.own")
    yield "desk-cari-tersimpan"
    await page.goto("/desk/tampilan")
    yield "desk-tampilan"
    await page.click("form[action$='/hapus'] button")
    await page.wait_for_selector("main:not(:has(.rename))")
    await page.goto("/desk/cari")
    yield "desk-cari-mulai"
    await page.goto("/desk?keadaan=selesai")
    await page.click(".case-line h3 a")
    await page.wait_for_selector(".case-head")
    yield "desk-perkara"
    await page.goto(f"/desk/perkara/{story.answered[0].replace('/', '-')}/tindakan/terbitkan-jawaban")
    await page.wait_for_selector(".originals")
    yield "desk-tindakan-terbitkan"
    async for name in walk_acts(page, f"/desk/perkara/{story.waiting[0].replace('/', '-')}"):
        yield name
    await page.goto("/desk/angka")
    yield "desk-angka"
    await page.click(".sums a")
    await page.wait_for_selector(".reg-line")
    yield "desk-angka-perkara"
    await page.goto("/desk/pengelolaan")
    yield "desk-pengelolaan"
    await page.goto("/desk/pengelolaan/tambah-petugas")
    await page.click("main form button")
    await page.wait_for_selector("#errors, .error-summary")
    yield "desk-petugas-tambah"
    await page.goto("/desk/pengelolaan/petugas/operator-diskominfo")
    yield "desk-petugas"
    await page.goto("/desk/pengelolaan/unit")
    yield "desk-unit-daftar"
    await page.goto("/desk/pengelolaan/tambah-unit")
    await page.fill("#id", "dinas-arsip")
    await page.click("main form button")
    await page.wait_for_selector("#errors, .error-summary")
    yield "desk-unit-tambah"
    await page.goto("/desk/pengelolaan/unit/dinas-perhubungan")
    yield "desk-unit"
    await page.select_option("#successor", "dinas-pupr")
    await page.click("main form:last-of-type button")
    await page.wait_for_selector("#moved")
    yield "desk-unit-ditutup"
    await page.goto(f"/desk/pengelolaan/petugas/{next(INVITED)}")
    await page.fill("#why-link", "Lupa kata sandi.")
    await page.click("form[action$='/tautan'] button")
    await page.wait_for_selector("#the-link")
    yield "desk-petugas-tautan"
    await page.goto("/desk/pengelolaan/kalender")
    for name, words in (("number", "SK Uji 1/2029"), ("title", "Hari Uji"), ("source", "uji")):
        await page.fill(f"#{name}", words)
    await page.fill("#in-force", "2029-01-02")
    await page.fill("#added", "14-3-2029 Hari Uji")
    await page.click("main form button")
    await page.wait_for_selector("#moved")
    yield "desk-kalender"
    await page.goto("/desk/pengelolaan/sasaran")
    await page.select_option("#rule", "request_notice")
    await page.fill("#amount", "7")
    await page.click("main form button")
    await page.wait_for_selector("#moved")
    yield "desk-sasaran"
    await page.goto("/desk/kewajiban")
    await page.fill("#subject", "Laptop layanan hilang.")
    await page.click("main form button")
    await page.wait_for_selector("main .notice")
    yield "desk-kewajiban"
    await page.click("main li a")
    await page.wait_for_selector("#how")
    yield "desk-satu-kewajiban"
    await page.goto("/desk/pengelolaan/aturan")
    yield "desk-aturan"
    await page.click("main form button")
    await page.wait_for_selector("#moved")
    yield "desk-aturan-dicoba"
    await page.goto("/desk/latihan")
    yield "desk-latihan"
    async for name in walk_by_hand(page, hub):
        yield name
    async for name in walk_bulk(page):
        yield name
    async for name in walk_wordings(page, story):
        yield name
    async for name in walk_posts(page):
        yield name
    await page.goto("/desk/akun")
    yield "desk-akun"
    await page.goto("/desk?unit=tidak-ada")
    yield "desk-galat-422"
    await page.goto("/desk/tidak-ada")
    yield "desk-galat-404"
    await come_in(page, hub, "auditor-inspektorat")
    yield "desk-akun-pemeriksa"
    for path, name in (("", "log"), ("/peristiwa/0", "peristiwa"), ("/log", "tanda-tangan"), ("/keadaan", "keadaan"),
                       ("/ekspor", "ekspor")):  # fmt: skip
        await page.goto(f"/desk/audit{path}")
        yield f"desk-audit-{name}"
    await page.goto(f"/desk/perkara/{story.waiting[0].replace('/', '-')}")
    yield "desk-galat-403"


async def walk_acts(page: Page, case: str) -> AsyncIterator[str]:
    """What is done with a request that waits; claimed again, it is held a little longer."""
    await page.goto(case)
    await page.click("form[action$='/tindakan/ambil'] button")
    await page.wait_for_selector("#jawab")
    yield "desk-perkara-dipegang"
    await page.goto(f"{case}/tindakan/register")
    yield "desk-tindakan"
    await page.goto(f"{case}/tindakan/tolak")
    await page.fill("#text", "Mohon maaf, informasi ini dikecualikan.")
    await page.click("main form button")
    await page.wait_for_selector("#errors")
    yield "desk-tindakan-galat"
    await page.goto(f"{case}/tindakan/setujui")
    yield "desk-tindakan-tidak-sekarang"
    await page.goto(case)
    await page.click("form[action$='/tindakan/lepas'] button")
    await page.wait_for_selector("[role=status]")


async def walk_by_hand(page: Page, hub: RunningHub) -> AsyncIterator[str]:
    """Somebody comes to the counter, and gets an answer there."""
    await page.goto("/desk/masukkan?akun=surat-diskominfo")
    yield "desk-catat-surat"
    await page.goto("/desk/masukkan?akun=loket-diskominfo")
    await page.fill("#text", "Nomor saya 1209011203800001, mohon dicek.")
    await page.click("main form button")
    await page.wait_for_selector("#errors")
    yield "desk-catat-galat"
    await page.fill("#text", "Mohon informasi jadwal pelayanan di kantor camat Air Joman.")
    await page.select_option("#kind", "question")
    await page.fill("#name", "Contoh Warga")
    await page.fill("#contact", "0812 0000 0000")
    await page.click("main form button")
    await page.wait_for_selector("#registration")
    yield "desk-catat-tanda-terima"
    case = await page.get_attribute("main .actions a[href^='/desk/perkara/']", "href")
    assert case is not None
    await hub.settled()
    await page.goto(case)
    await page.click("form[action$='/tindakan/ambil'] button")
    await page.fill("#jawab textarea", "Senin sampai Jumat, pukul 08.00 sampai 15.00.")
    await page.click("#jawab button")
    await page.wait_for_selector("[role=status]")
    query = "SELECT 1 FROM delivery WHERE state = 'held' AND case_id = :case"
    await hub.until(lambda: hub.rows("desk", query, case=case.rpartition("/")[2]))
    await page.goto("/desk/serahan")
    yield "desk-serahan"
    await page.click(".case-line h3 a")
    await page.wait_for_selector("#how")
    yield "desk-serahan-satu"
    await page.click("main form button")
    await page.wait_for_selector("[role=status]")
    yield "desk-serahan-kosong"


async def walk_bulk(page: Page) -> AsyncIterator[str]:
    """The same is done to some cases of the queue, and taken back."""
    await page.goto("/desk?keadaan=")
    for box in await page.locator(".pick input").all():
        await box.check()
    await page.select_option("#bulk-act", "prioritas")
    yield "desk-antrean-dicentang"
    await page.click("#bulk button")
    await page.wait_for_selector("#priority")
    yield "desk-massal"
    await page.select_option("#priority", "high")
    await page.click("main form button")
    await page.wait_for_selector("[role=status]")
    yield "desk-massal-hasil"
    await page.click("main form button")
    await page.wait_for_selector("[role=status]")
    yield "desk-massal-urung"


async def walk_posts(page: Page) -> AsyncIterator[str]:
    """A post is written, and waits for somebody else's word."""
    await page.goto("/desk/unggahan")
    yield "desk-unggahan"
    await page.click("a[href='/desk/unggahan/baru']")
    await page.fill("#text", "Posyandu keliling di Meranti Sabtu ini pukul 8.")
    await page.check("#a-feed")
    await page.click("button[value=pratinjau]")
    await page.wait_for_selector("#preview")
    yield "desk-unggahan-pratinjau"
    await page.click("button[value=simpan]")
    await page.wait_for_selector("#errors")
    yield "desk-unggahan-galat"
    await page.select_option("#label", "layanan")
    await page.click("button[value=simpan]")
    await page.wait_for_selector("#targets")
    yield "desk-unggahan-satu"
    await page.goto("/desk/unggahan?keadaan=released")
    await page.click(".case-line h3 a")
    await page.wait_for_selector("#targets")
    yield "desk-unggahan-tayang"


async def walk_wordings(page: Page, story: Story) -> AsyncIterator[str]:
    """Words are kept, and put into an answer."""
    await page.goto("/desk/templat-jawaban/baru")
    await page.fill("#title", "Sedang ditindaklanjuti")
    await page.fill("#text", "Yth. {nama}, {salah} sedang kami tindak lanjuti.")
    await page.click("main form button")
    await page.wait_for_selector("#errors")
    yield "desk-templat-galat"
    await page.fill("#text", "Yth. Bapak/Ibu, permohonan {nomor} sedang kami kerjakan sampai {tenggat}.")
    await page.click("main form button")
    await page.wait_for_selector("[role=status]")
    yield "desk-templat"
    case = f"/desk/perkara/{story.waiting[0].replace('/', '-')}"
    await page.goto(case)
    await page.click("form[action$='/tindakan/ambil'] button")
    await page.click("#jawab summary")
    await page.click("main a[href$='/templat-jawaban']")
    yield "desk-templat-pilih"
    await page.click("main a.button")
    await page.wait_for_selector("#text")
    yield "desk-templat-dipakai"
    await page.goto(case)
    await page.click("form[action$='/tindakan/lepas'] button")
    await page.wait_for_selector("[role=status]")
