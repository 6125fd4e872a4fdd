"""Auditing's wiring: it reads every writer, signs the log, writes it as files, and answers questions about it."""

import asyncio
import contextlib
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from corong.auditing import findings, ledger, log_key, proving, state
from corong.auditing.covering import Covering
from corong.auditing.erasing import Erasing
from corong.auditing.exporting import Exporting
from corong.auditing.head_file import HeadFile
from corong.auditing.officers_logged import LoggedOfficers
from corong.auditing.publisher import CHECKPOINT, Differs, Publisher
from corong.auditing.reporting import Reporting
from corong.auditing.state_hashes import StateHashes
from corong.auditing.tree import Tree, read_head
from corong.auditing.witnesses import Cosigned, Witnesses, keys_of
from corong.runtime.arrivals import Arrived
from corong.runtime.broker import Broker
from corong.runtime.committer import Closed
from corong.runtime.database import NotNow
from corong.runtime.directory import Directory
from corong.runtime.installation import Installation
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.service import Service
from corong.runtime.settings import Settings
from corong.runtime.source import LONG_GATHER
from corong.runtime.unit import Unit
from corong_contracts.command import DescribeLog, ProveEntry, ProveReceipt, ReadLog
from corong_contracts.topology import LENT

log = structlog.get_logger()

AGAIN_SECONDS = 1.0
STOPPED_SECONDS = 30.0
"""After a difference between what is kept and what was signed: until somebody has mended it nothing is published."""
PUBLISH_SECONDS = 0.25
"""How long what is signed is gathered for the folder: each time it is half a dozen files brought to the disk."""


class Auditing(Service):
    """The service, with the one tree of the installation."""

    def __init__(self, installation: Installation, broker: Broker) -> None:
        """Raises `BadLogKey`, `BadWitnesses`."""
        settings = installation.settings
        self.origin = name_of(settings, installation.directory)
        key = log_key.load(settings.data / "secrets" / "log.key", self.origin, create=True)
        self.tree = Tree(
            key,
            self.origin,
            HeadFile(
                settings.log_head or settings.data / "log-head",
                (settings.log_folder or settings.data / "log") / CHECKPOINT,
                settings.log_accept,
            ),
        )
        super().__init__(
            "auditing", installation, broker, state=state.metadata, apply=state.apply, folds=state.FOLDS,
            raw=self._append, raw_again=partial(ledger.append_again, self.tree),
            repeated=findings.repeated, gap=findings.gap, gather=LONG_GATHER,
        )  # fmt: skip
        self._officers = LoggedOfficers(self)
        self.witnesses = Witnesses(key.verifier, self.origin, keys_of(settings.log_witnesses))
        self.publisher = Publisher(
            self.database, settings.log_folder or settings.data / "log", key.verifier, self.origin, self.witnesses
        )
        self.news: asyncio.Event | None = None
        # The writers of this process know the log's key without being told; others by CORONG_LOG_VERIFIER.
        settings.log_verifier = settings.log_verifier or str(key.verifier)
        covering = Covering(self.database, self.tree, broker)
        self.subscribe(LENT, covering.lend)
        self.loop(covering.run)
        self.query(ReadLog, _read)
        self.query(ProveEntry, self._prove)
        StateHashes(self)
        Exporting(self, self.tree)
        Reporting(self)
        self.told_anyone(ProveReceipt, lambda connection, asked: proving.receipt(connection, asked, self.witnesses))
        self.told_anyone(DescribeLog, self._describe)
        self.loop(self._publish)
        self.at_last(self._publish_rest)
        self.erasing = Erasing(self)

    def prepare(self) -> None:
        """As every service; and look whether the log may be gone on with. Raises `LogRefused` too."""
        super().prepare()
        self.database.own("log")  # however the partitions are shared, one process signs
        with self.database.read() as connection:
            self.tree.check(connection)
            unsigned = not read_head(connection).size
            self.witnesses.load(connection)
        if unsigned:
            self._build()
        self.tree.keep_head()

    def _append(self, unit: Unit, batch: list[Arrived]) -> None:
        ledger.append(self.tree, unit, batch)
        self._officers.appended(unit, batch)

    def _describe(self, connection: Connection, _asked: DescribeLog) -> dict[str, Any]:
        size = read_head(connection).size
        return {"origin": self.origin, "key": str(self.tree.key.verifier), "size": size}

    async def cosigned(self, data: bytes) -> Cosigned:
        """Keep what witnesses have signed of this log, and give it out from now on. Raises `Refused`."""
        given = await asyncio.to_thread(self.witnesses.open, data)
        await self.committer.run(partial(self.witnesses.take, cosigned=given))
        if self.news is not None:
            self.news.set()
        return given

    def _prove(self, connection: Connection, officer: Actor, asked: Any) -> dict[str, Any]:
        authorise(officer, Action.AUDIT_READ, Scope())
        return proving.prove(connection, asked, self.witnesses)

    def _build(self) -> None:
        """Put entries into the tree that are older than it."""
        with self.database.write() as connection:
            unit = Unit(connection, self.numbering, self.installation.sealer, self.installation.clock())
            self.tree.build(unit)
            unit.finish()
        unit.committed()

    async def _publish(self) -> None:
        """Write the files whenever something was signed; later where that can't be done now."""
        loop = asyncio.get_running_loop()
        news = self.news = asyncio.Event()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is gone: the next start publishes
                loop.call_soon_threadsafe(news.set)

        self.tree.listeners = [wake]
        news.set()
        published = 0.0
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), AGAIN_SECONDS if self.tree.kept != self.tree.signed else None)
            await asyncio.sleep(published + PUBLISH_SECONDS - loop.time())
            published = loop.time()
            news.clear()
            try:
                if await asyncio.to_thread(self.tree.keep_head):
                    await asyncio.to_thread(self.publisher.publish)
            except Differs as error:
                await self.committer.run(partial(findings.changed, differs=error), later=True)
                log.error("publishing of the log stopped", reason=str(error))
                await asyncio.sleep(STOPPED_SECONDS)
                news.set()
            except (OSError, SQLAlchemyError, NotNow, Closed) as error:
                log.error("the log's files can't be written now", error=type(error).__name__, reason=str(error)[:200])
                await asyncio.sleep(AGAIN_SECONDS)
                news.set()

    def _publish_rest(self) -> None:
        """At a clean stop: what was signed and is not in the files yet."""
        try:
            if self.tree.keep_head():
                self.publisher.publish()
        except (OSError, SQLAlchemyError, NotNow) as error:
            log.error("the log's files end before the log", error=type(error).__name__, reason=str(error)[:200])


def name_of(settings: Settings, directory: Directory) -> str:
    """The log's name: the first line of every checkpoint, and its key's name."""
    return settings.log_origin or f"{directory.hub.mail_domain}/log"


def build(installation: Installation, broker: Broker) -> Auditing:
    """The service. Raises `BadLogKey`."""
    return Auditing(installation, broker)


def _read(connection: Connection, officer: Actor, asked: Any) -> dict[str, Any]:
    authorise(officer, Action.AUDIT_READ, Scope())
    return ledger.page(connection, asked)
