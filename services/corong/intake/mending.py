"""The ways to messages (lookups.py), made again after a loss of intake's database.

The log has none of them in the clear. Those of people who live come from what their own events say under their key;
the bare marks of the erased come from the key store, where each erasure puts them too. Who was erased without such a
mark, as the key store is older than that, is not found again: that message is taken anew, from a new person.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from corong.intake import lookups, state
from corong.runtime import tables
from corong.runtime.deployment_key import DeploymentKey
from corong.runtime.key_tables import taken_table
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.rows import write_many
from corong.runtime.sealing import Erased, Sealer, sealed_field
from corong.runtime.service import Service
from corong.runtime.unit import Unit
from corong_contracts.base import AnyEvent
from corong_contracts.catalogue import decode
from corong_contracts.command import ForgetPerson
from corong_contracts.message import MessageReceived, MessageSetAside

log = structlog.get_logger()

AT_ONCE = 1000


class Mending:
    """Looks before the doors open, and keeps the marks up to date."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._installation = service.installation
        self._one = asyncio.Lock()
        self._done = False

    async def run(self) -> None:
        """Once; nothing is taken before it ended well: what was taken before is known then."""
        if self._done:
            return
        async with self._one:
            if not self._done:
                found = await self._service.committer.run(self._mend, later=True)
                if found is not None:
                    log.info("the ways to messages were made again", messages=found)
                self._done = True

    def _mend(self, unit: Unit) -> int | None:
        if not is_lost(unit.connection):
            return None
        unit.lock(*range(self._service.settings.partitions))
        with self._installation.key_database.read() as connection:
            marks = list(connection.execute(select(taken_table.c.key)).scalars())
        return mend(unit, self._installation.sealer, self._installation.key, marks)

    def forget(self, unit: Unit, officer: Actor, asked: ForgetPerson, cause: UUID) -> dict[str, Any]:
        """Command `person.forget`: cut the way to a person's messages; that they were taken stays known."""
        # Whoever decided it may have left since; the decision stands.
        authorise(replace(officer, active=True), Action.PERSON_ERASE, Scope())
        keys = lookups.keys_of(unit, asked.person)
        if keys:  # first: a loss between the two leaves marks that nobody needs yet
            with self._installation.key_database.write() as connection:
                _put(connection, taken_table, ({"key": key} for key in keys))
        return {"lookups": lookups.cut(unit, asked.person)}


def is_lost(connection: Connection) -> bool:
    """Whether messages were taken and there is no way to any: the database was made again from the log."""
    columns = (state.seen.c.native_key, lookups.lookup.c.key)
    taken, known = (connection.execute(select(column).limit(1)).first() is not None for column in columns)
    return taken and not known


def mend(unit: Unit, sealer: Sealer, key: DeploymentKey, marks: Iterable[str]) -> int:
    """Make the tables again from intake's own events and the key store's marks; how many messages are found again.

    What the events say of the erased can't be opened any more. Raises what the key store raises.
    """
    if not is_lost(unit.connection):  # another process of this service was quicker
        return 0
    found = 0
    box = tables.outbox.c
    kinds = (MessageReceived.type, MessageSetAside.type)
    bodies = select(box.body).where(box.type.in_(kinds)).order_by(box.partition, box.number)
    with unit.connection.execute(bodies.execution_options(yield_per=AT_ONCE)) as rows:
        for part in rows.scalars().partitions(AT_ONCE):
            ways = [way for way in (_way(decode(bytes(body)), sealer, key) for body in part) if way is not None]
            found += len(ways)
            _put(unit.connection, lookups.lookup, (way for way, _ in ways))
            _put(unit.connection, lookups.mention, (row for _, mentions in ways for row in mentions))
    _put(unit.connection, lookups.lookup, ({"key": mark, "native_key": None, "person": None} for mark in marks))
    unit.rows.changes += 1
    unit.rows.forget()
    return found


def _way(event: AnyEvent, sealer: Sealer, key: DeploymentKey) -> tuple[dict[str, str], list[dict[str, str]]] | None:
    data = event.data
    assert isinstance(data, MessageReceived | MessageSetAside)  # asked for by type
    where = (data.channel, data.account)
    try:
        sender = sealer.open_json(sealed_field(event, "sender"))
        own = sealer.keyed(data.sender.key, "native", *where, sender["native_id"])
        threads = {
            key.pseudonym("native", *where, answered): sealer.keyed(data.sender.key, "native", *where, answered)
            for answered in sender.get("thread", ())
        }
    except Erased:
        return None
    if own != data.native_key:  # the network's id has bytes that no event can hold
        return None
    way = {"key": key.pseudonym("native", *where, sender["native_id"]), "native_key": own, "person": data.person}
    return way, [{"key": at, "native_key": name, "person": data.person} for at, name in threads.items()]


def _put(connection: Connection, table: Table, rows: Iterable[Mapping[str, str | None]]) -> None:
    given = [dict(row) for row in rows]
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    keys = [column.name for column in table.primary_key]
    if given:
        write_many(connection, dialect.insert(table).on_conflict_do_nothing(index_elements=keys), given)
