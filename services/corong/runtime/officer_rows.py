"""Officers as every service's tables keep them: folded from routing's events, each edition a row."""

from uuid import UUID, uuid5

from sqlalchemy import Boolean, Column, Integer, MetaData, String, Table, Text

from corong.runtime.clock import stamp
from corong.runtime.officer_entry import Officer
from corong.runtime.roster import OfficerEdition
from corong.runtime.rows import Row, Rows
from corong.runtime.sealing import BadSeal, Erased, Sealer, sealed_field
from corong_contracts.base import AnyEvent
from corong_contracts.officer import OfficerChanged

__all__ = [
    "OFFICERS",
    "edition_of",
    "fold_officer",
    "officer_id",
    "officer_table",
    "row_of",
    "unnamed",
]

OFFICERS = UUID("7d6f3a0e-2b54-5c1c-8e0b-51d0a7c9e4f2")
"""All changes are in one partition: who is the last of a role is decided in one place."""


def officer_id(identity: str) -> UUID:
    """What events and the key store call an officer."""
    return uuid5(OFFICERS, identity)


def officer_table(metadata: MetaData) -> Table:
    """A service's table of them."""
    return Table(
        "officer",
        metadata,
        Column("officer", String(63), primary_key=True),
        Column("edition", Integer, primary_key=True, autoincrement=False),
        Column("name", Text, nullable=False, comment="sealed"),
        Column("role", String(20), nullable=False),
        Column("unit", String(63), nullable=False),
        Column("active", Boolean, nullable=False),
        Column("generation", Integer, nullable=False),
        Column("by", String(63), comment="None: the file of the configuration folder"),
        Column("reason", Text, nullable=False),
        Column("changed_at", String(27), nullable=False),
        comment="Officers whom somebody changed, each edition; folded from officer.changed",
    )


def row_of(event: AnyEvent, data: OfficerChanged) -> Row:
    """What a table keeps of an event."""
    return {
        "officer": data.officer,
        "edition": data.edition,
        "name": sealed_field(event, "name"),
        "role": data.role,
        "unit": data.unit,
        "active": data.active,
        "generation": data.generation,
        "by": data.by,
        "reason": data.reason,
        "changed_at": stamp(event.time),
    }


def fold_officer(event: AnyEvent, data: OfficerChanged, table: Table, rows: Rows) -> None:
    """Keep an edition."""
    rows.put(table, row_of(event, data))


def edition_of(sealer: Sealer, row: Row) -> OfficerEdition:
    """A row as the roster takes it; whose name was erased is called by the id. Raises `StaleKeyStore`."""
    try:
        name = sealer.open_text(row["name"])
    except (Erased, BadSeal):
        name = row["officer"]
    return _edition(row, name)


def unnamed(row: Row) -> OfficerEdition:
    """The same, called by the id."""
    return _edition(row, row["officer"])


def _edition(row: Row, name: str) -> OfficerEdition:
    officer = Officer(
        id=row["officer"], name=name, role=row["role"], unit=row["unit"], active=row["active"],
        token_generation=row["generation"],
    )  # fmt: skip
    return OfficerEdition(row["edition"], officer)
