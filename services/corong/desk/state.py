"""`apply`: the only code that changes the desk's tables, live and in replay."""

from uuid import UUID

from corong.desk import life_state, queue_sums, tallying
from corong.desk.tables import (
    case,
    delivery,
    document,
    entry,
    mention,
    metadata,
    moved,
    officer,
    publication,
    registered,
    written,
)
from corong.runtime.clock import stamp
from corong.runtime.identities import text_of
from corong.runtime.moved import fold_moved
from corong.runtime.officer_rows import fold_officer
from corong.runtime.rows import Row, Rows
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
    PublicationWithdrawn,
)

__all__ = ["FOLDS", "SEALED", "URGENCY", "apply", "metadata"]

URGENCY = {"urgent": 0, "high": 1, "normal": 2, "low": 3}

# Sets of types: to ask for one costs as much as to ask for fifty, and every event is asked.
_STEPS: frozenset[type[Payload]] = frozenset(
    {CaseRouted, CaseClaimed, CaseReleased, CaseAssigned, CaseReturned, CasePrioritised, CaseAnswered, CaseClosed}
)
_POSTS: frozenset[type[Payload]] = frozenset(
    {
        PublicationDrafted, PublicationEdited, PublicationApproved, PublicationScheduled, PublicationReleased,
        PublicationWithdrawn,
    }
)  # fmt: skip
_DELIVERIES: frozenset[type[Payload]] = frozenset(
    {DeliveryStarted, DeliverySent, DeliveryRefused, DeliveryUncertain, DeliveryHeld, DeliveryReadied, DeliveryBounced}
)
_LIFE: frozenset[type[Payload]] = frozenset({*life_state.LIFE, *life_state.CLOCKS})

FOLDS: frozenset[type[Payload]] = frozenset(
    {
        CaseRegistered,
        MessageReceived,
        MessageMoved,
        CaseNoted,
        DocumentMade,
        OfficerChanged,
        *_STEPS,
        *_POSTS,
        *_DELIVERIES,
        *_LIFE,
    }
)
"""Events of other services that `apply` keeps."""

SEALED: dict[type[Payload], str] = {
    MessageReceived: "content", CaseAssigned: "instruction", CaseReturned: "reason", CaseNoted: "note",
    CaseAnswered: "text", **life_state.SEALED,
}  # fmt: skip
"""Events whose words stand sealed in the thread, and in which field."""
_SHOWN: dict[str, tuple[str, ...]] = {
    "message.received": ("message_id", "channel", "account", "visibility", "follow_up", "automatic", "attachments"),
    "case.routed": ("unit", "kind", "priority", "rule"),
    "case.claimed": ("officer", "lease_until"),
    "case.released": ("officer", "reason"),
    "case.assigned": ("from_unit", "unit", "to_officer"),
    "case.returned": ("from_unit", "unit"),
    "case.prioritised": ("before", "priority"),
    "case.noted": (),
    "case.answered": ("unit", "answer_id", "decision_id", "group_id"),
    "case.closed": ("outcome",),
    "publication.drafted": ("text_hash",),
    "publication.edited": ("text_hash",),
    "publication.approved": ("text_hash",),
    "publication.scheduled": ("publish_at",),
    "publication.released": ("text_hash",),
    "publication.withdrawn": (),
    **life_state.SHOWN,
}
_SHAPES: dict[type[Payload], tuple[str, str | None, set[str]]] = {
    kind: (name := f"{kind.noun}.{kind.verb}", SEALED.get(kind), set(_SHOWN[name]))
    for kind in frozenset[type[Payload]]({MessageReceived, CaseNoted}) | _STEPS | _POSTS | _LIFE
    if f"{kind.noun}.{kind.verb}" in _SHOWN
}
"""Of each event in a case's thread its name, its sealed field, and what of it stands open."""


def apply(event: AnyEvent, rows: Rows) -> None:
    """Fold one event."""
    if type(event.data) in queue_sums.COUNTED:
        queue_sums.summed(event, rows, _tallied)
    else:
        _tallied(event, rows)


def _tallied(event: AnyEvent, rows: Rows) -> None:
    if type(event.data) in tallying.COUNTED:
        tallying.tallied(event, rows, _fold)
    else:
        _fold(event, rows)


def _fold(event: AnyEvent, rows: Rows) -> None:
    data = event.data
    kind = type(data)
    if isinstance(data, CaseRegistered):
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
    elif isinstance(data, MessageReceived):
        _thread(event, rows, sealed_field(event, "sender"))
        _count(rows, data.case_id, 1, None if data.automatic else stamp(event.time))
    elif isinstance(data, CaseNoted):
        _thread(event, rows)
        for mentioned in data.mentions:
            rows.put(
                mention,
                {
                    "officer": mentioned, "event_id": str(event.id), "case_id": str(data.case_id), "by": data.officer,
                    "at": stamp(event.time),
                },
            )  # fmt: skip
    elif kind in _STEPS:
        _thread(event, rows)
        _step(event, rows)
    elif kind is ClockOpened:
        life_state.step(event, rows)
    elif kind in _LIFE:
        _thread(event, rows)
        life_state.step(event, rows)
    elif isinstance(data, MessageMoved):
        fold_moved(data, moved, rows)
        _count_moved(data, rows)
    elif kind in _POSTS:
        _publication(event, rows)
        post = rows.get(publication, str(getattr(data, f"{data.noun}_id")))
        if post is not None and post["kind"] == "post":
            _thread(event, rows)
    elif kind in _DELIVERIES:
        _delivery(event, rows)
    elif isinstance(data, DocumentMade):
        rows.put(document, _document(event, data))
    elif isinstance(data, OfficerChanged):
        fold_officer(event, data, officer, rows)


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


def _count_moved(data: MessageMoved, rows: Rows) -> None:
    if data.received is not None:
        _count(rows, data.before or data.from_case, -1, None)
        _count(rows, data.case_id, 1, stamp(data.received))


def _thread(event: AnyEvent, rows: Rows, sender: str | None = None) -> None:
    data = event.data
    name, field, included = _SHAPES[type(data)]
    rows.put(
        entry,
        {
            "case_id": text_of(event.correlationid),
            "service": event.service,
            "number": event.number,
            "at": stamp(event.time),
            "kind": name,
            "actor": event.actor,
            "event_id": text_of(event.id),
            "sealed": sealed_field(event, field) if field else None,
            "sender": sender,
            "data": data.model_dump_json(include=included),
        },
    )


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
        case DeliveryBounced() as data:
            code = f"{data.outcome} {data.code}"[:80]
            rows.change(delivery, text_of(data.delivery_id), code=code, changed_at=at)
        case _:
            pass
