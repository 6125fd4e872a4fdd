"""Erasing in the key store: keys overwritten and gone, the way from address to person cut, and no bytes left behind.

Only auditing calls this, on a decision that stands in the log; doing it again changes nothing.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from corong.runtime.clock import Clock, stamp
from corong.runtime.database import Database
from corong.runtime.key_tables import era_table, key_table, person_table, rotation_table


@dataclass(frozen=True)
class Doomed:
    """A decision to erase, as the log has it."""

    erasure: str
    person: str
    keys: tuple[str, ...]
    at: str
    basis: str
    schedule: str


@dataclass(frozen=True)
class Rotated:
    """A finished change of the deployment's key."""

    id: str
    old: str
    new: str
    keys: int
    started_at: str
    finished_at: str


class KeyEraser:
    """The key store as the one who erases sees it: it never opens a key."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def keys_of(self, person: str) -> list[str]:
        """The ids of a person's keys, whether or not they are destroyed."""
        table = key_table.c
        with self._database.read() as connection:
            return list(connection.execute(select(table.id).where(table.person == person).order_by(table.id)).scalars())

    def pseudonyms_of(self, person: str) -> int:
        """By how many addresses the person can still be found."""
        table = person_table.c
        with self._database.read() as connection:
            return connection.execute(select(func.count()).where(table.person == person)).scalar() or 0

    def erasures(self) -> int:
        """How many decisions were carried out here."""
        with self._database.read() as connection:
            return connection.execute(select(era_table.c.erasures)).scalar() or 0

    def living(self, doomed: Iterable[Doomed]) -> list[Doomed]:
        """Those of the decisions that this store does not show: not carried out yet, or undone by an old backup."""
        wanted = list(doomed)
        key, person = key_table.c, person_table.c
        found = []
        for start in range(0, len(wanted), 200):
            part = wanted[start : start + 200]
            ids = [identity for one in part for identity in one.keys]
            with self._database.read() as connection:
                gone = set(
                    connection.execute(
                        select(key.id).where(key.id.in_(ids), key.wrapped.is_(None), key.erasure.is_not(None))
                    ).scalars()
                )
                known = set(
                    connection.execute(
                        select(person.person).where(person.person.in_([one.person for one in part]))
                    ).scalars()
                )
                alive = set(
                    connection.execute(
                        select(key.person).where(key.person.in_([one.person for one in part]), key.wrapped.is_not(None))
                    ).scalars()
                )
            found += [
                one for one in part if not gone.issuperset(one.keys) or one.person in known or one.person in alive
            ]
        return found

    def destroy(self, doomed: Sequence[Doomed], erasures: int) -> None:
        """Overwrite the keys, take them away, and cut the way from addresses to the persons, all in one commit.

        `erasures` is how many decisions the log has: a store that knows of fewer is refused by everybody from then on.
        """
        with self._database.write() as connection:
            for one in doomed:
                self._destroy(connection, one)
            _moved(connection, erasures)

    def _destroy(self, connection: Connection, one: Doomed) -> None:
        key, person = key_table, person_table
        theirs = or_(key.c.person == one.person, key.c.id.in_(one.keys))
        # Other bytes first, of the same length: they stand where the key stood, whatever becomes of the row's place.
        connection.execute(
            update(key).where(theirs, key.c.wrapped.is_not(None)).values(wrapped=os.urandom(12 + 32 + 16))
        )
        told = {"erased_at": one.at, "erasure": one.erasure, "basis": one.basis, "schedule": one.schedule}
        connection.execute(update(key).where(theirs).values(wrapped=None, wrapper="", **told))
        connection.execute(delete(person).where(person.c.person == one.person))
        # An old backup may not have the key at all: that it is erased must be told all the same.
        missing = [
            {
                "id": identity, "person": one.person, "purpose": "", "generation": 0, "wrapped": None, "wrapper": "",
                "created_at": one.at, **told,
            }
            for identity in one.keys
        ]  # fmt: skip
        insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(key)
        if missing:
            connection.execute(insert.on_conflict_do_nothing(index_elements=["id"]), missing)

    def confirm(self, erasures: int) -> None:
        """Say that this store shows as many decisions as the log has."""
        with self._database.write() as connection:
            _moved(connection, erasures)

    def scrub(self) -> bool:
        """Take what was overwritten out of the database's files too; False where it must be tried again.

        SQLite: freed bytes are zeroed by secure_delete, and the write-ahead log is cut to nothing. PostgreSQL: the
        tables are written anew (VACUUM FULL); its write-ahead log and the disk below are out of reach
        (docs/erasure.md): what is left there is wrapped under the deployment's key, which can be changed.
        """
        if not self._database.is_sqlite:
            return self._vacuum()
        return self._database.cut_log()

    def _vacuum(self) -> bool:
        with self._database.writing.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in (key_table, person_table):
                connection.exec_driver_sql(f'VACUUM (FULL) "{table.name}"')
        return True

    def rotations(self) -> list[Rotated]:
        """The finished changes of the deployment's key."""
        table = rotation_table.c
        with self._database.read() as connection:
            rows = connection.execute(
                select(rotation_table).where(table.finished_at.is_not(None)).order_by(table.started_at, table.id)
            ).all()
        return [Rotated(row.id, row.old, row.new, row.keys, row.started_at, row.finished_at) for row in rows]

    def now(self) -> str:
        """The present moment, as tables keep it."""
        return stamp(self._clock())


def moved(connection: Connection) -> None:
    """Make every process forget what it has of this store in memory."""
    _moved(connection, 0)


def _moved(connection: Connection, erasures: int) -> None:
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(era_table)
    given = insert.values(id=1, revision=1, erasures=erasures)
    known = era_table.c
    most = func.max if connection.dialect.name == "sqlite" else func.greatest
    connection.execute(
        given.on_conflict_do_update(
            index_elements=["id"],
            set_={"revision": known.revision + 1, "erasures": most(known.erasures, given.excluded.erasures)},
        )
    )
