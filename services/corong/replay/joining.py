"""Shares' tables of one service seen as one, where they are what the whole log gives.

Two shares that read and wrote different rows could as well have been folded one after the other. Rows that several
wrote are let pass where they are equal and nobody read them, where they are sums, or where the table says how they are
joined.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations, permutations
from pathlib import Path

from sqlalchemy import Connection, Table, create_engine, event

from corong.replay.fold import MAPPED
from corong.replay.foldings import Folding
from corong.replay.share_rows import ASKED, GROUPS, Touched
from corong.replay.shares import NotShared

JOINED = "joined"
"""In a table's `info`: column → how two rows of one key are joined, whatever was read of them: `max` of both."""
MAIN = "main"


@contextmanager
def joined(folding: Folding, files: Sequence[Path], touched: Touched) -> Iterator[Connection]:
    """A connection that reads the tables of all `files`, of which the shares `touched` some.

    The files are changed. Raises `NotShared` where they are not what the whole log gives.
    """
    engine = create_engine(f"sqlite:///{files[0]}", hide_parameters=True)
    names = [MAIN, *(f"share{place}" for place in range(1, len(files)))]

    @event.listens_for(engine, "connect")
    def _attach(driver: object, _record: object) -> None:
        execute: Callable[..., object] = driver.execute  # type: ignore[attr-defined]  # an sqlite3 connection
        for pragma in ("journal_mode=OFF", "synchronous=OFF", MAPPED):
            execute(f"PRAGMA {pragma}")
        for name, path in zip(names[1:], files[1:], strict=True):
            execute(f"ATTACH ? AS {name}", (str(path),))
            execute(f"PRAGMA {name}.journal_mode=OFF")

    try:
        with engine.begin() as connection:
            for table in folding.metadata.sorted_tables:
                _Table(connection, table, names, touched).join()
            yield connection
    finally:
        engine.dispose()


class _Table:
    """One table in all shares."""

    def __init__(self, connection: Connection, table: Table, shares: Sequence[str], touched: Touched) -> None:
        self._connection = connection
        self._table = table
        self._shares = shares
        self._read = table.name in touched.read
        self._summed = table.name in touched.added and not self._read
        self._keys = [column.name for column in table.primary_key]
        self._ways: dict[str, str] = table.info.get(JOINED, {})
        if self._summed:
            self._ways = {column.name: "sum" for column in table.columns if not column.primary_key}

    def join(self) -> None:
        """See what was read and written, and make a view of all that shadows the table."""
        for one, other in combinations(self._shares, 2):
            if self._both(one, other):
                self._one_of_two(one, other)
            for column in self._table.columns:
                if column.unique and self._both(one, other, keys=[column.name]):
                    raise NotShared
        if not self._ways:
            for one, other in permutations(self._shares, 2):
                self._look_at_asked(one, other)
        names = ", ".join(f'"{column.name}"' for column in self._table.columns)
        parts = (f"SELECT {names} FROM {self._in(share)}" for share in self._shares)  # noqa: S608  # our own names
        self._run(f'CREATE TEMP VIEW "{self._table.name}" AS {" UNION ALL ".join(parts)}')

    def _run(self, sql: str) -> bool:
        """Whether there is a row."""
        result = self._connection.exec_driver_sql(sql)
        return result.returns_rows and result.first() is not None

    def _in(self, share: str, before: str = "") -> str:
        return f'{share}."{before}{self._table.name}"'

    def _both(
        self, one: str, other: str, before: tuple[str, str] = ("", ""), keys: list[str] | None = None, where: str = "1"
    ) -> bool:
        """Whether two tables have a key in common."""
        tables = f"{self._in(one, before[0])} a JOIN {self._in(other, before[1])} b"
        return self._run(f"SELECT 1 FROM {tables} ON {_equal(keys or self._keys)} WHERE {where} LIMIT 1")  # noqa: S608  # our own names

    def _one_of_two(self, one: str, other: str) -> None:
        """Of rows that both have, one stays."""
        rest = [column.name for column in self._table.columns if column.name not in {*self._keys, *self._ways}]
        if (self._read and not self._ways) or (rest and self._both(one, other, where=f"NOT ({_alike(rest)})")):
            raise NotShared
        a, b = self._in(one), self._in(other)
        matching = f"FROM {b} b WHERE {_equal(self._keys, a)}"
        for name, way in self._ways.items():
            others = f'(SELECT b."{name}" {matching})'
            value = f'"{name}" + {others}' if way == "sum" else f'max("{name}", {others})'
            self._run(f'UPDATE {a} SET "{name}" = {value} WHERE EXISTS (SELECT 1 {matching})')  # noqa: S608  # our own names
        self._run(f"DELETE FROM {b} WHERE EXISTS (SELECT 1 FROM {a} a WHERE {_equal(self._keys, 'a', b)})")  # noqa: S608  # our own names
        if self._summed:
            nothing = " AND ".join(f'"{name}" = 0' for name in self._ways)
            self._run(f"DELETE FROM {a} WHERE {nothing}")  # noqa: S608  # our own names

    def _look_at_asked(self, one: str, other: str) -> None:
        """Whether what one share did not find, or took away, is another's."""
        asked, taken = self._has(one, ASKED), self._has(other, ASKED)
        first = self._keys[:1]
        if (
            (asked and self._both(one, other, (ASKED, "")))
            or (asked and taken and self._both(one, other, (ASKED, ASKED), where="b.removed"))
            or (self._has(one, GROUPS) and self._both(one, other, (GROUPS, ""), first))
            or (self._has(one, GROUPS) and taken and self._both(one, other, (GROUPS, ASKED), first, "b.removed"))
        ):
            raise NotShared

    def _has(self, share: str, before: str) -> bool:
        return self._run(f"SELECT 1 FROM {share}.sqlite_master WHERE name = '{before}{self._table.name}'")  # noqa: S608  # our own names


def _equal(keys: Sequence[str], one: str = "a", other: str = "b") -> str:
    return " AND ".join(f'{one}."{name}" = {other}."{name}"' for name in keys)


def _alike(names: Sequence[str]) -> str:
    return " AND ".join(f'a."{name}" IS b."{name}"' for name in names)
