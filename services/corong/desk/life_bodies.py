"""What the officers' API takes on the life of a case. Another case is named by id or by registration number."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from corong.desk.bodies import Body
from corong.runtime.said import SAID
from corong_contracts.answer import Because, PublicAnswer, Question
from corong_contracts.base import Slug
from corong_contracts.case import CaseKind, ComplaintTier
from corong_contracts.case_life import ObjectionGround, RequestParticulars
from corong_contracts.command import Note
from corong_contracts.decision import Finding, Outcome
from corong_contracts.dispute import Result
from corong_contracts.life_command import NoticeText, Part

CaseNumber = Annotated[str, Field(min_length=1, max_length=64, description="An id or a registration number.")]


class Reason(Body):
    """Why."""

    reason: Annotated[Note, SAID]


class Kind(Reason):
    """What the case is."""

    kind: CaseKind
    tier: ComplaintTier | None = Field(default=None, description="Of a complaint.")
    message_id: UUID | None = Field(default=None, description="The message that is the request; else the first.")


class Completion(Body):
    """What the applicant is asked for."""

    text: Annotated[NoticeText, SAID]


class Completed(Body):
    """What came."""

    message_id: UUID | None = Field(default=None, description="Else the latest since it was asked, else now.")


class Extension(Body):
    """Why more time is needed; the applicant reads it."""

    reasons: Annotated[NoticeText, SAID]


class Plan(Body):
    """How the complaint is followed up, and by when; the reporter reads it."""

    text: Annotated[NoticeText, SAID]


class Grant(Body):
    """The notice of a request that is granted, or of one about what the office does not hold."""

    outcome: Literal["granted", "not_held"] = "granted"
    finding: Finding = Field(default_factory=Finding)
    text: Annotated[NoticeText, SAID]


class Refusal(Body):
    """A refusal, whole or in part, for the superior's word."""

    outcome: Literal["refused", "partly_granted"] = "refused"
    finding: Finding
    redactions: list[Part] = Field(default_factory=list, max_length=50)
    weighing: Annotated[str, Field(min_length=1, max_length=4_000), SAID]
    text: Annotated[NoticeText, SAID]


class RefusalApproved(Body):
    """What the superior read."""

    text_hash: str = Field(max_length=100, description="`text_hash` of the decision as it was read.")


class ObjectionDecided(Body):
    """The superior's decision."""

    outcome: Literal[Outcome.UPHELD, Outcome.PARTLY_UPHELD, Outcome.REJECTED]
    text: Annotated[NoticeText, SAID]


class Objection(Body):
    """Which request an objection is about; nothing undoes the link."""

    request: CaseNumber | None = None
    ground: ObjectionGround | None = None


class Dispute(Body):
    """At the Information Commission."""

    reference: str = Field(min_length=1, max_length=80)
    filed_on: date


class Settlement(Body):
    """How it ended."""

    result: Result
    settled_on: date


class PublicWords(Body):
    """Question and answer as anybody may read them; nothing in them is a citizen's."""

    question: Question
    answer: PublicAnswer
    contacts_public: bool = Field(
        default=False, description="The e-mail addresses and telephone numbers in them are the office's own."
    )


class AnswerTakenBack(Body):
    """Why it is no longer shown."""

    because: Because


class Merge(Reason):
    """Into which earlier case."""

    into: CaseNumber


class Split(Reason):
    """Which message, and what it is."""

    message_id: UUID
    kind: CaseKind
    unit: Slug | None = None


class MoveMessage(Reason):
    """Which message, and into which case."""

    message_id: UUID
    into: CaseNumber


class Group(Body):
    """Cases on the same issue."""

    cases: list[CaseNumber] = Field(min_length=2, max_length=50)


class Others(Body):
    """Cases on the same issue as the one at hand."""

    cases: list[CaseNumber] = Field(min_length=1, max_length=49)


class GroupAnswer(Body):
    """The one answer to all of them."""

    text: Annotated[NoticeText, SAID]
    close: bool = False


class Particulars(RequestParticulars):
    """What the statutory register asks."""
