"""Tables that keep each edition of a thing as a row: the newest of each thing."""

from typing import Any

from sqlalchemy import Connection, Select, Table, func, select

from corong.runtime.rows import Row

__all__ = ["changes_in", "newest_of", "newest_query"]


def newest_query(table: Table) -> Select[Any]:
    """The newest edition of each thing, by the thing's name.

    The table's primary key is that name and the column `edition`.
    """
    name = next(iter(table.primary_key)).name
    newest = select(table.c[name], func.max(table.c.edition).label("edition")).group_by(table.c[name]).subquery()
    same = (table.c[name] == newest.c[name]) & (table.c.edition == newest.c.edition)
    return select(table).select_from(table.join(newest, same)).order_by(table.c[name])


def newest_of(connection: Connection, table: Table) -> list[Row]:
    """Those rows."""
    return [dict(row) for row in connection.execute(newest_query(table)).mappings()]


def changes_in(connection: Connection, table: Table) -> int | None:
    """The sum of all editions, which every change makes more; None where there are none."""
    found: int | None = connection.execute(select(func.sum(table.c.edition))).scalar()
    return found
