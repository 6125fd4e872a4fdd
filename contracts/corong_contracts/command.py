"""Commands: what the desk, the portal and the command line ask of the owning service, by NATS request-reply.

A command's id is the cause of the events it leads to; sent again with the same id it does nothing twice.
"""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from corong_contracts.audit import Digest, ExportFileName, ExportFilter, ExportReason, ReportAsked, RootHash
from corong_contracts.base import Model, Natural, Slug, Time
from corong_contracts.case import CaseKind, Priority
from corong_contracts.channel import InboundMessage
from corong_contracts.command_base import Command, FieldProblem, Note, Problem, Reply, Request, Text
from corong_contracts.decree_command import CALENDAR_COMMANDS
from corong_contracts.delivery import Carried
from corong_contracts.document_command import DOCUMENT_COMMANDS
from corong_contracts.erasure import HoldReason, LegalBasis, Person, Schedule
from corong_contracts.life_command import LIFE_COMMANDS
from corong_contracts.obligation import OBLIGATION_COMMANDS
from corong_contracts.officer_command import OFFICER_COMMANDS
from corong_contracts.publication import Label
from corong_contracts.rules_command import RULES_COMMANDS
from corong_contracts.target import TARGET_COMMANDS
from corong_contracts.unit_command import UNIT_COMMANDS
from corong_contracts.wording import WORDING_COMMANDS


class ClaimCase(Command, service="routing", name="case.claim"):
    """Take a case for the length of a lease."""

    case_id: UUID


class HandBackCase(Command, service="routing", name="case.hand_back"):
    """Let go of a case."""

    case_id: UUID


class AssignCase(Command, service="routing", name="case.assign"):
    """Disposisi: give the case to a unit, with an instruction."""

    case_id: UUID
    unit: Slug
    to_officer: str | None = None
    instruction: Note


class ReturnCase(Command, service="routing", name="case.return"):
    """Send the case back to the main office: not our authority."""

    case_id: UUID
    reason: Note


class PrioritiseCase(Command, service="routing", name="case.prioritise"):
    """Change the priority."""

    case_id: UUID
    priority: Priority


class NoteCase(Command, service="routing", name="case.note"):
    """Write an internal note."""

    case_id: UUID
    note: Note
    mentions: tuple[Slug, ...] = Field(default=(), max_length=20)
    """Officers whom it is for; each must be able to read the case."""


class AnswerCase(Command, service="routing", name="case.answer"):
    """Answer the citizen; needs the claim."""

    case_id: UUID
    text: Text
    close: bool = False


class CloseCase(Command, service="routing", name="case.close"):
    """Close the case."""

    case_id: UUID
    outcome: Literal["answered", "no_answer_needed", "duplicate", "spam"]


class DraftPost(Command, service="publishing", name="post.draft"):
    """Write a post for one or more accounts."""

    unit: Slug
    title: str = Field(default="", max_length=300)
    text: Text
    label: Label
    accounts: list[Slug] = Field(min_length=1, max_length=200)
    texts: dict[Slug, str] = Field(default_factory=dict)
    """Account → its own version."""
    immediate: bool = False


class EditPost(Command, service="publishing", name="post.edit"):
    """Change the text; voids an approval."""

    publication_id: UUID
    title: str = Field(default="", max_length=300)
    text: Text
    texts: dict[Slug, str] = Field(default_factory=dict)


class MeasurePost(Command, service="publishing", name="post.measure"):
    """How a text would stand on each account that can post, counted as its channel counts; nothing is written."""

    title: str = Field(default="", max_length=300)
    text: str = Field(default="", max_length=20_000)
    texts: dict[Slug, str] = Field(default_factory=dict)
    accounts: list[Slug] = Field(default_factory=list, max_length=200)
    """None: all of them."""


class ApprovePost(Command, service="publishing", name="post.approve"):
    """Approve exactly the text with this hash."""

    publication_id: UUID
    text_hash: str


class PublishPost(Command, service="publishing", name="post.publish"):
    """Publish an approved post now or at a time."""

    publication_id: UUID
    at: Time | None = None


class WithdrawPost(Command, service="publishing", name="post.withdraw"):
    """Keep a post that has not gone out from going out."""

    publication_id: UUID


class TakeDownPost(Command, service="publishing", name="post.take_down"):
    """Take a post that is out back from where it stands, as far as the channels can."""

    publication_id: UUID
    reason: Annotated[str, Field(min_length=1, max_length=300, pattern=r"\S")]


class ResolveDelivery(Command, service="publishing", name="delivery.resolve"):
    """A held delivery: an officer looked and says `sent` or `again`."""

    delivery_id: UUID
    outcome: Literal["sent", "again"]
    native_id: str = Field(default="", max_length=1000)
    how: Carried | None = None
    """Of an answer that goes by hand: how it went."""
    at: Time | None = None
    """When; now, where it is not given."""


class EnterMessage(Command, service="intake", name="message.enter"):
    """What a citizen said at the counter, by telephone or on paper, as an officer entered it."""

    message: InboundMessage
    """On an account of a channel that works by hand; its id is the form's."""
    received: Time
    """When the office received it: the law's clocks run from then, not from when it was entered."""
    related: UUID | None = None
    """The request that an objection is about."""


class ReadLog(Command, service="auditing", name="log.read"):
    """A page of the log."""

    after: int = 0
    """From this position on: the page before tells it as `next`."""
    limit: int = Field(default=200, ge=1, le=500)
    before: int | None = None
    """Up to this position, which is not among them."""
    case: UUID | None = None
    type: str | None = None
    actor: str | None = None
    since: Time | None = None
    until: Time | None = None
    newest: bool = False
    """The newest first, back to `after`; what `next` tells is then `before` of the following page."""


class ProveEntry(Command, service="auditing", name="log.prove"):
    """An entry of the log with the proof that it stands there: named by one of these."""

    event: UUID | None = None
    """The event's id."""
    position: int | None = None
    case: UUID | None = None
    """The case's registration."""
    with_event: bool = False
    """The proof carries the event itself too, so that one file is all of it."""


class ReadExport(Command, service="auditing", name="export.read"):
    """A page of entries, each with its inclusion path to one signed checkpoint."""

    filter: ExportFilter
    checkpoint: str = Field(default="", max_length=20_000)
    """The signed checkpoint to which the paths lead, as the log once signed it; the newest where it is empty."""
    public: bool = False
    """Entries that are not for the public are given by their hashes alone."""
    opened: bool = False
    """Whether whoever asks is going to open citizens' words."""
    reason: ExportReason
    """What the export is for: what could not be recorded later is refused at once."""
    limit: int = Field(default=500, ge=1, le=500)


class RecordExport(Command, service="auditing", name="export.record"):
    """Write into the log that files of it are handed out. Asked before they are."""

    filter: ExportFilter
    public: bool
    opened: bool
    count: Natural
    withheld: Natural
    size: Natural
    root: RootHash
    files: dict[ExportFileName, Digest]
    reason: ExportReason


class ReadReport(Command, service="auditing", name="report.read"):
    """A page of the events that registers and yearly reports are folded from, as the log had them at some size."""

    asked: ReportAsked
    """What could not be recorded later is refused at once."""
    at: Natural | None = None
    """So many entries count, from the first on; all that are signed where it isn't given."""
    first: Natural = 0
    """From this position on."""
    limit: int = Field(default=500, ge=1, le=500)


class WordsOf(Model):
    """Of which request the words are asked for."""

    case_id: UUID
    message_id: UUID
    """The message that it is."""
    cases: tuple[UUID, ...] = Field(default_factory=tuple, max_length=20)
    """Other cases that the message was in: the log has it where it was written."""


class ReadReportWords(Command, service="auditing", name="report.words"):
    """Of each request the event that has its message and the newest that has its particulars, both sealed."""

    asked: ReportAsked
    at: Natural
    wanted: list[WordsOf] = Field(max_length=50)


class RecordReport(Command, service="auditing", name="report.record"):
    """Write into the log that a report is handed out. Asked before it is."""

    asked: ReportAsked
    count: Natural
    size: Natural
    root: RootHash
    file: Digest


class HashStates(Command, service="auditing", name="state.record"):
    """Ask every service for the hash of its tables, and write each into the log."""


class ProveReceipt(Command, service="auditing", name="receipt.prove"):
    """A case's registration with the proof that it stands in the log, for the holder of its receipt.

    Asked by the portal, which has checked number and secret; no officer asks.
    """

    case_id: UUID


class DescribeLog(Command, service="auditing", name="receipt.log"):
    """The log's name, its public key and its signed size: what a proof is checked with. No officer asks."""


class PlaceHold(Command, service="auditing", name="hold.place"):
    """Keep a person's data from being erased."""

    person: Person
    case_id: UUID | None = None
    reason: HoldReason
    legal_basis: LegalBasis


class ReleaseHold(Command, service="auditing", name="hold.release"):
    """End a hold."""

    hold_id: UUID
    legal_basis: LegalBasis


class After(Model):
    """Where a page begins: after the row of this moment and id, in the list's own order."""

    at: Time
    id: UUID


class ListHolds(Command, service="auditing", name="hold.list"):
    """The holds, the newest first."""

    released: bool = False
    """With those that are over."""
    limit: int = Field(default=200, ge=1, le=501)
    after: After | None = None


class ErasePerson(Command, service="auditing", name="person.erase"):
    """Decide that a person's data is destroyed."""

    person: Person
    cases: list[UUID] = Field(default_factory=list, max_length=500)
    """The person's cases; the log is asked whether they are."""
    legal_basis: LegalBasis
    schedule: Schedule


class PlanErasure(Command, service="auditing", name="person.plan"):
    """What an erasure would destroy, and what hinders it."""

    person: Person


class ForgetPerson(Command, service="intake", name="person.forget"):
    """Cut the way from networks' ids to a person's messages: auditing asks it, on a decision in the log."""

    person: Person


class UnindexPersons(Command, service="desk", name="person.unindex"):
    """Clear the search of those whose keys are destroyed: auditing asks it, on a decision in the log."""


class ListQuarantine(Command, service="intake", name="quarantine.list"):
    """Input that was authentic but unreadable, the newest first."""

    limit: int = Field(default=100, ge=1, le=501)
    after: After | None = None


class DeadLetters(Model):
    """The dead letter commands are the same at every service: `corong.command.<service>.dead.<verb>`."""

    VERBS: ClassVar[tuple[str, ...]] = ("list", "show", "retry", "drop")
    id: UUID | None = None
    limit: int = Field(default=200, ge=1, le=501)
    """Of the list, the oldest first."""
    after: After | None = None


class HashState(Model):
    """The question for the hash of a service's tables: `corong.command.<service>.state.hash`, auditing's to ask."""

    @staticmethod
    def nats_subject(service: str) -> str:
        """Where a service is asked."""
        return f"corong.command.{service}.state.hash"


class StateHash(Model):
    """The answer: the hash of its tables, and what they stand for, read at one moment."""

    service: str
    reached: dict[str, int]
    left_out: list[str]
    hash: str
    tables: str


COMMANDS: tuple[type[Command], ...] = (
    ClaimCase, HandBackCase, AssignCase, ReturnCase, PrioritiseCase, NoteCase, AnswerCase, CloseCase,
    DraftPost, EditPost, ApprovePost, PublishPost, WithdrawPost, TakeDownPost, ResolveDelivery,
    EnterMessage, ReadLog, ProveEntry,
    ReadExport, RecordExport, ReadReport, ReadReportWords, RecordReport, ProveReceipt, DescribeLog, HashStates,
    PlaceHold, ReleaseHold, ListHolds, PlanErasure, ErasePerson, ForgetPerson, UnindexPersons,
    ListQuarantine, *LIFE_COMMANDS,
    *DOCUMENT_COMMANDS, MeasurePost, *WORDING_COMMANDS,
    *RULES_COMMANDS, *OFFICER_COMMANDS, *CALENDAR_COMMANDS, *TARGET_COMMANDS, *UNIT_COMMANDS,
    *OBLIGATION_COMMANDS,
)  # fmt: skip
"""Every command, for the permissions and the API's documentation."""

__all__ = ["COMMANDS", "CaseKind", "Command", "FieldProblem", "Note", "Problem", "Reply", "Request", "Text"]
