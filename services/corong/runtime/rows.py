"""Rows of one transaction: read by key, changed in memory, written together at its end.

`apply` folds events by this alone, live and in replay: a row is read once, and all changed rows of a batch go to the
database in one statement for each table.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Delete, Insert, Select, Table, and_, bindparam, delete, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import RowMapping

from corong.runtime.statements import as_rows, compiled, execute, in_keys, run, run_many

MOST_VARIABLES = 900
"""In one statement; SQLite's own limit was 999 for long."""

Row = dict[str, Any]
Key = tuple[Any, ...]


class Rows:
    """The rows that one transaction touched. Not for use by two threads."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.changes = 0
        """Counts changes, so that a caller can tell whether a job changed anything."""
        self._known: defaultdict[Table, dict[Key, Row | None]] = defaultdict(dict)
        self._changed: defaultdict[Table, dict[Key, None]] = defaultdict(dict)
        self._expected: dict[Table, list[Any]] = {}
        self._added: defaultdict[Table, dict[Key, dict[str, int]]] = defaultdict(dict)
        self._groups: defaultdict[Table, dict[Any, dict[Key, None]]] = defaultdict(dict)
        """Of tables with longer keys: the key's first column → the keys that there are, where it was asked for."""
        self._of_groups: defaultdict[Table, dict[Any, dict[Key, None]]] = defaultdict(dict)
        """The same, of keys that were put: they may not be in the database yet."""

    def get(self, table: Table, *key: Any) -> Row | None:
        """The row with this primary key, or None. Changing it needs `put`."""
        known = self._known[table]
        if key in known:
            return known[key]
        if table in self._expected:
            self.load(table, self._expected.pop(table))
        if key not in known:
            known[key] = self._read(table, key)
        return known[key]

    def _read(self, table: Table, key: Key) -> Row | None:
        found = as_rows(table, run(self.connection, _by_key(table), **_parameters(table, key)))
        return found[0] if found else None

    def group(self, table: Table, first: Any) -> list[Row]:
        """All rows whose key's first column is `first`, in the order of their keys; nothing is written for that."""
        groups = self._groups[table]
        if first not in groups:
            stored = as_rows(table, run(self.connection, _by_first(table), first=first))
            self.keep(table, stored)
            groups[first] = dict.fromkeys(map(_key_of(table), stored)) | self._of_groups[table].get(first, {})
        found = (self.get(table, *key) for key in sorted(groups[first]))
        return [row for row in found if row is not None]

    def _join_group(self, table: Table, key: Key) -> None:
        self._of_groups[table].setdefault(key[0], {})[key] = None
        if key[0] in self._groups[table]:
            self._groups[table][key[0]][key] = None

    def load(self, table: Table, keys: Iterable[Any]) -> None:
        """Read many rows of a table with one-column key at once, for `get` to find."""
        known = self._known[table]
        missing = [key for key in dict.fromkeys(keys) if (key,) not in known]
        if not missing:
            return
        column = next(iter(table.primary_key))
        for start in range(0, len(missing), 500):
            part = missing[start : start + 500]
            known.update(((key,), None) for key in part)
            known.update(((row[column.name],), row) for row in in_keys(self.connection, table, part))

    def keep(self, table: Table, rows: Iterable[Row]) -> None:
        """Whole rows that were read by `query`, for `get` to find."""
        known, key_of = self._known[table], _key_of(table)
        for row in rows:
            known.setdefault(key_of(row), row)

    def expect(self, table: Table, keys: Iterable[Any]) -> None:
        """Keys of a table with one-column key that `get` will be asked for: the first one that is reads them all.

        Not before: what is read before a lock may be old when the lock is given.
        """
        self._expected.setdefault(table, []).extend(keys)

    def forget(self) -> None:
        """Read rows again that were read and not changed: somebody else may have changed them meanwhile."""
        self._groups.clear()
        for table, known in self._known.items():
            changed = self._changed.get(table, {})
            self._known[table] = {key: row for key, row in known.items() if key in changed}

    def put(self, table: Table, row: Row) -> None:
        """Write a whole row, new or changed."""
        key = _key_of(table)(row)
        self._known[table][key] = row
        self._changed[table][key] = None
        if len(key) > 1:
            self._join_group(table, key)
        self.changes += 1

    def change(self, table: Table, *key: Any, **values: Any) -> bool:
        """Change columns of an existing row, which are not of its key; False where there is none."""
        row = self.get(table, *key)
        if row is None:
            return False
        self._known[table][key] = {**row, **values}
        self._changed[table][key] = None
        self.changes += 1
        return True

    def remove(self, table: Table, *key: Any) -> None:
        """Delete a row."""
        self._known[table][key] = None
        self._changed[table][key] = None
        self.changes += 1

    def add(self, table: Table, key: Key, amounts: Mapping[str, int]) -> None:
        """Add to the numbers of a row; where all of them are 0 there is no row.

        The row is not read, the database adds. All columns that are not of the key must be numbers, and the table is
        for nobody's `get`.
        """
        sums = self._added[table].setdefault(key, {})
        for name, amount in amounts.items():
            sums[name] = sums.get(name, 0) + amount
        self.changes += 1

    def query(self, statement: Select[Any], parameters: Mapping[str, Any] | None = None) -> Sequence[RowMapping]:
        """Run a SELECT that sees every change made so far."""
        self.flush()
        return self.connection.execute(statement, parameters or {}).mappings().all()

    def whole(self, table: Table, statement: Select[Any], **values: Any) -> list[Row]:
        """As `query`, of a module's statement that selects whole rows of a table: compiled once."""
        self.flush()
        return as_rows(table, run(self.connection, statement, **values))

    def flush(self) -> None:
        """Write what changed."""
        for table, keys in self._changed.items():
            known = self._known[table]
            written = [row for key in keys if (row := known[key]) is not None]
            run_many(self.connection, _delete(table), [_parameters(table, key) for key in keys if known[key] is None])
            if written:
                write_many(self.connection, _upsert(table, self.connection.dialect.name), written)
        self._changed.clear()
        for table, sums in self._added.items():
            self._flush_added(table, sums)
        self._added.clear()

    def _flush_added(self, table: Table, sums: Mapping[Key, Mapping[str, int]]) -> None:
        changed = [(key, amounts) for key, amounts in sorted(sums.items()) if any(amounts.values())]
        if not changed:
            return
        columns, numbers = [column.name for column in table.primary_key], _numbers(table)
        written = [
            {**dict(zip(columns, key, strict=True)), **{name: amounts.get(name, 0) for name in numbers}}
            for key, amounts in changed
        ]
        write_many(self.connection, _addition(table, self.connection.dialect.name), written)
        less = [_parameters(table, key) for key, amounts in changed if min(amounts.values()) < 0]
        run_many(self.connection, _delete_empty(table), less)


def write_many(connection: Connection, statement: Insert, rows: Sequence[Row]) -> None:
    """Run an INSERT for many rows, past SQLAlchemy's work on each: the statement is compiled once.

    Rows hold text, numbers, booleans, bytes and None alone, which both drivers take as they are.
    """
    made = compiled(statement, connection.dialect.name)
    if not made.positional:
        connection.exec_driver_sql(made.sql, list(rows))
        return
    # sqlite3 lets go of the interpreter lock at every step of a statement and must win it back from the threads beside
    # it: many rows in one statement are one step.
    before, values, after = _around_values(made.sql)
    names = made.names
    most = max(1, MOST_VARIABLES // len(names))
    of = itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)
    for start in range(0, len(rows), most):
        part = rows[start : start + most]
        flat = tuple(chain.from_iterable(map(of, part)))
        execute(connection, f"{before}{','.join([values] * len(part))}{after}", flat)


@cache
def _key_of(table: Table) -> Callable[[Row], Key]:
    names = [column.name for column in table.primary_key]
    if len(names) > 1:
        return itemgetter(*names)
    (name,) = names
    return lambda row: (row[name],)


@cache
def _around_values(sql: str) -> tuple[str, str, str]:
    """The statement before its `(?, ?, …)`, that, and what follows."""
    start = sql.index("VALUES (") + len("VALUES ")
    end = sql.index(")", start) + 1
    return sql[:start], sql[start:end], sql[end:]


def _parameters(table: Table, key: Key) -> dict[str, Any]:
    return {f"key_{column.name}": value for column, value in zip(table.primary_key, key, strict=True)}


@cache
def _by_key(table: Table) -> Select[Any]:
    return select(table).where(and_(*(column == bindparam(f"key_{column.name}") for column in table.primary_key)))


@cache
def _by_first(table: Table) -> Select[Any]:
    return select(table).where(next(iter(table.primary_key)) == bindparam("first"))


@cache
def _delete(table: Table) -> Delete:
    return delete(table).where(and_(*(column == bindparam(f"key_{column.name}") for column in table.primary_key)))


@cache
def _upsert(table: Table, dialect: str) -> Insert:
    insert = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
    key = [column.name for column in table.primary_key]
    rest = {column.name: insert.excluded[column.name] for column in table.columns if column.name not in key}
    if not rest:
        return insert.on_conflict_do_nothing(index_elements=key)
    return insert.on_conflict_do_update(index_elements=key, set_=rest)


@cache
def _numbers(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if not column.primary_key)


@cache
def _addition(table: Table, dialect: str) -> Insert:
    insert = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
    sums = {name: table.columns[name] + insert.excluded[name] for name in _numbers(table)}
    return insert.on_conflict_do_update(index_elements=[column.name for column in table.primary_key], set_=sums)


@cache
def _delete_empty(table: Table) -> Delete:
    return _delete(table).where(and_(*(table.columns[name] == literal_column("0") for name in _numbers(table))))
