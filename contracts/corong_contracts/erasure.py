"""Erasing a person's data (UU 27/2022), and what hinders it: decisions of officers, written by auditing.

Never anything personal: a person is a random id, which means nothing once the key store has forgotten whose it was.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from corong_contracts.base import Natural, Payload, Time

LegalBasis = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 .,/()-]{2,199}$", description="Law and article: UU 27/2022 Pasal 43.")
]  # fmt: skip
Schedule = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9./-]{0,39}$", description="Code of the archive schedule (JRA).")
]  # fmt: skip
Person = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
"""A random id."""
KeyId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Mark = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]

HoldReason = Literal["dispute", "court", "investigation", "audit", "archive", "other"]
"""A dispute at the Information Commission, a court, an investigation, an audit, the archive law, something else."""


class HoldPlaced(Payload, event="hold.placed", writer="auditing"):
    """Nothing of this person may be erased until the hold is released."""

    hold_id: UUID
    person: Person
    case_id: UUID | None = None
    """The case that led to it."""
    reason: HoldReason
    legal_basis: LegalBasis
    officer: str


class HoldReleased(Payload, event="hold.released", writer="auditing"):
    """The hold is over."""

    hold_id: UUID
    person: Person
    legal_basis: LegalBasis
    officer: str


class ErasureDecided(Payload, event="erasure.decided", writer="auditing"):
    """An officer decided that a person's data is destroyed. From here on it is done, whatever is interrupted."""

    erasure_id: UUID
    person: Person
    keys: tuple[KeyId, ...] = Field(max_length=100)
    """These are destroyed, and refused wherever they turn up again."""
    files: Natural
    """Attachments that are removed with them."""
    cases: Natural
    """Cases whose words are erased; each has its own `case.erased`."""
    legal_basis: LegalBasis
    schedule: Schedule
    officer: str


class CaseErased(Payload, event="case.erased", writer="auditing"):
    """The citizen's words, and those written for the citizen, are erased in this case; the steps stay."""

    case_id: UUID
    erasure_id: UUID
    legal_basis: LegalBasis
    schedule: Schedule
    officer: str


class ErasureCompleted(Payload, event="erasure.completed", writer="auditing"):
    """Everything that was decided is destroyed."""

    erasure_id: UUID
    person: Person
    keys: Natural
    """Destroyed keys of the decision."""
    files: Natural
    """Attachments that the last run removed; one that was interrupted before may have removed others."""
    lookups: Natural
    """Networks' ids of messages that the last run cut off."""


class ErasureRepeated(Payload, event="erasure.repeated", writer="auditing"):
    """The key store showed erased persons again, as from an old backup: they were erased once more."""

    erasure_id: UUID
    """Of the first of them."""
    erasures: Natural
    """How many decisions were carried out again."""


class KeyRotated(Payload, event="key.rotated", writer="auditing"):
    """The deployment's key was changed: every person's key is wrapped under the new one."""

    key_id: UUID
    old: Mark
    new: Mark
    keys: Natural
    started_at: Time
    finished_at: Time
