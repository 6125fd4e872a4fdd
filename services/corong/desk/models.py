"""What the officers' API gives."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from corong_contracts.case import CaseKind, Priority
from corong_contracts.channel import ObjectionGiven, PaperLetter
from corong_contracts.publication import Label

CaseState = Literal["open", "answered", "closed"]
PostState = Literal["draft", "approved", "scheduled", "released", "withdrawn", "taken_down"]
DeliveryState = Literal[
    "drafted", "ready", "sending", "sent", "failed", "unknown", "held", "dropped", "removing", "gone", "stays"
]  # fmt: skip


class UnitRef(BaseModel):
    """A unit."""

    id: str
    name: str


class OfficerRef(BaseModel):
    """An officer."""

    id: str
    name: str


class Me(OfficerRef):
    """Whose token this is."""

    role: str
    unit: UnitRef
    actions: list[str] = Field(description="What this role may do in the own unit, at least for some kind of case.")


class UnitQueue(BaseModel):
    """A unit's queue in numbers. Those of the last line count cases that are not closed."""

    unit: UnitRef
    open: int = 0
    answered: int = 0
    closed: int = 0
    urgent: int = 0
    held: int = 0
    unanswered: int = 0


class Queues(BaseModel):
    """Queues by unit."""

    queues: list[UnitQueue]
    next: str | None = None


class CaseSummary(BaseModel):
    """A case as a queue shows it. What is null has not arrived here yet."""

    case_id: UUID
    registration: str | None
    unit: UnitRef | None
    kind: CaseKind | None
    priority: Priority | None
    state: CaseState | None
    holder: OfficerRef | None = Field(description="Who holds it; nobody, once the lease has ended.")
    lease_until: datetime | None
    channel: str | None
    account: str | None
    visibility: Literal["private", "public"] | None
    registered_at: datetime | None
    routed_at: datetime | None
    messages: int
    last_message_at: datetime | None
    unanswered: bool = Field(description="The citizen wrote after the last answer, or there is none.")
    demo: bool
    life: str | None = Field(default=None, description="How far it is by the law: a state of docs/case-life.md.")
    due_at: datetime | None = Field(default=None, description="When the office is late; null where no clock runs.")
    late: bool = Field(default=False, description="The office is late now.")


class Queue(BaseModel):
    """Urgent first, then the oldest."""

    cases: list[CaseSummary]
    next: str | None = None


class Attachment(BaseModel):
    """A file of a message."""

    digest: str
    name: str
    media_type: str
    size: int
    url: str


class Sender(BaseModel):
    """Who wrote, as the network knows them."""

    address: str
    name: str


class Erased(BaseModel):
    """When and why words were erased."""

    erasure_id: UUID
    decided_at: datetime
    legal_basis: str
    schedule: str = Field(description="Code of the archive schedule (JRA).")


class Entry(BaseModel):
    """A step: message, answer, note, instruction, or what else happened. Citizens' words may have been erased."""

    event_id: UUID
    at: datetime
    kind: str = Field(description="The event's type without prefix and version, such as `message.received`.")
    actor: str
    officer: OfficerRef | None = None
    text: str | None = None
    subject: str | None = None
    quoted: str | None = None
    particulars: dict[str, str] | None = Field(default=None, description="What the applicant gave for the register.")
    objection: ObjectionGiven | None = Field(default=None, description="What an objection says of its request.")
    letter: PaperLetter | None = Field(default=None, description="Of what came on paper.")
    sender: Sender | None = None
    erased: Erased | None = Field(default=None, description="The decision by which the words were erased.")
    unreadable: bool = Field(default=False, description="The sealed words do not open: tell whoever runs the hub.")
    attachments: list[Attachment] = Field(default_factory=list)
    data: dict[str, Any] = Field(default_factory=dict)


class Delivery(BaseModel):
    """One target of a publication on its way."""

    delivery_id: UUID
    publication_id: UUID
    kind: Literal["reply", "receipt", "post"]
    case_id: UUID | None
    registration: str | None = None
    cause: UUID | None = Field(default=None, description="`event_id` of the step in the thread that it delivers.")
    unit: UnitRef | None
    channel: str
    account: str
    state: DeliveryState
    fence: int
    carried: str | None = Field(description="The id on the message, by which it can be found on the network.")
    code: str | None
    url: str | None
    text: str | None = Field(default=None, description="This account's own version of a post.")
    changed_at: datetime


class Decision(BaseModel):
    """A decision, or one that was proposed; what a superior reads before the word on it."""

    decision_id: UUID
    state: Literal["proposed", "returned", "given"]
    outcome: str
    officer: OfficerRef | None
    approved_by: OfficerRef | None
    finding: dict[str, Any]
    text_hash: str = Field(description="What an approval names.")
    at: datetime
    text: str | None = Field(default=None, description="Of a proposal; a given one's is in the thread.")
    weighing: str | None = None
    redactions: list[str] = Field(default_factory=list)
    unreadable: bool = Field(default=False, description="Erased, or it does not open.")


class Case(CaseSummary):
    """A case with all that the reader needs to answer it."""

    rule: str | None
    reasons: list[str] = Field(description="Why it is in this queue, in the reader's language.")
    thread: list[Entry]
    deliveries: list[Delivery]
    related_case: CaseSummary | None = Field(
        description="Another person's case in whose thread this one came, or the request that an objection names."
    )
    other_cases: list[CaseSummary] = Field(description="The same citizen's, the newest first, at most 50.")
    more_cases: int = Field(description="How many more of the same citizen's cases one may read.")
    actions: list[str] = Field(description="What the reader may do with it.")
    tier: str | None = Field(default=None, description="Of a complaint.")
    outcome: str | None = Field(default=None, description="Of a closed case.")
    decision: str | None = None
    request_id: UUID | None = Field(default=None, description="Of an objection: the request that it is about.")
    ground: str | None = Field(default=None, description="Of an objection: the letter of UU 14/2008 art. 35 (1).")
    objection_id: UUID | None = None
    group_id: UUID | None = None
    merged_into: UUID | None = None
    decisions: list[Decision] = Field(
        default_factory=list, description="Proposed, returned and given, the newest last."
    )


class Fact(BaseModel):
    """An event that the command led to."""

    type: str
    id: UUID
    subject: str


class Done(BaseModel):
    """What a command led to. Nothing in `events`: it was so already."""

    events: list[Fact]
    repeated: bool = Field(default=False, description="The Idempotency-Key was used before: these events are the same.")
    shown: bool = Field(default=True, description="False: the reading side lags, ask again soon.")


class CaseDone(Done):
    """And the case afterwards; null where it is no longer the officer's to read."""

    case: CaseSummary | None


class Post(BaseModel):
    """A post."""

    publication_id: UUID
    unit: UnitRef | None
    author: str
    label: Label | None
    immediate: bool
    title: str
    text: str
    text_hash: str
    approved_by: OfficerRef | None
    publish_at: datetime | None
    state: PostState
    drafted_at: datetime
    deliveries: list[Delivery]


class PostWithSteps(Post):
    """A post with what happened to it."""

    steps: list[Entry]
    actions: list[str]


class Posts(BaseModel):
    """The newest first."""

    posts: list[Post]
    next: str | None = None


class PostDone(Done):
    """And the post afterwards."""

    publication_id: UUID
    post: PostWithSteps | None


class Deliveries(BaseModel):
    """The one that waits longest first."""

    deliveries: list[Delivery]
    next: str | None = None


class DeliveryDone(Done):
    """And the delivery afterwards."""

    delivery: Delivery | None


class LogEntry(BaseModel):
    """An event and its place in the log."""

    position: int
    event: dict[str, Any]


class LogPage(BaseModel):
    """Of the log, in its order."""

    events: list[LogEntry]
    next: str | None = None


class LogProven(BaseModel):
    """An event and the proof that it stands in the log."""

    position: int
    size: int = Field(description="Of the signed tree that the proof leads to.")
    event: str = Field(description="Exactly as it was written: the proof is of these characters in UTF-8.")
    proof: str = Field(
        description="A C2SP `.tlog-proof` file, by a witnessed checkpoint where the event stands in one."
    )
    checkpoint: str = Field(description="The log's newest signed head, with the cosignatures that there are of it.")


class StateHashed(BaseModel):
    """A hash of a service's tables, as it went into the log."""

    service: str
    hash: str
    writer: str
    number: int


class StatesHashed(BaseModel):
    """All of them; `silent` are the services that did not answer."""

    hashes: list[StateHashed]
    silent: list[str]


class DeadLetter(BaseModel):
    """What a service could not process."""

    service: str
    id: UUID
    stream: str
    subject: str
    writer: str
    number: int
    reason: str
    attempts: int
    state: str
    parked_at: datetime


class DeadLetterShown(DeadLetter):
    """With its size in bytes. The body stays where it is: it may hold a citizen's words in the open."""

    size: int


class DeadLetterList(BaseModel):
    """The oldest first."""

    letters: list[DeadLetter]
    silent: list[str] = Field(description="Services that did not answer: theirs are missing here.")
    next: str | None = None


class DeadLetterDone(BaseModel):
    """Its state now: `done` or `dropped`."""

    service: str
    id: UUID
    state: str


class Quarantined(BaseModel):
    """Input that was authentic but unreadable."""

    quarantine_id: UUID
    channel: str
    account: str
    reason: str
    fields: list[str]
    size: int
    at: datetime


class QuarantineList(BaseModel):
    """The newest first."""

    quarantine: list[Quarantined]
    next: str | None = None
