"""Commands on the life of a case: each is an act of the table in routing, which says who may and when."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from corong_contracts.answer import Because, PublicAnswer, Question
from corong_contracts.base import Slug
from corong_contracts.case import CaseKind, ComplaintTier
from corong_contracts.case_life import ObjectionGround, RequestParticulars
from corong_contracts.command_base import Command, Note
from corong_contracts.decision import Finding, Outcome
from corong_contracts.dispute import Result

Part = Annotated[str, Field(min_length=1, max_length=300)]
NoticeText = Annotated[str, Field(min_length=1, max_length=12_000)]
"""A notice stands, sealed, in two events, beside its other facts."""


class ReclassifyCase(Command, service="routing", name="case.reclassify"):
    """Say what a case is: another kind, or another tier of complaint."""

    case_id: UUID
    kind: CaseKind
    tier: ComplaintTier | None = None
    message_id: UUID | None = None
    """The message that is the request, where it isn't the case's first."""
    reason: Note


class DetailCase(Command, service="routing", name="case.detail"):
    """Write down what the statutory register asks of a request."""

    case_id: UUID
    particulars: RequestParticulars


class AskCompletion(Command, service="routing", name="case.ask_completion"):
    """Ask the applicant for what is missing; the clock stands still where its rule says so."""

    case_id: UUID
    text: NoticeText


class CompleteCase(Command, service="routing", name="case.complete"):
    """What was missing has come."""

    case_id: UUID
    message_id: UUID | None = None
    """The citizen's message that completed it; else the latest since it was asked, else now."""


class ExtendCase(Command, service="routing", name="case.extend"):
    """Extend the time, once, with reasons that the applicant will read."""

    case_id: UUID
    reasons: NoticeText


class PlanFollowUp(Command, service="routing", name="case.plan"):
    """Tell the reporter how and when the complaint is followed up."""

    case_id: UUID
    text: NoticeText


class GrantRequest(Command, service="routing", name="case.grant"):
    """Give the notice that the whole request is granted, or that the information is not held and who holds it."""

    case_id: UUID
    outcome: Literal["granted", "not_held"] = "granted"
    finding: Finding = Field(default_factory=Finding)
    text: NoticeText


class RefuseRequest(Command, service="routing", name="case.refuse"):
    """Propose a refusal, whole or in part; it is given when the superior has approved exactly this."""

    case_id: UUID
    outcome: Literal["refused", "partly_granted"] = "refused"
    finding: Finding
    redactions: list[Part] = Field(default_factory=list, max_length=50)
    """The parts that are blacked out, by name; for a part alone."""
    weighing: Annotated[str, Field(min_length=1, max_length=4_000)]
    """The consequence test's reasons."""
    text: NoticeText


class ApproveRefusal(Command, service="routing", name="case.approve"):
    """The superior's word on exactly what has this hash."""

    case_id: UUID
    text_hash: str = Field(max_length=100)


class ReturnRefusal(Command, service="routing", name="case.disapprove"):
    """The proposal does not stand: the superior sends it back, or the unit takes it back."""

    case_id: UUID
    reason: Note


class DecideObjection(Command, service="routing", name="case.decide"):
    """The superior's decision on an objection."""

    case_id: UUID
    outcome: Literal[Outcome.UPHELD, Outcome.PARTLY_UPHELD, Outcome.REJECTED]
    text: NoticeText


class ObjectToRequest(Command, service="routing", name="case.object"):
    """Say which request an objection is about and why; without a request, undo the link."""

    case_id: UUID
    """The objection."""
    request_id: UUID | None = None
    ground: ObjectionGround | None = None


class WithdrawCase(Command, service="routing", name="case.withdraw"):
    """The citizen takes the case back."""

    case_id: UUID
    reason: Note


class ReopenCase(Command, service="routing", name="case.reopen"):
    """Undo a closing: a merge, a withdrawal noted by mistake."""

    case_id: UUID
    reason: Note


class RecordDispute(Command, service="routing", name="case.dispute"):
    """The applicant took the objection to the Information Commission."""

    case_id: UUID
    reference: str = Field(min_length=1, max_length=80)
    filed_on: date


class SettleDispute(Command, service="routing", name="case.settle"):
    """How the dispute ended."""

    case_id: UUID
    result: Result
    settled_on: date


class MergeCase(Command, service="routing", name="case.merge"):
    """The case goes on in an older one of the same citizen; `case.reopen` undoes it."""

    case_id: UUID
    into: UUID
    reason: Note


class SplitCase(Command, service="routing", name="case.split"):
    """A message of the case becomes a case of its own in the same conversation; `case.merge` undoes it."""

    case_id: UUID
    message_id: UUID
    kind: CaseKind
    unit: Slug | None = None
    """The same unit, where it isn't given."""
    reason: Note


class MoveMessage(Command, service="routing", name="case.move_message"):
    """Put a later message of the case into another open case of the same citizen; back undoes it."""

    case_id: UUID
    """Where it is now."""
    message_id: UUID
    into: UUID
    reason: Note


class GroupCases(Command, service="routing", name="case.group"):
    """Cases on the same issue, to be answered once."""

    case_ids: list[UUID] = Field(min_length=2, max_length=50)


class UngroupCase(Command, service="routing", name="case.ungroup"):
    """Take a case out of its group."""

    case_id: UUID


class AnswerGroup(Command, service="routing", name="case.answer_group"):
    """Answer every open case of a group with one text, each citizen where they wrote."""

    case_id: UUID
    """Any one of the group."""
    text: NoticeText
    close: bool = False


class PublishAnswer(Command, service="routing", name="case.publish_answer"):
    """Let anybody read question and answer of an answered case, in words that hold nothing of the citizen."""

    case_id: UUID
    question: Question
    answer: PublicAnswer
    contacts_public: bool = False
    """The e-mail addresses and telephone numbers in the words are the office's own."""


class WithdrawAnswer(Command, service="routing", name="case.withdraw_answer"):
    """Show it no longer."""

    case_id: UUID
    because: Because


class ExplainCase(Command, service="routing", name="case.explain"):
    """How far a case is, what the one who asks may do with it, and each of its clocks counted day by day."""

    case_id: UUID


LIFE_COMMANDS: tuple[type[Command], ...] = (
    ReclassifyCase, DetailCase, AskCompletion, CompleteCase, ExtendCase, PlanFollowUp, GrantRequest, RefuseRequest,
    ApproveRefusal, ReturnRefusal, DecideObjection, ObjectToRequest, WithdrawCase, ReopenCase, RecordDispute,
    SettleDispute, MergeCase, SplitCase, MoveMessage, GroupCases, UngroupCase, AnswerGroup, PublishAnswer,
    WithdrawAnswer, ExplainCase,
)  # fmt: skip
