"""Changing the deployment's key: every person's key is wrapped under the new one, while the services run.

The new key's text (with the old key in it) has to be where the processes read it before anything is wrapped anew. A run
that was interrupted is simply run again.
"""

import time
import uuid
from collections.abc import Callable

from sqlalchemy import func, select, update

from corong.runtime.clock import Clock, stamp
from corong.runtime.database import Database
from corong.runtime.key_erasure import KeyEraser, moved
from corong.runtime.key_tables import key_table, rotation_table
from corong.runtime.wrapping import Wrapping

BATCH = 500


class StillOld(RuntimeError):
    """Some process goes on wrapping keys under the old deployment key: it was not given the new one."""


class Rotation:
    """One change, from the wrapping marked `old` to the current one of `wrapping`."""

    def __init__(self, database: Database, wrapping: Wrapping, old: str, clock: Clock) -> None:
        self._database = database
        self._wrapping = wrapping
        self._old = old
        self._clock = clock
        self.step: Callable[[int], None] = lambda done: None
        """Called after each committed part with how many are done: for a progress bar, and for tests."""

    def left(self) -> int:
        """How many keys are wrapped under another key than the current one."""
        table = key_table.c
        with self._database.read() as connection:
            found = connection.execute(
                select(func.count()).where(table.wrapped.is_not(None), table.wrapper != self._wrapping.current)
            )
            return found.scalar() or 0

    def run(self, settle: float = 3.0) -> int:
        """Wrap everything anew; how many keys this run did.

        `settle` in seconds is how long processes get to take over the new key, before it is looked whether one still
        wraps under the old one. Raises `StillOld`, and `WrongDeploymentKey` where a key is under neither.
        """
        identity = self._begin()
        done = 0
        for _ in range(3):
            done += self._all(done)
            time.sleep(settle)
            if not self.left():
                break
        else:
            raise StillOld("a process still works under the old key: give it the new one, and run this again")
        self._finish(identity)
        return done

    def _begin(self) -> str:
        table = rotation_table
        with self._database.write() as connection:
            moved(connection)  # every process reads the key's file again
            known = connection.execute(
                select(table.c.id).where(table.c.new == self._wrapping.current, table.c.old == self._old)
            ).scalar()
            if known is not None:
                return str(known)
            identity = str(uuid.uuid4())
            row = {
                "id": identity, "old": self._old, "new": self._wrapping.current, "keys": 0,
                "started_at": stamp(self._clock()), "finished_at": None,
            }  # fmt: skip
            connection.execute(table.insert(), [row])
            return identity

    def _all(self, before: int) -> int:
        done = 0
        while part := self._part():
            done += part
            self.step(before + done)
        return done

    def _part(self) -> int:
        table = key_table.c
        with self._database.write() as connection:
            rows = connection.execute(
                select(table.id, table.wrapper, table.wrapped)
                .where(table.wrapped.is_not(None), table.wrapper != self._wrapping.current)
                .order_by(table.id)
                .limit(BATCH)
                .with_for_update()
            ).all()
            for row in rows:
                secret = self._wrapping.unwrap(row.id, row.wrapper, row.wrapped)
                mark, wrapped = self._wrapping.wrap(row.id, secret)
                connection.execute(
                    update(key_table)
                    .where(table.id == row.id, table.wrapped == row.wrapped)  # not one that was erased meanwhile
                    .values(wrapper=mark, wrapped=wrapped)
                )
            return len(rows)

    def _finish(self, identity: str) -> None:
        with self._database.write() as connection:
            keys = connection.execute(
                select(func.count()).where(key_table.c.wrapper == self._wrapping.current)
            ).scalar()
            connection.execute(
                update(rotation_table)
                .where(rotation_table.c.id == identity, rotation_table.c.finished_at.is_(None))
                .values(keys=keys or 0, finished_at=stamp(self._clock()))
            )
            moved(connection)
        KeyEraser(self._database, self._clock).scrub()
