"""`apply`: the only code that changes the desk's tables, live and in replay."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from sqlalchemy import Table

from corong.desk import life_state, queue_sums, tallying
from corong.desk.tables import (
    case,
    delivery,
    document,
    mention,
    metadata,
    moved,
    officer,
    publication,
    registered,
    unit_edition,
    written,
)
from corong.desk.thread_rows import SEALED, add_entry
from corong.runtime.clock import stamp
from corong.runtime.identities import text_of
from corong.runtime.moved import fold_moved
from corong.runtime.officer_rows import fold_officer
from corong.runtime.rows import Row, Rows
from corong.runtime.sealing import sealed_field
from corong.runtime.unit_rows import fold_unit
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
    CaseState,
)
from corong_contracts.clock import ClockOpened
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
from corong_contracts.document import DocumentMade
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

__all__ = ["FOLDS", "SEALED", "URGENCY", "apply", "asked", "metadata"]

URGENCY = {"urgent": 0, "high": 1, "normal": 2, "low": 3}

_STEPS: frozenset[type[Payload]] = frozenset(
    {CaseRouted, CaseClaimed, CaseReleased, CaseAssigned, CaseReturned, CasePrioritised, CaseAnswered, CaseClosed}
)
_POSTS: frozenset[type[Payload]] = frozenset(
    {
        PublicationDrafted, PublicationEdited, PublicationApproved, PublicationScheduled, PublicationReleased,
        PublicationWithdrawn, PublicationTakenDown,
    }
)  # fmt: skip
_DELIVERIES: frozenset[type[Payload]] = frozenset(
    {
        DeliveryStarted,
        DeliverySent,
        DeliveryRefused,
        DeliveryUncertain,
        DeliveryHeld,
        DeliveryReadied,
        DeliveryBounced,
        DeliveryTakenDown,
        DeliveryStayed,
    }
)
_LIFE: frozenset[type[Payload]] = frozenset({*life_state.LIFE, *life_state.CLOCKS})


def apply(event: AnyEvent, rows: Rows) -> None:
    """Fold one event."""
    fold = _FOLD.get(type(event.data))
    if fold is not None:
        fold(event, rows)


def asked(event: AnyEvent) -> list[tuple[Table, str]]:
    """For which rows the fold of an event asks, as far as the event alone tells."""
    kind = type(event.data)
    if kind in _DELIVERIES:
        return [(delivery, text_of(event.data.delivery_id))]  # type: ignore[attr-defined]  # each of them has one
    if kind in _POSTS and kind is not PublicationDrafted:
        return [(publication, text_of(event.data.publication_id))]  # type: ignore[attr-defined]  # as above
    if kind not in _OF_CASE:
        return []
    case_id = text_of(event.data.case_id)  # type: ignore[attr-defined]  # as above
    return [(table, case_id) for table in _ASKED.get(kind, (case, registered))]


def _registered(event: AnyEvent, rows: Rows) -> None:
    data: CaseRegistered = event.data  # type: ignore[assignment]  # as `_FOLD` says
    rows.put(
        registered,
        {
            "case_id": text_of(data.case_id),
            "registration": data.registration,
            "channel": data.channel,
            "account": data.account,
            "visibility": data.visibility,
            "person": data.person,
            "related_case": text_of(data.related_case) if data.related_case else None,
            "registered_at": stamp(event.recordedtime),
            "demo": data.demo,
        },
    )


def _received(event: AnyEvent, rows: Rows) -> None:
    data: MessageReceived = event.data  # type: ignore[assignment]  # as above
    add_entry(event, rows, sealed_field(event, "sender"))
    _count(rows, data.case_id, 1, None if data.automatic else stamp(event.time))


def _noted(event: AnyEvent, rows: Rows) -> None:
    data: CaseNoted = event.data  # type: ignore[assignment]  # as above
    add_entry(event, rows)
    for mentioned in data.mentions:
        rows.put(
            mention,
            {
                "officer": mentioned, "event_id": text_of(event.id), "case_id": text_of(data.case_id),
                "by": data.officer, "at": stamp(event.time),
            },
        )  # fmt: skip


def _stepped(event: AnyEvent, rows: Rows) -> None:
    add_entry(event, rows)
    _step(event, rows)


def _lived(event: AnyEvent, rows: Rows) -> None:
    add_entry(event, rows)
    life_state.step(event, rows)


def _moved(event: AnyEvent, rows: Rows) -> None:
    data: MessageMoved = event.data  # type: ignore[assignment]  # as above
    fold_moved(data, moved, rows)
    if data.received is not None:
        _count(rows, data.before or data.from_case, -1, None)
        _count(rows, data.case_id, 1, stamp(data.received))


def _published(event: AnyEvent, rows: Rows) -> None:
    _publication(event, rows)
    post = rows.get(publication, text_of(event.data.publication_id))  # type: ignore[attr-defined]  # each of them has one
    if post is not None and post["kind"] == "post":
        add_entry(event, rows)


def _officer(event: AnyEvent, rows: Rows) -> None:
    data: OfficerChanged = event.data  # type: ignore[assignment]  # as above
    fold_officer(event, data, officer, rows)


def _unit(event: AnyEvent, rows: Rows) -> None:
    data: UnitChanged = event.data  # type: ignore[assignment]  # as above
    fold_unit(event, data, unit_edition, rows)


def _made(event: AnyEvent, rows: Rows) -> None:
    data: DocumentMade = event.data  # type: ignore[assignment]  # as above
    rows.put(document, _document(event, data))


def _document(event: AnyEvent, data: DocumentMade) -> Row:
    return {
        "document_id": text_of(data.document_id),
        "case_id": text_of(data.case_id),
        "publication_id": text_of(data.publication_id) if data.publication_id else None,
        "kind": str(data.kind),
        "title": data.title,
        "template": data.template,
        "edition": data.edition,
        "made_at": stamp(event.time),
        "key": data.key,
        "file": data.file.digest,
        "size": data.file.size,
        "media_type": data.file.media_type,
        "digest": sealed_field(event, "digest"),
    }


def _count(rows: Rows, case_id: UUID, more: int, last_at: str | None) -> None:
    """Sums and the latest moment: the same in whatever order the writers' events come."""
    before = rows.get(written, text_of(case_id)) or {"messages": 0, "last_at": None}
    latest = max((at for at in (before["last_at"], last_at) if at is not None), default=None)
    rows.put(written, {"case_id": text_of(case_id), "messages": before["messages"] + more, "last_at": latest})


def _step(event: AnyEvent, rows: Rows) -> None:
    match event.data:
        case CaseRouted() as data:
            rows.put(
                case,
                {
                    "case_id": text_of(data.case_id),
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
                    "answered_at": None,
                    "life": str(data.state or "registered"),
                    "tier": str(data.tier) if data.tier else None,
                    "outcome": None,
                    "decision": None,
                    "request_id": None,
                    "ground": None,
                    "objection_id": None,
                    "group_id": None,
                    "merged_into": None,
                    "due_at": None,
                    "first_answer": None,
                    "ran_out": False,
                    "partition": event.partition,
                },
            )
        case CaseClaimed() as data:
            life_state.moved(
                rows, data.case_id, data.state, holder=data.officer, lease_until=stamp(data.lease_until)
            )  # fmt: skip
        case CaseReleased() as data:
            rows.change(case, text_of(data.case_id), holder=None, lease_until=None)
        case CaseAssigned() | CaseReturned() as data:
            rows.change(case, text_of(data.case_id), unit=data.unit, holder=None, lease_until=None)
        case CasePrioritised() as data:
            urgency = URGENCY[data.priority]
            rows.change(case, text_of(data.case_id), priority=str(data.priority), urgency=urgency)
        case CaseAnswered() as data:
            life_state.moved(rows, data.case_id, data.state or CaseState.ANSWERED, answered_at=stamp(event.time))
        case CaseClosed() as data:
            life_state.moved(
                rows, data.case_id, CaseState.CLOSED, holder=None, lease_until=None, outcome=data.outcome
            )  # fmt: skip
        case _:
            pass


def _publication(event: AnyEvent, rows: Rows) -> None:
    match event.data:
        case PublicationDrafted() as data:
            _drafted(event, data, rows)
        case PublicationEdited() as data:
            rows.change(
                publication, text_of(data.publication_id), title=data.title, text=data.text, text_hash=data.text_hash,
                approved_by=None, publish_at=None, state="draft",
            )  # fmt: skip
            for identity in _deliveries(rows, text_of(data.publication_id)):
                row = rows.get(delivery, identity)
                if row is not None:
                    rows.change(delivery, identity, text=data.target_texts.get(row["account"]))
        case PublicationApproved() as data:
            row = rows.get(publication, text_of(data.publication_id)) or {}
            # What is scheduled stays so: immediate information may be approved after it was.
            moved = {"state": "approved"} if row.get("state") == "draft" else {}
            rows.change(publication, text_of(data.publication_id), approved_by=data.officer, **moved)
        case PublicationScheduled() as data:
            rows.change(publication, text_of(data.publication_id), state="scheduled", publish_at=stamp(data.publish_at))
        case PublicationReleased() as data:
            rows.change(publication, text_of(data.publication_id), state="released")
            for identity in _deliveries(rows, text_of(data.publication_id)):
                rows.change(delivery, identity, state="ready", changed_at=stamp(event.time))
        case PublicationWithdrawn() as data:
            rows.change(publication, text_of(data.publication_id), state="withdrawn", publish_at=None)
            for identity in _deliveries(rows, text_of(data.publication_id)):
                rows.change(delivery, identity, state="dropped", changed_at=stamp(event.time))
        case PublicationTakenDown() as data:
            rows.change(publication, text_of(data.publication_id), state="taken_down")
            for identity in _deliveries(rows, text_of(data.publication_id)):
                before = (rows.get(delivery, identity) or {}).get("state")
                after = {"ready": "dropped", "sent": "removing", "stays": "removing"}.get(str(before))
                if after is not None:
                    rows.change(delivery, identity, state=after, code=None, changed_at=stamp(event.time))
        case _:
            pass


def _deliveries(rows: Rows, publication_id: str) -> list[str]:
    row = rows.get(publication, publication_id)
    return str(row["deliveries"]).split() if row else []


def _drafted(event: AnyEvent, data: PublicationDrafted, rows: Rows) -> None:
    case_id = text_of(data.case_id) if data.case_id else None
    rows.put(
        publication,
        {
            "publication_id": text_of(data.publication_id),
            "kind": data.kind,
            "unit": data.unit,
            "case_id": case_id,
            "cause": text_of(event.causationid),
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
            "deliveries": " ".join(text_of(target.delivery_id) for target in data.targets),
            "words": sealed_field(event, "sealed") if data.sealed else None,
        },
    )
    for target in data.targets:
        rows.put(
            delivery,
            {
                "delivery_id": text_of(target.delivery_id),
                "publication_id": text_of(data.publication_id),
                "case_id": case_id,
                "kind": data.kind,
                "unit": data.unit,
                "channel": target.channel,
                "account": target.account,
                "state": "drafted",
                "fence": 0,
                "carried": None,
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
            rows.change(
                delivery, text_of(data.delivery_id), state="sending", fence=data.fence, carried=data.carried, code=None,
                changed_at=at,
            )  # fmt: skip
        case DeliverySent() as data:
            rows.change(delivery, text_of(data.delivery_id), state="sent", code=None, url=data.url, changed_at=at)
        case DeliveryRefused() as data:
            state = "ready" if data.retry_at else "failed"
            rows.change(delivery, text_of(data.delivery_id), state=state, code=data.code, changed_at=at)
        case DeliveryUncertain() as data:
            rows.change(delivery, text_of(data.delivery_id), state="unknown", code=data.code, changed_at=at)
        case DeliveryHeld() as data:
            rows.change(delivery, text_of(data.delivery_id), state="held", code=data.code, changed_at=at)
        case DeliveryReadied() as data:
            rows.change(delivery, text_of(data.delivery_id), state="ready", changed_at=at)
        case DeliveryTakenDown() as data:
            rows.change(delivery, text_of(data.delivery_id), state="gone", code=None, changed_at=at)
        case DeliveryStayed() as data:
            rows.change(delivery, text_of(data.delivery_id), state="stays", code=data.code, changed_at=at)
        case DeliveryBounced() as data:
            code = f"{data.outcome} {data.code}"[:80]
            rows.change(delivery, text_of(data.delivery_id), code=code, changed_at=at)
        case _:
            pass


def _all_of(kind: type[Payload]) -> Callable[[AnyEvent, Rows], None]:
    """What is done with an event of that type: folded, and its case's sums brought up to date around that."""
    fold = _WAYS[kind]
    if kind in tallying.COUNTED:
        fold = partial(tallying.tallied, fold=fold)
    if kind in queue_sums.COUNTED:
        fold = partial(queue_sums.summed, fold=fold)
    return fold


_WAYS: dict[type[Payload], Callable[[AnyEvent, Rows], None]] = {
    CaseRegistered: _registered, MessageReceived: _received, MessageMoved: _moved, CaseNoted: _noted,
    DocumentMade: _made, OfficerChanged: _officer, UnitChanged: _unit,
    **dict.fromkeys(_STEPS, _stepped), **dict.fromkeys(_POSTS, _published), **dict.fromkeys(_DELIVERIES, _delivery),
    **dict.fromkeys(_LIFE, _lived), ClockOpened: life_state.step,
}  # fmt: skip
FOLDS: frozenset[type[Payload]] = frozenset(_WAYS)
"""Events of other services that `apply` keeps."""
_OF_CASE = queue_sums.COUNTED | tallying.COUNTED
_ASKED: dict[type[Payload], tuple[Table, ...]] = {
    CaseRegistered: (case,), MessageReceived: (case, written), CaseAnswered: (case, registered, written),
}  # fmt: skip
_FOLD = {kind: _all_of(kind) for kind in FOLDS}
