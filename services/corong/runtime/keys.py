"""The key store: a key for each person and purpose, wrapped by the deployment's key, in a database of its own.

Who a person is stands here alone: events carry a random id, and only this store leads from the keyed pseudonym of an
address to it. Destroying a key and that row erases what was sealed under it, wherever copies are.
"""

import os
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, insert, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite

from corong.runtime.clock import Clock, stamp
from corong.runtime.database import Database
from corong.runtime.deployment_key import DeploymentKey
from corong.runtime.key_tables import era_table, key_id, key_table, metadata, person_table
from corong.runtime.rows import write_many
from corong.runtime.statements import run, run_for
from corong.runtime.wrapping import Wrapping, WrongDeploymentKey

__all__ = ["Identity", "Keys", "Notice", "PersonErased", "StaleKeyStore", "WrongDeploymentKey", "key_id", "key_table",
           "metadata"]  # fmt: skip

REMEMBER_SECONDS = 30.0
"""How long an unwrapped key may be used before it is read again."""
LOOK_SECONDS = 1.0
"""How often it is asked whether somebody was erased: what is in memory is forgotten then."""
PURPOSE = "correspondence"

_NEW_PERSONS = {
    "sqlite": sqlite.insert(person_table).on_conflict_do_nothing(index_elements=["pseudonym"]),
    "postgresql": postgresql.insert(person_table).on_conflict_do_nothing(index_elements=["pseudonym"]),
}
_NEW_KEYS = insert(key_table)
_ERA = select(era_table.c.revision, era_table.c.erasures)
_WRAPPED = select(key_table.c.id, key_table.c.wrapper, key_table.c.wrapped, key_table.c.erasure)
_ALIVE = and_(
    key_table.c.person == person_table.c.person,
    key_table.c.purpose == literal_column(f"'{PURPOSE}'"),
    key_table.c.wrapped.is_not(None),
)
_IDENTITIES = select(
    person_table.c.pseudonym, person_table.c.person, key_table.c.id, key_table.c.wrapper, key_table.c.wrapped
).select_from(person_table.join(key_table, _ALIVE))
_NOT_ERASED = {"erased_at": None, "erasure": None, "basis": None, "schedule": None}

Secrets = dict[str, bytes | None]


class StaleKeyStore(ConnectionError):
    """The store is older than the last erasure: a backup was put back, and auditing has not erased again yet."""


class PersonErased(LookupError):
    """Nothing may be sealed any more for a person whose data was erased."""


@dataclass(frozen=True)
class Identity:
    """A person as events know them: a random id, and the key."""

    person: str
    key: str


@dataclass(frozen=True)
class Notice:
    """That something was erased: when it was decided, and on which legal basis."""

    erasure: str
    at: str
    basis: str
    schedule: str


class Keys:
    """Gets and makes keys. Safe for several threads."""

    def __init__(self, database: Database, wrapping: bytes | DeploymentKey, clock: Clock) -> None:
        self._database = database
        self.wrapping = Wrapping.of(wrapping)
        self._clock = clock
        self._known: dict[str, tuple[float, bytes | None]] = {}
        self._persons: dict[str, tuple[float, Identity]] = {}
        self._notices: dict[str, Notice] = {}
        self._guard = threading.Lock()
        self._looked = 0.0
        self._revision: int | None = None
        self.least: Callable[[], int] = lambda: 0
        """How many erasures this store must know of at least."""

    def get(self, key: str) -> bytes | None:
        """The 32 bytes of a key, or None where it was destroyed or never was.

        Raises `WrongDeploymentKey`, `StaleKeyStore`.
        """
        self._look()
        known = self._known.get(key)
        if known is not None and known[0] > time.monotonic() - REMEMBER_SECONDS:
            return known[1]
        return self.get_many((key,))[key]

    def get_many(self, keys: Iterable[str]) -> Secrets:
        """As `get`, for many at once."""
        self._look()
        wanted = list(dict.fromkeys(keys))
        limit = time.monotonic() - REMEMBER_SECONDS
        found: Secrets = {}
        for key in wanted:
            known = self._known.get(key)
            if known is not None and known[0] > limit:
                found[key] = known[1]
        missing = [key for key in wanted if key not in found]
        revision = self._revision
        for start in range(0, len(missing), 500):
            part = missing[start : start + 500]
            with self._database.read() as connection:
                rows = run_for(connection, _WRAPPED, key_table.c.id, part)
            stored = {key: self._unwrap(key, *wrapped) for key, *wrapped, erasure in rows if erasure is None}
            found.update((key, stored.get(key)) for key in part)
            self._remember({key: found[key] for key in part if found[key] is not None}, revision)
        return found

    def notice(self, key: str) -> Notice | None:
        """When and why a key was destroyed; None of one that was not, or that never was."""
        self._look()
        if (known := self._notices.get(key)) is not None:
            return known
        table = key_table.c
        with self._database.read() as connection:
            row = connection.execute(
                select(table.erasure, table.erased_at, table.basis, table.schedule).where(table.id == key)
            ).first()
        if row is None or row.erasure is None:
            return None
        found = Notice(row.erasure, row.erased_at or "", row.basis or "", row.schedule or "")
        with self._guard:
            self._notices[key] = found
        return found

    def destroyed(self) -> set[str]:
        """The ids of all keys that were destroyed."""
        with self._database.read() as connection:
            return set(connection.execute(select(key_table.c.id).where(key_table.c.erasure.is_not(None))).scalars())

    def check(self) -> None:
        """Refuse to work under another deployment key than the store was made with, before anything is sealed.

        Raises `WrongDeploymentKey`.
        """
        table = key_table.c
        with self._database.read() as connection:
            row = connection.execute(
                select(table.id, table.wrapper, table.wrapped).where(table.wrapped.is_not(None)).limit(1)
            ).first()
        if row is not None:
            self._unwrap(*row)

    def find(self, pseudonym: str) -> str | None:
        """Who a pseudonym is; None of a stranger."""
        table = person_table.c
        with self._database.read() as connection:
            found: str | None = connection.execute(select(table.person).where(table.pseudonym == pseudonym)).scalar()
        return found

    def identify(self, pseudonyms: Iterable[str]) -> dict[str, Identity]:
        """Pseudonym → who that is, and a live key; both made and committed where there are none.

        It is asked first whether somebody was erased meanwhile: whoever was is a new person from then on.
        """
        self._look(0.0)
        limit = time.monotonic() - REMEMBER_SECONDS
        result: dict[str, Identity] = {}
        missing = []
        for pseudonym in dict.fromkeys(pseudonyms):
            known = self._persons.get(pseudonym)
            if known is not None and known[0] > limit and self._fresh(known[1].key):
                result[pseudonym] = known[1]
            else:
                missing.append(pseudonym)
        revision = self._revision
        for start in range(0, len(missing), 500):
            with self._database.write() as connection:
                found, secrets = self._identified(connection, missing[start : start + 500])
            self._remember(secrets, revision, found)
            result.update(found)
        return result

    def _identified(self, connection: Connection, pseudonyms: list[str]) -> tuple[dict[str, Identity], Secrets]:
        found, secrets = self._stored(connection, pseudonyms)
        new = [pseudonym for pseudonym in pseudonyms if pseudonym not in found]
        if not new:
            return found, secrets
        at = stamp(self._clock())
        persons = [{"pseudonym": one, "person": uuid.uuid4().hex, "created_at": at} for one in new]
        # Another process may make the same one at this moment; the first one stands, with its key.
        write_many(connection, _NEW_PERSONS[connection.dialect.name], persons)
        if connection.dialect.name != "sqlite":  # there nobody else writes
            rows = connection.execute(select(person_table.c.person).where(person_table.c.pseudonym.in_(new)))
            ours = set(rows.scalars())
            persons = [row for row in persons if row["person"] in ours]
        made = []
        for person in persons:
            row, secret = self._row(person["person"], PURPOSE)
            made.append(row)
            found[person["pseudonym"]] = Identity(person["person"], row["id"])
            secrets[row["id"]] = secret
        if made:
            write_many(connection, _NEW_KEYS, made)
        if len(made) < len(new):
            others, more = self._stored(connection, [pseudonym for pseudonym in new if pseudonym not in found])
            found.update(others)
            secrets.update(more)
        if len(found) < len(pseudonyms):  # somebody is known whose key is gone: only an old copy of a table shows that
            raise StaleKeyStore("the key store knows a person without a key: auditing must erase again first")
        return found, secrets

    def _stored(self, connection: Connection, pseudonyms: list[str]) -> tuple[dict[str, Identity], Secrets]:
        rows = run_for(connection, _IDENTITIES, person_table.c.pseudonym, pseudonyms)
        found = {pseudonym: Identity(person, key) for pseudonym, person, key, _, _ in rows}
        return found, {key: self._unwrap(key, *wrapped) for _, _, key, *wrapped in rows}

    def ensure(self, persons: Iterable[str], purpose: str = PURPOSE) -> dict[str, str]:
        """Person → id of a live key for the purpose, made and committed where there never was one.

        Raises `PersonErased`.
        """
        self._look()
        ids = {person: key_id(person, purpose, 1) for person in dict.fromkeys(persons)}
        missing = [person for person, key in ids.items() if not self._fresh(key)]
        revision = self._revision
        for start in range(0, len(missing), 500):
            part = {ids[person]: person for person in missing[start : start + 500]}
            with self._database.write() as connection:
                secrets = self._ensured(connection, part, purpose)
            self._remember(secrets, revision)
        return ids

    def _ensured(self, connection: Connection, persons: dict[str, str], purpose: str) -> Secrets:
        rows = run_for(connection, _WRAPPED, key_table.c.id, list(persons))
        known = {key for key, *_ in rows}
        made = [self._row(person, purpose)[0] for key, person in persons.items() if key not in known]
        if made:
            dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
            # Another process may make the same key at this moment; the first one stands.
            connection.execute(dialect.insert(key_table).on_conflict_do_nothing(index_elements=["id"]), made)
            rows = run_for(connection, _WRAPPED, key_table.c.id, list(persons))
        if any(wrapped is None for _, _, wrapped, _ in rows):
            raise PersonErased("the person's data was erased")
        return {key: self._unwrap(key, wrapper, wrapped) for key, wrapper, wrapped, _ in rows}

    def _fresh(self, key: str) -> bool:
        known = self._known.get(key)
        return known is not None and known[1] is not None and known[0] > time.monotonic() - REMEMBER_SECONDS

    def _row(self, person: str, purpose: str) -> tuple[dict[str, Any], bytes]:
        identity, secret = key_id(person, purpose, 1), os.urandom(32)
        wrapper, wrapped = self.wrapping.wrap(identity, secret)
        row = {
            "id": identity,
            "person": person,
            "purpose": purpose,
            "generation": 1,
            "wrapper": wrapper,
            "wrapped": wrapped,
            "created_at": stamp(self._clock()),
            **_NOT_ERASED,
        }
        return row, secret

    def _unwrap(self, key: str, wrapper: str, wrapped: bytes | None) -> bytes | None:
        return None if wrapped is None else self.wrapping.unwrap(key, wrapper, wrapped)

    def _look(self, after: float = LOOK_SECONDS) -> None:
        """Forget what is in memory where somebody was erased, or the wrapping changed; asked once in `after` seconds.

        Raises `StaleKeyStore`.
        """
        now = time.monotonic()
        if self._revision is not None and now - self._looked < after:
            return
        with self._database.read() as connection:
            rows = run(connection, _ERA)
        revision, erasures = rows[0] if rows else (0, 0)
        if revision != self._revision:
            self.forget()
            if erasures < self.least():
                raise StaleKeyStore("the key store is older than the last erasure: auditing must erase again first")
            self.wrapping.refresh()
            with self._guard:
                self._revision = revision
        self._looked = now

    def look(self) -> None:
        """As every use of a key does by itself; called now and then where none is used. Raises `StaleKeyStore`."""
        self._look(0.0)

    def forget(self) -> None:
        """Forget every key that is in memory."""
        with self._guard:
            self._revision = None
            self._known.clear()
            self._persons.clear()
            self._notices.clear()

    def _remember(self, keys: Secrets, revision: int | None, persons: dict[str, Identity] | None = None) -> None:
        with self._guard:
            if revision != self._revision:  # read before somebody was erased
                return
            if len(self._known) > 50_000 or len(self._persons) > 50_000:
                self._known.clear()
                self._persons.clear()
            now = time.monotonic()
            self._known.update({key: (now, secret) for key, secret in keys.items()})
            self._persons.update({pseudonym: (now, identity) for pseudonym, identity in (persons or {}).items()})
