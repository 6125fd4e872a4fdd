"""Targets that officers set, as routing's table has them."""

from sqlalchemy import Connection, select

from corong.routing.tables import target as table

__all__ = ["Targets", "targets_of"]

Targets = dict[str, int | None]
"""Clock → amount; None: an officer said that there is none."""


def targets_of(connection: Connection) -> Targets:
    """Of every clock that an officer gave one or took it from."""
    return {row.rule: row.amount for row in connection.execute(select(table.c.rule, table.c.amount))}
