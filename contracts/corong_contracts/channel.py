"""What a channel is: a source that hands over what citizens wrote, a sink that delivers. It knows nothing of cases.

A channel package registers a `Channel` under the entry point group `corong.channels`; an account in the installation's
configuration names the channel's kind and carries its settings. `corong_contracts.conformance` tests every rule here.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol, runtime_checkable
from uuid import UUID

from pydantic import Base64Bytes, Field

from corong_contracts.base import Model, Slug, Time
from corong_contracts.case import CaseKind
from corong_contracts.case_life import ObjectionGround, RequestParticulars
from corong_contracts.message import Visibility

ENTRY_POINT_GROUP = "corong.channels"

MAX_TEXT = 100_000
"""Characters of a message's text; a longer one is cut by the source and handed over whole as an attachment."""

MAX_ATTACHMENTS = 20


class Party(Model):
    """Who wrote, as the network knows them."""

    address: str = Field(min_length=1, max_length=320)
    """What an answer goes to and a sender is recognised by: an address, a number, an account. Never shown in logs."""
    name: str = Field(default="", max_length=200)


class InboundAttachment(Model):
    """A file that came with a message. Either `content`, or `staged`: the runner puts large content into the store."""

    name: str = Field(default="", max_length=255)
    media_type: str = Field(default="application/octet-stream", max_length=127)
    content: Base64Bytes | None = None
    staged: str | None = Field(default=None, max_length=100)


class DeliveryReport(Model):
    """What a network says of a message that we sent earlier."""

    native_id: str = Field(min_length=1, max_length=1000)
    outcome: Literal["failed", "delayed", "delivered"]
    code: str = Field(default="", max_length=64)


class ObjectionGiven(Model):
    """What a citizen said of the request that an objection is about."""

    request: str = Field(min_length=1, max_length=40)
    """Its registration number."""
    grounds: tuple[ObjectionGround, ...] = Field(min_length=1, max_length=7)


class PaperLetter(Model):
    """What stands on a letter that came on paper."""

    number: str = Field(default="", max_length=100)
    """The sender's own."""
    dated: date | None = None


class InboundMessage(Model):
    """One message from a network: what a source hands over to the NATS door, and what intake accepts.

    Unknown fields are passed over: a source may be of a newer version than the hub.
    """

    channel: Slug
    account: Slug
    native_id: str = Field(min_length=1, max_length=1000)
    """The network's own id of this message; the same id is the same message, for ever."""
    sender: Party
    text: str = Field(default="", max_length=MAX_TEXT)
    subject: str = Field(default="", max_length=998)
    quoted: str = Field(default="", max_length=MAX_TEXT)
    """Earlier messages that the sender's program copied below the new text."""
    thread: list[str] = Field(default_factory=list, max_length=64)
    """Native ids of the messages that this one answers, the nearest first; a chat's id where a chat is one thread."""
    visibility: Visibility = "private"
    sent_at: Time | None = None
    nature: Literal["person", "auto_reply", "bounce", "list", "own"] = "person"
    """Who wrote: only a person's message opens a case."""
    declared_kind: CaseKind | None = None
    particulars: RequestParticulars | None = None
    """What the applicant gave for the register of requests, apart from the text; stored sealed."""
    objection: ObjectionGiven | None = None
    """Of an objection."""
    letter: PaperLetter | None = None
    """Of what came on paper; stored sealed."""
    reply_to: dict[str, str] = Field(default_factory=dict, max_length=20)
    """What the sink needs to answer this message; stored sealed, handed back untouched."""
    reports: list[DeliveryReport] = Field(default_factory=list, max_length=20)
    attachments: list[InboundAttachment] = Field(default_factory=list, max_length=MAX_ATTACHMENTS)
    demo: bool = False


class Receipt(Model):
    """Intake has committed the message. Only now may a source mark it as read."""

    status: Literal["registered", "follow_up", "duplicate", "set_aside", "quarantined"]
    message_id: UUID
    case_id: UUID | None = None
    registration: str | None = None
    """The registration number (nomor pendaftaran)."""
    secret: str | None = None
    """With the number it opens the receipt's page. Only given to who handed the message over."""


HandOver = Callable[[InboundMessage], Awaitable[Receipt]]
"""Give a message to intake; returns when intake has committed, for a repeat too. Raises nothing but cancellation:
it waits and tries again while the hub is away."""


class Cursor(Protocol):
    """Where a source got to. It may be lost: intake recognises what it has seen."""

    async def get(self, name: str) -> str | None:
        """The value last put under `name`, or None."""

    async def put(self, name: str, value: str) -> None:
        """Keep `value`; committed when this returns."""


@dataclass(frozen=True)
class AccountConfig:
    """One account of a channel, as configured. Secrets are resolved already; `repr` shows none."""

    id: str
    channel: str
    settings: Mapping[str, object] = field(default_factory=dict, repr=False)
    domain: str = "localhost"
    """The installation's mail domain, for ids that must be unique in the world."""
    demo: bool = False


@runtime_checkable
class Source(Protocol):
    """Hands over what citizens write, each message at least once, in the order of its thread."""

    async def run(self, hand_over: HandOver, cursor: Cursor) -> None:
        """Until cancelled. Reconnects by itself; raises `Permanent` on settings that can't work."""


@dataclass(frozen=True)
class Capabilities:
    """What a network can do; publishing and the conformance suite go by it."""

    max_text: int
    """In `text_unit`s; a sink refuses a longer text with `Permanent('too_long')` before calling the network."""
    text_unit: Literal["characters", "bytes", "graphemes"] = "characters"
    title_in_text: bool = False
    """A post's title has no place of its own: it goes before the text, with an empty line between, and counts."""
    idempotent: bool = False
    """The network itself drops a second send with the same carried id."""
    can_look_up: bool = False
    """`look_up` can tell found from absent."""
    can_reply: bool = True
    can_post: bool = False
    can_delete: bool = False
    receipt: Literal["message", "response", "none"] = "message"
    """How a citizen gets the registration number: a message of its own, or in the answer of the door."""
    media: bool = False
    attachments: bool = False
    """A reply may carry files, such as the letter of a decision."""
    by_hand: bool = False
    """No network: an officer hands a reply over, or tells it, and says so. `send` is not called."""


@dataclass(frozen=True)
class OutgoingFile:
    """A file that goes with a reply."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class OutgoingMedia:
    """A file of a post with its text alternative."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    alternative: str


@dataclass(frozen=True)
class Outgoing:
    """One delivery, ready to be sent. Its words and addresses are not shown by `repr`."""

    delivery_id: UUID
    fence: int
    carried: str
    """Put this on the message in the place that the network gives for it; the same for every try of this delivery."""
    kind: Literal["reply", "receipt", "post"]
    text: str = field(repr=False)
    subject: str = field(default="", repr=False)
    reply_to: Mapping[str, str] = field(default_factory=dict, repr=False)
    """As the source gave it with the message that is answered."""
    thread: tuple[str, ...] = field(default=(), repr=False)
    """Native ids of the conversation so far, the oldest first."""
    visibility: Visibility = "private"
    language: str = "id"
    media: tuple[OutgoingMedia, ...] = ()
    attachments: tuple[OutgoingFile, ...] = ()
    """Empty where the sink's capabilities don't say that it takes them."""
    started_at: datetime | None = None
    """When its first try was begun, by the hub's clock: nothing on the network that is older can be this delivery."""


@dataclass(frozen=True)
class Sent:
    """The network has it."""

    native_id: str
    url: str | None = None


class SendError(Exception):
    """Base: `code` is a short word for the log, never the network's text, which may quote the citizen."""

    def __init__(self, code: str, *, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.code = code[:64]
        self.retry_after = retry_after
        """Seconds that the network asked to wait."""


class Transient(SendError):
    """Refused for certain, nothing went out; may be tried again (429, connection refused, 4yz)."""


class Permanent(SendError):
    """Refused for good (a 4xx, a 5yz, too long, unknown recipient)."""


class Unknown(SendError):
    """It may have gone out: a time-out, a reset, a 5xx. Anything else that a sink raises counts as this."""


@runtime_checkable
class Sink(Protocol):
    """Delivers. One call is one try; it never tries again by itself."""

    @property
    def capabilities(self) -> Capabilities:
        """What this account's network can do."""

    async def send(self, outgoing: Outgoing) -> Sent:
        """Send. Raises `Transient`, `Permanent` or `Unknown`."""

    async def look_up(self, outgoing: Outgoing) -> Sent | None:
        """Find what was sent under `outgoing.carried`: `Sent`, or None where it is proved absent.

        Raises `Unknown` where it can't be told.
        """

    async def close(self) -> None:
        """Let connections go."""


@runtime_checkable
class Deleting(Protocol):
    """What a sink has besides where its capabilities say `can_delete`."""

    async def delete(self, native_id: str) -> None:
        """Take back what was sent as `native_id`; done again it does no harm. Raises `SendError`."""


@dataclass(frozen=True)
class Channel:
    """A kind of channel: what an entry point of the group `corong.channels` points to."""

    kind: str
    source: Callable[[AccountConfig], Source] | None = None
    sink: Callable[[AccountConfig], Sink] | None = None
    carried: Callable[[AccountConfig, UUID], str] = lambda account, delivery: str(delivery)
    """The id that goes on a delivery, decided before the fence is committed."""
