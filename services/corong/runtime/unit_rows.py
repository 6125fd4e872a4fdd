"""Units as every service's tables keep them: folded from routing's events, each edition a row."""

import json
from uuid import UUID, uuid5

from sqlalchemy import Column, Integer, MetaData, String, Table, Text

from corong.runtime.clock import stamp
from corong.runtime.officer_rows import OFFICERS
from corong.runtime.rows import Row, Rows
from corong.runtime.unit_chart import UnitEdition
from corong.runtime.unit_entry import KnownUnit
from corong_contracts.base import AnyEvent
from corong_contracts.unit import UnitChanged, UnitContent

__all__ = ["UNITS", "edition_of", "fold_unit", "row_of", "unit_id", "unit_table"]

UNITS = OFFICERS
"""In the officers' partition: who works where, and which units there are, is decided in one place."""


def unit_id(identity: str) -> UUID:
    """What events call a unit, and the key store for the words with which its cases go on."""
    return uuid5(UNITS, f"unit/{identity}")


def unit_table(metadata: MetaData) -> Table:
    """A service's table of them."""
    return Table(
        "unit",
        metadata,
        Column("unit", String(63), primary_key=True),
        Column("edition", Integer, primary_key=True, autoincrement=False),
        Column("content", Text, nullable=False, comment="JSON"),
        Column("successor", String(63), comment="None: the unit is open"),
        Column("by", String(63), comment="None: the file of the configuration folder"),
        Column("reason", Text, nullable=False),
        Column("changed_at", String(27), nullable=False),
        comment="Units that somebody changed, each edition; folded from unit.changed",
    )


def row_of(event: AnyEvent, data: UnitChanged) -> Row:
    """What a table keeps of an event."""
    return {
        "unit": data.unit,
        "edition": data.edition,
        "content": json.dumps(data.content.model_dump(mode="json"), ensure_ascii=False, sort_keys=True),
        "successor": data.successor,
        "by": data.by,
        "reason": data.reason,
        "changed_at": stamp(event.time),
    }


def fold_unit(event: AnyEvent, data: UnitChanged, table: Table, rows: Rows) -> None:
    """Keep an edition."""
    rows.put(table, row_of(event, data))


def edition_of(row: Row) -> UnitEdition:
    """A row as the chart takes it."""
    content = UnitContent.model_validate_json(row["content"])
    return UnitEdition(row["edition"], KnownUnit.of(row["unit"], content, row["successor"]))
