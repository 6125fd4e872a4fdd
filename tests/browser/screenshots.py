"""Pictures of every page into build/screenshots: `make screenshots` (ARGS: pieces of names, such as `tulis 360`)."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.browser.chromium import WIDTHS, chromium, page_of
from tests.browser.story import tell
from tests.browser.walk import walk
from tests.hubs import running_hub
from tests.programs import ROOT

FOLDER = ROOT / "build" / "screenshots"


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
                            async for name in walk(page, story):
                                file = FOLDER / f"{name}-{language}-{width}-{scheme}.png"
                                if all(piece in file.stem for piece in wanted):
                                    await page.screenshot(path=file, full_page=True)


if __name__ == "__main__":
    asyncio.run(take(sys.argv[1:]))
    print(FOLDER)
