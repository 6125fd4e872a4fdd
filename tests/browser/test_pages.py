"""Every page in Chromium: nothing that axe finds, nothing that overflows, nothing that comes from elsewhere."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, Page

from tests.browser.chromium import WIDTHS, chromium, page_of
from tests.browser.story import Story, tell
from tests.browser.walk import walk
from tests.browser.walk_desk import walk_desk
from tests.hubs import RunningHub, running_hub

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser, pytest.mark.timeout(300)]

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # of what is in order no list is made
}

WEIGHT = """['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind))
  .reduce((bytes, entry) => bytes + entry.decodedBodySize, 0)"""
"""A page and all that it asks for, before compression."""
MOST_BYTES = 50_000
MOST_BYTES_OF_THE_DESK = 75_000
"""With what its open pages ask for while they are open."""
RULE_FILE = 40_000
"""The rules of routing stand whole on their page, to be changed there."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHub]:
    async with running_hub(tmp_path_factory.mktemp("pages")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(hub: RunningHub) -> Story:
    return await tell(hub)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as opened:
        yield opened


async def violations(page: Page) -> list[str]:
    """What axe finds, by rule and place."""
    await page.evaluate(AXE_SCRIPT)
    # Only what is wrong comes back: the rest is long.
    found = await page.evaluate("rules => axe.run(document, rules).then(told => told.violations)", RULES)
    return [
        f"{item['id']}: {node['target']} {node.get('failureSummary', '')}" for item in found for node in item["nodes"]
    ]


PHONE, DESK = WIDTHS
WINDOWS = [
    (PHONE, "id", "dark", True),
    (DESK, "en", "light", True),
    (PHONE, "en", "light", False),
    (DESK, "id", "dark", False),
]
"""Width, language, colours, and whether axe looks: it does at each width, in each language and in all colours."""


@pytest.mark.parametrize(("width", "language", "scheme", "by_axe"), WINDOWS)
async def test_every_page_can_be_used_by_everybody(
    hub: RunningHub, story: Story, browser: Browser, width: int, language: str, scheme: str, by_axe: bool
) -> None:
    async with page_of(browser, hub.url, width=width, language=language, scheme=scheme) as page:
        asked = Asked(page)
        told = await problems_on(page, walk(page, story), width, language, by_axe=by_axe)
    assert told == ({}, 34)
    asked.check(hub)


@pytest.mark.parametrize(("width", "language", "scheme"), [(360, "id", "dark"), (1280, "en", "light")])
async def test_every_page_of_the_desk_can_be_used_by_every_officer(
    hub: RunningHub, story: Story, browser: Browser, width: int, language: str, scheme: str
) -> None:
    async with page_of(browser, hub.url, width=width, language=language, scheme=scheme) as page:
        asked = Asked(page)
        pages = 63 + (width == PHONE)
        told = await problems_on(page, walk_desk(page, hub, story), width, language, MOST_BYTES_OF_THE_DESK)
    assert told == ({}, pages)
    asked.check(hub)


class Asked:
    """What pages ask for, and what the browser says of them."""

    def __init__(self, page: Page) -> None:
        self.addresses: list[str] = []
        self.said: list[str] = []
        page.on("request", lambda request: self.addresses.append(request.url))
        page.on("console", lambda message: self.said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.said.append(str(error)))

    def check(self, hub: RunningHub) -> None:
        """Nothing comes from elsewhere, and nothing is refused."""
        assert len(self.addresses) > 20
        elsewhere = [one for one in self.addresses if not one.startswith((hub.url, "data:image/svg+xml"))]
        assert elsewhere == []
        # A page of status 404 or 422 is noted by the browser; a refusal by the content security policy would be too.
        assert [text for text in self.said if "Failed to load resource" not in text] == []
        assert not [text for text in self.said if "500" in text]


async def problems_on(
    page: Page, pages: AsyncIterator[str], width: int, language: str, most: int = MOST_BYTES, *, by_axe: bool = True
) -> tuple[dict[str, list[str]], int]:
    """Page → what axe finds there; and how many pages there were."""
    found: dict[str, list[str]] = {}
    count = 0
    async for name in pages:
        count += 1
        if by_axe and (problems := await violations(page)):
            found[name] = problems
        assert await page.get_attribute("html", "lang") == language
        room = RULE_FILE if name.startswith("desk-aturan") else 0
        assert await page.evaluate(WEIGHT) < most + room, name
        # WCAG 2.2 1.4.10: no scrolling to the side.
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, name
        # WCAG 2.2 2.5.8: what is pressed is at least 24 by 24, but for links in sentences.
        small = await page.eval_on_selector_all(
            "button, a.button, nav a, header a, textarea, select, summary, "
            "input:not([type=hidden]):not([name=website]):not([tabindex='-1'])",
            "all => all.filter(e => e.getClientRects().length && !e.closest('label'))"
            ".filter(e => { const r = e.getBoundingClientRect(); return r.width < 24 || r.height < 24 })"
            ".map(e => e.outerHTML.slice(0, 120))",
        )
        assert small == [], name
    return found, count


async def test_the_look_at_accessibility_sees_what_is_wrong(hub: RunningHub, browser: Browser) -> None:
    async with page_of(browser, hub.url) as page:
        await page.goto("/cek")
        await page.eval_on_selector("label[for=number]", "label => label.remove()")
        await page.eval_on_selector(".lead", "text => text.style.color = '#ccc'")
        assert {problem.split(":")[0] for problem in await violations(page)} >= {"label", "color-contrast"}


async def test_what_comes_from_elsewhere_or_is_refused_is_seen(hub: RunningHub, browser: Browser) -> None:
    async with page_of(browser, hub.url) as page:
        asked = Asked(page)
        await page.goto("/cek")
        await page.evaluate("document.head.append(Object.assign(document.createElement('script'), {text: '0'}))")
        assert any("Content Security Policy" in text for text in asked.said)
        asked.addresses += ["https://elsewhere.example/a.css"] * 21
        with pytest.raises(AssertionError, match=r"elsewhere\.example"):
            asked.check(hub)


async def test_the_receipt_prints_on_one_sheet_without_what_a_screen_needs(
    hub: RunningHub, story: Story, browser: Browser
) -> None:
    async with page_of(browser, hub.url, scheme="dark") as page:
        async for name in walk(page, story):
            if name == "tanda-terima":
                break
        await page.emulate_media(media="print")
        for unseen in ("nav", "footer", ".actions"):
            assert not await page.locator(unseen).first.is_visible()
        for seen in ("#registration", "#receipt-secret", ".qr img"):
            assert await page.locator(seen).is_visible()
        assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        printed = await page.pdf(format="A4")
        assert printed.count(b"/Type /Page\n") + printed.count(b"/Type/Page\n") == 1
