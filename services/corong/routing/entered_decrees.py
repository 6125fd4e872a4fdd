"""Decrees that officers entered, as routing's table has them."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from corong.routing.decrees import Decree
from corong.routing.tables import decree as table

__all__ = ["EnteredDecree", "decree_of", "entered"]


@dataclass(frozen=True, slots=True)
class EnteredDecree:
    """One of the log."""

    decree: Decree
    officer: str
    entered_at: str


def entered(connection: Connection) -> list[EnteredDecree]:
    """All, in the order in which they were entered."""
    rows = connection.execute(select(table).order_by(table.c.entered_at, table.c.number)).mappings()
    return [EnteredDecree(decree_of(row["content"]), row["officer"], row["entered_at"]) for row in rows]


def decree_of(content: str) -> Decree:
    """As the calendar is made of."""
    return Decree.model_validate_json(content)
