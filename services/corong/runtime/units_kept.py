"""How the process's chart of units follows the log: each service tells it what its table of units has."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Table

from corong.runtime.directory import Directory, DirectoryError
from corong.runtime.edition_rows import changes_in, newest_of
from corong.runtime.officers_kept import LOOK_SECONDS
from corong.runtime.service import Service
from corong.runtime.unit import Unit
from corong.runtime.unit_chart import UnitEdition
from corong.runtime.unit_entry import unit_problems
from corong.runtime.unit_rows import edition_of
from corong_contracts.base import Event
from corong_contracts.unit import UnitChanged

__all__ = ["KeptUnits", "take_at_start"]


class KeptUnits:
    """What one service tells the chart: at its start, and with each commit that changed a unit.

    Made before whatever else asks the directory at the start.
    """

    def __init__(self, service: Service, table: Table) -> None:
        """Before the service starts."""
        self._service = service
        self._table = table
        self._directory = service.installation.directory
        self._changes: int | None = None
        service.before_start(self.begin)
        service.hears(UnitChanged, self._folded)
        service.loop(self._follow)

    def begin(self) -> None:
        """Read the table. Raises `DirectoryError` where file and log don't fit together."""
        take_at_start(self._directory, self._read())

    def _read(self) -> list[UnitEdition]:
        with self._service.database.read() as connection:
            self._changes = changes_in(connection, self._table)
            return list(map(edition_of, newest_of(connection, self._table)))

    def _folded(self, unit: Unit, event: Event[UnitChanged]) -> None:
        self.after(unit, [(event.data.unit, event.data.edition)])

    def after(self, unit: Unit, changed: Iterable[tuple[str, int]]) -> None:
        """The chart hears of these units and editions, all at once, when the commit is on the disk."""
        rows = [unit.rows.get(self._table, identity, number) for identity, number in changed]
        editions = [edition_of(row) for row in rows if row is not None]
        unit.after.append(lambda: self._directory.chart.take(editions))

    async def _follow(self) -> None:
        """Another process of the service may have the partition of the changes."""
        while not self._service.whole:
            await asyncio.sleep(LOOK_SECONDS)
            if await asyncio.to_thread(self._changed):
                self._directory.chart.take(await asyncio.to_thread(self._read))

    def _changed(self) -> bool:
        with self._service.database.read() as connection:
            return changes_in(connection, self._table) != self._changes


def take_at_start(directory: Directory, editions: Iterable[UnitEdition]) -> None:
    """Raises `DirectoryError`: an entry that was put into `units.toml` contradicts what the log says."""
    directory.chart.take(editions)
    problems = list(unit_problems(directory.units, Path("units.toml")))
    if problems:
        raise DirectoryError(problems)
