"""Pictures of every page into build/screenshots: `make screenshots` (ARGS: pieces of names, such as `tulis 360`)."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from playwright.async_api import Page

from tests.browser.chromium import WIDTHS, chromium, page_of
from tests.browser.story import Story, tell
from tests.browser.walk import walk
from tests.browser.walk_desk import walk_desk
from tests.hubs import RunningHub, running_hub
from tests.programs import ROOT

FOLDER = ROOT / "build" / "screenshots"


async def every_page(page: Page, hub: RunningHub, story: Story) -> AsyncIterator[str]:
    """The citizens' and then the officers'."""
    async for name in walk(page, story):
        yield name
    async for name in walk_desk(page, hub, story):
        yield name


async def take(wanted: list[str]) -> None:
    """Take those whose names hold every piece that is asked for."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        async with running_hub(Path(data)) as hub, chromium() as browser:
            story = await tell(hub)
            for scheme in ("light", "dark"):
                for width in WIDTHS:
                    for language in ("id", "en"):
                        async with page_of(browser, hub.url, width=width, language=language, scheme=scheme) as page:
                            async for name in every_page(page, hub, story):
                                file = FOLDER / f"{name}-{language}-{width}-{scheme}.png"
                                if all(piece in file.stem for piece in wanted):
                                    await page.screenshot(path=file, full_page=True)


if __name__ == "__main__":
    asyncio.run(take(sys.argv[1:]))
    print(FOLDER)
