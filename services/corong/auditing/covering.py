"""Tells the writers how far the log has their numbers, and lends them what they have let go of."""

import asyncio
import contextlib
import json
from typing import Any

import structlog
from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from corong.auditing import state
from corong.auditing.publisher import snapshot
from corong.auditing.tree import Tree, read_head
from corong.runtime.arrivals import Arrived
from corong.runtime.broker import Broker
from corong.runtime.coverage import START, Mark, chained, leaf_of, statement
from corong.runtime.database import Database
from corong.runtime.lent import write_lent
from corong.runtime.unit import Unit
from corong_contracts.topology import COVERED

log = structlog.get_logger()

TELL_SECONDS = 1.0
AGAIN_SECONDS = 10.0
"""What has not changed is told again for those who came later."""
LEND_AT_ONCE = 1_000


class Chains:
    """The chains of the writers in one unit of work: every number that was taken, whatever became of its bytes."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._leaves: dict[str, tuple[int, list[bytes]]] = {}

    def add(self, arrived: Arrived) -> None:
        """A number was taken."""
        self._leaves.setdefault(arrived.writer, (arrived.number, []))[1].append(leaf_of(arrived.body))

    def keep(self) -> None:
        """Write them. One that does not begin at the writer's first number is not gone on with."""
        for writer, (first, leaves) in self._leaves.items():
            row = self._unit.rows.get(state.chain, writer) or {"writer": writer, "number": 0, "digest": START}
            if row["number"] == first - 1:
                digest = chained(row["digest"], leaves)
                self._unit.rows.put(
                    state.chain, {"writer": writer, "number": first - 1 + len(leaves), "digest": digest}
                )


class Covering:
    """Auditing's side of letting go."""

    def __init__(self, database: Database, tree: Tree, broker: Broker) -> None:
        self._database = database
        self._tree = tree
        self._broker = broker

    async def run(self) -> None:
        """Until cancelled."""
        await self._broker.connect()
        told: bytes | None = None
        since = 0.0
        while True:
            with contextlib.suppress(SQLAlchemyError):
                words = await asyncio.to_thread(self.words)
                news = words is not None and (words != told or since >= AGAIN_SECONDS)
                if words is not None and news and await self._broker.tell(COVERED, words):
                    told, since = words, 0.0
            await asyncio.sleep(TELL_SECONDS)
            since += TELL_SECONDS

    def words(self) -> bytes | None:
        """The signed statement; None where the checkpoint is not in its second place yet."""
        with snapshot(self._database) as connection:
            head = read_head(connection)
            if head.size > self._tree.kept.size:
                return None
            marks = {row.writer: Mark(row.number, row.digest) for row in connection.execute(select(state.chain))}
        return statement(self._tree.key.seed, head.size, marks)

    async def lend(self, body: bytes) -> bytes:
        """Answer a writer: its events from a number on, as many as fit."""
        try:
            asked = json.loads(body)
            writer, first, last = str(asked["writer"]), int(asked["first"]), int(asked["last"])
        except (ValueError, KeyError, TypeError):
            return b""
        return await asyncio.to_thread(self._read, writer, first, min(last, first + LEND_AT_ONCE))

    def _read(self, *asked: Any) -> bytes:
        with self._database.read() as connection:
            return write_lent(events_of(connection, *asked))


def events_of(connection: Connection, writer: str, first: int, last: int) -> list[bytes]:
    """The exact bytes of a writer's events in the log, in the order of their numbers."""
    table = state.entry.c
    found = connection.execute(
        select(table.body).where(table.writer == writer, table.number.between(first, last)).order_by(table.number)
    )
    return [bytes(body) for body in found.scalars()]
