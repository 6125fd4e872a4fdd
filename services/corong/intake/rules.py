"""What intake decides: pure, without clock, network or chance."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal
from uuid import UUID, uuid5

from corong.runtime.receipts import receipt_check
from corong.runtime.unit import Draft, Secret
from corong_contracts.case import CaseKind, CaseRegistered
from corong_contracts.channel import DeliveryReport
from corong_contracts.message import (
    AttachmentRef,
    MessageReceived,
    MessageSetAside,
    ReportReceived,
    Visibility,
)

NAMESPACE = UUID("8a6b5f0e-64c1-5c6b-9a3f-0d4d4e8d7c11")

Status = Literal["registered", "follow_up", "duplicate", "set_aside", "quarantined"]


class Conflict(ValueError):
    """The same native id with another content."""


@dataclass(frozen=True)
class Entered:
    """An officer took it at the counter, by telephone or on paper."""

    officer: str
    received: datetime
    """When the office had it."""


@dataclass(frozen=True)
class Arrived:
    """A message at the door: pseudonyms made, files stored, words still to be sealed."""

    channel: str
    account: str
    person: str
    native_key: str
    """What events call the message."""
    body_key: str
    key: str
    """The sender's key."""
    content: str = field(repr=False)
    sender: str = field(repr=False)
    receipt: Callable[[str], str] = field(repr=False)
    """A case's id → the secret on its receipt."""
    lookup_key: str = ""
    """By which the message is looked up, whoever asks."""
    thread_keys: tuple[str, ...] = ()
    thread_lookups: tuple[str, ...] = ()
    thread_ids: tuple[str, ...] = field(default=(), repr=False)
    visibility: Visibility = "private"
    nature: Literal["person", "auto_reply", "bounce", "list", "own"] = "person"
    declared_kind: CaseKind | None = None
    sent_at: datetime | None = None
    attachments: tuple[AttachmentRef, ...] = ()
    reports: tuple[DeliveryReport, ...] = ()
    demo: bool = False
    related: UUID | None = None
    """The request that an objection is about, where its receipt was shown."""
    entered: "Entered | None" = None
    """By whom it was entered, where it came to no door of its own."""
    strict: bool = False
    """The same id with another content is an error (the API's Idempotency-Key), not a repeat."""

    @property
    def actor(self) -> str:
        """Who brought it into the hub."""
        return f"officer:{self.entered.officer}" if self.entered else "citizen"

    @cached_property
    def message_id(self) -> UUID:
        """The same message has the same id, for ever."""
        return uuid5(NAMESPACE, f"{self.channel}/{self.account}/{self.native_key}")


@dataclass(frozen=True)
class Earlier:
    """What intake said when it took the message the first time."""

    message_id: UUID
    case_id: UUID | None
    registration: str | None
    body_key: str
    secret: str | None = field(default=None, repr=False)
    """On the case's receipt; None for a sender who is not the case's."""


@dataclass(frozen=True)
class Thread:
    """The conversation that a message answers."""

    conversation_id: UUID
    person: str
    latest_case: UUID | None
    open_case: UUID | None
    registration: str | None


@dataclass(frozen=True)
class Number:
    """The next number of a register."""

    book: str
    year: int
    sequence: int

    def __str__(self) -> str:
        return f"{self.book}/{self.year}/{self.sequence:06d}"


@dataclass(frozen=True)
class Decision:
    """The events, and what to tell the one who handed the message over."""

    status: Status
    message_id: UUID
    case_id: UUID | None = None
    registration: str | None = None
    drafts: Sequence[Draft] = ()
    secret: str | None = field(default=None, repr=False)


def accept(arrived: Arrived, earlier: Earlier | None, thread: Thread | None, number: Number) -> Decision:
    """Take a message.

    A repeat changes nothing; an answer to its own conversation's open case follows up; robots open no case; anything
    else opens a case under `number`.

    Someone else's message in a thread (forged, forwarded, or a public comment) never joins that thread's case: it gets
    its own, with a pointer for the officer. Raises `Conflict`.
    """
    if earlier is not None:
        if arrived.strict and earlier.body_key != arrived.body_key:
            raise Conflict("the same id with another content")
        return repeat(earlier)
    own_thread = thread if thread is not None and thread.person == arrived.person else None
    if arrived.nature != "person" and (own_thread is None or own_thread.latest_case is None):
        return _aside(arrived)
    if own_thread is not None and (case := own_thread.open_case or _robots_case(arrived, own_thread)):
        draft = _received(arrived, case, own_thread.conversation_id, follow_up=True)
        drafts = (draft, *_reports(arrived))
        secret = arrived.receipt(str(case))
        return Decision("follow_up", arrived.message_id, case, own_thread.registration, drafts, secret)
    conversation_id = own_thread.conversation_id if own_thread else uuid5(arrived.message_id, "conversation")
    case_id = uuid5(arrived.message_id, "case")
    secret = arrived.receipt(str(case_id))
    registered = Draft(
        CaseRegistered,
        case_id,
        {
            "case_id": case_id,
            "conversation_id": conversation_id,
            "message_id": arrived.message_id,
            "registration": str(number),
            "book": number.book,
            "year": number.year,
            "sequence": number.sequence,
            "declared_kind": arrived.declared_kind,
            "channel": arrived.channel,
            "account": arrived.account,
            "visibility": arrived.visibility,
            "person": arrived.person,
            "receipt_check": receipt_check(str(case_id), secret),
            "related_case": arrived.related or _pointed_at(thread, own_thread),
            "received": arrived.entered.received if arrived.entered else None,
            "demo": arrived.demo,
        },
        actor=arrived.actor,
    )
    received = _received(arrived, case_id, conversation_id, follow_up=False)
    drafts = (registered, received, *_reports(arrived))
    return Decision("registered", arrived.message_id, case_id, str(number), drafts, secret)


def repeat(earlier: Earlier) -> Decision:
    """What was said the first time."""
    return Decision("duplicate", earlier.message_id, earlier.case_id, earlier.registration, secret=earlier.secret)


def erased(arrived: Arrived) -> Decision:
    """A message of somebody who was erased, handed over once more: it is not taken again, and leads nowhere."""
    return Decision("duplicate", arrived.message_id)


def _pointed_at(thread: Thread | None, own_thread: Thread | None) -> UUID | None:
    """Another person's case in whose thread the message came."""
    return thread.latest_case if thread is not None and own_thread is None else None


def _robots_case(arrived: Arrived, thread: Thread) -> UUID | None:
    """A robot's answer is kept with the conversation's latest case, even a closed one."""
    return thread.latest_case if arrived.nature != "person" else None


def _received(arrived: Arrived, case_id: UUID, conversation_id: UUID, *, follow_up: bool) -> Draft:
    return Draft(
        MessageReceived,
        case_id,
        {
            "message_id": arrived.message_id,
            "conversation_id": conversation_id,
            "case_id": case_id,
            "channel": arrived.channel,
            "account": arrived.account,
            "visibility": arrived.visibility,
            "person": arrived.person,
            "native_key": arrived.native_key,
            "body_key": arrived.body_key,
            "thread_keys": list(arrived.thread_keys),
            "follow_up": follow_up,
            "automatic": arrived.nature != "person",
            "sent_at": arrived.sent_at,
            "attachments": list(arrived.attachments),
            "demo": arrived.demo,
        },
        {"content": Secret(arrived.key, arrived.content), "sender": Secret(arrived.key, arrived.sender)},
        actor=arrived.actor,
    )


def _aside(arrived: Arrived) -> Decision:
    draft = Draft(
        MessageSetAside,
        arrived.message_id,
        {
            "message_id": arrived.message_id,
            "channel": arrived.channel,
            "account": arrived.account,
            "reason": arrived.nature,
            "person": arrived.person,
            "native_key": arrived.native_key,
            "body_key": arrived.body_key,
            "attachments": list(arrived.attachments),
        },
        {"content": Secret(arrived.key, arrived.content), "sender": Secret(arrived.key, arrived.sender)},
    )
    return Decision("set_aside", arrived.message_id, drafts=(draft, *_reports(arrived)))


def _reports(arrived: Arrived) -> list[Draft]:
    drafts = []
    for index, report in enumerate(arrived.reports):
        report_id = uuid5(arrived.message_id, f"report/{index}")
        data = {
            "report_id": report_id,
            "channel": arrived.channel,
            "account": arrived.account,
            "native_id": report.native_id.replace("\0", ""),
            "outcome": report.outcome,
            "code": report.code.replace("\0", ""),
        }
        drafts.append(Draft(ReportReceived, arrived.message_id, data))
    return drafts
