"""Findings of auditing about the log itself: what was missing, came twice, or could not stand in it.

Whoever checks a writer's numbers in the log finds each one either as an entry, or named here. Auditing writes none of
these about its own numbers: a finding about a finding would have no end. Those are in its own logs and tables.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from corong_contracts.base import Natural, Payload
from corong_contracts.frozen import FrozenMap

Number = Annotated[int, Field(ge=1, lt=2**31)]
WriterName = Annotated[str, Field(pattern=r"^[a-z]{1,30}\.[0-9]{2,4}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of an event's exact bytes, in hexadecimal digits."""


class AuditGapFound(Payload, event="audit.gap_found", writer="auditing"):
    """Numbers of a writer are missing: it was asked to send them again. `audit.gap_filled` follows when they came."""

    audit_id: UUID
    of_writer: WriterName
    first: Number
    """The first number that is missing."""
    last: Number
    """The last one that was known to be missing when this was found."""
    done: Literal["asked_again"]


class AuditGapFilled(Payload, event="audit.gap_filled", writer="auditing"):
    """What was missing came, and stands in the log in its place."""

    audit_id: UUID
    """Of the gap."""
    of_writer: WriterName
    first: Number
    last: Number


class AuditConflictFound(Payload, event="audit.conflict_found", writer="auditing"):
    """Bytes that contradict the log: they were kept apart, and what the log has stands."""

    audit_id: UUID
    contradicts: Literal["id", "number"]
    """`id`: a known event's id with other bytes. `number`: a number of this writer used again for other bytes."""
    of_writer: WriterName
    number: Number
    """As the contradicting bytes came."""
    event_id: UUID | None = None
    """The id that they claim, where they are an event."""
    position: Natural | None = None
    """Of the entry that they contradict, where the number has one."""
    known: Digest | None = None
    """Of that entry."""
    found: Digest
    """Of the contradicting bytes."""
    done: Literal["kept_apart"]


class AuditEntryRefused(Payload, event="audit.entry_refused", writer="auditing"):
    """What came under this number can't stand in the log: it was put aside as a dead letter, for a person to see."""

    audit_id: UUID
    of_writer: WriterName
    number: Number
    found: Digest
    """Of the refused bytes."""
    reason: str = Field(max_length=200)
    """What is wrong with them, never a value out of them."""
    done: Literal["parked"]


class AuditStateHashed(Payload, event="audit.state_hashed", writer="auditing"):
    """What a service's tables hashed to: whoever folds the log up to these numbers must find the same."""

    audit_id: UUID
    of_service: str = Field(pattern=r"^[a-z]{1,30}$")
    reached: FrozenMap[WriterName, Number]
    """Writer → the last number that the tables stand for; of writers that are not named nothing."""
    left_out: tuple[Annotated[str, Field(pattern=r"^[a-z]{1,30}\.[0-9]{2,4}/[1-9][0-9]{0,9}$")], ...] = Field(
        default_factory=tuple, max_length=500
    )
    """`writer/number` of dead letters among them: nothing of those is in the tables."""
    hash: str = Field(pattern=r"^sha256-[0-9a-f]{64}$")
    tables: str = Field(max_length=40)
    """The version of the service's tables: those of another version hash differently."""
