"""An officer at the desk's pages without a browser: keeps cookies, follows nothing by itself, sends forms."""

import re
import secrets
import time
from typing import Any

import httpx

from corong.desk.access import links
from corong.desk.access.sign_in import SignIn
from corong.desk.context import Desk
from corong.desk.pages.admission import COOKIE
from tests.hubs import RunningHub

PASSWORD = "kuda lumping naik becak"


class Visitor:
    """One browser."""

    def __init__(self, hub: RunningHub, language: str = "id") -> None:
        self.hub = hub
        headers = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": language}
        # As behind a proxy, each from an address of its own: wrong tries are counted by address.
        headers["X-Forwarded-For"] = f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.{secrets.randbelow(256)}"
        self.client = httpx.AsyncClient(base_url=hub.url, headers=headers, timeout=20)

    async def __aenter__(self) -> "Visitor":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()

    async def get(self, path: str, status: int = 200) -> str:
        """A page's text."""
        answer = await self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:2000])
        return answer.text

    async def send(self, page: str, action: str, **words: str) -> httpx.Response:
        """Send the form of `page` (its address) that goes to `action`, with its token."""
        return await self.post(action, token_of(await self.get(page)), **words)

    async def post(self, action: str, token: str, **words: str) -> httpx.Response:
        """Send a form."""
        return await self.client.post(action, data={"token": token, **words})

    async def open_link(self, officer: str, password: str = PASSWORD, **more: Any) -> httpx.Response:
        """Come in by a new link, and set a password."""
        secret = link_of(self.hub, officer, **more)
        page = f"/masuk/tautan?kunci={secret}"
        return await self.send(page, "/masuk/tautan", kunci=secret, password=password, again=password)

    async def sign_in(self, officer: str, password: str = PASSWORD, **more: str) -> httpx.Response:
        """Come in by password."""
        return await self.send("/masuk", "/masuk", officer=officer, password=password, **more)


async def signed_in(hub: RunningHub, officer: str, language: str = "id") -> Visitor:
    """A browser in which an officer is signed in, without the work of a password."""
    visitor = Visitor(hub, language)
    service = hub.service("desk")
    sessions = SignIn(Desk(service)).sessions
    cookie = await service.committer.run(lambda unit: sessions.begin(unit, officer, "password", "", None))
    visitor.client.cookies.set(COOKIE, cookie, domain="127.0.0.1")
    return visitor


def link_of(hub: RunningHub, officer: str, *, hours: float = 1, generation: int = 1) -> str:
    """The secret of a new link."""
    key = hub.hub.installation.key.derive(links.KEY_USE)
    return links.make(key, officer, generation=generation, expires=int(time.time() + hours * 3600))


def token_of(page: str) -> str:
    """The token of a page's first form."""
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found, "the page has no form"
    return found.group(1)
