"""What citizens sent: written by intake."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from corong_contracts.base import Model, Natural, Payload, Sealed, Slug, Time

Visibility = Literal["private", "public"]


class AttachmentRef(Model):
    """A file in the object store: sealed there under the sender's key, found by the digest of the sealed bytes."""

    digest: str = Field(pattern=r"^sha256-[0-9a-f]{64}$")
    size: Natural
    """Bytes before sealing."""
    media_type: str


class MessageReceived(Payload, event="message.received", writer="intake"):
    """A citizen's message belongs to a case: its first, or a follow-up."""

    message_id: UUID
    conversation_id: UUID
    case_id: UUID
    channel: Slug
    account: Slug
    visibility: Visibility
    person: str
    """Random id of the sender on this channel; only the key store leads from an address to it."""
    native_key: str
    """The network's id of this message, keyed under the sender's own key: it means nothing when that is gone."""
    body_key: str
    """The content, keyed in the same way: the same native id with another content is a conflict."""
    thread_keys: tuple[str, ...] = Field(default_factory=tuple, max_length=64)
    """The network's ids of the messages that this one answers, keyed in the same way, the nearest first."""
    follow_up: bool
    automatic: bool = False
    """An out-of-office note or another robot's answer: kept with the case, never answered."""
    sent_at: Time | None = None
    content: Sealed
    """JSON: `text`, `subject`, `quoted`, `attachment_names`; where the citizen gave them `particulars` (as in
    `case.detailed`) and `objection` (`request`: a registration number; `grounds`: letters of UU 14/2008 art. 35); of a
    letter on paper `letter` (`number`, `dated`)."""
    sender: Sealed
    """JSON: `address`, `name`, `native_id`, `reply_to` (what the channel needs to answer), `thread` (ids answered)."""
    attachments: tuple[AttachmentRef, ...] = Field(default_factory=tuple, max_length=50)
    demo: bool = False


class MessageSetAside(Payload, event="message.set_aside", writer="intake"):
    """An automatic message that belongs to no case: kept and listed, no case, no receipt."""

    message_id: UUID
    channel: Slug
    account: Slug
    reason: Literal["auto_reply", "bounce", "own", "list"]
    person: str
    native_key: str
    body_key: str
    content: Sealed
    sender: Sealed
    attachments: tuple[AttachmentRef, ...] = Field(default_factory=tuple, max_length=50)


class MessageMoved(Payload, event="message.moved", writer="intake"):
    """A message belongs to another case of the same citizen, by an officer's word in routing's log."""

    message_id: UUID
    conversation_id: UUID
    from_case: UUID
    """The case to which it came."""
    case_id: UUID
    """The case where it is now; `from_case` itself where a move was undone."""
    before: UUID | None = None
    """Of a move: where it was until now. None: it was split off, and is a case of its own for good."""
    received: Time | None = None
    """When it was received."""


class MessageQuarantined(Payload, event="message.quarantined", writer="intake"):
    """Authentic but unreadable input: kept, sealed, for someone to look at."""

    quarantine_id: UUID
    person: str | None = None
    """Whose it is, as far as that can be made out; a random id."""
    channel: Slug
    account: Slug
    reason: str = Field(max_length=64)
    """A code, such as `not_json` or `schema`; never a piece of the input."""
    fields: tuple[str, ...] = Field(default_factory=tuple, max_length=20)
    """Where a schema was not met: paths of field names."""
    size: Natural
    """Bytes of the input."""
    body: Sealed | None = None
    """base64 of the input where it is short; else it is in the object store."""
    stored: AttachmentRef | None = None


class ReportReceived(Payload, event="report.received", writer="intake"):
    """A network told what became of one of our messages: a bounce, a delay, a proof of delivery."""

    report_id: UUID
    channel: Slug
    account: Slug
    native_id: str
    """The id of our own message on that network."""
    outcome: Literal["failed", "delayed", "delivered"]
    code: str = Field(max_length=64)
    """The network's status code, such as `5.1.1` (RFC 3463)."""
