"""The system's Chromium, driven by Playwright."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

from tests.programs import require_program

WIDTHS = (360, 1280)
"""CSS pixels: a small phone, a desk."""


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser. Skips the test where the machine has none."""
    program = require_program("chromium", "chromium-browser", "google-chrome")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        try:
            yield browser
        finally:
            await browser.close()


@contextlib.asynccontextmanager
async def page_of(
    browser: Browser, url: str, *, width: int = 1280, language: str = "id", scheme: Any = "light", **more: Any
) -> AsyncIterator[Page]:
    """A page in a window of its own, without cookies from elsewhere."""
    context = await browser.new_context(
        base_url=url,
        viewport={"width": width, "height": 800 if width < 600 else 900},
        locale="en-GB" if language == "en" else "id-ID",
        color_scheme=scheme,
        is_mobile=width < 600,
        **more,
    )
    context.set_default_timeout(15_000)
    try:
        yield await context.new_page()
    finally:
        await context.close()
