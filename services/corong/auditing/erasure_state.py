"""Holds, erasures and changes of keys as auditing's own events tell them; part of its state."""

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text

from corong.runtime.clock import stamp
from corong.runtime.rows import Row, Rows
from corong_contracts.base import AnyEvent
from corong_contracts.erasure import ErasureCompleted, ErasureDecided, HoldPlaced, HoldReleased, KeyRotated


def make(metadata: MetaData) -> tuple[Table, Table, Table]:
    """The tables `hold`, `erasure` and `rotation`."""
    hold = Table(
        "hold",
        metadata,
        Column("hold_id", String(36), primary_key=True),
        Column("person", String(32), nullable=False),
        Column("case_id", String(36)),
        Column("reason", String(20), nullable=False),
        Column("legal_basis", String(200), nullable=False),
        Column("officer", String(63), nullable=False),
        Column("placed_at", String(27), nullable=False),
        Column("released_at", String(27)),
        Column("released_by", String(63)),
        Index("hold_person", "person"),
        comment="What keeps persons' data from being erased",
    )
    erasure = Table(
        "erasure",
        metadata,
        Column("erasure_id", String(36), primary_key=True),
        Column("person", String(32), nullable=False),
        Column("keys", Text, nullable=False),
        Column("files", Integer, nullable=False),
        Column("cases", Integer, nullable=False),
        Column("legal_basis", String(200), nullable=False),
        Column("schedule", String(40), nullable=False),
        Column("officer", String(63), nullable=False),
        Column("decided_at", String(27), nullable=False),
        Column("completed_at", String(27)),
        Index("erasure_person", "person"),
        Index("erasure_completed", "completed_at"),
        comment="Decisions to erase: their keys are refused for ever",
    )
    rotation = Table(
        "rotation",
        metadata,
        Column("key_id", String(36), primary_key=True),
        comment="Changes of the deployment's key that the log tells",
    )
    return hold, erasure, rotation


def fold(event: AnyEvent, rows: Rows, hold: Table, erasure: Table, rotation: Table) -> None:
    """Fold one of these events; others change nothing."""
    match event.data:
        case HoldPlaced() as data:
            row = {
                "hold_id": str(data.hold_id), "person": data.person,
                "case_id": str(data.case_id) if data.case_id else None, "reason": data.reason,
                "legal_basis": data.legal_basis, "officer": data.officer, "placed_at": stamp(event.time),
                "released_at": None, "released_by": None,
            }  # fmt: skip
            rows.put(hold, row)
        case HoldReleased() as data:
            rows.change(hold, str(data.hold_id), released_at=stamp(event.time), released_by=data.officer)
        case ErasureDecided() as data:
            decided: Row = {
                "erasure_id": str(data.erasure_id), "person": data.person, "keys": " ".join(data.keys),
                "files": data.files, "cases": data.cases, "legal_basis": data.legal_basis,
                "schedule": data.schedule, "officer": data.officer, "decided_at": stamp(event.time),
                "completed_at": None,
            }  # fmt: skip
            rows.put(erasure, decided)
        case ErasureCompleted() as data:
            rows.change(erasure, str(data.erasure_id), completed_at=stamp(event.time))
        case KeyRotated() as data:
            rows.put(rotation, {"key_id": str(data.key_id)})
        case _:
            pass
