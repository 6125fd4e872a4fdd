"""Rows of a share of a log: it is kept in mind what they asked for in vain, for another share may have it.

Shares of a log that were folded apart give together what the whole gives, where none read or wrote a row that another
wrote. What a share wrote stands in its tables; here stands what it read and did not find, and what it took away.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Insert, MetaData, Table, insert
from sqlalchemy.schema import CreateTable

from corong.replay.fresh_rows import FreshRows
from corong.runtime.rows import Key, Row, write_many

ASKED = "asked_"
"""Before a table's name: keys that were asked for and not there, or taken away."""
GROUPS = "groups_"
"""Before a table's name: first columns of keys of which all rows were asked for."""


@dataclass
class Touched:
    """Names of tables."""

    read: set[str] = field(default_factory=set)
    """Of which rows were asked for."""
    added: set[str] = field(default_factory=set)
    """To whose numbers something was added."""

    def __or__(self, other: "Touched") -> "Touched":
        """Of two shares together."""
        return Touched(self.read | other.read, self.added | other.added)


class ShareRows(FreshRows):
    """As `FreshRows`, with tables beside of what was asked for."""

    most_known = 20_000  # one process has those of all services

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.touched = Touched()
        self._asked: defaultdict[Table, dict[Key, bool]] = defaultdict(dict)
        """Keys that were not there; whether something was taken away under them."""
        self._firsts: defaultdict[Table, set[Any]] = defaultdict(set)
        self._made: set[str] = set()

    def _read(self, table: Table, key: Key) -> Row | None:
        self.touched.read.add(table.name)
        row = super()._read(table, key)
        if row is None:
            self._asked[table].setdefault(key, False)
        return row

    def group(self, table: Table, first: Any) -> list[Row]:
        """As `Rows.group`."""
        self.touched.read.add(table.name)
        self._firsts[table].add(first)
        return super().group(table, first)

    def remove(self, table: Table, *key: Any) -> None:
        """As `Rows.remove`."""
        self._asked[table][key] = True
        super().remove(table, *key)

    def flush(self) -> None:
        """Write what changed, and what was asked for in vain and is not there even now."""
        for table, keys in self._asked.items():
            known = self._known[table]
            names = [column.name for column in table.primary_key]
            self._keep(
                _asked(table),
                [
                    {**dict(zip(names, key, strict=True)), "removed": removed}
                    for key, removed in keys.items()
                    if removed or known.get(key) is None
                ],
            )
        for table, firsts in self._firsts.items():
            name = next(iter(table.primary_key)).name
            self._keep(_groups(table), [{name: first} for first in firsts])
        self.touched.added.update(table.name for table in self._added)
        self._asked.clear()
        self._firsts.clear()
        super().flush()

    def _keep(self, insertion: Insert, rows: list[Row]) -> None:
        if not rows:
            return
        table: Table = insertion.table  # type: ignore[assignment]  # as `_asked` and `_groups` make it
        if table.name not in self._made:
            self.connection.execute(CreateTable(table))
            self._made.add(table.name)
        write_many(self.connection, insertion, rows)


@cache
def _asked(table: Table) -> Insert:
    keys = [Column(column.name, column.type) for column in table.primary_key]
    return insert(Table(f"{ASKED}{table.name}", MetaData(), *keys, Column("removed", Boolean, nullable=False)))


@cache
def _groups(table: Table) -> Insert:
    first = next(iter(table.primary_key))
    return insert(Table(f"{GROUPS}{table.name}", MetaData(), Column(first.name, first.type)))
