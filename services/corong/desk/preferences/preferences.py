"""Reads and sets them; who has set nothing has what is usual."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from corong.desk.context import Desk
from corong.desk.preferences.tables import preference
from corong.runtime.unit import Unit


@dataclass(frozen=True)
class Preferences:
    """An officer's."""

    shortcuts: bool = True
    """Whether single keys do something on the pages (WCAG 2.1.4)."""


def of_officer(connection: Connection, officer: str) -> Preferences:
    """What the officer has set."""
    found = connection.execute(select(preference).where(preference.c.officer == officer)).first()
    return Preferences(bool(found.shortcuts)) if found else Preferences()


async def set_shortcuts(desk: Desk, officer: str, on: bool) -> None:
    """From the next page on, on every device."""

    def put(unit: Unit) -> None:
        unit.rows.put(preference, {"officer": officer, "shortcuts": on})

    await desk.service.committer.run(put)
