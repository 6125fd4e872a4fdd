"""Some of the services in the test's own process, on a real broker; and a hand that publishes what a test wants.

Intake without a relay is a writer whose outbox the test itself sends: in another order, twice, or not at all.
"""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from corong.assembly import assemble
from corong.embedded import migrate_keys
from corong.intake.accept import Intake
from corong.runtime import tables
from corong.runtime.arrivals import NUMBER_HEADER, WRITER_HEADER
from corong.runtime.broker import Broker
from corong.runtime.channel_registry import Registry
from corong.runtime.commands import ask
from corong.runtime.installation import Installation
from corong.runtime.natsserver import NatsServer
from corong.runtime.relay import Relay, Row
from corong.runtime.service import Service
from corong.runtime.settings import Settings
from corong.runtime.streams import apply_topology
from corong_contracts.channel import Channel, InboundMessage, Party, Receipt
from corong_contracts.command import Command
from corong_contracts.topology import EVENTS
from tests.brokers import running_broker
from tests.hubs import until

ROAD = "Jalan di depan pasar Kisaran rusak parah, mohon diperbaiki."
OFFICER = "petugas-dinas-pupr"


class Spine:
    """A broker, an installation, and the services that were started."""

    def __init__(self, folder: Path, server: NatsServer, **settings: Any) -> None:
        values: dict[str, Any] = {"settle_seconds": 0.5, **settings}
        self.settings = Settings(data=folder / "data", port=0, **values)
        self.installation = Installation.open(self.settings, create=True)
        migrate_keys(self.installation)
        self.server = server
        self.services: dict[str, Service] = {}
        self.intake: Intake | None = None
        self._brokers: dict[str, Broker] = {}

    def connection(self, user: str) -> Broker:
        """A new, unconnected broker connection of a user."""
        return Broker(self.server.url, user, self.server.known[user])

    async def user(self, name: str) -> Broker:
        """A connection of the test's own as this user."""
        if name not in self._brokers:
            self._brokers[name] = self.connection(name)
            await self._brokers[name].connect()
        return self._brokers[name]

    async def apply_topology(self) -> None:
        """Make streams and consumers, as `deploy`."""
        deploy = self.connection("deploy")
        await deploy.connect()
        await apply_topology(deploy.jetstream, self.settings.partitions)
        await deploy.stop()

    def prepare(self, *names: str, kinds: dict[str, Channel] | None = None) -> list[Service]:
        """Build services; `start` runs them."""
        registry = Registry(self.installation, kinds) if kinds is not None else None
        parts = assemble(self.installation, names, self.connection, registry)
        for service in parts.services:
            service.prepare()
            self.services[service.name] = service
        self.intake = parts.intake or self.intake
        return parts.services

    async def start(self, *names: str, kinds: dict[str, Channel] | None = None) -> None:
        """Build and start services, and wait until they take messages."""
        for service in self.prepare(*names, kinds=kinds):
            await service.start()

        async def ready() -> bool:
            return not [name for name in names if await self.services[name].ready()]

        await until(ready, 20)

    def mute_writer(self) -> None:
        """Intake that commits, and neither relays nor answers: the test sends its outbox."""
        (service,) = self.prepare("intake")
        service.committer.start()

    async def answering_writer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Intake that relays nothing by itself, but sends again what it is asked for."""
        monkeypatch.setattr(Relay, "run", lambda relay: asyncio.Event().wait())
        await self.start("intake")

    async def stop(self, *names: str) -> None:
        """Stop services, all by default."""
        for name in names or tuple(self.services):
            await self.services.pop(name).stop()

    async def close(self) -> None:
        """Stop all and let all connections go."""
        await self.stop()
        for broker in self._brokers.values():
            with contextlib.suppress(Exception):  # the broker may be gone
                await broker.stop()
        self.installation.key_database.close()

    async def accept(self, count: int, *, start: int = 0, sender: str = "", **more: Any) -> list[Receipt]:
        """Messages of so many citizens through intake's one function, at once."""
        assert self.intake is not None
        return await asyncio.gather(
            *(self.intake.accept(message(number, sender=sender, **more)) for number in range(start, start + count))
        )

    def rows(self, service: str, sql: str, **parameters: Any) -> list[dict[str, Any]]:
        """Rows of a service's database."""
        with self.services[service].database.read() as connection:
            return [dict(row) for row in connection.execute(text(sql), parameters).mappings()]

    def count(self, service: str, table: str) -> int:
        """How many rows a table has."""
        return int(self.rows(service, f'SELECT count(*) AS n FROM "{table}"')[0]["n"])

    def outbox(self, service: str = "intake") -> list[Row]:
        """What a service wrote, by partition and number."""
        box = tables.outbox.c
        with self.services[service].database.read() as connection:
            found = connection.execute(
                select(box.partition, box.number, box.id, box.type, box.body).order_by(box.partition, box.number)
            )
            return [Row(*row) for row in found]

    async def publish(self, rows: Iterable[Row], writer: str = "intake", *, again: bool = False) -> None:
        """Send outbox rows in this order, as their writer; `again` under new message ids."""
        broker = await self.user(writer)
        for row in rows:
            _, _, noun, verb, _ = row.type.split(".")
            name = f"{writer}.{row.partition:02d}"
            headers = {
                "Nats-Msg-Id": f"{row.id}.{uuid4().hex}" if again else row.id, WRITER_HEADER: name,
                NUMBER_HEADER: str(row.number),
            }  # fmt: skip
            subject = f"corong.event.{name}.{noun}.{verb}"
            await broker.jetstream.publish(subject, row.body, stream=EVENTS.name, headers=headers)

    async def publish_raw(
        self, subject: str, body: bytes, headers: dict[str, str] | None = None, user: str = "intake"
    ) -> None:
        """Anything, as a user."""
        broker = await self.user(user)
        stream = "INBOUND" if subject.startswith("corong.inbound") else "EVENTS"
        await broker.jetstream.publish(subject, body, stream=stream, headers=headers)

    async def drained(self, service: str) -> None:
        """Wait until a service has seen everything that the stream has for it."""
        jetstream = (await self.user("deploy")).jetstream

        async def seen() -> bool:
            info = await jetstream.consumer_info(EVENTS.name, service)
            return not info.num_pending and not info.num_ack_pending

        await until(seen, 20)

    async def command(self, command: Command, officer: str = OFFICER) -> dict[str, Any]:
        """Send a command as the desk does. Raises `Refused`."""
        return await ask(await self.user("desk"), command, officer)

    def taken(self, service: str) -> dict[str, int]:
        """A service's watermarks."""
        return {row["writer"]: row["taken"] for row in self.rows(service, "SELECT writer, taken FROM inbox")}

    async def until_taken(self, service: str, rows: Iterable[Row], writer: str = "intake", wait: float = 20) -> None:
        """Wait until a service's watermarks have reached these rows."""
        last: dict[str, int] = {}
        for row in rows:
            name = f"{writer}.{row.partition:02d}"
            last[name] = max(row.number, last.get(name, 0))
        await until(lambda: all(self.taken(service).get(name, 0) >= number for name, number in last.items()), wait)

    def letters(self, service: str) -> list[dict[str, Any]]:
        """What is parked at a service."""
        return self.rows(service, "SELECT * FROM parked ORDER BY writer, number")


def message(number: int, text_: str = ROAD, *, sender: str = "", **more: Any) -> InboundMessage:
    """A citizen's message."""
    return InboundMessage(
        channel="api", account="api-contoh", native_id=f"pesan-{number}", text=f"{text_} Nomor {number}.",
        sender=Party(address=sender or f"warga-{number}"), **more,
    )  # fmt: skip


@contextlib.asynccontextmanager
async def running_spine(folder: Path, **settings: Any) -> AsyncIterator[Spine]:
    """A broker with its topology, and nothing started yet."""
    with running_broker(folder / "broker") as server:
        spine = Spine(folder, server, **settings)
        try:
            await spine.apply_topology()
            yield spine
        finally:
            await spine.close()


def lose_store(server: NatsServer, *, before_start: Callable[[], None] = lambda: None) -> None:
    """The broker's disk is gone: it comes back on the same port with nothing."""
    server.kill()
    shutil.rmtree(server.data / "jetstream")
    before_start()
    server.start()
