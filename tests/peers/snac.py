"""snac2: a small ActivityPub server with the Mastodon API, so that one can talk to another as the networks do.

Each server has a loopback address of its own and port 80 (its names carry no port), so root is needed, or a system
whose `net.ipv4.ip_unprivileged_port_start` allows it. tests/system.sh fetches the program.

What snac2 2.75 does, as test_snac_peer.py shows:
- OAuth: `POST /oauth/x-snac-login` (login, passwd, redir, cid) answers an out-of-band code in its body.
- No `Idempotency-Key`: the same post sent twice is there twice. No `DELETE /api/v1/statuses/:id` (404). Editing works.
- `/api/v2/instance` is 404; v1 says 100,000 characters. Errors have no JSON body (404 is HTML, 401 is empty).
- A status has another id on each server, and its own id changes when it is edited (the old one still works). Only `uri`
  stays; `in_reply_to_id` is the id on the server that is asked.
- `unlisted` comes back as `public`, `direct` as `private`, on both servers. `language` is always `en`.
- A reply is notified to the author of what it answers, with or without an @mention, as type `mention`.
- Notifications: `since_id` and `types[]` are ignored; `min_id`, `max_id`, `limit` and `exclude_types[]` work.
- An account's own list of statuses has no private ones and ignores paging; the context of the answered status has them.
  A context has the whole way up, and down only the direct answers.
- `/api/v1/conversations` is always empty; direct messages are mentions. Alt texts of media reach the other server.
- An unknown `in_reply_to_id` or media id is ignored without a word; an empty status is taken.
- Each of the two servers looks at its queue every 3 s, so a post takes up to 6 s to the other one.
- It closes connections that it has kept open without saying so: a client must not use one a second time.
"""

import itertools
import json
import os
import random
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import pytest
import requests
from mastodon import Mastodon

from tests.peers.supervisor import Supervised
from tests.peers.waiting import wait_for
from tests.programs import require_program

_OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
_SCOPES = "read write follow"
_draw = random.SystemRandom()


class _FreshConnections(requests.Session):
    """A session that uses no connection twice; `Connection: close` in a request does not keep requests from it."""

    def request(self, *arguments: Any, **named: Any) -> requests.Response:
        try:
            return super().request(*arguments, **named)
        finally:
            self.close()


@dataclass(frozen=True)
class SnacUser:
    """Somebody with an account: what a citizen or an office has in hand."""

    name: str
    host: str
    base_url: str
    token: str = field(repr=False)

    @property
    def address(self) -> str:
        """`name@host`, as other servers know them."""
        return f"{self.name}@{self.host}"

    @cached_property
    def client(self) -> Any:
        """Mastodon.py, signed in as this user."""
        return Mastodon(
            api_base_url=self.base_url, access_token=self.token, version_check_mode="none", session=_FreshConnections(),
            ratelimit_method="throw", request_timeout=30,
        )  # fmt: skip

    def api(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """One plain request to the Mastodon API, signed in; the answer as it is."""
        headers = {"Authorization": f"Bearer {self.token}", "Connection": "close"} | arguments.pop("headers", {})
        return httpx.request(method, self.base_url + path, headers=headers, timeout=30, **arguments)

    def follow(self, other: "SnacUser") -> None:
        """Follow somebody here or on another server, and return when their server knows."""
        found = self.client.search_v2(other.address, resolve=True)["accounts"]
        self.client.account_follow(found[0]["id"])

        def known() -> bool:
            notes = other.client.notifications()
            return any(note["type"] == "follow" and note["account"]["acct"] == self.address for note in notes)

        wait_for(f"{other.address} is followed", known)

    def sees(self, text: str) -> Any:
        """Wait for a status with this text in the home timeline and return it, as Mastodon.py gives it."""
        return wait_for(f"{self.address} sees a post", lambda: next(
            (status for status in self.client.timeline_home() if text in status["content"]), None
        ))  # fmt: skip

    def notified(self, text: str) -> Any:
        """Wait for a mention with this text and return its status, as Mastodon.py gives it."""
        return wait_for(f"{self.address} is told of a reply", lambda: next(
            (
                note["status"]
                for note in self.client.notifications()
                if note["type"] == "mention" and text in note["status"]["content"]
            ),
            None,
        ))  # fmt: skip


class SnacServer:
    """One snac2 server in a temporary folder; a context manager. Users and posts stay through `stop` and `start`."""

    def __init__(self, host: str | None = None) -> None:
        """Serve on port 80 of `host`, an address of 127.0.0.0/8; a free one by default."""
        self._program = require_program("snac")
        self.host = host or _free_host()
        self.base_url = f"http://{self.host}"
        self._parent = Path(tempfile.mkdtemp(prefix="corong-snac-"))
        self.folder = self._parent / "snac"
        self.log = self._parent / "snac.log"
        self._running: Supervised | None = None

    def __enter__(self) -> Self:
        """Make the server's folder, start it, and return when it answers."""
        try:
            answers = "\n".join([self.host, "80", self.host, "", ""]) + "\n"
            self._snac("init", str(self.folder), given=answers)
            settings = json.loads((self.folder / "server.json").read_text())
            settings |= {"protocol": "http", "disable_email_notifications": True, "disable_sandbox": True}
            (self.folder / "server.json").write_text(json.dumps(settings))
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the server and remove its folder."""
        self.close()

    def start(self) -> None:
        """Start the server and return when it answers."""
        self._running = Supervised([self._program, "httpd", str(self.folder)], log=self.log)
        wait_for(f"snac answers on {self.host}", self._answers)

    def stop(self, *, crash: bool = False) -> None:
        """End the server; with `crash` by SIGKILL."""
        server, self._running = self._running, None
        if server is not None:
            server.kill() if crash else server.stop()

    def close(self) -> None:
        """End the server, which takes seconds to end by itself, and remove its folder."""
        self.stop(crash=True)
        shutil.rmtree(self._parent, ignore_errors=True)

    def create_user(self, name: str) -> SnacUser:
        """Make an account and sign in to it by OAuth, as an installation's owner does for the hub's account."""
        said = self._snac("adduser", str(self.folder), name, given="")
        password = re.search(r"password is (\S+)", said)
        assert password is not None, said
        return SnacUser(name, self.host, self.base_url, self._sign_in(name, password[1]))

    def _sign_in(self, name: str, password: str) -> str:
        with httpx.Client(base_url=self.base_url, timeout=30, headers={"Connection": "close"}) as web:
            app = {"client_name": "Corong", "redirect_uris": _OUT_OF_BAND, "scopes": _SCOPES}
            made = web.post("/api/v1/apps", data=app).raise_for_status().json()
            asked = {"response_type": "code", "client_id": made["client_id"], "redirect_uri": _OUT_OF_BAND}
            page = web.get("/oauth/authorize", params=asked | {"scope": _SCOPES}).raise_for_status()
            assert "/oauth/x-snac-login" in page.text
            login = {"login": name, "passwd": password, "redir": _OUT_OF_BAND, "cid": made["client_id"], "state": ""}
            code = web.post("/oauth/x-snac-login", data=login).raise_for_status().text.strip()
            grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": _OUT_OF_BAND}
            app_key = {"client_id": made["client_id"], "client_secret": made["client_secret"]}
            token = web.post("/oauth/token", data=grant | app_key).raise_for_status().json()["access_token"]
            return str(token)

    def _snac(self, *arguments: str, given: str) -> str:
        done = subprocess.run(
            [self._program, *arguments], input=given, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def _answers(self) -> bool:
        assert self._running is not None
        assert self._running.running(), self.log.read_text(errors="replace")
        try:
            return httpx.get(self.base_url, timeout=5).is_success
        except httpx.TransportError:
            return False


def _free_host() -> str:
    """An address of 127.0.0.0/8 whose port 80 we may take; skips the test, or fails it under CI, where we may not."""
    for _ in range(50):
        host = f"127.{_draw.randint(16, 250)}.{_draw.randint(1, 250)}.{_draw.randint(1, 250)}"
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, 80))
            except PermissionError:
                break
            except OSError:
                continue
            return host
    reason = "snac2 needs port 80 of a loopback address: run as root, or lower net.ipv4.ip_unprivileged_port_start"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def snacs() -> Iterator[tuple[SnacServer, SnacServer]]:
    """Two servers that federate: one for the hub's account, one for citizens."""
    with SnacServer() as first, SnacServer() as second:
        yield first, second


_names = itertools.count(1)


def fresh_name(stem: str) -> str:
    """A user's name that was not given before in this run."""
    return f"{stem}{next(_names)}"
