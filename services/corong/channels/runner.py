"""Runs the sources of the configured accounts: what they hand over goes to intake by the NATS door.

A source's position is kept in a small database of its own; it may be lost: intake recognises what it has seen. So these
rows are not folded from events.
"""

import asyncio

import structlog
from sqlalchemy import Column, MetaData, String, Table, Text, select

from corong.runtime.broker import Broker
from corong.runtime.channel_registry import Registry
from corong.runtime.clock import stamp
from corong.runtime.database import Database
from corong.runtime.ending import end
from corong.runtime.inbound import Submitter
from corong.runtime.installation import Installation
from corong.runtime.migrate import migrate
from corong.runtime.rows import Rows
from corong_contracts.channel import AccountConfig, Channel, InboundMessage, Permanent, Receipt

log = structlog.get_logger()

metadata = MetaData()

cursor = Table(
    "cursor",
    metadata,
    Column("account", String(63), primary_key=True),
    Column("name", String(120), primary_key=True),
    Column("value", Text, nullable=False),
    Column("put_at", String(27), nullable=False),
    comment="Where each source got to",
)

INLINE_BYTES = 200_000
"""Attachments above it go through the object store: the broker takes messages of at most 1 MB."""


class AccountCursor:
    """The cursor of one account."""

    def __init__(self, database: Database, account: str, installation: Installation) -> None:
        self._database = database
        self._account = account
        self._clock = installation.clock

    async def get(self, name: str) -> str | None:
        """The value last put, or None."""

        def read() -> str | None:
            with self._database.read() as connection:
                found = connection.execute(
                    select(cursor.c.value).where(cursor.c.account == self._account, cursor.c.name == name)
                )
                return found.scalar()

        return await asyncio.to_thread(read)

    async def put(self, name: str, value: str) -> None:
        """Keep a value."""

        def write() -> None:
            with self._database.write() as connection:
                rows = Rows(connection)
                row = {"account": self._account, "name": name, "value": value, "put_at": stamp(self._clock())}
                rows.put(cursor, row)
                rows.flush()

        await asyncio.to_thread(write)


class SourceRunner:
    """All sources of a process."""

    def __init__(self, installation: Installation, broker: Broker, registry: Registry) -> None:
        self._installation = installation
        self.broker = broker
        self._registry = registry
        self._submitter = Submitter(broker)
        self._database = Database(installation.settings.database, "channels")
        self._tasks: list[asyncio.Task[None]] = []
        self.failed: dict[str, str] = {}
        """Account → why its source can't work; shown by `/readyz` and `corong doctor`."""

    async def start(self) -> None:
        """Start a task for each account that has a source."""
        self._database.create_schema()
        migrate(self._database)
        self._database.own("sources")
        self._tasks.append(asyncio.create_task(self.broker.connect()))
        for channel, config in self._registry.accounts():
            if channel.source is not None:
                self._tasks.append(asyncio.create_task(self._run(channel, config), name=f"source-{config.id}"))

    async def stop(self) -> None:
        """Stop all; what was not receipted comes again at the next start."""
        await end(self._tasks)
        if self.broker.connected:
            await self.broker.stop()
        self._database.close()

    async def _run(self, channel: Channel, config: AccountConfig) -> None:
        assert channel.source is not None  # `start` looked
        await self.broker.connect()
        wait = 1.0
        while True:
            try:
                source = channel.source(config)
                await source.run(self.hand_over, AccountCursor(self._database, config.id, self._installation))
            except Permanent as error:
                self.failed[config.id] = error.code
                log.error("source can't work with its settings", account=config.id, code=error.code)
                return
            except Exception as error:  # a source must not die of one bad moment
                log.warning("source starts again", account=config.id, error=type(error).__name__)
            await asyncio.sleep(wait)
            wait = min(wait * 2, 60.0)

    async def hand_over(self, message: InboundMessage) -> Receipt:
        """Give a message to intake and wait for its receipt."""
        attachments = []
        inline = 0
        for attachment in message.attachments:
            content = attachment.content or b""
            inline += len(content)
            if inline > INLINE_BYTES:
                name = await self._installation.objects.stage(content)
                attachment = attachment.model_copy(update={"content": None, "staged": name})
            attachments.append(attachment)
        whole = message.model_copy(update={"attachments": attachments, "demo": self._installation.settings.demo})
        subject = f"corong.inbound.{message.channel}.{message.account}"
        return await self._submitter.submit(subject, whole.model_dump_json().encode())
