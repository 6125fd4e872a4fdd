"""Keeps the search's table: what was written is read soon after, and what was erased is taken away.

What came before the table, or was hashed under a key that has been changed, is read anew meanwhile.
"""

import asyncio
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Connection, bindparam, select, union

from corong.desk import thread
from corong.desk.context import Desk
from corong.desk.search.opening import SEARCHED, key_of, searched, written
from corong.desk.search.tables import search_case, search_made, search_term, search_wait
from corong.desk.search.words import Terms, packed, stems, unpacked
from corong.desk.tables import case, registered
from corong.runtime.clock import moment
from corong.runtime.statements import run
from corong.runtime.unit import Unit
from corong_contracts.base import AnyEvent, Payload, partition_of
from corong_contracts.message import MessageMoved

log = structlog.get_logger()

LOOK_SECONDS = 0.5
REST = 10.0
"""How long it rests after a step in which more came, in lengths of that step: the queue goes before the search."""
AT_ONCE = 40
"""Cases in one commit: others wait for it."""
QUEUED_AT_ONCE = 2000
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_BITS = 10
_AT_PLACE = select(search_case.c.case_id).where(search_case.c.place == bindparam("at_place"))

Row = dict[str, Any]


@dataclass(frozen=True)
class Prepared:
    """A case as the table is to have it. `at` None: none of its words can be opened."""

    case_id: str
    asked: str
    key: str = ""
    at: datetime | None = None
    terms: frozenset[int] = frozenset()


class Indexing:
    """The loop, and what it hears of."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.terms = Terms(desk.installation.key)
        self._service = desk.service
        self._heard = 0
        heard: list[type[Payload]] = [*SEARCHED, MessageMoved]
        for payload in heard:
            self._service.reacts(payload)(self.wait)
        self._service.loop(self.run)

    def wait(self, unit: Unit, event: AnyEvent) -> None:
        """After an event with words: its case is to be read again."""
        self._heard += 1
        cases = [event.correlationid]
        if isinstance(event.data, MessageMoved):
            cases = [one for one in (event.data.from_case, event.data.before, event.data.case_id) if one is not None]
        for one in cases:
            unit.rows.put(search_wait, self._waiting(str(one), str(event.id)))

    def _waiting(self, case_id: str, asked: str) -> Row:
        partition = partition_of(UUID(case_id), self._service.settings.partitions)
        return {"case_id": case_id, "partition": partition, "asked": asked}

    async def run(self) -> None:
        """Until cancelled."""
        await self.clear()  # who was erased while this was away, or before a backup was put back
        while True:
            begun, heard = time.monotonic(), self._heard
            if not await self.step():
                await self.read_again()
                await asyncio.sleep(LOOK_SECONDS)
            elif heard != self._heard:
                await asyncio.sleep(REST * (time.monotonic() - begun))

    async def read_again(self) -> None:
        """Where this installation's key has changed, or nothing was read yet: every case waits to be read."""
        made_of, owned = self.terms.made_of, self._service.owned

        def stale(connection: Connection) -> bool:
            made = select(search_made.c.partition).where(search_made.c.made_of == made_of)
            return not set(connection.execute(made).scalars()) >= set(owned)

        if not await self.desk.read(stale):
            return
        after: str | None = ""
        while after is not None:
            after = await self._service.committer.run(partial(self._queue, after), later=True)

        def made(unit: Unit) -> None:
            for partition in owned:
                unit.rows.put(search_made, {"partition": partition, "made_of": made_of})

        await self._service.committer.run(made, later=True)

    def _queue(self, after: str, unit: Unit) -> str | None:
        known = union(
            select(case.c.case_id).where(case.c.case_id > after),
            select(registered.c.case_id).where(registered.c.case_id > after),
        ).subquery()
        some = select(known.c.case_id).order_by(known.c.case_id).limit(QUEUED_AT_ONCE)
        found = [str(row["case_id"]) for row in unit.rows.query(some)]
        for row in map(partial(self._waiting, asked="all"), found):
            if row["partition"] in self._service.owned and unit.rows.get(search_wait, row["case_id"]) is None:
                unit.rows.put(search_wait, row)
        return found[-1] if len(found) == QUEUED_AT_ONCE else None

    async def step(self) -> int:
        """Read what waits, a few cases; how many."""
        owned = list(self._service.owned)
        chosen = select(search_wait).where(search_wait.c.partition.in_(owned)).limit(AT_ONCE)
        waiting = await self.desk.read(lambda connection: [dict(row) for row in connection.execute(chosen).mappings()])
        if waiting:
            prepared = await self.desk.read(lambda connection: [self._prepare(connection, row) for row in waiting])
            await self._service.committer.run(partial(self._write, prepared), later=True)
        return len(waiting)

    def _prepare(self, connection: Connection, waiting: Row) -> Prepared:
        rows = searched(thread.rows_of(connection, waiting["case_id"]))
        found = written(self.desk, rows)
        if not found:
            return Prepared(waiting["case_id"], waiting["asked"])
        words = {stem for one in found for text in (one.text, one.name) for stem in stems(text)}
        at = moment(max(row["at"] for row in rows))
        return Prepared(waiting["case_id"], waiting["asked"], key_of(rows[0]), at, frozenset(self.terms.of(words)))

    def _write(self, prepared: Sequence[Prepared], unit: Unit) -> None:
        keys = self.desk.installation.keys
        keys.look()  # whoever was erased since it was read is not put back
        keys.get_many(one.key for one in prepared if one.at is not None)
        for table in (search_case, search_wait):
            unit.rows.load(table, [one.case_id for one in prepared])
        # Before anything is put: to look for places each time would write what was put so far.
        taken: set[int] = set()
        places = {
            one.case_id: _place(unit, one.case_id, one.at, unit.rows.get(search_case, one.case_id), taken)
            for one in prepared
            if one.at is not None and keys.get(one.key) is not None
        }
        for one in prepared:
            before = unit.rows.get(search_case, one.case_id)
            if one.case_id in places:
                self._put(unit, one, places[one.case_id], before)
            elif before is not None:
                _take_away(unit, before)
            waiting = unit.rows.get(search_wait, one.case_id)
            if waiting is not None and waiting["asked"] == one.asked:
                unit.rows.remove(search_wait, one.case_id)

    @staticmethod
    def _put(unit: Unit, one: Prepared, place: int, before: Row | None) -> None:
        old = unpacked(before["terms"]) if before is not None else set()
        if before is not None and before["place"] != place:
            for term in old:
                unit.rows.remove(search_term, term, before["place"])
            old = set()
        for term in old - one.terms:
            unit.rows.remove(search_term, term, place)
        for term in one.terms - old:
            unit.rows.put(search_term, {"term": term, "place": place})
        row = {"case_id": one.case_id, "place": place, "key": one.key, "terms": packed(one.terms)}
        if row != before:
            unit.rows.put(search_case, row)

    # Erasing

    async def clear(self) -> int:
        """Take away what stands under keys that are destroyed; how many cases. It can be done again."""
        keys = await asyncio.to_thread(self.desk.installation.keys.destroyed)
        return await self._service.committer.run(partial(self._clear, keys))

    @staticmethod
    def _clear(keys: Collection[str], unit: Unit) -> int:
        found = [row for part in _parts(sorted(keys)) for row in unit.rows.query(
            select(search_case).where(search_case.c.key.in_(part)))]  # fmt: skip
        for row in found:
            _take_away(unit, dict(row))
        return len(found)


def _take_away(unit: Unit, row: Row) -> None:
    for term in unpacked(row["terms"]):
        unit.rows.remove(search_term, term, row["place"])
    unit.rows.remove(search_case, row["case_id"])


def _place(unit: Unit, case_id: str, at: datetime, before: Row | None, taken: set[int]) -> int:
    """Where a case stands among those found: the one written last first; no two at one place.

    `taken` are places of neighbours that are not stored yet; it gets this one.
    """
    first = ((at - _EPOCH) // timedelta(microseconds=1)) << _BITS
    if before is not None and before["place"] >> _BITS == first >> _BITS:
        return int(before["place"])
    unit.rows.flush()
    offset = int.from_bytes(sha256(case_id.encode()).digest()[:2], "big")
    for step in range(1 << _BITS):
        place = first + (offset + step) % (1 << _BITS)
        if place not in taken and not run(unit.connection, _AT_PLACE, at_place=place):
            taken.add(place)
            return place
    raise ValueError("a thousand cases were written to in one microsecond")


def _parts(keys: Sequence[str], size: int = 500) -> Iterable[Sequence[str]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))
