"""The key store: a key for each person and purpose, wrapped by the deployment's key, in a database of its own.

Destroying a key erases what was sealed under it, wherever copies are.
"""

import hashlib
import os
import threading
import time
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from corong.runtime.clock import Clock, stamp
from corong.runtime.database import Database

metadata = MetaData()

key_table = Table(
    "key",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("person", String(64), nullable=False, index=True),
    Column("purpose", String(32), nullable=False),
    Column("generation", Integer, nullable=False),
    Column(
        "wrapped", LargeBinary, nullable=True, comment="nonce, key and tag under the deployment's key; null: destroyed"
    ),
    Column("created_at", String(27), nullable=False),
)

REMEMBER_SECONDS = 30.0
"""How long an unwrapped key may be used before it is read again, so that an erasure is felt everywhere."""


class WrongDeploymentKey(ValueError):
    """The keys in the store were wrapped under another deployment key."""


class Keys:
    """Gets and makes keys. Safe for several threads."""

    def __init__(self, database: Database, wrapping: bytes, clock: Clock) -> None:
        self._database = database
        self._wrapping = AESGCM(wrapping)
        self._clock = clock
        self._known: dict[str, tuple[float, bytes | None]] = {}
        self._guard = threading.Lock()

    def get(self, key: str) -> bytes | None:
        """The 32 bytes of a key, or None where it was destroyed or never was. Raises `WrongDeploymentKey`."""
        return self.get_many((key,))[key]

    def get_many(self, keys: Iterable[str]) -> dict[str, bytes | None]:
        """As `get`, for many at once."""
        wanted = list(dict.fromkeys(keys))
        limit = time.monotonic() - REMEMBER_SECONDS
        found: dict[str, bytes | None] = {}
        for key in wanted:
            known = self._known.get(key)
            if known is not None and known[0] > limit:
                found[key] = known[1]
        missing = [key for key in wanted if key not in found]
        for start in range(0, len(missing), 500):
            part = missing[start : start + 500]
            with self._database.read() as connection:
                rows = connection.execute(
                    select(key_table.c.id, key_table.c.wrapped).where(key_table.c.id.in_(part))
                ).all()
            stored = {row.id: row.wrapped for row in rows}
            for key in part:
                wrapped = stored.get(key)
                found[key] = None if wrapped is None else self._unwrap(key, wrapped)
            self._remember({key: found[key] for key in part if found[key] is not None})
        return found

    def check(self) -> None:
        """Refuse to work under another deployment key than the store was made with, before anything is sealed.

        Raises `WrongDeploymentKey`.
        """
        table = key_table.c
        with self._database.read() as connection:
            row = connection.execute(select(table.id, table.wrapped).where(table.wrapped.is_not(None)).limit(1)).first()
        if row is not None:
            self._unwrap(row.id, row.wrapped)

    def ensure(self, persons: Iterable[str], purpose: str = "correspondence") -> dict[str, str]:
        """Person → id of a live key for the purpose, made and committed where there is none."""
        wanted = list(dict.fromkeys(persons))
        first = {person: key_id(person, purpose, 1) for person in wanted}
        live = {person for person, key in first.items() if self._fresh(key)}
        missing = [person for person in wanted if person not in live]
        result = {person: first[person] for person in live}
        if not missing:
            return result
        unwrapped: dict[str, bytes | None] = {}
        with self._database.write() as connection:
            for start in range(0, len(missing), 500):
                part = missing[start : start + 500]
                rows = connection.execute(
                    select(key_table.c.id, key_table.c.person, key_table.c.generation, key_table.c.wrapped)
                    .where(key_table.c.person.in_(part), key_table.c.purpose == purpose)
                    .order_by(key_table.c.generation)
                ).all()
                newest = {row.person: row for row in rows}
                made = []
                for person in part:
                    row = newest.get(person)
                    if row is not None and row.wrapped is not None:
                        result[person] = row.id
                        continue
                    generation = 1 if row is None else row.generation + 1
                    identity = key_id(person, purpose, generation)
                    secret = os.urandom(32)
                    made.append(self._row(identity, person, purpose, generation, secret))
                    result[person] = identity
                if made:
                    dialect = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
                    # Another process may make the same key at this moment; the first one stands.
                    connection.execute(dialect(key_table).on_conflict_do_nothing(index_elements=["id"]), made)
                    ids = [str(row["id"]) for row in made]
                    stored = connection.execute(
                        select(key_table.c.id, key_table.c.wrapped).where(key_table.c.id.in_(ids))
                    )
                    unwrapped.update((row.id, self._unwrap(row.id, row.wrapped)) for row in stored)
        self._remember(unwrapped)
        return result

    def _fresh(self, key: str) -> bool:
        known = self._known.get(key)
        return known is not None and known[1] is not None and known[0] > time.monotonic() - REMEMBER_SECONDS

    def _row(self, identity: str, person: str, purpose: str, generation: int, secret: bytes) -> dict[str, object]:
        nonce = os.urandom(12)
        return {
            "id": identity,
            "person": person,
            "purpose": purpose,
            "generation": generation,
            "wrapped": nonce + self._wrapping.encrypt(nonce, secret, identity.encode()),
            "created_at": stamp(self._clock()),
        }

    def _unwrap(self, key: str, wrapped: bytes) -> bytes:
        try:
            return self._wrapping.decrypt(wrapped[:12], wrapped[12:], key.encode())
        except InvalidTag:
            raise WrongDeploymentKey(
                "the key store was made under another deployment key: give back the one it was made with"
            ) from None

    def _remember(self, keys: dict[str, bytes | None]) -> None:
        with self._guard:
            if len(self._known) > 50_000:
                self._known.clear()
            now = time.monotonic()
            self._known.update({key: (now, secret) for key, secret in keys.items()})


def key_id(person: str, purpose: str, generation: int) -> str:
    """The id of a key: tells nothing but that two keys are alike or not."""
    return hashlib.sha256(f"{person}\n{purpose}\n{generation}".encode()).hexdigest()[:32]
