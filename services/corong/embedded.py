"""The whole hub by one command: nats-server as a child, SQLite, all services, pages and API on one port.

In two processes, or in one: with two, routing and publishing are in the second one (`second.py`, decision 0026).
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

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
from corong import second
from corong.assembly import Parts, assemble, include_routes
from corong.runtime.broker import Broker
from corong.runtime.broker_check import BrokerAway, apply, check
from corong.runtime.channel_registry import Registry
from corong.runtime.childprocess import Child, ChildFailed, ChildGone
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
from corong.runtime.settling import settle_memory
from corong.runtime.streams import apply_topology, check_consumers, check_server, check_streams, consumers
from corong.runtime.web import Checked, make_app
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
        processes: int = 1,
    ) -> None:
        """`http` listens already; `clock` and `kinds` (the channels, in place of the installed ones) are for tests.

        `processes`: with two, some services are in the second one, which knows of no such clock and kinds.
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
        self.second = Child("corong.cli.second") if processes > 1 else None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Bring everything up. Raises what went wrong, in words that say what to do."""
        began = time.monotonic()
        # The port first: whoever started the hub twice learns it before anything is touched.
        self._http.listen()
        self.port = self.settings.port = self._http.port
        if self.second is not None:  # it loads its modules meanwhile
            await self.second.start()
        await self.start_broker()
        await self.build()
        await self.begin()
        settle_memory()
        log.info("hub started", seconds=round(time.monotonic() - began, 2), port=self.port)

    async def start_broker(self) -> None:
        """The broker, with its topology, and the key store: what services of any process need."""
        self.server = self._server()
        await asyncio.to_thread(self.server.start)
        self._tasks.append(asyncio.create_task(self.server.watch(), name="nats-server"))
        migrate_keys(self.installation)
        await self.prepare_broker()

    async def build(self) -> None:
        """The services with their databases, and the pages; none of them works yet. Raises what went wrong."""
        registry = Registry(self.installation, self._kinds)
        elsewhere = second.SERVICES if self.second is not None else ()
        here = [name for name in SERVICES if name not in elsewhere]
        self.parts = assemble(self.installation, (*here, "channels"), self.broker, registry)
        for service in self.parts.services:
            service.prepare()
        if self.second is not None:
            await self.second.begin(self._prepare_second)
        beside = partial(self.second.ask, "metrics") if self.second is not None else None
        self.app = make_app(self.checked, self.settings.max_body_bytes, beside=beside)
        include_routes(self.app, self.parts)

    async def begin(self) -> None:
        """Let them work."""
        assert self.parts is not None  # built before
        self.share_feed()
        for service in self.parts.services:
            await service.start()
        if self.second is not None:
            await self.second.begin(self._begin_second)
            self._tasks.append(asyncio.create_task(self.second.keep(self._begin_second), name="second"))
        await self.parts.start_sources()
        self._tasks.append(asyncio.create_task(watch(self.installation.keys), name="keys"))
        self._tasks.append(asyncio.create_task(self._keep_topology(), name="topology"))

    def _told(self) -> dict[str, Any]:
        assert self.server is not None  # started before
        return second.what_to_tell(self.settings, self.server.url, self.server.known)

    async def _prepare_second(self) -> None:
        assert self.second is not None
        await self.second.ask("prepare", self._told())

    async def _begin_second(self) -> None:
        assert self.second is not None
        await self._prepare_second()
        await self.second.ask("begin")

    @property
    def checked(self) -> Sequence[Checked]:
        """The services, in whichever process they are."""
        assert self.parts is not None  # built before
        elsewhere = second.SERVICES if self.second is not None else ()
        return [*self.parts.services, *(Elsewhere(name, self.second) for name in elsewhere if self.second)]

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

    @property
    def _readers(self) -> tuple[str, ...]:
        return (FEED,) if self.second is None else (FEED, second.FEED)

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
            await apply(deploy, self.settings.partitions, readers=self._readers)
            await check(deploy, STREAMS, (), None)
        finally:
            await deploy.stop()

    async def _keep_topology(self) -> None:
        """What is gone from the broker, a consumer or its whole store, is made again."""
        deploy = self.broker("deploy")
        await deploy.connect()
        wanted = consumers(self.settings.partitions, readers=self._readers)
        try:
            while True:
                await asyncio.sleep(1.0)
                with contextlib.suppress(Exception):  # the broker is away: next time
                    await check_streams(deploy.jetstream)
                    await check_consumers(deploy.jetstream, wanted)
                    continue
                with contextlib.suppress(Exception):
                    await apply_topology(deploy.jetstream, self.settings.partitions, readers=self._readers)
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
            missing = {service.name: found for service in self.checked if (found := await service.ready())}
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
        stopping = [] if self.second is None else [self.second.stop()]
        if self.parts is not None:
            stopping.append(self.parts.stop())
        await asyncio.gather(*stopping)
        if self._feed is not None:
            await self._feed.close()
        if self.server is not None:
            await asyncio.to_thread(self.server.stop)
        self.installation.key_database.close()
        self._folder.close()


class Elsewhere:
    """A service of the second process, asked whether it takes messages."""

    def __init__(self, name: str, child: Child) -> None:
        self.name = name
        self._child = child

    async def ready(self) -> dict[str, str]:
        """What it lacks."""
        try:
            found: dict[str, str] = await self._child.ask("ready", self.name)
        except (ChildGone, ChildFailed) as error:
            return {"process": str(error)}
        return found


def migrate_keys(installation: Installation) -> None:
    """Bring the key store up to date. Raises `WrongDeploymentKey` where it was made under another one."""
    database: Database = installation.key_database
    database.create_schema()
    migrate(database)
    installation.keys.check()
