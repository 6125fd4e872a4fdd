"""The desk's tables, and `apply`: each table is folded from one writer's events and joined when read."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text

from corong.runtime.clock import stamp
from corong.runtime.rows import Rows
from corong.runtime.sealing import sealed_field
from corong_contracts.base import AnyEvent, Payload
from corong_contracts.case import (
    CaseAnswered,
    CaseAssigned,
    CaseClaimed,
    CaseClosed,
    CaseNoted,
    CasePrioritised,
    CaseRegistered,
    CaseReleased,
    CaseReturned,
    CaseRouted,
)
from corong_contracts.delivery import (
    DeliveryBounced,
    DeliveryHeld,
    DeliveryReadied,
    DeliveryRefused,
    DeliverySent,
    DeliveryStarted,
    DeliveryUncertain,
)
from corong_contracts.message import MessageReceived
from corong_contracts.publication import (
    PublicationApproved,
    PublicationDrafted,
    PublicationEdited,
    PublicationReleased,
    PublicationScheduled,
    PublicationWithdrawn,
)

metadata = MetaData()

registered = Table(
    "registered",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("registration", String(30), nullable=False, unique=True),
    Column("channel", String(63), nullable=False),
    Column("account", String(63), nullable=False),
    Column("visibility", String(8), nullable=False),
    Column("person", String(32), nullable=False),
    Column("related_case", String(36)),
    Column("registered_at", String(27), nullable=False),
    Column("demo", Boolean, nullable=False),
    Index("registered_person", "person"),
    comment="Cases as registered; folded from intake's events",
)

case = Table(
    "case",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("unit", String(63), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("priority", String(10), nullable=False),
    Column("urgency", Integer, nullable=False, comment="0 is the most urgent, for sorting"),
    Column("holder", String(63)),
    Column("lease_until", String(27)),
    Column("state", String(10), nullable=False),
    Column("rule", String(80), nullable=False),
    Column("reasons", Text, nullable=False),
    Column("routed_at", String(27), nullable=False),
    Index("case_queue", "unit", "state", "urgency", "routed_at"),
    Index("case_state", "state", "urgency", "routed_at"),
    comment="Where a case is: open, answered or closed; folded from routing's events",
)

entry = Table(
    "entry",
    metadata,
    Column("case_id", String(36), primary_key=True),
    Column("service", String(20), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String(27), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("event_id", String(36), nullable=False),
    Column("sealed", Text),
    Column("data", Text, nullable=False),
    comment="The thread of a case: messages, answers, notes and steps; one row for each event",
)

publication = Table(
    "publication",
    metadata,
    Column("publication_id", String(36), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("unit", String(63)),
    Column("case_id", String(36)),
    Column("author", String(80), nullable=False),
    Column("label", String(12)),
    Column("immediate", Boolean, nullable=False),
    Column("title", Text),
    Column("text", Text),
    Column("text_hash", String(80), nullable=False),
    Column("approved_by", String(63)),
    Column("publish_at", String(27)),
    Column("state", String(10), nullable=False),
    Column("drafted_at", String(27), nullable=False),
    Column("deliveries", Text, nullable=False),
    Index("publication_list", "kind", "drafted_at"),
    comment="Posts, replies and receipts; folded from publishing's events",
)

delivery = Table(
    "delivery",
    metadata,
    Column("delivery_id", String(36), primary_key=True),
    Column("publication_id", String(36), nullable=False),
    Column("case_id", String(36)),
    Column("kind", String(8), nullable=False),
    Column("unit", String(63)),
    Column("channel", String(63), nullable=False),
    Column("account", String(63), nullable=False),
    Column("state", String(8), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("code", String(80)),
    Column("url", Text),
    Column("text", Text),
    Column("changed_at", String(27), nullable=False),
    Index("delivery_case", "case_id"),
    Index("delivery_state", "state"),
    Index("delivery_publication", "publication_id"),
    comment="Where each publication went; folded from publishing's events",
)

URGENCY = {"urgent": 0, "high": 1, "normal": 2, "low": 3}

_STEPS = (CaseRouted, CaseClaimed, CaseReleased, CaseAssigned, CaseReturned, CasePrioritised, CaseAnswered, CaseClosed)
_POSTS = (
    PublicationDrafted, PublicationEdited, PublicationApproved, PublicationScheduled, PublicationReleased,
    PublicationWithdrawn,
)  # fmt: skip
_DELIVERIES = (
    DeliveryStarted, DeliverySent, DeliveryRefused, DeliveryUncertain, DeliveryHeld, DeliveryReadied, DeliveryBounced,
)  # fmt: skip

FOLDS: frozenset[type[Payload]] = frozenset(
    {CaseRegistered, MessageReceived, CaseNoted, *_STEPS, *_POSTS, *_DELIVERIES}
)
"""Events of other services that `apply` keeps."""

_SEALED = {MessageReceived: "content", CaseAssigned: "instruction", CaseReturned: "reason", CaseNoted: "note",
           CaseAnswered: "text"}  # fmt: skip
_SHOWN = {
    "message.received": ("message_id", "channel", "account", "visibility", "follow_up", "automatic", "attachments"),
    "case.routed": ("unit", "kind", "priority", "rule"),
    "case.claimed": ("officer", "lease_until"),
    "case.released": ("officer", "reason"),
    "case.assigned": ("from_unit", "unit", "to_officer"),
    "case.returned": ("from_unit", "unit"),
    "case.prioritised": ("before", "priority"),
    "case.noted": (),
    "case.answered": ("unit", "answer_id"),
    "case.closed": ("outcome",),
}


def apply(event: AnyEvent, rows: Rows) -> None:
    """Fold one event."""
    data = event.data
    if isinstance(data, CaseRegistered):
        rows.put(
            registered,
            {
                "case_id": str(data.case_id),
                "registration": data.registration,
                "channel": data.channel,
                "account": data.account,
                "visibility": data.visibility,
                "person": data.person,
                "related_case": str(data.related_case) if data.related_case else None,
                "registered_at": stamp(event.recordedtime),
                "demo": data.demo,
            },
        )
    elif isinstance(data, MessageReceived | CaseNoted):
        _thread(event, rows)
    elif isinstance(data, _STEPS):
        _thread(event, rows)
        _step(event, rows)
    elif isinstance(data, _POSTS):
        _publication(event, rows)
    elif isinstance(data, _DELIVERIES):
        _delivery(event, rows)


def _thread(event: AnyEvent, rows: Rows) -> None:
    data = event.data
    name = f"{data.noun}.{data.verb}"
    field = _SEALED.get(type(data))
    rows.put(
        entry,
        {
            "case_id": str(event.correlationid),
            "service": event.service,
            "number": event.number,
            "at": stamp(event.time),
            "kind": name,
            "actor": event.actor,
            "event_id": str(event.id),
            "sealed": sealed_field(event, field) if field else None,
            "data": data.model_dump_json(include=set(_SHOWN[name])),
        },
    )


def _step(event: AnyEvent, rows: Rows) -> None:
    match event.data:
        case CaseRouted() as data:
            rows.put(
                case,
                {
                    "case_id": str(data.case_id),
                    "unit": data.unit,
                    "kind": str(data.kind),
                    "priority": str(data.priority),
                    "urgency": URGENCY[data.priority],
                    "holder": None,
                    "lease_until": None,
                    "state": "open",
                    "rule": data.rule,
                    "reasons": "[" + ",".join(reason.model_dump_json() for reason in data.reasons) + "]",
                    "routed_at": stamp(event.time),
                },
            )
        case CaseClaimed() as data:
            rows.change(case, str(data.case_id), holder=data.officer, lease_until=stamp(data.lease_until))
        case CaseReleased() as data:
            rows.change(case, str(data.case_id), holder=None, lease_until=None)
        case CaseAssigned() | CaseReturned() as data:
            rows.change(case, str(data.case_id), unit=data.unit, holder=None, lease_until=None)
        case CasePrioritised() as data:
            urgency = URGENCY[data.priority]
            rows.change(case, str(data.case_id), priority=str(data.priority), urgency=urgency)
        case CaseAnswered() as data:
            rows.change(case, str(data.case_id), state="answered")
        case CaseClosed() as data:
            rows.change(case, str(data.case_id), state="closed", holder=None, lease_until=None)
        case _:
            pass


def _publication(event: AnyEvent, rows: Rows) -> None:
    match event.data:
        case PublicationDrafted() as data:
            _drafted(event, data, rows)
        case PublicationEdited() as data:
            rows.change(
                publication, str(data.publication_id), title=data.title, text=data.text, text_hash=data.text_hash,
                approved_by=None, publish_at=None, state="draft",
            )  # fmt: skip
            for identity in _deliveries(rows, str(data.publication_id)):
                row = rows.get(delivery, identity)
                if row is not None:
                    rows.change(delivery, identity, text=data.target_texts.get(row["account"]))
        case PublicationApproved() as data:
            rows.change(publication, str(data.publication_id), approved_by=data.officer, state="approved")
        case PublicationScheduled() as data:
            rows.change(publication, str(data.publication_id), state="scheduled", publish_at=stamp(data.publish_at))
        case PublicationReleased() as data:
            rows.change(publication, str(data.publication_id), state="released")
            for identity in _deliveries(rows, str(data.publication_id)):
                rows.change(delivery, identity, state="ready", changed_at=stamp(event.time))
        case PublicationWithdrawn() as data:
            rows.change(publication, str(data.publication_id), state="withdrawn")
            for identity in _deliveries(rows, str(data.publication_id)):
                rows.change(delivery, identity, state="dropped", changed_at=stamp(event.time))
        case _:
            pass


def _deliveries(rows: Rows, publication_id: str) -> list[str]:
    row = rows.get(publication, publication_id)
    return str(row["deliveries"]).split() if row else []


def _drafted(event: AnyEvent, data: PublicationDrafted, rows: Rows) -> None:
    case_id = str(data.case_id) if data.case_id else None
    rows.put(
        publication,
        {
            "publication_id": str(data.publication_id),
            "kind": data.kind,
            "unit": data.unit,
            "case_id": case_id,
            "author": data.author,
            "label": str(data.label) if data.label else None,
            "immediate": data.immediate,
            "title": data.title,
            "text": data.text,
            "text_hash": data.text_hash,
            "approved_by": None,
            "publish_at": None,
            "state": "draft",
            "drafted_at": stamp(event.time),
            "deliveries": " ".join(str(target.delivery_id) for target in data.targets),
        },
    )
    for target in data.targets:
        rows.put(
            delivery,
            {
                "delivery_id": str(target.delivery_id),
                "publication_id": str(data.publication_id),
                "case_id": case_id,
                "kind": data.kind,
                "unit": data.unit,
                "channel": target.channel,
                "account": target.account,
                "state": "drafted",
                "fence": 0,
                "code": None,
                "url": None,
                "text": target.text,
                "changed_at": stamp(event.time),
            },
        )


def _delivery(event: AnyEvent, rows: Rows) -> None:
    at = stamp(event.time)
    match event.data:
        case DeliveryStarted() as data:
            rows.change(delivery, str(data.delivery_id), state="sending", fence=data.fence, code=None, changed_at=at)
        case DeliverySent() as data:
            rows.change(delivery, str(data.delivery_id), state="sent", code=None, url=data.url, changed_at=at)
        case DeliveryRefused() as data:
            state = "ready" if data.retry_at else "failed"
            rows.change(delivery, str(data.delivery_id), state=state, code=data.code, changed_at=at)
        case DeliveryUncertain() as data:
            rows.change(delivery, str(data.delivery_id), state="unknown", code=data.code, changed_at=at)
        case DeliveryHeld() as data:
            rows.change(delivery, str(data.delivery_id), state="held", code=data.code, changed_at=at)
        case DeliveryReadied() as data:
            rows.change(delivery, str(data.delivery_id), state="ready", changed_at=at)
        case DeliveryBounced() as data:
            code = f"{data.outcome} {data.code}"[:80]
            rows.change(delivery, str(data.delivery_id), code=code, changed_at=at)
        case _:
            pass
