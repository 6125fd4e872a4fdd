"""Decrees that officers entered, as routing's table has them."""

from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, select

from corong.routing.decrees import Decree
from corong.routing.tables import decree as table
from corong.runtime.unit import Unit

__all__ = ["EnteredDecree", "entered", "entered_in"]


@dataclass(frozen=True, slots=True)
class EnteredDecree:
    """One of the log."""

    decree: Decree
    officer: str
    entered_at: str


_ALL = select(table).order_by(table.c.entered_at, table.c.number)


def entered(connection: Connection) -> list[EnteredDecree]:
    """All, in the order in which they were entered."""
    return list(map(_made, connection.execute(_ALL).mappings()))


def entered_in(unit: Unit) -> list[EnteredDecree]:
    """The same, with what the same commit entered before."""
    return list(map(_made, unit.rows.query(_ALL)))


def _made(row: RowMapping) -> EnteredDecree:
    return EnteredDecree(Decree.model_validate_json(row["content"]), row["officer"], row["entered_at"])
