"""The whole sign-in by a provider in Chromium, without JavaScript too, at both widths, and when it is away."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import WIDTHS, chromium, page_of
from tests.browser.test_pages import violations
from tests.browser.walk_desk import sign_out
from tests.hubs import RunningHub, running_hub
from tests.peers.oidc_provider import OidcProvider, oidc_provider
from tests.ports import find_free_port
from tests.services.desk.governed import governed
from tests.services.desk.office import MovedClock

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser]

OFFICER = "petugas-dinas-kesehatan"
PORT = find_free_port()


@pytest.fixture(scope="module")
def clock() -> MovedClock:
    return MovedClock()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory, clock: MovedClock) -> AsyncIterator[RunningHub]:
    folder = tmp_path_factory.mktemp("provider")
    config = governed(folder, f"http://127.0.0.1:{PORT}", "preferred_username", petugas_dinas_kesehatan="ani.umpama")
    async with running_hub(folder / "data", config=config, clock=clock) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as opened:
        yield opened


async def go(page: Page, provider: OidcProvider, subject: str) -> None:
    """From the door to the provider, and whatever follows."""
    await page.get_by_role("link", name="Masuk dengan Akun Asahan").click()
    await page.wait_for_url(f"{provider.issuer}/**")
    await page.fill("input[name=sub]", subject)
    await page.get_by_role("button", name="Authorize").click()


async def test_the_whole_way(hub: RunningHub, clock: MovedClock, browser: Browser, tmp_path: Path) -> None:
    async with page_of(browser, hub.url, width=WIDTHS[0]) as page:
        await page.goto("/masuk")
        await page.get_by_role("link", name="Masuk dengan Akun Asahan").click()
        await expect(page.get_by_text("Akun Asahan sedang tidak dapat dihubungi")).to_be_visible()
        await expect(page.get_by_label("Id petugas")).to_be_visible()
        assert await violations(page) == []
        await page.screenshot(path=tmp_path / "away.png", full_page=True)
    with oidc_provider(PORT) as provider:
        provider.knows("ani", preferred_username="ani.umpama")
        clock.forward(seconds=10)  # it is left alone for a moment after it was away
        for scripts in (True, False):
            async with page_of(browser, hub.url, width=WIDTHS[scripts], java_script_enabled=scripts) as page:
                await page.goto("/desk/akun")
                await expect(page.get_by_role("link", name="Masuk dengan Akun Asahan")).to_be_visible()
                if scripts:
                    assert await violations(page) == []
                await page.screenshot(path=tmp_path / f"door-{scripts}.png", full_page=True)
                await go(page, provider, "orang-lain")
                await expect(page.get_by_text("tidak tercatat untuk petugas di sini")).to_be_visible()
                await go(page, provider, "ani")
                await expect(page.get_by_role("heading", name="Akun saya")).to_be_visible()
                assert OFFICER in await page.inner_text("main")
                assert page.url == f"{hub.url}/desk/akun"
                await sign_out(page)
    assert {row["officer"] for row in hub.rows("desk", "SELECT officer FROM session")} == set()
