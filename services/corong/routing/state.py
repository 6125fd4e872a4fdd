"""Routing's tables, and `apply`: the only code that changes them, live and in replay."""

from sqlalchemy import Boolean, Column, Index, MetaData, String, Table

from corong.runtime.clock import stamp
from corong.runtime.rows import Row, Rows
from corong_contracts.base import AnyEvent, Payload
from corong_contracts.case import (
    CaseAnswered,
    CaseAssigned,
    CaseClaimed,
    CaseClosed,
    CasePrioritised,
    CaseRegistered,
    CaseReleased,
    CaseReturned,
    CaseRouted,
)

metadata = MetaData()

registered = Table(
    "registered",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("conversation_id", String(36), nullable=False),
    Column("person", String(32), nullable=False),
    Column("channel", String(63), nullable=False),
    Column("account", String(63), nullable=False),
    Column("visibility", String(8), nullable=False),
    Column("declared_kind", String(30)),
    comment="What intake said of a case; folded from case.registered",
)

case = Table(
    "case",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("unit", String(63), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("priority", String(10), nullable=False),
    Column("holder", String(63)),
    Column("lease_until", String(27)),
    Column("answered", Boolean, nullable=False),
    Column("closed", Boolean, nullable=False),
    Index("case_lease", "lease_until"),
    comment="Where a case is and who holds it; folded from routing's own events",
)

FOLDS: frozenset[type[Payload]] = frozenset({CaseRegistered})
"""Events of other services that `apply` keeps."""


def apply(event: AnyEvent, rows: Rows) -> None:
    """Fold one event."""
    match event.data:
        case CaseRegistered() as data:
            rows.put(
                registered,
                {
                    "case_id": str(data.case_id),
                    "conversation_id": str(data.conversation_id),
                    "person": data.person,
                    "channel": data.channel,
                    "account": data.account,
                    "visibility": data.visibility,
                    "declared_kind": data.declared_kind,
                },
            )
        case CaseRouted() as data:
            rows.put(case, _routed(data))
        case CaseClaimed() as data:
            rows.change(case, str(data.case_id), holder=data.officer, lease_until=stamp(data.lease_until))
        case CaseReleased() as data:
            rows.change(case, str(data.case_id), holder=None, lease_until=None)
        case CaseAssigned() | CaseReturned() as data:
            rows.change(case, str(data.case_id), unit=data.unit, holder=None, lease_until=None)
        case CasePrioritised() as data:
            rows.change(case, str(data.case_id), priority=str(data.priority))
        case CaseAnswered() as data:
            rows.change(case, str(data.case_id), answered=True)
        case CaseClosed() as data:
            rows.change(case, str(data.case_id), closed=True, holder=None, lease_until=None)
        case _:
            pass


def _routed(data: CaseRouted) -> Row:
    return {
        "case_id": str(data.case_id),
        "unit": data.unit,
        "kind": str(data.kind),
        "priority": str(data.priority),
        "holder": None,
        "lease_until": None,
        "answered": False,
        "closed": False,
    }
