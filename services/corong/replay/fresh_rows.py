"""Rows of a database that nobody else writes and that began empty: what was not written is not asked for."""

from collections.abc import Iterable

from sqlalchemy import Connection, Table

from corong.runtime.rows import Key, Row, Rows

MOST_KNOWN = 100_000
"""Rows kept in memory; beyond that all of them are read again when they are asked for."""


class FreshRows(Rows):
    """As `Rows`, over many flushes."""

    most_known = MOST_KNOWN

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._stored: dict[Table, set[int]] = {}
        """Of tables that `apply` reads the hashes of all keys that were ever written."""
        self._unread: set[Table] = set()
        """Tables that were written before anybody read them: of these nothing is known for certain."""

    def _read(self, table: Table, key: Key) -> Row | None:
        if table not in self._stored and table not in self._unread:
            self._stored[table] = set()
        if table in self._stored and hash(key) not in self._stored[table]:
            return None
        return super()._read(table, key)

    def flush(self) -> None:
        """Write what changed."""
        for table, keys in self._changed.items():
            if table in self._stored:
                self._stored[table].update(map(hash, keys))
            else:
                self._unread.add(table)
        written: Iterable[Table] = list(self._changed)
        super().flush()
        for table in written:
            if table not in self._stored:
                self._known.pop(table)
        if sum(map(len, self._known.values())) > self.most_known:
            self._known.clear()
            self._groups.clear()
            self._of_groups.clear()
