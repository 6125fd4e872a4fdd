"""What the log says of one case, as far as the register and the yearly report ask for it.

Each part is folded from one writer's events alone (intake's, the case's partition of routing, auditing's), so that it
does not matter how the log weaves the writers together.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from corong.reports.standing import End, Standing
from corong_contracts.case import CaseKind
from corong_contracts.case_life import ObjectionGround
from corong_contracts.clock import Count
from corong_contracts.decision import Finding, Outcome
from corong_contracts.dispute import Result

NOTICE = "request_notice"
"""The clock of the written notice to a request (UU 14/2008 art. 22 (7))."""
ANSWER = "objection_decision"
"""The clock of the superior's answer to an objection (art. 36 (2))."""
MAIN_CLOCKS = {CaseKind.INFORMATION_REQUEST: NOTICE, CaseKind.OBJECTION: ANSWER}


@dataclass(frozen=True, slots=True)
class Registration:
    """Intake's word."""

    number: str
    message_id: UUID
    at: datetime
    """When the number was given."""
    received: datetime
    """When the message was received."""
    channel: str
    declared: CaseKind | None
    demo: bool


@dataclass(frozen=True, slots=True)
class Turned:
    """An officer said what the case is; its clock runs from that message's receipt."""

    before: CaseKind
    message_id: UUID
    received: datetime


@dataclass(slots=True)
class ClockRun:
    """A clock of the law as it ran last."""

    count: Count
    met: datetime | None = None
    in_time: bool | None = None
    ran_out: bool = False
    """Its last day went by in silence."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The notice to a request, or the superior's decision on an objection."""

    at: datetime
    outcome: Outcome
    finding: Finding
    unit: str
    officer: str
    approved_by: str | None


@dataclass(frozen=True, slots=True)
class Dispute:
    """Before the Information Commission."""

    reference: str
    filed_on: date
    result: Result | None = None
    settled_on: date | None = None


@dataclass(frozen=True, slots=True)
class Erasure:
    """The decision by which the citizen's words are erased."""

    at: datetime
    basis: str
    schedule: str


@dataclass(slots=True)
class Record:
    """One case. It changes while the book is folded; nobody changes it afterwards."""

    case_id: UUID
    registration: Registration | None = None
    unit: str | None = None
    """With which the case is; None until it was routed."""
    routed_kind: CaseKind | None = None
    turned: Turned | None = None
    """The newest time that an officer changed the kind."""
    detailed: bool = False
    """Whether an officer wrote down what the register asks."""
    clocks: dict[str, ClockRun] = field(default_factory=dict)
    asked_to_complete: int = 0
    extended_to: date | None = None
    """The last day of the notice, where its time was extended: as the clock has it now."""
    decision: Decision | None = None
    closed: datetime | None = None
    end: Literal["answered", "no_answer_needed", "duplicate", "spam", "withdrawn", "merged"] | None = None
    """Why it was closed."""
    merged_into: UUID | None = None
    objection_id: UUID | None = None
    """Of a request: the objection to how it was handled."""
    request_id: UUID | None = None
    """Of an objection: the request that it is about."""
    ground: ObjectionGround | None = None
    dispute: Dispute | None = None
    erasure: Erasure | None = None

    @property
    def kind(self) -> CaseKind | None:
        """What it is: routing's word, or until then what the citizen chose on the form."""
        return self.routed_kind or (self.registration.declared if self.registration else None)

    @property
    def received(self) -> datetime | None:
        """The lawful start: when the message that is the request was received."""
        if self.turned is not None:
            return self.turned.received
        return self.registration.received if self.registration else None

    @property
    def message_id(self) -> UUID | None:
        """The message that it is about."""
        if self.turned is not None:
            return self.turned.message_id
        return self.registration.message_id if self.registration else None

    @property
    def demo(self) -> bool:
        """Whether a synthetic citizen wrote it."""
        return self.registration is not None and self.registration.demo

    @property
    def clock(self) -> ClockRun | None:
        """The clock by which the office is in time or late."""
        return self.clocks.get(MAIN_CLOCKS[self.kind]) if self.kind in MAIN_CLOCKS else None

    @property
    def silent(self) -> bool:
        """Whether that clock's last day went by without what it asks for."""
        return self.clock is not None and self.clock.ran_out

    @property
    def standing(self) -> Standing:
        """What became of it: a decision counts, however the case was closed afterwards."""
        if self.decision is not None:
            return self.decision.outcome
        if self.end is None:
            return End.OPEN
        return End(self.end) if self.end in ("withdrawn", "merged") else End.CLOSED
