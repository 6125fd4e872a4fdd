"""A case, and officers of every role beside it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from corong.routing.rules import Case
from corong.runtime.directory import Role
from corong.runtime.policy import Actor
from corong_contracts.case import CaseKind, CaseState, Priority

NOW = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
LEASE = timedelta(minutes=30)
CASE, CONVERSATION, CAUSE = UUID(int=0x50), UUID(int=0x51), UUID(int=0x99)
UNIT, OTHER, MAIN = "dinas-pupr", "dinas-kesehatan", "diskominfo"


def officer(identity: str, role: Role, unit: str = UNIT, *, active: bool = True) -> Actor:
    return Actor(kind="officer", id=identity, role=role, unit=unit, active=active)


BOTH_UNITS = {
    "unit": officer("unit", "unit_officer"),
    "colleague": officer("colleague", "unit_officer"),
    "operator": officer("operator", "operator"),
    "main": officer("main", "main_officer", MAIN),
    "stranger": officer("stranger", "unit_officer", OTHER),
    "superior": officer("superior", "superior", MAIN),
    "auditor": officer("auditor", "auditor", MAIN),
    "admin": officer("admin", "admin", MAIN),
    "former": officer("former", "unit_officer", active=False),
    "program": Actor(kind="account", id="program", unit=UNIT),
}
"""Whoever may ask for something, by name; the case is the unit's."""


def case(**other: Any) -> Case:
    """An open case of UNIT that nobody holds."""
    given: dict[str, Any] = {
        "case_id": CASE,
        "conversation_id": CONVERSATION,
        "unit": UNIT,
        "kind": CaseKind.COMPLAINT,
        "priority": Priority.NORMAL,
        "holder": None,
        "lease_until": None,
        "state": CaseState.IN_PROGRESS,
        "person": "warga",
        "message_id": CASE,
        "received": NOW - timedelta(days=1),
        "key": "k" * 32,
        **other,
    }
    return Case(**given)


def held(by: str, *, left: timedelta = LEASE, **other: Any) -> Case:
    """A case that somebody holds for so long from NOW on."""
    return case(holder=by, lease_until=NOW + left, **other)
