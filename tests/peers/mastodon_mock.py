"""mastodon-mock (PyPI): the Mastodon API on one server in memory, with what snac2 lacks and with faults on demand.

It has no federation: everybody is on one server. What 0.6.1 does, as test_mastodon_mock_peer.py shows:
- `Idempotency-Key`: the same key gives the same status again, for ever. `DELETE /api/v1/statuses/:id` and editing work.
- `/api/v2/instance` has the limits (500 characters, 4 media); 501 characters, and an empty status, are 422.
- Notifications and own statuses page by `max_id`, `since_id`, `min_id` and `limit`; `types[]` works.
- A mention notifies; a reply without a mention does not, as with Mastodon.
- Notification policy as Mastodon 4.3: what it filters comes with `include_filtered=true` only.
- `/api/v1/conversations` lists direct messages. Visibility and language come back as sent.
- Ids are numbers; an unknown `in_reply_to_id` is taken as it is; `uri` is `<base>/users/<name>/statuses/<id>`.
- Faults for chosen requests: a status (with headers), a rate limit, a delay, a body that isn't JSON, no answer.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import pytest
from mastodon import Mastodon

from tests.peers.supervisor import Supervised
from tests.peers.waiting import wait_for
from tests.ports import find_free_port
from tests.programs import ROOT

HOST = "127.0.0.1"


class MastodonMock:
    """One mastodon-mock; a context manager. It forgets everything when it stops."""

    def __init__(self, users: Sequence[str] = ("diskominfo", "budi", "siti"), *, limits: str = "") -> None:
        """Start with these users, each with the token `<name>-token`; `limits` is more of its TOML configuration."""
        self._program = _program()
        self.port = find_free_port()
        self.base_url = f"http://{HOST}:{self.port}"
        self.folder = Path(tempfile.mkdtemp(prefix="corong-mastodon-mock-"))
        seeds = "".join(f'[[seed.accounts]]\nusername = "{name}"\naccess_token = "{name}-token"\n' for name in users)
        origin = f'domain = "{HOST}:{self.port}"\nurl_scheme = "http"\nmedia_storage_path = "{self.folder}/media"\n'
        database = f'[database]\npath = "{self.folder}/mock.sqlite"\n'
        (self.folder / "mock.toml").write_text(f"{origin}{limits}\n{database}{seeds}")
        self._running: Supervised | None = None

    def __enter__(self) -> Self:
        """Start the server and return when it answers."""
        try:
            arguments = ["serve", "--config", str(self.folder / "mock.toml"), "--host", HOST, "--port", str(self.port)]
            log = self.folder / "mock.log"
            self._running = Supervised([self._program, *arguments, "--log-level", "warning"], log=log)
            wait_for("mastodon-mock answers", self._answers)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the server and remove its folder."""
        self.close()

    def close(self) -> None:
        """End the server and remove its folder."""
        server, self._running = self._running, None
        if server is not None:
            server.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def token(self, name: str) -> str:
        """The access token of a user."""
        return f"{name}-token"

    def client(self, name: str) -> Any:
        """Mastodon.py, signed in as that user; it never waits for a rate limit by itself."""
        return Mastodon(
            api_base_url=self.base_url, access_token=self.token(name), ratelimit_method="throw", request_timeout=30
        )

    def fault(
        self, method: str, path: str, effect: str, *, count: int | None = 1, **more: int | str | dict[str, str]
    ) -> None:
        """Spoil the next `count` requests of this method and path (None: all of them).

        `effect` is status (with `status`, `headers`), ratelimit, latency (with `delay_ms`), malformed or timeout.
        """
        rule: dict[str, object] = {"match": {"methods": [method], "path": path}, "effect": {"type": effect, **more}}
        if count is not None:
            rule["count"] = count
        httpx.post(f"{self.base_url}/api/v1/_mock/faults", json=rule, timeout=30).raise_for_status()

    def heal(self) -> None:
        """Take all faults away."""
        httpx.delete(f"{self.base_url}/api/v1/_mock/faults", timeout=30).raise_for_status()

    def _answers(self) -> bool:
        assert self._running is not None
        assert self._running.running(), (self.folder / "mock.log").read_text(errors="replace")
        try:
            return httpx.get(f"{self.base_url}/api/v2/instance", timeout=5).is_success
        except httpx.TransportError:
            return False


def _program() -> str:
    """mastodon_mock of this environment, else of .venv-peers, for when its requirements and ours don't agree."""
    for place in (Path(sys.executable).parent, ROOT / ".venv-peers" / "bin"):
        if (found := place / "mastodon_mock").exists():
            return str(found)
    pytest.fail("no mastodon_mock in this environment: `make venv` installs it", pytrace=False)


@pytest.fixture
def mastodon_mock() -> Iterator[MastodonMock]:
    """A mastodon-mock of this test's own, with the users diskominfo, budi and siti."""
    with MastodonMock() as server:
        yield server
