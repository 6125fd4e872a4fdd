"""An officer's drafts: one for each act of a case, with a version, so that two windows never overwrite each other."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import structlog
from sqlalchemy import Connection, delete, select

from corong.desk.context import Desk
from corong.desk.drafts.tables import draft as drafts
from corong.desk.tables import registered
from corong.runtime.clock import moment, stamp
from corong.runtime.keys import PURPOSE, PersonErased, key_id
from corong.runtime.refusal import Refused
from corong.runtime.sealing import BadSeal, Erased, SealedAt
from corong.runtime.unit import Unit

log = structlog.get_logger()

MOST = 60_000
"""Characters of all fields of a form."""
_TYPE = "desk.draft"

Words = tuple[tuple[str, str], ...]
"""Names and values of a form's fields, as a browser sends them."""


@dataclass(frozen=True)
class Draft:
    """What stands there; version 0 where nothing was ever kept, no words where it was sent or thrown away."""

    version: int = 0
    words: Words = field(default=(), repr=False)
    saved_at: datetime | None = None

    def __bool__(self) -> bool:
        """Whether there are words."""
        return bool(self.words)


class Overtaken(Exception):
    """Another window of the officer kept something meanwhile; nothing was overwritten."""

    def __init__(self, present: Draft) -> None:
        super().__init__(f"version {present.version}")
        self.present = present


class _Stale(Exception):
    def __init__(self, row: dict[str, Any] | None) -> None:
        super().__init__()
        self.row = row


class Drafts:
    """Keeps, finds and clears them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def of_case(self, connection: Connection, officer: str, case_id: UUID) -> dict[str, Draft]:
        """An officer's drafts on a case, by the act's name in the address. Reads the key store."""
        table = drafts.c
        chosen = select(drafts).where(table.case_id == str(case_id), table.officer == officer)
        return {row["act"]: self._opened(row) for row in connection.execute(chosen).mappings()}

    def of(self, connection: Connection, officer: str, case_id: UUID, act: str) -> Draft:
        """One of them. Reads the key store."""
        return self.of_case(connection, officer, case_id).get(act, Draft())

    async def save(self, officer: str, case_id: UUID, act: str, words: Words, based_on: int) -> Draft:
        """Keep `words`, which were written upon version `based_on`.

        Raises `Overtaken` where another version stands there with other words, `Refused` (409, 410, 422).
        """
        person = await self._desk.read(lambda connection: _person(connection, case_id))
        if person is None:  # intake's word of it is still on its way
            raise Refused(409, "not_yet", "Perkara ini belum lengkap. Coba sebentar lagi.",
                          "This case is not complete yet. Try again in a moment.")  # fmt: skip
        if sum(len(value) for _, value in words) > MOST:
            raise Refused(422, "too_long", "Draf terlalu panjang.", "The draft is too long.")
        sealed = await asyncio.to_thread(lambda: self._sealed(officer, case_id, person, act, words))

        def keep(unit: Unit) -> Draft:
            unit.lock_entity(case_id)
            row = unit.rows.get(drafts, str(case_id), officer, act)
            if row is not None and row["sealed"] == sealed:  # the same again: its answer was lost on the way
                return Draft(row["version"], words, moment(row["saved_at"]))
            if (row["version"] if row else 0) != based_on:
                raise _Stale(row)
            _put(unit, (str(case_id), officer, act), person, based_on + 1, sealed)
            return Draft(based_on + 1, words, unit.now)

        try:
            return await self._desk.service.committer.run(keep)
        except _Stale as stale:
            row = stale.row
            raise Overtaken(Draft() if row is None else await asyncio.to_thread(self._opened, row)) from None

    async def clear(self, officer: str, case_id: UUID, act: str) -> None:
        """It was sent, or thrown away: a window that still holds it is told so, and brings it back by will alone."""

        def empty(unit: Unit) -> None:
            unit.lock_entity(case_id)
            row = unit.rows.get(drafts, str(case_id), officer, act)
            person = row["person"] if row else _person(unit.connection, case_id)
            if person is not None:
                _put(unit, (str(case_id), officer, act), person, row["version"] + 1 if row else 1, None)

        await self._desk.service.committer.run(empty)

    async def prune(self) -> None:
        """Let go of what is old, and of what belonged to persons whose data was erased."""
        keys = self._desk.installation.keys

        def gone() -> list[str]:
            with self._desk.service.database.read() as connection:
                persons = connection.execute(select(drafts.c.person).distinct()).scalars().all()
            alive = keys.get_many(_key(person) for person in persons)
            return [person for person in persons if alive[_key(person)] is None]

        erased = await asyncio.to_thread(gone)
        days = self._desk.installation.settings.draft_days

        def let_go(unit: Unit) -> None:
            unit.connection.execute(delete(drafts).where(drafts.c.saved_at < stamp(unit.now - timedelta(days=days))))
            for person in erased:
                unit.connection.execute(delete(drafts).where(drafts.c.person == person))

        await self._desk.service.committer.run(let_go, later=True)

    def _sealed(self, officer: str, case_id: UUID, person: str, act: str, words: Words) -> str | None:
        """As the table keeps it; None where nothing is written. Raises `Refused` (410)."""
        if not any(value.strip() for _, value in words):
            return None
        installation = self._desk.installation
        place = uuid5(case_id, f"{officer}\n{act}")
        try:
            key = installation.keys.ensure([person])[person]
            box = installation.sealer.seal(key, place, _TYPE, "words", json.dumps(words))
        except (PersonErased, Erased):
            raise Refused(410, "erased", "Data warga ini sudah dihapus.", "This citizen's data was erased.") from None
        return str(SealedAt(str(place), _TYPE, "words", key, box.box))

    def _opened(self, row: Any) -> Draft:
        saved_at = moment(row["saved_at"])
        if row["sealed"] is None:
            return Draft(row["version"], (), saved_at)
        try:
            words = json.loads(self._desk.installation.sealer.open_text(row["sealed"]))
        except Erased:
            return Draft(row["version"], (), saved_at)
        except BadSeal as error:
            log.error("a draft does not open", error=str(error))
            return Draft(row["version"], (), saved_at)
        return Draft(row["version"], tuple((name, value) for name, value in words), saved_at)


def _put(unit: Unit, key: tuple[str, str, str], person: str, version: int, sealed: str | None) -> None:
    case_id, officer, act = key
    row = {"case_id": case_id, "officer": officer, "act": act, "person": person, "version": version}
    unit.rows.put(drafts, {**row, "sealed": sealed, "saved_at": stamp(unit.now)})


def _person(connection: Connection, case_id: UUID) -> str | None:
    found = connection.execute(select(registered.c.person).where(registered.c.case_id == str(case_id)))
    return found.scalar()


def _key(person: str) -> str:
    return key_id(person, PURPOSE, 1)
