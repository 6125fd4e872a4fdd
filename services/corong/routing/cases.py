"""A case as routing knows it, folded from the log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from corong.routing.deadlines import ClockInputs
from corong_contracts.case import CaseKind, CaseState, ComplaintTier, Priority
from corong_contracts.case_life import ObjectionGround

ClockState = Literal["running", "paused", "ran_out", "met", "ended"]


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock of a case as it stands."""

    clock_id: UUID
    rule: str
    state: ClockState
    inputs: ClockInputs
    calendar: str
    last_day: date
    due: datetime
    ended_by: str | None = None
    """The act after which nothing was owed any more."""
    paused_for: str | None = None
    paused_on: date | None = None

    @property
    def owed(self) -> bool:
        """Whether what it asks for is still to be done, in time or not."""
        return self.state in ("running", "paused", "ran_out")

    def runs_at(self, now: datetime) -> bool:
        """Whether there is a last day, and it is not over."""
        return self.state == "running" and now < self.due


@dataclass(frozen=True)
class Case:
    """A case. Whether it is late is not in here: it follows from its clocks and the time."""

    case_id: UUID
    conversation_id: UUID
    unit: str
    kind: CaseKind
    priority: Priority
    holder: str | None
    lease_until: datetime | None
    state: CaseState = CaseState.REGISTERED
    key: str = field(default="", repr=False)
    """The citizen's key, for what is written about them."""
    person: str = ""
    message_id: UUID | None = None
    """The citizen's message that the case is: its first, or the one that an officer said is the request."""
    received: datetime | None = None
    """When that message was received."""
    tier: ComplaintTier | None = None
    before: CaseState | None = None
    """Of a closed case: the state to which a reopening returns."""
    outcome: str | None = None
    decision: str | None = None
    asked_at: datetime | None = None
    """When the applicant was asked for what is missing."""
    text_hash: str | None = None
    """Of the refusal that waits for the superior's word."""
    request_id: UUID | None = None
    ground: ObjectionGround | None = None
    """Of an objection."""
    objection_id: UUID | None = None
    group_id: UUID | None = None
    merged_into: UUID | None = None
    disputed: Literal["no", "recorded", "settled"] = "no"
    public_answer: Literal["no", "published", "withdrawn"] = "no"
    clocks: Mapping[str, Clock] = field(default_factory=dict)
    """By rule; empty also where nobody asked for them."""

    @property
    def closed(self) -> bool:
        """Whether it is finished."""
        return self.state is CaseState.CLOSED

    @property
    def answered(self) -> bool:
        """Whether it was answered or decided, and is not closed."""
        return self.state in (CaseState.ANSWERED, CaseState.DECIDED)

    def held_by(self, now: datetime) -> str | None:
        """Who holds the case at `now`: a claim ends with its lease, even before that is written down."""
        if self.holder is None or self.lease_until is None or self.lease_until <= now:
            return None
        return self.holder
