"""Statements of the hot path, compiled once: SQLAlchemy's work on each execution costs more than SQLite's.

They are built with SQLAlchemy, run on both databases, and fail with its errors; parameters are text, numbers, booleans,
bytes and None alone, which both drivers take as they are. On SQLite they go to the driver itself, at a tenth of the
cost of a statement that goes through SQLAlchemy (decision 0017).
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Select, Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement

__all__ = [
    "Compiled",
    "Found",
    "as_sqlalchemys",
    "compiled",
    "execute",
    "in_keys",
    "run",
    "run_for",
    "run_many",
    "stream",
]

Found = dict[str, Any]
Line = tuple[Any, ...]
"""A row as the driver gives it: values in the statement's order; booleans as SQLite has them, 0 and 1."""


class Compiled:
    """The text of a statement in one dialect, and how its parameters go there."""

    def __init__(self, statement: ClauseElement, dialect: str) -> None:
        # Only `sqlite` and `postgresql` (psycopg) come here.
        made = statement.compile(
            dialect=sqlite.dialect() if dialect == "sqlite" else psycopg.dialect()  # type: ignore[no-untyped-call]
        )
        self.sql = str(made)
        self.names: tuple[str, ...] = tuple(made.positiontup or ()) if made.positional else ()  # type: ignore[attr-defined]
        self.positional = bool(made.positional)  # type: ignore[attr-defined]

    def parameters(self, values: Mapping[str, Any]) -> Any:
        """Values as the driver takes them."""
        return tuple(values[name] for name in self.names) if self.positional else dict(values)


@cache
def compiled(statement: ClauseElement, dialect: str) -> Compiled:
    """`statement` must be the same object each time: one of a module, or a cached one."""
    return Compiled(statement, dialect)


def execute(connection: Connection, sql: str, parameters: Any = ()) -> Sequence[Line]:
    """Run a statement's text inside of a transaction; its rows, where it has any."""
    if connection.dialect.name != "sqlite":
        result = connection.exec_driver_sql(sql, parameters)
        return [tuple(row) for row in result] if result.returns_rows else ()
    try:
        return _driver(connection).execute(sql, parameters).fetchall()
    except sqlite3.Error as error:
        raise as_sqlalchemys(connection, sql, error) from error


def stream(connection: Connection, sql: str, size: int) -> Iterator[Sequence[Line]]:
    """The rows of a SELECT, `size` at a time, inside of a transaction."""
    if connection.dialect.name != "sqlite":
        result = connection.exec_driver_sql(sql, execution_options={"stream_results": True, "max_row_buffer": size})
        for part in result.partitions(size):
            yield [tuple(row) for row in part]
        return
    try:
        cursor = _driver(connection).execute(sql)
        while part := cursor.fetchmany(size):
            yield part
    except sqlite3.Error as error:
        raise as_sqlalchemys(connection, sql, error) from error


def _driver(connection: Connection) -> sqlite3.Connection:
    assert connection.in_transaction()  # or it would be committed by itself
    driver: sqlite3.Connection | None = connection.connection.driver_connection
    assert driver is not None  # it is in a transaction
    return driver


def as_sqlalchemys(connection: Connection, sql: str, error: sqlite3.Error) -> Exception:
    """The error that SQLAlchemy makes of SQLite's."""
    made: Exception = DBAPIError.instance(
        sql, None, error, sqlite3.Error, hide_parameters=True, dialect=connection.dialect
    )
    return made


def run(connection: Connection, statement: ClauseElement, **values: Any) -> Sequence[Line]:
    """Run a statement of a module."""
    made = compiled(statement, connection.dialect.name)
    return execute(connection, made.sql, made.parameters(values))


def run_many(connection: Connection, statement: ClauseElement, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run a statement of a module once for each of `rows`."""
    if not rows:
        return
    made = compiled(statement, connection.dialect.name)
    parameters = [made.parameters(row) for row in rows]
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(made.sql, parameters)
        return
    try:
        _driver(connection).executemany(made.sql, parameters)
    except sqlite3.Error as error:
        raise as_sqlalchemys(connection, made.sql, error) from error


@cache
def _columns(table: Table) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names = tuple(column.name for column in table.columns)
    return names, tuple(column.name for column in table.columns if isinstance(column.type, Boolean))


def as_rows(table: Table, lines: Sequence[Line]) -> list[Found]:
    """Rows of a whole table's columns."""
    names, booleans = _columns(table)
    found = [dict(zip(names, line, strict=True)) for line in lines]
    for name in booleans:
        for row in found:
            if row[name] is not None:
                row[name] = bool(row[name])
    return found


@cache
def _before_keys(statement: Select[Any], column: Column[Any], dialect: str) -> tuple[str, str]:
    made = sqlite.dialect() if dialect == "sqlite" else postgresql.dialect()  # type: ignore[no-untyped-call]
    quote = made.identifier_preparer.quote
    name = f"{quote(column.table.name)}.{quote(column.name)}"
    return f"{compiled(statement, dialect).sql} WHERE {name} IN ", "?" if dialect == "sqlite" else "%s"


def run_for(connection: Connection, statement: Select[Any], column: Column[Any], keys: Sequence[Any]) -> Sequence[Line]:
    """Run a statement of a module, which has no WHERE, for the rows where `column` is one of `keys`."""
    if not keys:
        return ()
    before, mark = _before_keys(statement, column, connection.dialect.name)
    return execute(connection, f"{before}({','.join([mark] * len(keys))})", tuple(keys))


@cache
def _whole(table: Table) -> Select[Any]:
    return select(table)


def in_keys(connection: Connection, table: Table, keys: Sequence[Any]) -> list[Found]:
    """The rows of a table with one-column key that have these keys."""
    return as_rows(table, run_for(connection, _whole(table), next(iter(table.primary_key)), keys))
