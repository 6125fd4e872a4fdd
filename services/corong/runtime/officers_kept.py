"""How the process's roster follows the log: each service tells it what its table of officers has."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

import structlog
from sqlalchemy import Table

from corong.runtime.directory import Directory, DirectoryError
from corong.runtime.edition_rows import changes_in, newest_of
from corong.runtime.entry_files import Problem
from corong.runtime.keys import StaleKeyStore
from corong.runtime.officer_rows import edition_of, unnamed
from corong.runtime.roster import OfficerEdition
from corong.runtime.sealing import SealedAt, Sealer
from corong.runtime.service import Service
from corong.runtime.unit import Unit
from corong_contracts.base import Event
from corong_contracts.officer import OfficerChanged

__all__ = ["KeptOfficers", "check_units", "editions_of"]

log = structlog.get_logger()

LOOK_SECONDS = 0.2
"""How often a process that shares its service looks whether another one took a change."""
NAMES_SECONDS = 1.0
"""How often names are tried again that a key store from an old backup did not open."""


class KeptOfficers:
    """What one service tells the process's roster: at its start, and with each commit that changed an officer."""

    def __init__(self, service: Service, table: Table) -> None:
        """Before the service starts."""
        self._service = service
        self._table = table
        self._directory = service.installation.directory
        self._sealer = service.installation.sealer
        self._changes: int | None = None
        self.listeners: list[Callable[[], None]] = []
        """Called after a change, in the thread that commits."""
        service.before_start(self.begin)
        service.hears(OfficerChanged, self._folded)
        service.loop(self._follow)

    def begin(self) -> None:
        """Read the table. Raises `DirectoryError` where an officer's unit is gone."""
        self._named = self._read(check=True)

    def _read(self, *, check: bool = False) -> bool:
        """Tell the roster all; False where names could not be opened, and stand as ids for now."""
        with self._service.database.read() as connection:
            rows = newest_of(connection, self._table)
            self._changes = changes_in(connection, self._table)
        try:
            editions, named = editions_of(self._sealer, rows), True
        except StaleKeyStore:
            editions, named = [unnamed(row) for row in rows], False
        if check:
            check_units(self._directory, editions)
        self._take(editions)
        return named

    def _folded(self, unit: Unit, event: Event[OfficerChanged]) -> None:
        self.after(unit, event.data.officer, event.data.edition)

    def after(self, unit: Unit, officer: str, number: int) -> None:
        """The roster hears of it when the commit is on the disk."""
        row = unit.rows.get(self._table, officer, number)
        if row is not None:
            edition = edition_of(self._sealer, row)
            unit.after.append(lambda: self._take([edition]))

    def _take(self, editions: Iterable[OfficerEdition]) -> None:
        self._directory.roster.take(editions)
        for listener in self.listeners:
            listener()

    async def _follow(self) -> None:
        """Another process of the service may have the partition of the changes; names may have to wait for auditing."""
        while not (self._named and self._service.whole):
            await asyncio.sleep(LOOK_SECONDS if self._named else NAMES_SECONDS)
            if not self._named or await asyncio.to_thread(self._changed):
                self._named = await asyncio.to_thread(self._read)

    def _changed(self) -> bool:
        with self._service.database.read() as connection:
            return changes_in(connection, self._table) != self._changes


def editions_of(sealer: Sealer, rows: list[dict[str, object]]) -> list[OfficerEdition]:
    """Rows as the roster takes them, their keys read at once. Raises `StaleKeyStore`."""
    sealer.keys.get_many(SealedAt.of(str(row["name"])).key for row in rows)
    return [edition_of(sealer, row) for row in rows]


def check_units(directory: Directory, editions: Iterable[OfficerEdition]) -> None:
    """Raises `DirectoryError`: a unit of `units.toml` went, and the log has an officer there."""
    problems = [
        Problem(
            Path("units.toml"), f"officer {one.officer.id!r}, edition {one.number} of the log",
            f"there is no unit {one.officer.unit!r}",
            "put the unit back, move the officer on /desk/pengelolaan, then take it out",
        )
        for one in editions
        if not directory.has_unit(one.officer.unit)
    ]  # fmt: skip
    if problems:
        raise DirectoryError(problems)
