"""A whole hub in the test's own process and loop: real broker, real databases, real HTTP on a free port."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from corong.embedded import Hub
from corong.runtime import tokens
from corong.runtime.clock import Clock, utc_now
from corong.runtime.commands import ask
from corong.runtime.settings import Settings
from corong_contracts.base import SERVICES
from corong_contracts.channel import Channel
from corong_contracts.command import Command
from corong_contracts.topology import READS


class RunningHub:
    """A started hub with what tests ask of it."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.url = f"http://127.0.0.1:{hub.port}"

    def token(self, kind: tokens.TokenKind, holder: str) -> str:
        """A bearer token of an officer or an account of the example regency."""
        generation = self.hub.installation.directory.token_generation(kind, holder)
        assert generation is not None, f"{holder} may not hold a token"
        return tokens.issue(self.hub.installation.key.tokens, kind, holder, generation=generation)

    def client(self, kind: tokens.TokenKind | None = None, holder: str = "", language: str = "en") -> httpx.AsyncClient:
        """An HTTP client, with a token where one is asked for."""
        headers = {"Accept-Language": language}
        if kind is not None:
            headers["Authorization"] = f"Bearer {self.token(kind, holder)}"
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=20)

    def service(self, name: str) -> Any:
        """A service of the hub."""
        assert self.hub.parts is not None
        return self.hub.parts.service(name)

    async def command(self, command: Command, officer: str, request_id: UUID | None = None) -> dict[str, Any]:
        """Send a command as an officer, by the desk's connection. Raises `Refused`."""
        return await ask(self.service("desk").broker, command, officer, request_id=request_id)

    def rows(self, service: str, sql: str, **parameters: Any) -> list[dict[str, Any]]:
        """Rows of a service's database."""
        from sqlalchemy import text

        with self.service(service).database.read() as connection:
            return [dict(row) for row in connection.execute(text(sql), parameters).mappings()]

    async def until(self, condition: Callable[[], Any], wait: float = 15.0) -> Any:
        """Wait, in seconds, until `condition` is true; its value."""
        return await until(condition, wait)

    async def settled(self, wait: float = 30.0) -> None:
        """Wait until every reader has taken everything that every writer wrote."""
        await until(self._quiet, wait)

    def _quiet(self) -> bool:
        return is_quiet(self.rows)


Query = Callable[..., list[dict[str, Any]]]
"""(service, sql, **parameters) → rows of the service's database."""


def is_quiet(rows: Query) -> bool:
    """Whether every reader has taken everything that every writer wrote.

    What was taken is read before what was written: both only grow, so what covers the later numbers left nothing open.
    The other way round a reader may take, and write, in between.
    """
    taken = {
        service: {row["writer"]: row["taken"] for row in rows(service, "SELECT writer, taken FROM inbox")}
        for service in SERVICES
    }
    heads: dict[str, dict[str, int]] = {}
    for service in SERVICES:
        found = rows(service, "SELECT partition, last, relayed FROM writer WHERE last > 0")
        if any(row["last"] != row["relayed"] for row in found):
            return False
        heads[service] = {f"{service}.{row['partition']:02d}": row["last"] for row in found}
    return all(
        taken[service].get(name, 0) >= last
        for service in SERVICES
        for writer in READS[service]
        for name, last in heads[writer].items()
    )


async def until(condition: Callable[[], Any], wait: float = 15.0) -> Any:
    """Wait, in seconds, until `condition` is true (a coroutine function may be given too); its value."""
    deadline = time.monotonic() + wait
    while True:
        value = condition()
        if asyncio.iscoroutine(value):
            value = await value
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {wait} s: {getattr(condition, '__qualname__', condition)}")
        await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def running_hub(
    data: Path, *, clock: Clock = utc_now, kinds: dict[str, Channel] | None = None, **settings: Any
) -> AsyncIterator[RunningHub]:
    """Start a hub on `data` (the same folder again is the same installation), stop it cleanly at the end.

    `kinds` are the channels, in place of the installed ones.
    """
    values: dict[str, Any] = {"port": 0, "settle_seconds": 1.0, **settings}
    hub = Hub(Settings(data=data, **values), clock=clock, kinds=kinds)
    await hub.start()
    serving = asyncio.create_task(hub.serve())
    try:
        missing = await hub.ready(20)
        assert not missing, f"the hub is not ready: {missing}"
        yield RunningHub(hub)
    finally:
        await hub.stop()
        await serving
