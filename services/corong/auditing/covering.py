"""Tells the writers how far the log has their numbers, and lends them what they have let go of."""

import asyncio
import contextlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from corong.auditing import state
from corong.auditing.publisher import snapshot
from corong.auditing.tree import Tree, read_head
from corong.runtime.arrivals import Arrived
from corong.runtime.broker import Broker
from corong.runtime.coverage import START, Mark, chained, statement
from corong.runtime.database import Database
from corong.runtime.lent import write_lent
from corong.runtime.unit import Unit
from corong_contracts.topology import COVERED

log = structlog.get_logger()

TELL_SECONDS = 1.0
AGAIN_SECONDS = 10.0
"""What has not changed is told again for those who came later."""
LEND_AT_ONCE = 1_000


ABSENT = bytes(32)
"""In the chain for a number whose bytes don't stand in the log: no row gives it, so the writer keeps its rows."""


def keep_chains(unit: Unit, taken: Iterable[Arrived], leaves: Mapping[tuple[str, int], bytes]) -> None:
    """Lengthen the chains of the writers by the numbers that were taken.

    A chain that does not begin at the writer's first number is not gone on with.
    """
    found: dict[str, tuple[int, list[bytes]]] = {}
    for item in taken:
        leaf = leaves.get((item.writer, item.number), ABSENT)
        found.setdefault(item.writer, (item.number, []))[1].append(leaf)
    for writer, (first, more) in found.items():
        row = unit.rows.get(state.chain, writer) or {"writer": writer, "number": 0, "digest": START}
        if row["number"] == first - 1:
            digest = chained(row["digest"], more)
            unit.rows.put(state.chain, {"writer": writer, "number": first - 1 + len(more), "digest": digest})


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
