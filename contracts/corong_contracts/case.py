"""Cases (perkara): registered by intake, then led by routing."""

from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import Field

from corong_contracts.base import Model, Payload, Sealed, Slug, Time
from corong_contracts.message import Visibility


class CaseKind(StrEnum):
    """What a citizen wants; the law's clocks hang on it (UU 14/2008, Perpres 76/2013)."""

    INFORMATION_REQUEST = "information_request"
    OBJECTION = "objection"
    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"
    QUESTION = "question"
    PRAISE = "praise"
    SPAM = "spam"


class CaseState(StrEnum):
    """How far a case is. Whether it is late is never a state: it follows from its clocks."""

    REGISTERED = "registered"
    """In a unit's queue, and nobody there has taken it up (terdaftar)."""
    IN_PROGRESS = "in_progress"
    """Taken up by an officer (diproses)."""
    INCOMPLETE = "incomplete"
    """The applicant was asked for what is missing (menunggu kelengkapan)."""
    APPROVAL_PENDING = "approval_pending"
    """A refusal, whole or in part, waits for the superior's word (menunggu persetujuan atasan)."""
    DECIDED = "decided"
    """The notice to a request, or the decision on an objection, was given (diputus)."""
    ANSWERED = "answered"
    """A complaint, suggestion or question was answered (dijawab)."""
    CLOSED = "closed"
    """Finished (ditutup)."""


class ComplaintTier(StrEnum):
    """How a complaint is to be handled (PermenPANRB 62/2018); its clock hangs on it."""

    NORMATIVE = "normative"
    WITHOUT_OVERSIGHT = "without_oversight"
    WITH_OVERSIGHT = "with_oversight"


class Priority(StrEnum):
    """How soon an officer should look at a case; a queue shows the urgent ones first."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class CaseRegistered(Payload, event="case.registered", writer="intake"):
    """A case has its number. Numbers run without gaps in each register and year."""

    case_id: UUID
    conversation_id: UUID
    message_id: UUID
    registration: str
    """As the citizen reads it: `PI/2026/000123`."""
    book: str = Field(pattern=r"^[A-Z]{2,4}$")
    """The register: PI, KB, PM or PS."""
    year: int = Field(ge=1, le=9999)
    sequence: int = Field(ge=1, lt=2**31)
    declared_kind: CaseKind | None = None
    """What the citizen chose on the form; routing decides."""
    channel: Slug
    account: Slug
    visibility: Visibility
    person: str
    """Random id of the citizen; only the key store leads from an address to it."""
    receipt_check: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the case's id and the secret on its receipt (80 bits of chance): it proves a receipt, also after an
    erasure, and nothing leads from it to the secret."""
    related_case: UUID | None = None
    """For the officer to look at: the case whose thread another person answered, or the request that an objection is
    about, which its receipt's holder named."""
    split_from: UUID | None = None
    """An officer split it off this case; kind and unit are the officer's word."""
    unit: Slug | None = None
    received: Time | None = None
    """When the message was received, where that was before: split off another case, or entered later by an officer."""
    demo: bool = False


class Reason(Model):
    """Why a rule applied: its own words, never the citizen's."""

    rule: str
    because: Literal["topic", "place", "account", "channel", "kind", "visibility", "no_rule", "officer"]
    matched: tuple[str, ...] = Field(default_factory=tuple)


class CaseRouted(Payload, event="case.routed", writer="routing"):
    """A rule chose the unit, the kind and the priority."""

    case_id: UUID
    unit: Slug
    kind: CaseKind
    priority: Priority
    rule: str
    topics: tuple[str, ...] = Field(default_factory=tuple)
    reasons: tuple[Reason, ...] = Field(default_factory=tuple)
    state: CaseState | None = None
    tier: ComplaintTier | None = None


class CaseClaimed(Payload, event="case.claimed", writer="routing"):
    """An officer holds the case until the lease ends; claiming again lengthens the lease."""

    case_id: UUID
    unit: Slug
    officer: str
    lease_until: Time
    state: CaseState | None = None


class CaseReleased(Payload, event="case.released", writer="routing"):
    """Nobody holds the case any more."""

    case_id: UUID
    unit: Slug
    officer: str
    reason: Literal["handed_back", "lease_expired"]


class CaseAssigned(Payload, event="case.assigned", writer="routing"):
    """Disposisi: the case goes to a unit (and perhaps an officer there) with an instruction."""

    case_id: UUID
    from_unit: Slug
    unit: Slug
    to_officer: str | None = None
    officer: str
    instruction: Sealed


class CaseReturned(Payload, event="case.returned", writer="routing"):
    """A unit sent the case back to the main office: not its authority (bukan kewenangan)."""

    case_id: UUID
    from_unit: Slug
    unit: Slug
    officer: str
    reason: Sealed


class CasePrioritised(Payload, event="case.prioritised", writer="routing"):
    """An officer changed the priority."""

    case_id: UUID
    officer: str
    before: Priority
    priority: Priority


class CaseNoted(Payload, event="case.noted", writer="routing"):
    """An internal note; it can't be sent."""

    case_id: UUID
    note_id: UUID
    officer: str
    note: Sealed
    mentions: tuple[str, ...] = Field(default_factory=tuple)
    """Officers whom the note is for; each could read the case when it was written."""


class CaseAnswered(Payload, event="case.answered", writer="routing"):
    """The officer who holds the case wrote an answer; publishing delivers it where the case came from."""

    case_id: UUID
    conversation_id: UUID
    answer_id: UUID
    unit: Slug
    officer: str
    text: Sealed
    state: CaseState | None = None
    """The state after it: a word to the applicant of a request decides nothing."""
    group_id: UUID | None = None
    """One answer to several cases on the same issue: each citizen is told where they wrote."""
    decision_id: UUID | None = None
    """It is the text of this decision."""
    outcome: str | None = Field(default=None, max_length=20)
    """What that decision is (`decision.Outcome`)."""


class CaseClosed(Payload, event="case.closed", writer="routing"):
    """The case is finished; a later message of the citizen opens a new one in the same conversation."""

    case_id: UUID
    unit: Slug
    officer: str | None = None
    outcome: Literal["answered", "no_answer_needed", "duplicate", "spam", "withdrawn", "merged"]
    state: CaseState | None = None
