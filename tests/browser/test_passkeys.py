"""A passkey in Chromium, with an authenticator that Chromium itself plays: made, used, replayed, removed."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Request, expect

from tests.browser.chromium import chromium, page_of
from tests.browser.test_pages import violations
from tests.browser.walk_desk import SIGNED_IN, come_in, sign_out
from tests.hubs import RunningHub, running_hub
from tests.services.desk.visitor import PASSWORD

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser]

OFFICER = "petugas-dinas-kesehatan"
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
SEND_AGAIN = """async ([body, token]) => (await fetch("/masuk/kunci", {method: "POST", body,
  headers: {"Content-Type": "application/json", "X-Corong-Token": token}}).then(answer => answer.json())).code"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHub]:
    async with running_hub(tmp_path_factory.mktemp("passkeys")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as opened:
        yield opened


def named(hub: RunningHub) -> str:
    """The hub by a name: an address has no passkeys."""
    return hub.url.replace("127.0.0.1", "localhost")


async def test_made_used_and_removed(hub: RunningHub, browser: Browser) -> None:
    async with page_of(browser, named(hub), width=360) as page:
        devtools = await page.context.new_cdp_session(page)
        await devtools.send("WebAuthn.enable")
        await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        await come_in(page, hub, OFFICER)
        await page.goto("/desk/akun")
        assert await violations(page) == []
        box = page.locator("form[data-passkey=make]")
        await box.get_by_label("Kata sandi yang sekarang").fill("bukan ini kata sandinya")
        await box.get_by_role("button").click()
        await expect(box.get_by_text("tidak cocok")).to_be_visible()
        assert hub.rows("desk", "SELECT * FROM passkey") == []
        await box.get_by_label("Kata sandi yang sekarang").fill(PASSWORD)
        await box.get_by_role("button").click()
        await expect(page.get_by_text("Kunci sandi tersimpan.")).to_be_visible()
        await sign_out(page)

        sent: list[Request] = []
        page.on("request", lambda request: sent.append(request) if request.url.endswith("/masuk/kunci") else None)
        await page.goto("/masuk?next=/desk/akun")
        assert await violations(page) == []
        await page.get_by_role("button", name="Masuk dengan kunci sandi").click()
        await expect(page.get_by_role("heading", name="Akun saya")).to_be_visible()
        assert OFFICER in await page.inner_text("main")
        (kept,) = hub.rows("desk", "SELECT * FROM passkey")
        assert (kept["officer"], kept["count"] > 0, kept["used_at"] is not None) == (OFFICER, True, True)
        assert [row["means"] for row in hub.rows("desk", "SELECT means FROM session")] == ["passkey"]

        # What was signed once is not taken again, though the browser, its cookie and its token are the same.
        again = [sent[0].post_data, await sent[0].header_value("x-corong-token")]
        await sign_out(page)
        assert await page.evaluate(SEND_AGAIN, again) == "bad_passkey"

        await page.get_by_role("button", name="Masuk dengan kunci sandi").click()
        await page.wait_for_selector(SIGNED_IN, state="attached")
        await page.goto("/desk/akun")
        await page.get_by_role("button", name="Hapus").click()
        await expect(page.get_by_text("sudah dihapus dari sini")).to_be_visible()
        await sign_out(page)
        await page.get_by_role("button", name="Masuk dengan kunci sandi").click()
        await expect(page.get_by_text("tidak dikenal di sini")).to_be_visible()


async def test_nobody_is_offered_what_cannot_work(hub: RunningHub, browser: Browser) -> None:
    async with page_of(browser, hub.url) as page:  # by address
        await page.goto("/masuk")
        await expect(page.locator("[data-passkey]")).to_have_count(0)
    async with page_of(browser, named(hub), java_script_enabled=False) as page:
        await page.goto("/masuk")
        await expect(page.get_by_role("button", name="Masuk dengan kunci sandi")).to_be_hidden()
        await expect(page.get_by_label("Id petugas")).to_be_visible()
