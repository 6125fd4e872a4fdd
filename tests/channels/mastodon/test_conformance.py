"""Both ends keep the rules of every channel, against mastodon-mock behind a line that can be spoiled."""

import itertools
from collections.abc import Iterator, Mapping

import httpx
import pytest

from corong.channels.mastodon import channel
from corong.channels.mastodon.status_text import plain_text, without_leading
from corong_contracts.channel import AccountConfig, Permanent
from corong_contracts.conformance import SinkConformance, SourceConformance
from tests.channels.mastodon.line import Line, line_to
from tests.peers.mastodon_mock import MastodonMock

pytestmark = pytest.mark.peers

_OFFICES = 60
_offices = itertools.count()


@pytest.fixture(scope="module")
def crowd() -> Iterator[MastodonMock]:
    """One server for all of these tests, and an office's account for each of them."""
    with MastodonMock([*(f"dinas{number}" for number in range(_OFFICES)), "budi"]) as server:
        yield server


class _Peer:
    """mastodon-mock, the line to it, the office's account on it, and a citizen's hand."""

    channel = channel
    patience = 20.0
    line: Line
    mock: MastodonMock
    account: AccountConfig
    secrets: tuple[str, ...] = ()
    office: str

    @pytest.fixture(autouse=True)
    def start(self, crowd: MastodonMock) -> Iterator[None]:
        crowd.heal()
        with line_to(crowd.port) as line:
            self.mock, self.line = crowd, line
            self.office = f"dinas{next(_offices)}"
            self.secrets = (crowd.token(self.office),)
            self.account = self.with_token(crowd.token(self.office))
            yield

    def with_token(self, token: str) -> AccountConfig:
        server = {"base_url": f"http://127.0.0.1:{self.line.port}", "token": token}
        settings = server | {"poll_seconds": 0.05, "timeout_seconds": 2}
        return AccountConfig(id="medsos", channel="mastodon", settings=settings)

    def write_as(self, name: str, text: str, **more: str) -> dict[str, str]:
        made = httpx.post(
            f"{self.mock.base_url}/api/v1/statuses",
            data={"status": text, **more},
            headers={"Authorization": f"Bearer {self.mock.token(name)}"},
            timeout=30,
        )
        status: dict[str, str] = made.raise_for_status().json()
        return status


class TestMastodonSink(_Peer, SinkConformance):
    retry_after = 7.0

    away = False

    async def deliver_ok(self) -> None:
        self.mock.heal()
        self.line.trouble = "none"
        if self.away:
            self.line.open()
            self.away = False

    async def peer_refuses_for_good(self) -> None:
        self.mock.fault("POST", "/api/v1/statuses", "status", count=None, status=422)

    async def peer_refuses_for_now(self) -> None:
        self.mock.heal()
        self.mock.fault("POST", "/api/v1/statuses", "ratelimit", count=None, headers={"Retry-After": "7"})

    async def peer_times_out_after_taking(self) -> None:
        self.line.trouble = "silence"

    async def peer_fails_after_taking(self) -> None:
        self.line.trouble = "server_error"

    async def peer_talks_nonsense(self) -> None:
        self.line.trouble = "nonsense"

    async def peer_is_away(self) -> None:
        self.line.close()
        self.away = True

    async def delivered_texts(self) -> list[str]:
        comment = self.reply_to()["status"]
        headers = {"Authorization": f"Bearer {self.mock.token('budi')}"}
        async with httpx.AsyncClient(base_url=self.mock.base_url, headers=headers, timeout=30) as citizen:
            context = (await citizen.get(f"/api/v1/statuses/{comment}/context")).json()
        return [plain_text(status["content"]) for status in context["descendants"]]

    async def send_calls(self) -> int:
        return self.line.sends

    def same_text(self, sent: str, delivered: str) -> bool:
        return sent.split() == without_leading(delivered, "budi").split()

    def reply_to(self) -> Mapping[str, str]:
        if not hasattr(self, "_reply_to"):
            comment = self.write_as("budi", f"@{self.office} lampu mati", visibility="direct")
            self._reply_to = {"status": comment["id"], "acct": "budi", "visibility": "direct"}
        return self._reply_to

    def personal(self) -> tuple[str, ...]:
        return ("@budi",)


class TestMastodonSource(_Peer, SourceConformance):
    async def write(self, text: str, *, thread: str) -> None:
        self.write_as("budi", f"@{self.office} {text} ({thread})")

    async def write_malformed(self, token: str) -> None:
        self.line.rewrites[token] = lambda status: status.update(content=None, text=token)
        self.write_as("budi", f"@{self.office} {token}")

    async def write_long(self, token: str, length: int) -> None:
        self.line.rewrites[token] = lambda status: status.update(content=f"<p>{token}{'x' * (length - len(token))}</p>")
        self.write_as("budi", f"@{self.office} {token}")

    async def peer_is_away(self) -> None:
        self.line.close()

    async def peer_is_back(self) -> None:
        self.line.open()

    def unworkable(self) -> AccountConfig:
        return self.with_token("salah")

    def personal(self) -> tuple[str, ...]:
        return ("budi",)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"base_url": "bukan alamat", "token": "x"},
        {"base_url": "https://social.example", "token": "x", "poll_second": 1},
        {"base_url": "https://social.example", "token": ["rahasia"]},
    ],
)
def test_settings_that_cannot_work_are_named(settings: dict[str, object]) -> None:
    account = AccountConfig(id="medsos", channel="mastodon", settings=settings)
    assert channel.source is not None
    assert channel.sink is not None
    for make in (channel.source, channel.sink):
        with pytest.raises(Permanent, match="settings:") as caught:
            make(account)
        assert "rahasia" not in str(caught.value)
