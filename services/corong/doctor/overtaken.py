"""Entries of the configuration's files that no longer count: events of the log changed what they say since."""

from collections.abc import Iterable

from sqlalchemy import Connection, Table, func, select
from sqlalchemy.exc import SQLAlchemyError

from corong.doctor.finding import Finding, note
from corong.routing import state
from corong.runtime.database import Database
from corong.runtime.directory import Directory
from corong.runtime.migrate import missing_version
from corong.runtime.settings import Settings

MOST_NAMED = 20
"""So many entries of a file are named; all are counted."""


def look_at_overtaken(settings: Settings, directory: Directory) -> list[Finding]:
    """By routing's tables; nothing where they are not within reach, which is told where databases are looked at."""
    try:
        database = Database(settings.database, "routing")
    except (SQLAlchemyError, ValueError):
        return []
    try:
        if missing_version(database) is not None:
            return []
        with database.read() as connection:
            return _found(connection, directory)
    except (SQLAlchemyError, OSError):
        return []
    finally:
        database.close()


def _found(connection: Connection, directory: Directory) -> list[Finding]:
    found = [
        *_entries(
            "units.toml", _keys(connection, state.unit_edition, "unit"), (one.id for one in directory.listed_units)
        ),
        *_entries("officers.toml", _keys(connection, state.officer, "officer"), (one.id for one in directory.listed)),
        *_entries("clocks.toml [targets]", rules := _keys(connection, state.target, "rule"), rules),
    ]  # fmt: skip
    edition = connection.execute(select(func.max(state.rules.c.edition))).scalar()
    if edition:
        found.append(
            note(
                "files",
                f"rules.toml: tidak dibaca lagi; berlaku edisi {edition} dari log (corong rules show)",
                f"rules.toml: read no longer; edition {edition} of the log is in force (corong rules show)",
            )
        )
    return found


def _keys(connection: Connection, table: Table, name: str) -> set[str]:
    return set(connection.execute(select(table.c[name]).distinct()).scalars())


def _entries(file: str, log: set[str], listed: Iterable[str]) -> list[Finding]:
    """A line for a file of which entries were overtaken."""
    both = sorted(log & set(listed))
    if not both:
        return []
    named = ", ".join(both[:MOST_NAMED]) + (", …" if len(both) > MOST_NAMED else "")
    return [
        note(
            "files",
            f"{file}: {len(both)} entri tidak dibaca lagi, karena diubah lewat log: {named}",
            f"{file}: {len(both)} entries are read no longer, since the log changed them: {named}",
        )
    ]
