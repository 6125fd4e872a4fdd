"""`apply`: the only code that changes publishing's tables, live and in replay."""

import json

from corong.publishing.tables import (
    arrival,
    delivery,
    document,
    made,
    metadata,
    moved,
    officer,
    particulars,
    publication,
    registered,
    template,
    unit_edition,
)
from corong.runtime.clock import stamp
from corong.runtime.identities import text_of
from corong.runtime.moved import fold_moved
from corong.runtime.officer_rows import fold_officer
from corong.runtime.rows import Row, Rows
from corong.runtime.sealing import sealed_field
from corong.runtime.unit_rows import fold_unit
from corong_contracts.base import AnyEvent, Payload
from corong_contracts.case import CaseAnswered, CaseRegistered
from corong_contracts.case_life import CaseDetailed, CaseNotified
from corong_contracts.delivery import (
    DeliveryBounced,
    DeliveryHeld,
    DeliveryReadied,
    DeliveryRefused,
    DeliverySent,
    DeliveryStarted,
    DeliveryStayed,
    DeliveryTakenDown,
    DeliveryUncertain,
)
from corong_contracts.document import DocumentIssued, DocumentMade, TemplateAdopted, document_of
from corong_contracts.message import MessageMoved, MessageReceived
from corong_contracts.officer import OfficerChanged
from corong_contracts.publication import (
    PublicationApproved,
    PublicationDrafted,
    PublicationEdited,
    PublicationReleased,
    PublicationScheduled,
    PublicationTakenDown,
    PublicationWithdrawn,
)
from corong_contracts.unit import UnitChanged

__all__ = [
    "FOLDS",
    "UNFINISHED",
    "apply",
    "arrival",
    "delivery",
    "document",
    "document_row",
    "made",
    "metadata",
    "moved",
    "officer",
    "particulars",
    "publication",
    "registered",
    "template",
    "unit_edition",
]

FOLDS: frozenset[type[Payload]] = frozenset(
    {
        CaseRegistered, MessageMoved, MessageReceived, CaseDetailed, TemplateAdopted, DocumentIssued, CaseAnswered,
        CaseNotified, OfficerChanged, UnitChanged,
    }
)  # fmt: skip
"""Events of other services that `apply` keeps."""

UNFINISHED = ("drafted", "ready", "sending", "unknown", "held")
"""While one of these is the state of a delivery, later ones of its conversation wait. An answer is drafted until its
letter is made."""


def apply(event: AnyEvent, rows: Rows) -> None:
    """Fold one event."""
    if event.data.noun == "delivery":  # the most of them
        _delivered(event, rows)
        return
    match event.data:
        case MessageReceived() as data:
            rows.put(arrival, _arrival(event, data))
        case MessageMoved() as data:
            fold_moved(data, moved, rows)
        case CaseRegistered() as data:
            rows.put(registered, {"case_id": text_of(data.case_id), "registration": data.registration})
        case CaseDetailed() | TemplateAdopted() | DocumentIssued() | CaseAnswered() | CaseNotified():
            _letters(event, rows)
        case OfficerChanged() as data:
            fold_officer(event, data, officer, rows)
        case UnitChanged() as data:
            fold_unit(event, data, unit_edition, rows)
        case DocumentMade() as data:
            file = data.file
            rows.put(
                made,
                {
                    "document_id": text_of(data.document_id),
                    "kind": str(data.kind),
                    "key": data.key,
                    "digest": file.digest,
                    "size": file.size,
                    "media_type": file.media_type,
                },
            )
        case PublicationDrafted() as data:
            _drafted(event, data, rows)
        case (
            PublicationEdited()
            | PublicationApproved()
            | PublicationScheduled()
            | PublicationReleased()
            | PublicationWithdrawn()
            | PublicationTakenDown()
        ):
            _moved(event, rows)
        case _:
            pass


def _arrival(event: AnyEvent, data: MessageReceived) -> Row:
    return {
        "message_id": text_of(data.message_id),
        "conversation_id": text_of(data.conversation_id),
        "case_id": text_of(data.case_id),
        "partition": event.partition,
        "number": event.number,
        "person": data.person,
        "channel": data.channel,
        "account": data.account,
        "visibility": data.visibility,
        "automatic": data.automatic,
        "sender": sealed_field(event, "sender"),
        "content": sealed_field(event, "content"),
        "demo": data.demo,
    }


def document_row(event: AnyEvent, data: DocumentIssued) -> Row:
    """A letter as it was issued, before the words with which it goes."""
    return {
        "document_id": text_of(data.document_id),
        "case_id": text_of(data.case_id),
        "kind": str(data.kind),
        "template": data.template,
        "edition": data.edition,
        "message_id": text_of(data.message_id) if data.message_id else None,
        "request_id": text_of(data.request_id) if data.request_id else None,
        "issued_at": stamp(event.time),
        "decided": sealed_field(event, "decided"),
        "words": None,
    }


def _letters(event: AnyEvent, rows: Rows) -> None:
    match event.data:
        case CaseDetailed() as data:
            rows.put(particulars, {"case_id": text_of(data.case_id), "sealed": sealed_field(event, "particulars")})
        case TemplateAdopted() as data:
            rows.put(template, {"digest": data.digest, "content": data.content})
        case DocumentIssued() as data:
            rows.put(document, document_row(event, data))
        case CaseAnswered() as data if data.decision_id is not None:
            rows.change(document, str(document_of(data.answer_id)), words=sealed_field(event, "text"))
        case CaseNotified() as data if data.words is not None:
            rows.change(document, str(document_of(data.notice_id)), words=sealed_field(event, "words"))
        case _:
            pass


def _drafted(event: AnyEvent, data: PublicationDrafted, rows: Rows) -> None:
    publication_id = text_of(data.publication_id)
    case_id = text_of(data.case_id) if data.case_id else None
    rows.put(
        publication,
        {
            "publication_id": publication_id,
            "kind": data.kind,
            "unit": data.unit,
            "author": data.author,
            "case_id": case_id,
            "message_id": text_of(data.message_id) if data.message_id else None,
            "label": str(data.label) if data.label else None,
            "immediate": data.immediate,
            "visibility": data.visibility,
            "title": data.title,
            "text": data.text,
            "sealed": sealed_field(event, "sealed") if data.sealed else None,
            "document_id": text_of(data.document_id) if data.document_id else None,
            "short": sealed_field(event, "short") if data.short else None,
            "media": json.dumps([item.model_dump(mode="json") for item in data.media]) if data.media else "[]",
            "deliveries": " ".join(text_of(target.delivery_id) for target in data.targets),
            "text_hash": data.text_hash,
            "approved_hash": None,
            "approved_by": None,
            "publish_at": None,
            "state": "draft",
            "demo": data.demo,
        },
    )
    for target in data.targets:
        rows.put(
            delivery,
            {
                "delivery_id": text_of(target.delivery_id),
                "publication_id": publication_id,
                "partition": event.partition,
                "place": event.number,
                "channel": target.channel,
                "account": target.account,
                "conversation_id": text_of(target.conversation_id) if target.conversation_id else None,
                "case_id": case_id,
                "text": target.text,
                "state": "drafted",
                "fence": 0,
                "due_at": None,
                "started_at": None,
                "carried": None,
                "native_id": None,
                "url": None,
                "code": None,
            },
        )


def _moved(event: AnyEvent, rows: Rows) -> None:
    match event.data:
        case PublicationEdited() as data:
            rows.change(
                publication, text_of(data.publication_id), title=data.title, text=data.text, text_hash=data.text_hash,
                approved_hash=None, approved_by=None, publish_at=None, state="draft",
            )  # fmt: skip
            for row in deliveries_of(rows, text_of(data.publication_id)):
                rows.change(delivery, row["delivery_id"], text=data.target_texts.get(row["account"]))
        case PublicationApproved() as data:
            rows.change(
                publication, text_of(data.publication_id), approved_hash=data.text_hash, approved_by=data.officer
            )  # fmt: skip
        case PublicationScheduled() as data:
            rows.change(publication, text_of(data.publication_id), state="scheduled", publish_at=stamp(data.publish_at))
        case PublicationReleased() as data:
            rows.change(publication, text_of(data.publication_id), state="released")
            for row in deliveries_of(rows, text_of(data.publication_id)):
                rows.change(delivery, row["delivery_id"], state="ready", due_at=stamp(event.time))
        case PublicationWithdrawn() as data:
            rows.change(publication, text_of(data.publication_id), state="withdrawn", publish_at=None)
            for row in deliveries_of(rows, text_of(data.publication_id)):
                rows.change(delivery, row["delivery_id"], state="dropped")
        case PublicationTakenDown() as data:
            rows.change(publication, text_of(data.publication_id), state="taken_down")
            for row in deliveries_of(rows, text_of(data.publication_id)):
                if row["state"] == "ready":
                    rows.change(delivery, row["delivery_id"], state="dropped", due_at=None)
                elif row["state"] in ("sent", "stays"):
                    rows.change(delivery, row["delivery_id"], state="removing", due_at=stamp(event.time), code=None)


def _delivered(event: AnyEvent, rows: Rows) -> None:
    match event.data:
        case DeliveryStarted() as data:
            before = rows.get(delivery, text_of(data.delivery_id)) or {}
            rows.change(
                delivery, text_of(data.delivery_id), state="sending", fence=data.fence, carried=data.carried,
                due_at=stamp(event.time), started_at=before.get("started_at") or stamp(event.time), code=None,
            )  # fmt: skip
        case DeliverySent() as data:
            rows.change(
                delivery, text_of(data.delivery_id), state="sent", native_id=data.native_id, url=data.url, due_at=None,
                code=None,
            )  # fmt: skip
        case DeliveryRefused(retry_at=None) as data:
            rows.change(delivery, text_of(data.delivery_id), state="failed", due_at=None, code=data.code)
        case DeliveryRefused() as data if data.retry_at is not None:
            rows.change(delivery, text_of(data.delivery_id), state="ready", due_at=stamp(data.retry_at), code=data.code)
        case DeliveryUncertain() as data:
            rows.change(
                delivery, text_of(data.delivery_id), state="unknown", due_at=stamp(data.look_up_at), code=data.code
            )  # fmt: skip
        case DeliveryHeld() as data:
            rows.change(delivery, text_of(data.delivery_id), state="held", due_at=None, code=data.code)
        case DeliveryReadied() as data:
            rows.change(delivery, text_of(data.delivery_id), state="ready", due_at=stamp(event.time))
        case DeliveryTakenDown() as data:
            rows.change(delivery, text_of(data.delivery_id), state="gone", due_at=None, code=None)
        case DeliveryStayed() as data:
            rows.change(delivery, text_of(data.delivery_id), state="stays", due_at=None, code=data.code)
        case DeliveryBounced() as data:
            rows.change(delivery, text_of(data.delivery_id), code=f"{data.outcome} {data.code}"[:64])
        case _:
            pass


def deliveries_of(rows: Rows, publication_id: str) -> list[Row]:
    """The deliveries of a publication."""
    row = rows.get(publication, publication_id)
    if row is None:
        return []
    found = (rows.get(delivery, identity) for identity in row["deliveries"].split())
    return [item for item in found if item is not None]
