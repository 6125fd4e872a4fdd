"""Routing and publishing of `corong up` in a process of their own, so that a hub uses two cores (decision 0026).

The hub starts it, tells it over a socket what it must know, and asks it whether it takes messages. It has no HTTP side
and no settings of its own; it ends with the hub.
"""

import asyncio
import gc
from typing import Any

import structlog
from prometheus_client import generate_latest

from corong.assembly import Parts, assemble
from corong.runtime.broker import Broker
from corong.runtime.childprocess import Answer
from corong.runtime.database import AlreadyRunning
from corong.runtime.ending import end
from corong.runtime.feed import Feed
from corong.runtime.installation import Installation
from corong.runtime.key_watch import watch
from corong.runtime.settings import Settings
from corong.runtime.settling import settle_memory
from corong_contracts.topology import READS, consumer_name

log = structlog.get_logger()

SERVICES = ("routing", "publishing")
"""Those that have nothing to answer over HTTP; they take as much of the processor as half of the others."""
FEED = "publishing"
"""The service whose consumer is read for all of them: it reads every writer that one of them reads."""
ORPHAN_SECONDS = 10.0
"""How long one whose hub was killed may take to let its databases go."""


class Second:
    """`prepare`, then `begin`, until `stop`."""

    def __init__(self) -> None:
        self.parts: Parts | None = None
        self._told: dict[str, Any] = {}
        self._feed: Feed | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def answers(self) -> dict[str, Answer]:
        """What the hub may ask."""
        return {
            "prepare": self.prepare, "begin": self.begin, "ready": self.ready, "metrics": self.metrics,
            "stop": self.stop,
        }  # fmt: skip

    async def prepare(self, told: dict[str, Any]) -> None:
        """Build the services and bring their databases up to date, once. Raises what went wrong."""
        if self._told:
            return
        self._told = told
        installation = Installation.open(settings_of(told))
        self.parts = assemble(installation, SERVICES, self._broker)
        for service in self.parts.services:
            await self._prepare(service.prepare)
        self._feed = Feed(self._broker(FEED), consumer_name(FEED))
        for service in self.parts.services:
            service.source = self._feed.share(READS[service.name], service.gather)

    async def _prepare(self, prepare: Any) -> None:
        until = asyncio.get_running_loop().time() + ORPHAN_SECONDS
        while True:
            try:
                prepare()
                return
            except AlreadyRunning:
                if asyncio.get_running_loop().time() > until:
                    raise
            await asyncio.sleep(0.02)

    def _broker(self, user: str) -> Broker:
        return Broker(self._told["nats_url"], user, self._told["passwords"][user])

    async def begin(self, _said: None) -> None:
        """Begin to work."""
        assert self.parts is not None  # prepared before
        assert self._feed is not None
        self._tasks.append(asyncio.create_task(self._feed.run(), name="feed"))
        for service in self.parts.services:
            await service.start()
        self._tasks.append(asyncio.create_task(watch(self.parts.installation.keys), name="keys"))
        settle_memory()
        gc.enable()
        log.info("second process started", services=SERVICES)

    async def ready(self, name: str) -> dict[str, str]:
        """What a service lacks."""
        if self.parts is None:
            return {"start": "not finished"}
        return await self.parts.service(name).ready()

    async def metrics(self, _said: None) -> str:
        """In Prometheus' text format."""
        return generate_latest().decode()

    async def stop(self, _said: None) -> None:
        """Stop cleanly."""
        await end(self._tasks)
        if self.parts is not None:
            await self.parts.stop()
            self.parts.installation.key_database.close()
        if self._feed is not None:
            await self._feed.close()


def what_to_tell(settings: Settings, nats_url: str, passwords: dict[str, str]) -> dict[str, Any]:
    """What the second process must know of the hub, as JSON takes it."""
    set_here = settings.model_dump(mode="json", exclude_unset=True, exclude={"nats_password", "owned"})
    return {
        "settings": {**set_here, "port": settings.port, "log_verifier": settings.log_verifier},
        "nats_url": nats_url,
        "passwords": {user: passwords[user] for user in SERVICES},
    }  # fmt: skip


def settings_of(told: dict[str, Any]) -> Settings:
    """The hub's settings; in the same working folder."""
    return Settings(**told["settings"])
