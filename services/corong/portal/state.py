"""The portal's tables, and `apply`: each table is folded from one writer's events and joined when read."""

import json

from sqlalchemy import BigInteger, Boolean, Column, Index, MetaData, String, Table, Text

from corong.runtime.clock import stamp
from corong.runtime.moved import fold_moved
from corong.runtime.rows import Rows
from corong.runtime.sealing import sealed_field
from corong_contracts.base import AnyEvent, Payload
from corong_contracts.case import CaseAssigned, CaseClosed, CaseRegistered, CaseReturned, CaseRouted
from corong_contracts.case_life import CaseReclassified, CaseReopened
from corong_contracts.delivery import DeliverySent
from corong_contracts.message import MessageMoved, MessageReceived
from corong_contracts.publication import PublicationDrafted, PublicationEdited

metadata = MetaData()

registered = Table(
    "registered",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("registration", String(30), nullable=False, unique=True),
    Column("channel", String(63), nullable=False),
    Column("registered_at", String(27), nullable=False),
    Column("demo", Boolean, nullable=False),
    Column("receipt_check", String(64), nullable=False),
    comment="Receipts: which case a number is; folded from intake's events",
)

progress = Table(
    "progress",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("unit", String(63), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("outcome", String(20)),
    Column("changed_at", String(27), nullable=False),
    comment="Who works on a case and how it ended; folded from routing's events",
)

message = Table(
    "message",
    metadata,
    Column("message_id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("at", String(27), nullable=False),
    Column("automatic", Boolean, nullable=False),
    Column("content", Text, nullable=False),
    Column("files", Text, nullable=False, comment="JSON: bytes of each attachment, in the order of their names"),
    Index("message_case", "case_id", "number"),
    comment="What the citizen wrote; folded from intake's events",
)

moved = Table(
    "moved",
    metadata,
    Column("message_id", String(36), primary_key=True),
    Column("from_case", String(36), nullable=False),
    Column("case_id", String(36), nullable=False),
    Index("moved_to", "case_id"),
    Index("moved_from", "from_case"),
    comment="Messages that became a case of their own; folded from message.moved and joined when read",
)


answer = Table(
    "answer",
    metadata,
    Column("publication_id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("unit", String(63)),
    Column("drafted_at", String(27), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("sent_at", String(27), comment="the page shows it from then on"),
    Index("answer_case", "case_id", "number"),
    comment="Replies to citizens; folded from publishing's events",
)

post = Table(
    "post",
    metadata,
    Column("publication_id", String(36), primary_key=True),
    Column("unit", String(63)),
    Column("label", String(12)),
    Column("title", Text),
    Column("text", Text),
    Column("immediate", Boolean, nullable=False),
    Column("demo", Boolean, nullable=False),
    Column("drafted_at", String(27), nullable=False),
    Column("feed_targets", Text, nullable=False, comment="ids of its deliveries to feeds"),
    comment="Posts as drafted and edited; folded from publishing's events",
)

feed_target = Table(
    "feed_target",
    metadata,
    Column("delivery_id", String(36), primary_key=True),
    Column("publication_id", String(36), nullable=False),
    Column("account", String(63), nullable=False),
    Column("text", Text),
    Column("sent_at", String(27), comment="the feed shows it from then on"),
    Index("feed_order", "account", "sent_at"),
    comment="Posts' deliveries to feeds; folded from publishing's events",
)

FOLDS: frozenset[type[Payload]] = frozenset(
    {
        CaseRegistered, MessageReceived, CaseRouted, CaseAssigned, CaseReturned, CaseClosed, PublicationDrafted,
        PublicationEdited, DeliverySent, CaseReclassified, CaseReopened, MessageMoved,
    }
)  # fmt: skip
"""Events of other services that `apply` keeps."""


def apply(event: AnyEvent, rows: Rows) -> None:
    """Fold one event."""
    if event.service == "publishing":
        _publishing(event, rows)
        return
    match event.data:
        case CaseRegistered() as data:
            rows.put(
                registered,
                {
                    "case_id": str(data.case_id),
                    "registration": data.registration,
                    "channel": data.channel,
                    "registered_at": stamp(event.recordedtime),
                    "demo": data.demo,
                    "receipt_check": data.receipt_check,
                },
            )
        case MessageReceived() as data:
            rows.put(
                message,
                {
                    "message_id": str(data.message_id),
                    "case_id": str(data.case_id),
                    "number": event.number,
                    "at": stamp(event.time),
                    "automatic": data.automatic,
                    "content": sealed_field(event, "content"),
                    "files": json.dumps([file.size for file in data.attachments]),
                },
            )
        case CaseRouted() as data:
            rows.put(
                progress,
                {
                    "case_id": str(data.case_id),
                    "unit": data.unit,
                    "kind": str(data.kind),
                    "outcome": None,
                    "changed_at": stamp(event.time),
                },
            )
        case CaseAssigned() | CaseReturned() as data:
            rows.change(progress, str(data.case_id), unit=data.unit, changed_at=stamp(event.time))
        case CaseClosed() as data:
            rows.change(progress, str(data.case_id), outcome=data.outcome, changed_at=stamp(event.time))
        case CaseReclassified() as data:
            rows.change(progress, str(data.case_id), kind=str(data.kind), changed_at=stamp(event.time))
        case CaseReopened() as data:
            rows.change(progress, str(data.case_id), outcome=None, changed_at=stamp(event.time))
        case MessageMoved() as data:
            fold_moved(data, moved, rows)
        case _:
            pass


def _publishing(event: AnyEvent, rows: Rows) -> None:
    match event.data:
        case PublicationDrafted(kind="reply") as data if data.sealed is not None:
            rows.put(
                answer,
                {
                    "publication_id": str(data.publication_id),
                    "case_id": str(data.case_id),
                    "number": event.number,
                    "unit": data.unit,
                    "drafted_at": stamp(event.time),
                    "sealed": sealed_field(event, "sealed"),
                    "sent_at": None,
                },
            )
        case PublicationDrafted(kind="post") as data:
            _post(event, data, rows)
        case PublicationEdited() as data:
            publication_id = str(data.publication_id)
            rows.change(post, publication_id, title=data.title, text=data.text)
            edited = rows.get(post, publication_id)
            for delivery_id in edited["feed_targets"].split() if edited else ():
                target = rows.get(feed_target, delivery_id)
                if target is not None:
                    rows.put(feed_target, {**target, "text": data.target_texts.get(target["account"])})
        case DeliverySent() as data:
            if not rows.change(feed_target, str(data.delivery_id), sent_at=stamp(event.time)):
                rows.change(answer, str(data.publication_id), sent_at=stamp(event.time))
        case _:
            pass


def _post(event: AnyEvent, data: PublicationDrafted, rows: Rows) -> None:
    publication_id = str(data.publication_id)
    feeds = [target for target in data.targets if target.channel == "feed"]
    rows.put(
        post,
        {
            "publication_id": publication_id,
            "unit": data.unit,
            "label": str(data.label) if data.label else None,
            "title": data.title,
            "text": data.text,
            "immediate": data.immediate,
            "demo": data.demo,
            "drafted_at": stamp(event.time),
            "feed_targets": " ".join(str(target.delivery_id) for target in feeds),
        },
    )
    for target in feeds:
        rows.put(
            feed_target,
            {
                "delivery_id": str(target.delivery_id),
                "publication_id": publication_id,
                "account": target.account,
                "text": target.text,
                "sent_at": None,
            },
        )
