"""One service as a process of its own: its user at the broker, its database, its HTTP port. `corong run SERVICE`."""

import asyncio
import contextlib
from typing import TYPE_CHECKING

import structlog
from fastapi import FastAPI

from corong.assembly import Parts, assemble, include_routes
from corong.runtime.broker import Broker
from corong.runtime.broker_check import check_patiently
from corong.runtime.ending import end
from corong.runtime.installation import Installation
from corong.runtime.key_watch import watch
from corong.runtime.migrate import NotMigrated, migrate, missing_version
from corong.runtime.serving import HttpPort
from corong.runtime.settings import Settings
from corong.runtime.streams import consumers_of
from corong.runtime.web import Checked, make_app
from corong_contracts.topology import streams_of

if TYPE_CHECKING:
    from corong.channels.runner import SourceRunner

log = structlog.get_logger()

BROKER_SECONDS = 10.0
"""How long the start waits for a broker to check; without one it goes on, and checks when it comes."""

WITHOUT_KEYS = ("channels",)
"""They never open or seal anything, and have no right to the key store (deploy/postgres.sql)."""


class Process:
    """`start`, then `serve` until stopped, then `stop`."""

    def __init__(self, settings: Settings, name: str) -> None:
        """Raises what `Installation.open` raises."""
        self.settings = settings
        self.name = name
        self.installation = Installation.open(settings)
        self.parts: Parts | None = None
        self.app: FastAPI | None = None
        self._http = HttpPort(settings.host, settings.port)
        self._checking: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """Of its HTTP side."""
        return self._http.port

    async def start(self) -> None:
        """Bring it up; what needs the broker follows when that is there. Raises what went wrong, with what to do."""
        self._http.listen()
        prepare_keys(self.installation, self.name)
        self._checking = asyncio.create_task(self._check(), name="broker-check")
        await asyncio.wait({self._checking}, timeout=BROKER_SECONDS)
        if self._checking.done():
            self._checking.result()
        else:
            log.warning("starts without the broker", service=self.name)
        self.parts = assemble(self.installation, (self.name,), self._broker)
        for service in self.parts.services:
            service.prepare()
        self.app = make_app(self._checked(self.parts), self.settings.max_body_bytes)
        include_routes(self.app, self.parts)
        for service in self.parts.services:
            await service.start()
        if self.name not in WITHOUT_KEYS:
            self._watching = asyncio.create_task(watch(self.installation.keys), name="keys")
        await self.parts.start_sources()
        log.info("service started", service=self.name, port=self.port)

    def _broker(self, user: str) -> Broker:
        return Broker(self.settings.nats_url, user, self.settings.nats_password.get_secret_value())

    def _checked(self, parts: Parts) -> list[Checked]:
        sources = [] if parts.sources is None else [SourcesReadiness(parts.sources)]
        return [*parts.services, *sources]

    async def _check(self) -> None:
        broker = self._broker(self.name)
        try:
            await check_patiently(
                broker,
                streams_of(self.name),
                consumers_of(self.name, self.settings.partitions, self.settings.owned_range),
                self.settings.nats_monitor_url,
            )
        finally:
            with contextlib.suppress(Exception):  # it may never have connected
                await broker.stop()

    async def serve(self) -> None:
        """Answer HTTP until `stop`. Raises `UnsafeBroker` where the broker that came is not safe."""
        assert self.app is not None  # started before
        assert self._checking is not None
        serving = asyncio.create_task(self._http.serve(self.app))
        await asyncio.wait({serving, self._checking}, return_when=asyncio.FIRST_EXCEPTION)
        self._http.stop()
        await serving
        if self._checking.done():
            self._checking.result()

    async def ready(self, wait: float = 15.0) -> dict[str, dict[str, str]]:
        """Wait, in seconds, until it takes messages; what is missing otherwise."""
        assert self.parts is not None  # started before
        deadline = asyncio.get_running_loop().time() + wait
        while True:
            missing = {part.name: found for part in self._checked(self.parts) if (found := await part.ready())}
            if not missing or asyncio.get_running_loop().time() > deadline:
                return missing
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Stop cleanly: the door first, then the service."""
        if self.parts is not None:
            self.parts.part()
        self._http.stop()
        await self._http.closed()
        await end([task for task in (self._checking, self._watching) if task is not None])
        if self.parts is not None:
            await self.parts.stop()
        self.installation.key_database.close()


class SourcesReadiness:
    """Whether the channels' sources can hand over what comes."""

    name = "channels"

    def __init__(self, sources: "SourceRunner") -> None:
        self._sources = sources

    async def ready(self) -> dict[str, str]:
        """What is not ready: the broker, or accounts whose settings can't work."""
        if not self._sources.broker.connected:
            return {"broker": "not connected"}
        return dict(self._sources.failed)


def prepare_keys(installation: Installation, name: str) -> None:
    """An SQLite key store is brought up to date; in PostgreSQL that is `corong migrate keys`, by its own role.

    Raises `NotMigrated`.
    """
    database = installation.key_database
    if database.is_sqlite:
        database.create_schema()
        migrate(database)
    elif name not in WITHOUT_KEYS and (missing := missing_version(database)):
        raise NotMigrated(f"the key store is not ready ({missing}): run `corong migrate keys`")
