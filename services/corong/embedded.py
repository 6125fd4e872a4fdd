"""The whole hub in one process: nats-server as a child, SQLite, all services, pages and API on one port."""

import asyncio
import contextlib
import gc
import time

import structlog
from fastapi import FastAPI

# Not used here: loaded with this module, in a thread (cli/up.py), so that the port answers while they load.
import corong.auditing.app
import corong.auditing.serving
import corong.channels.runner
import corong.desk.api
import corong.desk.app
import corong.desk.pages.all_pages
import corong.intake.api
import corong.intake.app
import corong.intake.form
import corong.portal.app
import corong.portal.figures_pages
import corong.portal.information_pages
import corong.portal.pages
import corong.publishing.app
import corong.routing.app  # noqa: F401  # see above; ruff tells it of the last one only
from corong.assembly import Parts, assemble, include_routes
from corong.runtime.broker import Broker
from corong.runtime.broker_check import BrokerAway, apply, check
from corong.runtime.channel_registry import Registry
from corong.runtime.clock import Clock, utc_now
from corong.runtime.database import Database
from corong.runtime.datalock import DataFolder
from corong.runtime.ending import end
from corong.runtime.feed import Feed
from corong.runtime.installation import Installation
from corong.runtime.key_watch import watch
from corong.runtime.migrate import migrate
from corong.runtime.natsserver import NatsServer, passwords
from corong.runtime.permissions import server_config
from corong.runtime.serving import HttpPort
from corong.runtime.settings import Settings
from corong.runtime.streams import apply_topology, check_consumers, check_server, check_streams, consumers
from corong.runtime.web import make_app
from corong_contracts.base import SERVICES
from corong_contracts.channel import Channel
from corong_contracts.topology import READS, STREAMS, consumer_name

log = structlog.get_logger()

FEED = "auditing"
"""The service whose consumer is read for all: it reads every writer."""


class Hub:
    """`corong up`. `start`, then `serve` until stopped, then `stop`."""

    def __init__(
        self,
        settings: Settings,
        *,
        http: HttpPort | None = None,
        clock: Clock = utc_now,
        kinds: dict[str, Channel] | None = None,
    ) -> None:
        """`http` listens already; `clock` and `kinds` (the channels, in place of the installed ones) are for tests.

        Raises `DataInUse` where another hub works on this folder, and what `Installation.open` raises.
        """
        self.settings = settings
        self._folder = DataFolder(settings.data, demo=settings.demo)
        try:
            self.installation = Installation.open(settings, clock=clock, create=True)
        except BaseException:
            self._folder.close()
            raise
        self._kinds = kinds
        self.server: NatsServer | None = None
        self.parts: Parts | None = None
        self.app: FastAPI | None = None
        self.port = settings.port
        self._http = http or HttpPort(settings.host, settings.port)
        self._feed: Feed | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Bring everything up. Raises what went wrong, in words that say what to do."""
        began = time.monotonic()
        # The port first: whoever started the hub twice learns it before anything is touched.
        self._http.listen()
        self.port = self.settings.port = self._http.port
        self.server = self._server()
        await asyncio.to_thread(self.server.start)
        self._tasks.append(asyncio.create_task(self.server.watch(), name="nats-server"))
        migrate_keys(self.installation)
        await self.prepare_broker()
        registry = Registry(self.installation, self._kinds)
        self.parts = assemble(self.installation, (*SERVICES, "channels"), self.broker, registry)
        for service in self.parts.services:
            service.prepare()
        self.app = make_app(self.parts.services, self.settings.max_body_bytes)
        include_routes(self.app, self.parts)
        self.share_feed()
        for service in self.parts.services:
            await service.start()
        await self.parts.start_sources()
        self._tasks.append(asyncio.create_task(watch(self.installation.keys), name="keys"))
        self._tasks.append(asyncio.create_task(self._keep_topology(), name="topology"))
        settle_memory()
        log.info("hub started", seconds=round(time.monotonic() - began, 2), port=self.port)

    def share_feed(self) -> None:
        """All services of this process read one feed."""
        assert self.parts is not None  # assembled before
        self._feed = Feed(self.broker(FEED), consumer_name(FEED))
        for service in self.parts.services:
            service.source = self._feed.share(READS[service.name], service.gather)
        self._tasks.append(asyncio.create_task(self._feed.run(), name="feed"))

    def _server(self) -> NatsServer:
        # Not in the store's folder: whoever deletes that loses nothing.
        config = self.settings.data / "nats.conf"
        config.write_text(server_config())
        return NatsServer(config, self.settings.data / "nats", passwords(self.settings.data / "secrets"))

    def broker(self, user: str) -> Broker:
        """A connection as one of the broker's users, not connected yet."""
        assert self.server is not None  # started before
        return Broker(self.server.url, user, self.server.known[user])

    async def prepare_broker(self) -> None:
        """Apply the topology, and refuse a broker that would lose messages. Raises `UnsafeBroker`.

        A broker that dies meanwhile is started again by `NatsServer.watch`, and waited for.
        """
        while True:
            try:
                return await self._prepare_broker()
            except (BrokerAway, OSError) as error:
                log.warning("the start waits for the broker", error=type(error).__name__)
            await asyncio.sleep(0.2)

    async def _prepare_broker(self) -> None:
        assert self.server is not None  # started before
        check_server(await asyncio.to_thread(self.server.varz))
        deploy = self.broker("deploy")
        await deploy.connect()
        try:
            await apply(deploy, self.settings.partitions, readers=(FEED,))
            await check(deploy, STREAMS, (), None)
        finally:
            await deploy.stop()

    async def _keep_topology(self) -> None:
        """What is gone from the broker, a consumer or its whole store, is made again."""
        deploy = self.broker("deploy")
        await deploy.connect()
        wanted = consumers(self.settings.partitions, readers=(FEED,))
        try:
            while True:
                await asyncio.sleep(1.0)
                with contextlib.suppress(Exception):  # the broker is away: next time
                    await check_streams(deploy.jetstream)
                    await check_consumers(deploy.jetstream, wanted)
                    continue
                with contextlib.suppress(Exception):
                    await apply_topology(deploy.jetstream, self.settings.partitions, readers=(FEED,))
        finally:
            await deploy.stop()

    async def serve(self) -> None:
        """Answer HTTP until `stop`."""
        assert self.app is not None  # started before
        await self._http.serve(self.app)

    async def ready(self, wait: float = 15.0) -> dict[str, dict[str, str]]:
        """Wait, in seconds, until every service takes messages; what is missing otherwise."""
        assert self.parts is not None  # started before
        deadline = time.monotonic() + wait
        while True:
            missing = {service.name: found for service in self.parts.services if (found := await service.ready())}
            if not missing or time.monotonic() > deadline:
                return missing
            await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """Stop cleanly: the doors first, so that every answer under way still finds its service."""
        if self.parts is not None:
            self.parts.part()
        self._http.stop()
        await self._http.closed()
        await end(self._tasks)
        if self.parts is not None:
            await self.parts.stop()
        if self._feed is not None:
            await self._feed.close()
        if self.server is not None:
            await asyncio.to_thread(self.server.stop)
        self.installation.key_database.close()
        self._folder.close()


def migrate_keys(installation: Installation) -> None:
    """Bring the key store up to date. Raises `WrongDeploymentKey` where it was made under another one."""
    database: Database = installation.key_database
    database.create_schema()
    migrate(database)
    installation.keys.check()


def settle_memory() -> None:
    """What was made at the start stays: the collector need not look at it again and again.

    A full collection over the modules of six services stops every thread.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
