"""Cases, continued: what the law's procedure adds to a case's life. Written by routing."""

from datetime import date
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import Field

from corong_contracts.base import Model, Payload, Sealed, Slug, Time
from corong_contracts.case import CaseKind, CaseState, ComplaintTier
from corong_contracts.message import Visibility


class ObjectionGround(StrEnum):
    """Why an applicant objects (UU 14/2008 art. 35 (1)); the letters are the law's."""

    REFUSED = "a"
    """The request was refused on a ground of art. 17."""
    PERIODIC_NOT_PROVIDED = "b"
    """Information that must be published periodically (art. 9) was not."""
    NO_RESPONSE = "c"
    NOT_AS_ASKED = "d"
    NOT_FULFILLED = "e"
    UNREASONABLE_FEE = "f"
    LATE = "g"


class CaseReclassified(Payload, event="case.reclassified", writer="routing"):
    """An officer said what the case is: a comment turned into a request, say. What the citizen wrote stays as it is."""

    case_id: UUID
    officer: str
    before: CaseKind
    kind: CaseKind
    tier: ComplaintTier | None = None
    message_id: UUID
    """The citizen's message that is the request."""
    received: Time
    """When that message was received: the lawful start of its clocks, whenever the officer saw what it is."""
    state: CaseState
    reason: Sealed


class CaseCompletionAsked(Payload, event="case.completion_asked", writer="routing"):
    """The applicant was asked for what is missing; `missing` is what they were told."""

    case_id: UUID
    officer: str
    notice_id: UUID
    missing: Sealed
    state: CaseState


class CaseCompleted(Payload, event="case.completed", writer="routing"):
    """What was missing has come."""

    case_id: UUID
    officer: str
    message_id: UUID | None = None
    """The citizen's message that completed it; None where it came another way, as at the counter."""
    completed: Time
    """When it was received: the clock runs on after that day."""
    state: CaseState


class CaseExtended(Payload, event="case.extended", writer="routing"):
    """The time was extended, once, with written reasons that the applicant was told (UU 14/2008 art. 22 (8))."""

    case_id: UUID
    officer: str
    clock: str
    notice_id: UUID
    reasons: Sealed
    before: date
    last_day: date


class CasePlanned(Payload, event="case.planned", writer="routing"):
    """The reporter was told how and when the complaint is followed up (SP4N-LAPOR!)."""

    case_id: UUID
    officer: str
    notice_id: UUID
    plan: Sealed


class CaseDetailed(Payload, event="case.detailed", writer="routing"):
    """What the statutory register asks of a request, as an officer wrote it down; the newest counts."""

    case_id: UUID
    officer: str
    particulars: Sealed
    """JSON: name, address, contact, occupation, asked, purpose, how it is to be got and sent. Missing: not known."""


class CaseWithdrawn(Payload, event="case.withdrawn", writer="routing"):
    """The citizen took it back; the case is closed in the same commit."""

    case_id: UUID
    officer: str
    before: CaseState
    reason: Sealed


class CaseReopened(Payload, event="case.reopened", writer="routing"):
    """A closing was undone."""

    case_id: UUID
    officer: str
    undone: Literal["merged", "withdrawn", "closed"]
    state: CaseState
    reason: Sealed


class CaseLinked(Payload, event="case.linked", writer="routing"):
    """An objection says which request it is about, and on which ground; `request_id` None: the link was undone."""

    case_id: UUID
    officer: str
    request_id: UUID | None = None
    ground: ObjectionGround | None = None


class CaseObjected(Payload, event="case.objected", writer="routing"):
    """The other side of `case.linked`, at the request; `objection_id` None: the link was undone."""

    case_id: UUID
    officer: str
    objection_id: UUID | None = None
    ground: ObjectionGround | None = None


class CaseGrouped(Payload, event="case.grouped", writer="routing"):
    """The case is on the same issue as others, which are answered once; `group_id` None: no longer."""

    case_id: UUID
    officer: str
    group_id: UUID | None = None
    before: UUID | None = None


class CaseMerged(Payload, event="case.merged", writer="routing"):
    """The case goes on in an older one of the same citizen; it is closed in the same commit."""

    case_id: UUID
    officer: str
    into: UUID
    before: CaseState
    reason: Sealed


class CaseSplit(Payload, event="case.split", writer="routing"):
    """A message of the case is a matter of its own: intake registers it as a case, in the same conversation."""

    case_id: UUID
    officer: str
    new_case: UUID
    conversation_id: UUID
    person: str
    channel: Slug
    account: Slug
    visibility: Visibility
    message_id: UUID
    received: Time
    """When that message was received: the new case's clocks start then."""
    kind: CaseKind
    unit: Slug
    reason: Sealed


class CaseMessageMoved(Payload, event="case.message_moved", writer="routing"):
    """A later message that came to this case is to be read in another case of the same citizen, or here again."""

    case_id: UUID
    officer: str
    conversation_id: UUID
    message_id: UUID
    received: Time
    before: UUID
    """The case where it was until now."""
    into: UUID
    """The case where it is from now on."""
    reason: Sealed


class CaseNotified(Payload, event="case.notified", writer="routing"):
    """The citizen is to be told something by a text of ours, where they wrote; publishing delivers it."""

    case_id: UUID
    conversation_id: UUID
    notice_id: UUID
    unit: Slug
    notice: Literal["completion_asked", "extended", "silence", "merged", "split", "planned", "closed", "message_moved"]
    clock: str | None = None
    """The clock that ran out, or was extended."""
    right: str | None = None
    """The clock of the right that opened."""
    until: date | None = None
    """The last day of that right, or of the extended time."""
    other_case: UUID | None = None
    """Where the case goes on, or what came out of it."""
    words: Sealed | None = None
    """The officer's own words in it."""


class RequestParticulars(Model):
    """What is sealed in `case.detailed`: the register's columns about the applicant and what they asked."""

    name: str = Field(default="", max_length=200)
    address: str = Field(default="", max_length=500)
    contact: str = Field(default="", max_length=200)
    occupation: str = Field(default="", max_length=200)
    identity: Literal["", "nik", "deed", "proxy"] = ""
    """What proved who they are; never the number itself."""
    asked: str = Field(default="", max_length=4000)
    purpose: str = Field(default="", max_length=2000)
    obtain: Literal["", "see", "copy"] = ""
    """See it on the spot, or get a copy."""
    send: Literal["", "counter", "post", "email", "channel"] = ""
