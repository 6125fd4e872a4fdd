"""Decisions on requests for information and on objections: proposed, approved, given. Written by routing."""

from datetime import date
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import Field

from corong_contracts.base import Model, Natural, Payload, Sealed, Slug
from corong_contracts.case import CaseState


class Outcome(StrEnum):
    """What was decided: the first four of a request, the others of an objection."""

    GRANTED = "granted"
    PARTLY_GRANTED = "partly_granted"
    REFUSED = "refused"
    NOT_HELD = "not_held"
    UPHELD = "upheld"
    PARTLY_UPHELD = "partly_upheld"
    REJECTED = "rejected"


class ExemptGround(StrEnum):
    """Why information is exempt (UU 14/2008 art. 17); the letters are the law's."""

    LAW_ENFORCEMENT = "a"
    BUSINESS_SECRETS = "b"
    DEFENCE = "c"
    NATURAL_WEALTH = "d"
    ECONOMIC_RESILIENCE = "e"
    FOREIGN_RELATIONS = "f"
    PRIVATE_DEEDS = "g"
    PERSONAL_SECRETS = "h"
    INTERNAL_MEMORANDA = "i"
    OTHER_LAWS = "j"


class ConsequenceTest(Model):
    """The consequence test (uji konsekuensi, UU 14/2008 art. 19): what would follow if the information were open."""

    number: str = Field(min_length=1, max_length=80)
    """Of its record."""
    held_on: date
    exempt_until: date
    """The duration: the last day on which the information stays exempt."""


class Finding(Model):
    """What the written notice says in the register's columns (UU 14/2008 art. 22 (7))."""

    held: Literal["held", "partly_held", "not_held"] = "held"
    held_by: str | None = Field(default=None, max_length=200)
    """Who holds it, where the office does not."""
    grounds: tuple[ExemptGround, ...] = Field(default_factory=tuple, max_length=10)
    test: ConsequenceTest | None = None
    form: Literal["soft_copy", "hard_copy", "inspection"] | None = None
    cost: Natural = 0
    """Rupiah."""
    days_to_deliver: int | None = Field(default=None, ge=0, le=90)


class DecisionProposed(Payload, event="decision.proposed", writer="routing"):
    """A refusal, whole or in part, that waits for the superior's word on exactly this text."""

    decision_id: UUID
    case_id: UUID
    unit: Slug
    officer: str
    outcome: Outcome
    finding: Finding
    redactions: Sealed | None = None
    """JSON: the parts that are blacked out, by name."""
    weighing: Sealed
    """The consequence test's reasons."""
    text: Sealed
    """The notice, as the applicant will read it."""
    text_hash: str
    """Keyed, over outcome, finding, redactions, weighing and text: what the approval is bound to."""
    state: CaseState


class DecisionApproved(Payload, event="decision.approved", writer="routing"):
    """The superior approved exactly what has this hash; the notice is given in the same commit."""

    decision_id: UUID
    case_id: UUID
    officer: str
    text_hash: str


class DecisionReturned(Payload, event="decision.returned", writer="routing"):
    """The proposal does not stand: sent back by the superior, or taken back by the unit."""

    decision_id: UUID
    case_id: UUID
    officer: str
    by: Literal["superior", "unit"]
    reason: Sealed
    state: CaseState


class DecisionGiven(Payload, event="decision.given", writer="routing"):
    """The notice to a request, or the superior's decision on an objection; its text is in `case.answered`."""

    decision_id: UUID
    case_id: UUID
    unit: Slug
    officer: str
    """Who decided: where it was proposed, who proposed it."""
    approved_by: str | None = None
    outcome: Outcome
    finding: Finding | None = None
    redactions: Sealed | None = None
    request_id: UUID | None = None
    """Of an objection: the request that it is about."""
    answer_id: UUID
    text_hash: str
    state: CaseState
