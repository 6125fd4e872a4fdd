"""A running hub with officers at work: a clock that tests move, a network that tests watch, citizens who write."""

import contextlib
import shutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from corong.runtime.channel_registry import installed
from corong.runtime.clock import utc_now
from corong_contracts.channel import AccountConfig, Capabilities, Channel, Outgoing, Sent
from tests.hubs import RunningHub, running_hub

ASAHAN = Path(__file__).parents[3] / "examples" / "asahan"

PUPR, HEALTH = "dinas-pupr", "dinas-kesehatan"
ROAD = "Jalan di depan pasar Kisaran rusak parah, mohon diperbaiki."

ACCOUNT = """
[[account]]
id = "papan"
channel = "papan"
unit = "dinas-pupr"
name = "Papan uji"
receipts = false
"""


@dataclass
class MovedClock:
    """The real time, and as much more as a test says."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead

    def forward(self, **time: float) -> None:
        """Make it later, by so many minutes or hours."""
        self.ahead += timedelta(**time)


@dataclass
class Network:
    """A network that can't be asked what it has; `failing` is what it answers with."""

    sent: list[Outgoing] = field(default_factory=list)
    tried: list[Outgoing] = field(default_factory=list)
    failing: Exception | None = None
    deleted: list[str] = field(default_factory=list)
    """Native ids."""
    keeps: Exception | None = None
    """What it answers to a deletion."""

    def channel(self) -> Channel:
        """As an entry point would give it."""
        return Channel(kind="papan", sink=lambda account: NetworkSink(self))

    def texts(self) -> list[str]:
        """What reached it."""
        return [outgoing.text for outgoing in self.sent]


class NetworkSink:
    """The network's sink."""

    capabilities = Capabilities(max_text=500, can_post=True, can_delete=True, receipt="none")

    def __init__(self, network: Network, _account: AccountConfig | None = None) -> None:
        self._network = network

    async def send(self, outgoing: Outgoing) -> Sent:
        self._network.tried.append(outgoing)
        if self._network.failing is not None:
            raise self._network.failing
        self._network.sent.append(outgoing)
        return Sent(native_id=f"papan-{outgoing.delivery_id}", url=f"https://papan.example/{outgoing.delivery_id}")

    async def look_up(self, outgoing: Outgoing) -> Sent | None:
        raise AssertionError("it says that it can't look up")

    async def delete(self, native_id: str) -> None:
        if self._network.keeps is not None:
            raise self._network.keeps
        self._network.deleted.append(native_id)

    async def close(self) -> None:
        pass


class Office:
    """The hub, and what citizens and officers do."""

    def __init__(self, hub: RunningHub, clock: MovedClock, network: Network) -> None:
        self.hub = hub
        self.clock = clock
        self.network = network
        self._keys = 0
        self._clients: dict[tuple[str, str], httpx.AsyncClient] = {}

    def client(self, officer: str, language: str = "en") -> httpx.AsyncClient:
        """An officer's client."""
        if (officer, language) not in self._clients:
            self._clients[officer, language] = self.hub.client("officer", officer, language)
        return self._clients[officer, language]

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()

    async def get(self, officer: str, path: str, status: int = 200, language: str = "en", **query: Any) -> Any:
        """GET below /api/v1; the body."""
        answer = await self.client(officer, language).get(f"/api/v1/{path}", params=query)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def post(
        self, officer: str, path: str, body: Any = None, status: int = 200, key: str | None = None, language: str = "en"
    ) -> Any:
        """POST below /api/v1; the body of the answer."""
        headers = {"Idempotency-Key": key} if key else {}
        answer = await self.client(officer, language).post(f"/api/v1/{path}", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def write(
        self,
        text: str = ROAD,
        sender: str = "warga-1",
        *,
        key: str | None = None,
        thread: Sequence[str] = (),
        **more: Any,
    ) -> dict[str, Any]:
        """A citizen writes on the watched network; the receipt, once the desk shows the message."""
        self._keys += 1
        key = key or f"pesan-{self._keys}"
        body = {"text": text, "sender": {"address": sender, "name": "Warga Contoh"}, "thread": list(thread), **more}
        async with self.hub.client("account", "papan") as citizen:
            answer = await citizen.post("/api/v1/messages", json=body, headers={"Idempotency-Key": key})
        assert answer.status_code == 202, answer.text
        receipt: dict[str, Any] = {**answer.json()["receipt"], "key": key}
        found = "SELECT 1 FROM entry WHERE case_id = :case AND kind = 'message.received' AND data LIKE :message"
        where = {"case": receipt["case_id"], "message": f"%{receipt['message_id']}%"}
        await self.hub.until(lambda: self.hub.rows("desk", found, **where))
        routed = 'SELECT 1 FROM "case" WHERE case_id = :case'
        await self.hub.until(lambda: self.hub.rows("desk", routed, case=receipt["case_id"]))
        return receipt

    async def case(self, text: str = ROAD, sender: str = "warga-1") -> str:
        """A new case; its id."""
        return str((await self.write(text, sender))["case_id"])

    async def facts(self, entity: str) -> list[tuple[str, str]]:
        """(type, actor) of all events about a case or post, in the log's order."""
        await self.hub.settled()
        page = await self.get("auditor-inspektorat", "audit/log", case=entity, limit=500)
        return [
            (item["event"]["type"].removeprefix("id.corong.").removesuffix(".v1"), item["event"]["actor"])
            for item in page["events"]
        ]


@contextlib.asynccontextmanager
async def open_office(data: Path, **settings: Any) -> AsyncIterator[Office]:
    """A hub of the example regency with one account more, on the watched network."""
    config = data / "config"
    if not config.exists():  # the same folder again is the same installation
        shutil.copytree(ASAHAN, config)
        with (config / "accounts.toml").open("a") as accounts:
            accounts.write(ACCOUNT)
    clock, network = MovedClock(), Network()
    kinds = {**installed(), "papan": network.channel()}
    settings = {"config": config, "settle_seconds": 0.05, **settings}
    async with running_hub(data / "data", clock=clock, kinds=kinds, **settings) as hub:
        office = Office(hub, clock, network)
        try:
            yield office
        finally:
            await office.close()
