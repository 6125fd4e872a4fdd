"""Intake's tables, and `apply`: the only code that changes them, live and in replay."""

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, String, Table, Text

from corong.runtime.clock import stamp
from corong.runtime.identities import text_of
from corong.runtime.officer_rows import fold_officer, officer_table
from corong.runtime.rows import Rows
from corong.runtime.sealing import sealed_field
from corong.runtime.unit_rows import fold_unit, unit_table
from corong_contracts.base import AnyEvent, Payload
from corong_contracts.case import CaseClosed, CaseRegistered
from corong_contracts.case_life import CaseReopened
from corong_contracts.delivery import DeliverySent
from corong_contracts.message import MessageQuarantined, MessageReceived, MessageSetAside, ReportReceived
from corong_contracts.officer import OfficerChanged
from corong_contracts.unit import UnitChanged

metadata = MetaData()

seen = Table(
    "seen",
    metadata,
    Column("native_key", String(32), primary_key=True, comment="covers channel, account and native id"),
    Column("channel", String(63), nullable=False),
    Column("account", String(63), nullable=False),
    Column("body_key", String(32), nullable=False),
    Column("message_id", String(36), nullable=False),
    Column("case_id", String(36)),
    Column("status", String(12), nullable=False),
    comment="Every message ever taken, by the network's id: the same one is never taken twice",
)

thread_ref = Table(
    "thread_ref",
    metadata,
    Column("channel", String(63), primary_key=True),
    Column("account", String(63), primary_key=True),
    Column("key", String(32), primary_key=True),
    Column("conversation_id", String(36), primary_key=True),
    comment="Which conversation a message of a citizen belongs to; folded from message.received",
)

sent_ref = Table(
    "sent_ref",
    metadata,
    Column("channel", String(63), primary_key=True),
    Column("account", String(63), primary_key=True),
    Column("native_id", Text, primary_key=True),
    Column("conversation_id", String(36), nullable=False),
    Column("publication_id", String(36), nullable=False),
    comment="Which conversation a message of ours belongs to; folded from delivery.sent",
)

conversation = Table(
    "conversation",
    metadata,
    Column("conversation_id", String(36), primary_key=True),
    Column("person", String(32), nullable=False),
    comment="Who a conversation is with",
)

case = Table(
    "case",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("conversation_id", String(36), nullable=False),
    Column("registration", String(30), nullable=False),
    Column("registered_at", String(27), nullable=False),
    Column("demo", Boolean, nullable=False),
    Index("case_conversation", "conversation_id"),
    Index("case_registration", "registration"),
    comment="Cases as registered",
)

register = Table(
    "register",
    metadata,
    Column("book", String(4), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
    comment="The last number given in each register and year",
    info={"of_many": True, "joined": {"last": "max"}},
)

closed = Table(
    "closed",
    metadata,
    Column("case_id", String(36), primary_key=True),
    comment="Cases that routing closed; a later message opens a new one",
)

set_aside = Table(
    "set_aside",
    metadata,
    Column("message_id", String(36), primary_key=True),
    Column("channel", String(63), nullable=False),
    Column("account", String(63), nullable=False),
    Column("reason", String(12), nullable=False),
    Column("at", String(27), nullable=False),
    Column("content", Text, nullable=False),
    comment="Robots' messages that belong to no case",
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("quarantine_id", String(36), primary_key=True),
    Column("channel", String(63), nullable=False),
    Column("account", String(63), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("fields", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("at", String(27), nullable=False),
    Column("body", Text),
    Column("digest", String(80)),
    Index("quarantine_when", "at", "quarantine_id"),
    comment="Authentic but unreadable input",
)

report = Table(
    "report",
    metadata,
    Column("report_id", String(36), primary_key=True),
    comment="Delivery reports taken",
)

officer = officer_table(metadata)
unit_edition = unit_table(metadata)

FOLDS: frozenset[type[Payload]] = frozenset({CaseClosed, CaseReopened, DeliverySent, OfficerChanged, UnitChanged})
"""Events of other services that `apply` keeps."""


def apply(event: AnyEvent, rows: Rows) -> None:
    """Fold one event."""
    match event.data:
        case MessageReceived() as data:
            _received(data, rows)
        case CaseRegistered() as data:
            _registered(event, data, rows)
        case CaseClosed(case_id=case_id):
            rows.put(closed, {"case_id": text_of(case_id)})
        case CaseReopened(case_id=case_id):
            rows.remove(closed, text_of(case_id))
        case DeliverySent() as data if data.conversation_id is not None:
            rows.put(
                sent_ref,
                {
                    "channel": data.channel,
                    "account": data.account,
                    "native_id": data.native_id,
                    "conversation_id": text_of(data.conversation_id),
                    "publication_id": text_of(data.publication_id),
                },
            )
        case OfficerChanged() as data:
            fold_officer(event, data, officer, rows)
        case UnitChanged() as data:
            fold_unit(event, data, unit_edition, rows)
        case MessageSetAside() as data:
            _set_aside(event, data, rows)
        case MessageQuarantined() as data:
            rows.put(
                quarantine,
                {
                    "quarantine_id": text_of(data.quarantine_id),
                    "channel": data.channel,
                    "account": data.account,
                    "reason": data.reason,
                    "fields": " ".join(data.fields),
                    "size": data.size,
                    "at": stamp(event.recordedtime),
                    "body": sealed_field(event, "body") if data.body else None,
                    "digest": data.stored.digest if data.stored else None,
                },
            )
        case ReportReceived(report_id=report_id):
            rows.put(report, {"report_id": str(report_id)})
        case _:
            pass


def _received(data: MessageReceived, rows: Rows) -> None:
    where = {"channel": data.channel, "account": data.account}
    rows.put(
        seen,
        {
            **where,
            "native_key": data.native_key,
            "body_key": data.body_key,
            "message_id": text_of(data.message_id),
            "case_id": text_of(data.case_id),
            "status": "follow_up" if data.follow_up else "registered",
        },
    )
    conversation_id = text_of(data.conversation_id)
    rows.put(conversation, {"conversation_id": conversation_id, "person": data.person})
    for key in dict.fromkeys((data.native_key, *data.thread_keys)):
        rows.put(thread_ref, {**where, "key": key, "conversation_id": conversation_id})


def _registered(event: AnyEvent, data: CaseRegistered, rows: Rows) -> None:
    rows.put(
        case,
        {
            "case_id": text_of(data.case_id),
            "conversation_id": text_of(data.conversation_id),
            "registration": data.registration,
            "registered_at": stamp(event.recordedtime),
            "demo": data.demo,
        },
    )
    # The highest number wins in whatever order the partitions are read: sequences have no holes.
    last = rows.get(register, data.book, data.year)
    if last is None or last["last"] < data.sequence:
        rows.put(register, {"book": data.book, "year": data.year, "last": data.sequence})


def _set_aside(event: AnyEvent, data: MessageSetAside, rows: Rows) -> None:
    rows.put(
        seen,
        {
            "channel": data.channel,
            "account": data.account,
            "native_key": data.native_key,
            "body_key": data.body_key,
            "message_id": text_of(data.message_id),
            "case_id": None,
            "status": "set_aside",
        },
    )
    rows.put(
        set_aside,
        {
            "message_id": text_of(data.message_id),
            "channel": data.channel,
            "account": data.account,
            "reason": data.reason,
            "at": stamp(event.recordedtime),
            "content": sealed_field(event, "content"),
        },
    )
