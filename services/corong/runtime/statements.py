"""Statements of the hot path, compiled once: SQLAlchemy's work on each execution costs more than SQLite's.

They are built with SQLAlchemy, run on both databases, and fail with its errors; parameters are text, numbers, booleans,
bytes and None alone, which both drivers take as they are.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Boolean, Connection, CursorResult, Select, Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.sql import ClauseElement

__all__ = ["Compiled", "Found", "compiled", "in_keys", "run"]

Found = dict[str, Any]


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


def run(connection: Connection, statement: ClauseElement, **values: Any) -> CursorResult[Any]:
    """Run a statement of a module. Its booleans come as SQLite has them, 0 and 1."""
    made = compiled(statement, connection.dialect.name)
    return connection.exec_driver_sql(made.sql, made.parameters(values))


def run_many(connection: Connection, statement: ClauseElement, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run a statement of a module once for each of `rows`."""
    if rows:
        made = compiled(statement, connection.dialect.name)
        connection.exec_driver_sql(made.sql, [made.parameters(row) for row in rows])


@cache
def _columns(table: Table) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names = tuple(column.name for column in table.columns)
    return names, tuple(column.name for column in table.columns if isinstance(column.type, Boolean))


def as_rows(table: Table, result: CursorResult[Any]) -> list[Found]:
    """Rows of a whole table's columns."""
    names, booleans = _columns(table)
    found = [dict(zip(names, row, strict=True)) for row in result]
    for name in booleans:
        for row in found:
            if row[name] is not None:
                row[name] = bool(row[name])
    return found


@cache
def _whole(table: Table, dialect: str) -> tuple[str, str]:
    made = sqlite.dialect() if dialect == "sqlite" else postgresql.dialect()  # type: ignore[no-untyped-call]
    column = made.identifier_preparer.quote(next(iter(table.primary_key)).name)
    statement: Select[Any] = select(table)
    return f"{compiled(statement, dialect).sql} WHERE {column} IN ", "?" if dialect == "sqlite" else "%s"


def in_keys(connection: Connection, table: Table, keys: Sequence[Any]) -> list[Found]:
    """The rows of a table with one-column key that have these keys."""
    if not keys:
        return []
    before, mark = _whole(table, connection.dialect.name)
    sql = f"{before}({','.join([mark] * len(keys))})"
    return as_rows(table, connection.exec_driver_sql(sql, tuple(keys)))
