"""The portal's tables, and `apply`: each table is folded from one writer's events and joined when read."""

import json

from corong.portal.tables import (
    answer,
    calendar,
    clock,
    document,
    feed_target,
    issued_receipt,
    message,
    metadata,
    moved,
    officer,
    post,
    progress,
    public_answer,
    receipt,
    registered,
    template,
    unit_edition,
)  # fmt: skip
from corong.runtime.clock import stamp
from corong.runtime.identities import text_of
from corong.runtime.moved import fold_moved
from corong.runtime.officer_rows import fold_officer
from corong.runtime.rows import Rows
from corong.runtime.sealing import sealed_field
from corong.runtime.unit_rows import fold_unit
from corong_contracts.answer import AnswerPublished, AnswerWithdrawn
from corong_contracts.base import AnyEvent, Payload
from corong_contracts.calendar import CalendarAdopted
from corong_contracts.case import CaseAssigned, CaseClosed, CaseRegistered, CaseReturned, CaseRouted
from corong_contracts.case_life import CaseReclassified, CaseReopened
from corong_contracts.clock import ClockEnded, ClockMet, ClockMoved, ClockOpened, ClockPaused, ClockRanOut
from corong_contracts.delivery import DeliverySent, DeliveryTakenDown
from corong_contracts.document import DocumentIssued, DocumentKind, DocumentMade, TemplateAdopted
from corong_contracts.message import MessageMoved, MessageReceived
from corong_contracts.officer import OfficerChanged
from corong_contracts.publication import PublicationDrafted, PublicationEdited
from corong_contracts.unit import UnitChanged

__all__ = ["FOLDS", "apply", "metadata"]

FOLDS: frozenset[type[Payload]] = frozenset(
    {
        CaseRegistered, MessageReceived, CaseRouted, CaseAssigned, CaseReturned, CaseClosed, PublicationDrafted,
        PublicationEdited, DeliverySent, DeliveryTakenDown, CaseReclassified, CaseReopened, MessageMoved,
        ClockOpened, ClockMoved, ClockPaused, ClockMet, ClockEnded, ClockRanOut, CalendarAdopted, DocumentMade,
        DocumentIssued, TemplateAdopted, AnswerPublished, AnswerWithdrawn, OfficerChanged, UnitChanged,
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
                    "case_id": text_of(data.case_id),
                    "registration": data.registration,
                    "channel": data.channel,
                    "registered_at": stamp(data.received or event.recordedtime),
                    "demo": data.demo,
                    "receipt_check": data.receipt_check,
                },
            )
        case MessageReceived() as data:
            rows.put(
                message,
                {
                    "message_id": text_of(data.message_id),
                    "case_id": text_of(data.case_id),
                    "number": event.number,
                    "at": stamp(event.time),
                    "automatic": data.automatic,
                    "content": sealed_field(event, "content"),
                    "files": json.dumps([file.size for file in data.attachments]) if data.attachments else "[]",
                },
            )
        case CaseRouted() as data:
            rows.put(
                progress,
                {
                    "case_id": text_of(data.case_id),
                    "unit": data.unit,
                    "kind": str(data.kind),
                    "outcome": None,
                    "changed_at": stamp(event.time),
                },
            )
        case CaseAssigned() | CaseReturned() as data:
            rows.change(progress, text_of(data.case_id), unit=data.unit, changed_at=stamp(event.time))
        case CaseClosed() as data:
            rows.change(progress, text_of(data.case_id), outcome=data.outcome, changed_at=stamp(event.time))
        case CaseReclassified() as data:
            rows.change(progress, text_of(data.case_id), kind=str(data.kind), changed_at=stamp(event.time))
        case CaseReopened() as data:
            rows.change(progress, text_of(data.case_id), outcome=None, changed_at=stamp(event.time))
        case MessageMoved() as data:
            fold_moved(data, moved, rows)
        case AnswerPublished() as data:
            answer_id, at = text_of(data.answer_id), stamp(event.time)
            before = rows.get(public_answer, answer_id) or {"first_at": at, "edition": 0}
            rows.put(
                public_answer,
                {
                    "answer_id": answer_id,
                    "case_id": text_of(data.case_id),
                    "unit": data.unit,
                    "kind": str(data.kind),
                    "question": data.question,
                    "answer": data.answer,
                    "first_at": before["first_at"],
                    "changed_at": at,
                    "edition": before["edition"] + 1,
                    "shown": True,
                },
            )
        case AnswerWithdrawn() as data:
            row = rows.get(public_answer, text_of(data.answer_id))
            if row is not None:
                rows.put(public_answer, {**row, "edition": row["edition"] + 1, "shown": False})
        case OfficerChanged() as data:
            fold_officer(event, data, officer, rows)
        case UnitChanged() as data:
            fold_unit(event, data, unit_edition, rows)
        case CalendarAdopted() as data:
            rows.put(calendar, {"digest": data.digest, "content": data.content})
        case DocumentIssued(kind=DocumentKind.RECEIPT) as data:
            named = {"document_id": text_of(data.document_id), "case_id": text_of(data.case_id)}
            rows.put(issued_receipt, {**named, "issued_at": stamp(event.time)})
        case TemplateAdopted(kind=DocumentKind.RECEIPT) as data:
            words = {"adopted_at": stamp(event.time), "content": data.content}
            rows.put(template, {"kind": str(data.kind), "edition": data.edition, **words})
        case _:
            _clock(event, rows)


def _clock(event: AnyEvent, rows: Rows) -> None:
    match event.data:
        case ClockOpened() as data:
            rows.put(
                clock,
                {
                    "case_id": text_of(data.case_id),
                    "rule": data.count.rule,
                    "bound": data.bound,
                    "state": "running",
                    "last_day": data.count.last_day.isoformat(),
                    "due": stamp(data.count.due),
                    "in_time": None,
                },
            )
        case ClockMoved() as data:
            last_day, due = data.count.last_day.isoformat(), stamp(data.count.due)
            key = text_of(data.case_id), data.count.rule
            rows.change(clock, *key, state="running", last_day=last_day, due=due, in_time=None)
        case ClockPaused() as data:
            rows.change(clock, text_of(data.case_id), data.rule, state="paused")
        case ClockMet() as data:
            rows.change(clock, text_of(data.case_id), data.rule, state="met", in_time=data.in_time)
        case ClockEnded() as data:
            rows.change(clock, text_of(data.case_id), data.rule, state="ended")
        case ClockRanOut() as data:
            rows.change(clock, text_of(data.case_id), data.rule, state="ran_out")
        case _:
            pass


def _publishing(event: AnyEvent, rows: Rows) -> None:
    match event.data:
        case PublicationDrafted(kind="reply") as data if data.sealed is not None:
            rows.put(
                answer,
                {
                    "publication_id": text_of(data.publication_id),
                    "case_id": str(data.case_id),
                    "number": event.number,
                    "unit": data.unit,
                    "drafted_at": stamp(event.time),
                    "sealed": sealed_field(event, "sealed"),
                    "sent_at": None,
                },
            )
        case DocumentMade() as data:
            made = {
                "document_id": text_of(data.document_id),
                "case_id": text_of(data.case_id),
                "key": data.key,
                "file": data.file.digest,
                "size": data.file.size,
                "media_type": data.file.media_type,
                "digest": sealed_field(event, "digest"),
            }
            if data.publication_id is None:
                rows.put(receipt, made)
            else:
                rows.put(document, {**made, "publication_id": text_of(data.publication_id), "title": data.title})
        case PublicationDrafted(kind="post") as data:
            _post(event, data, rows)
        case PublicationEdited() as data:
            publication_id = text_of(data.publication_id)
            rows.change(post, publication_id, title=data.title, text=data.text)
            edited = rows.get(post, publication_id)
            for delivery_id in edited["feed_targets"].split() if edited else ():
                target = rows.get(feed_target, delivery_id)
                if target is not None:
                    rows.put(feed_target, {**target, "text": data.target_texts.get(target["account"])})
        case DeliverySent() as data:
            if not rows.change(feed_target, text_of(data.delivery_id), sent_at=stamp(event.time)):
                rows.change(answer, text_of(data.publication_id), sent_at=stamp(event.time))
        case DeliveryTakenDown() as data:
            rows.change(feed_target, text_of(data.delivery_id), sent_at=None)
        case _:
            pass


def _post(event: AnyEvent, data: PublicationDrafted, rows: Rows) -> None:
    publication_id = text_of(data.publication_id)
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
            "feed_targets": " ".join(text_of(target.delivery_id) for target in feeds),
        },
    )
    for target in feeds:
        rows.put(
            feed_target,
            {
                "delivery_id": text_of(target.delivery_id),
                "publication_id": publication_id,
                "account": target.account,
                "text": target.text,
                "sent_at": None,
            },
        )
