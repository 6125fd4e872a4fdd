"""`apply`: the only code that changes routing's tables, live and in replay."""

import json

from corong.routing.tables import (
    calendar,
    case,
    clock,
    decree,
    follow_up,
    metadata,
    moved,
    obligation,
    officer,
    proposal,
    registered,
    rules,
    split_off,
    target,
    template,
    unit_edition,
    wording,
)
from corong.runtime.clock import stamp
from corong.runtime.identities import text_of
from corong.runtime.officer_rows import fold_officer
from corong.runtime.rows import Row, Rows
from corong.runtime.sealing import sealed_field
from corong.runtime.unit_rows import fold_unit
from corong_contracts.answer import AnswerPublished, AnswerWithdrawn
from corong_contracts.base import AnyEvent, Payload
from corong_contracts.calendar import CalendarAdopted
from corong_contracts.case import (
    CaseAnswered,
    CaseAssigned,
    CaseClaimed,
    CaseClosed,
    CasePrioritised,
    CaseRegistered,
    CaseReleased,
    CaseReturned,
    CaseRouted,
)
from corong_contracts.case_life import (
    CaseCompleted,
    CaseCompletionAsked,
    CaseGrouped,
    CaseLinked,
    CaseMerged,
    CaseMessageMoved,
    CaseObjected,
    CaseReclassified,
    CaseReopened,
    CaseSplit,
)
from corong_contracts.clock import (
    ClockEnded,
    ClockMet,
    ClockMoved,
    ClockOpened,
    ClockPaused,
    ClockRanOut,
    ClockReminded,
)
from corong_contracts.decision import DecisionGiven, DecisionProposed, DecisionReturned
from corong_contracts.decree import DecreeEntered
from corong_contracts.dispute import DisputeRecorded, DisputeSettled
from corong_contracts.document import TemplateAdopted
from corong_contracts.message import MessageReceived
from corong_contracts.obligation import (
    ObligationBegan,
    ObligationEnded,
    ObligationMet,
    ObligationRanOut,
    ObligationReminded,
)
from corong_contracts.officer import OfficerChanged
from corong_contracts.rules import RulesChanged
from corong_contracts.target import TargetSet
from corong_contracts.unit import UnitChanged
from corong_contracts.wording import WordingAdopted

__all__ = [
    "FOLDS",
    "apply",
    "calendar",
    "case",
    "clock",
    "decree",
    "follow_up",
    "metadata",
    "moved",
    "obligation",
    "officer",
    "proposal",
    "registered",
    "rules",
    "split_off",
    "target",
    "template",
    "unit_edition",
    "wording",
]

FOLDS: frozenset[type[Payload]] = frozenset({CaseRegistered, MessageReceived})
"""Events of other services that `apply` keeps."""


def apply(event: AnyEvent, rows: Rows) -> None:
    """Fold one event."""
    match event.data:
        case CaseRegistered() as data:
            rows.put(registered, _registered(event, data))
        case MessageReceived() as data:
            if data.follow_up:
                rows.put(
                    follow_up,
                    {
                        "message_id": text_of(data.message_id),
                        "case_id": text_of(data.case_id),
                        "received_at": stamp(event.time),
                        "automatic": data.automatic,
                    },
                )
        case CaseRouted() as data:
            rows.put(case, _routed(data))
        case ClockOpened() as data:
            rows.put(clock, _opened(event, data))
        case CaseClaimed() as data:
            state = {"state": str(data.state)} if data.state else {}
            rows.change(case, text_of(data.case_id), holder=data.officer, lease_until=stamp(data.lease_until), **state)
        case CaseAnswered() as data:
            rows.change(case, text_of(data.case_id), state=str(data.state or "answered"))
        case ClockMet() as data:
            rows.change(clock, text_of(data.case_id), data.rule, state="met", next_at=None)
        case CaseReleased() as data:
            rows.change(case, text_of(data.case_id), holder=None, lease_until=None)
        case CaseAssigned() | CaseReturned() as data:
            rows.change(case, text_of(data.case_id), unit=data.unit, holder=None, lease_until=None)
        case CaseClosed() as data:
            row = rows.get(case, text_of(data.case_id)) or {}
            rows.change(
                case, text_of(data.case_id), state="closed", before=row.get("state"), outcome=data.outcome, holder=None,
                lease_until=None,
            )  # fmt: skip
        case CasePrioritised() as data:
            rows.change(case, text_of(data.case_id), priority=str(data.priority))
        case _ if event.data.noun == "clock":
            _clock(event, rows)
        case _ if event.data.noun == "obligation":
            _obligation(event, rows)
        case _:
            _procedure(event, rows)


def _registered(event: AnyEvent, data: CaseRegistered) -> Row:
    return {
        "case_id": text_of(data.case_id),
        "conversation_id": text_of(data.conversation_id),
        "person": data.person,
        "channel": data.channel,
        "account": data.account,
        "visibility": data.visibility,
        "declared_kind": data.declared_kind,
        "message_id": text_of(data.message_id),
        "received_at": stamp(data.received or event.time),
    }


def _routed(data: CaseRouted) -> Row:
    return {
        "case_id": text_of(data.case_id),
        "unit": data.unit,
        "kind": str(data.kind),
        "tier": str(data.tier) if data.tier else None,
        "priority": str(data.priority),
        "holder": None,
        "lease_until": None,
        "state": str(data.state or "registered"),
        "before": None,
        "outcome": None,
        "decision": None,
        "decision_id": None,
        "message_id": None,
        "received_at": None,
        "asked_at": None,
        "request_id": None,
        "ground": None,
        "objection_id": None,
        "group_id": None,
        "merged_into": None,
        "disputed": None,
        "public_answer": None,
    }


def _opened(event: AnyEvent, data: ClockOpened) -> Row:
    count = data.count
    remind_at = stamp(data.remind_at) if data.remind_at else None
    return {
        "case_id": text_of(data.case_id),
        "rule": count.rule,
        "partition": event.partition,
        "since": event.number,
        "state": "running",
        "bound": data.bound,
        "started": stamp(count.started),
        "zone": count.zone,
        "pauses": json.dumps([pause.model_dump(mode="json") for pause in count.pauses]) if count.pauses else "[]",
        "extended": count.extended,
        "calendar": count.calendar,
        "last_day": count.last_day.isoformat(),
        "due": (due := stamp(count.due)),
        "remind_at": remind_at,
        "next_at": remind_at or due,
        "ended_by": None,
        "paused_for": None,
        "paused_on": None,
    }


def _clock(event: AnyEvent, rows: Rows) -> None:
    match event.data:
        case ClockMoved() as data:
            count = data.count
            due, remind_at = stamp(count.due), stamp(data.remind_at) if data.remind_at else None
            rows.change(
                clock, text_of(data.case_id), count.rule, since=event.number, state="running",
                started=stamp(count.started), extended=count.extended, calendar=count.calendar,
                pauses=json.dumps([pause.model_dump(mode="json") for pause in count.pauses]),
                last_day=count.last_day.isoformat(), due=due, remind_at=remind_at,
                next_at=remind_at or due, paused_for=None, paused_on=None,
            )  # fmt: skip
        case ClockPaused() as data:
            rows.change(
                clock, text_of(data.case_id), data.rule, state="paused", paused_for=data.reason,
                paused_on=data.since.isoformat(), next_at=None,
            )  # fmt: skip
        case ClockEnded() as data:
            rows.change(clock, text_of(data.case_id), data.rule, state="ended", ended_by=data.because, next_at=None)
        case ClockReminded() as data:
            row = rows.get(clock, text_of(data.case_id), data.rule)
            if row is not None:
                rows.put(clock, {**row, "remind_at": None, "next_at": row["due"]})
        case ClockRanOut() as data:
            rows.change(clock, text_of(data.case_id), data.rule, state="ran_out", next_at=None)
        case _:
            pass


def _obligation(event: AnyEvent, rows: Rows) -> None:
    match event.data:
        case ObligationBegan() as data:
            count = data.count
            rows.put(
                obligation,
                {
                    "obligation_id": text_of(data.obligation_id),
                    "rule": count.rule,
                    "owed_to": data.owed_to,
                    "subject": data.subject,
                    "year": data.year,
                    "officer": data.officer,
                    "began_at": stamp(event.time),
                    "state": "running",
                    "started": stamp(count.started),
                    "zone": count.zone,
                    "calendar": count.calendar,
                    "last_day": count.last_day.isoformat(),
                    "due": stamp(count.due),
                    "reminded": False,
                    "next_at": stamp(data.remind_at),
                    "done_at": None,
                    "done_by": None,
                    "words": None,
                    "digest": None,
                    "position": None,
                },
            )
        case ObligationReminded() as data:
            row = rows.get(obligation, text_of(data.obligation_id))
            if row is not None:
                rows.put(obligation, {**row, "reminded": True, "next_at": row["due"]})
        case ObligationRanOut() as data:
            rows.change(obligation, text_of(data.obligation_id), state="ran_out", next_at=None)
        case ObligationMet() as data:
            rows.change(
                obligation, text_of(data.obligation_id), state="met", next_at=None, done_at=stamp(data.at),
                done_by=data.officer, words=data.how, digest=data.digest, position=data.position,
            )  # fmt: skip
        case ObligationEnded() as data:
            rows.change(
                obligation, text_of(data.obligation_id), state="ended", next_at=None, done_at=stamp(event.time),
                done_by=data.officer, words=data.reason,
            )  # fmt: skip
        case _:
            pass


def _procedure(event: AnyEvent, rows: Rows) -> None:
    match event.data:
        case CaseReclassified() as data:
            rows.change(
                case, text_of(data.case_id), kind=str(data.kind), tier=str(data.tier) if data.tier else None,
                message_id=text_of(data.message_id), received_at=stamp(data.received), state=str(data.state),
            )  # fmt: skip
        case CaseCompletionAsked() as data:
            rows.change(case, text_of(data.case_id), state=str(data.state), asked_at=stamp(event.time))
        case CaseCompleted() as data:
            rows.change(case, text_of(data.case_id), state=str(data.state), asked_at=None)
        case CaseReopened() as data:
            rows.change(case, text_of(data.case_id), state=str(data.state), before=None, outcome=None, merged_into=None)
        case CaseLinked() as data:
            rows.change(case, text_of(data.case_id), request_id=_id(data.request_id), ground=_id(data.ground))
        case CaseObjected() as data:
            rows.change(case, text_of(data.case_id), objection_id=_id(data.objection_id))
        case CaseGrouped() as data:
            rows.change(case, text_of(data.case_id), group_id=_id(data.group_id))
        case CaseMerged() as data:
            rows.change(case, text_of(data.case_id), merged_into=text_of(data.into))
        case CaseSplit() as data:
            rows.put(split_off, {"message_id": text_of(data.message_id), "new_case": text_of(data.new_case)})
        case CaseMessageMoved() as data:
            if data.into != data.case_id:
                rows.put(moved, {"message_id": text_of(data.message_id), "case_id": text_of(data.into)})
            elif rows.get(moved, text_of(data.message_id)) is not None:
                rows.remove(moved, text_of(data.message_id))
        case DecisionProposed() as data:
            _proposed(event, data, rows)
        case DecisionReturned() as data:
            rows.remove(proposal, text_of(data.case_id))
            rows.change(case, text_of(data.case_id), state=str(data.state), decision_id=None)
        case DecisionGiven() as data:
            if rows.get(proposal, text_of(data.case_id)) is not None:
                rows.remove(proposal, text_of(data.case_id))
            rows.change(
                case, text_of(data.case_id), state=str(data.state), decision=str(data.outcome),
                decision_id=text_of(data.decision_id),
            )  # fmt: skip
        case DisputeRecorded() as data:
            rows.change(case, text_of(data.case_id), disputed="recorded")
        case DisputeSettled() as data:
            rows.change(case, text_of(data.case_id), disputed="settled")
        case AnswerPublished() as data:
            rows.change(case, text_of(data.case_id), public_answer="published")
        case AnswerWithdrawn() as data:
            rows.change(case, text_of(data.case_id), public_answer="withdrawn")
        case TemplateAdopted() as data:
            rows.put(
                template,
                {
                    "kind": str(data.kind),
                    "edition": data.edition,
                    "digest": data.digest,
                    "officer": data.officer,
                    "adopted_at": stamp(event.time),
                    "content": data.content,
                },
            )
        case RulesChanged() as data:
            rows.put(
                rules,
                {
                    "edition": data.edition,
                    "digest": data.digest,
                    "officer": data.officer,
                    "reason": data.reason,
                    "changed_at": stamp(event.time),
                    "content": data.content,
                },
            )
        case OfficerChanged() as data:
            fold_officer(event, data, officer, rows)
        case UnitChanged() as data:
            fold_unit(event, data, unit_edition, rows)
        case WordingAdopted() as data:
            words = data.model_dump(include={"edition", "unit", "title", "text", "officer", "retired"})
            rows.put(wording, {"wording_id": str(data.wording_id), "adopted_at": stamp(event.time), **words})
        case TargetSet() as data:
            kept = data.model_dump(include={"rule", "amount", "officer", "reason"})
            rows.put(target, {**kept, "set_at": stamp(event.time)})
        case DecreeEntered() as data:
            rows.put(
                decree,
                {
                    "number": data.content.number,
                    "officer": data.officer,
                    "entered_at": stamp(event.time),
                    "content": data.content.model_dump_json(),
                },
            )
        case CalendarAdopted() as data:
            rows.put(
                calendar,
                {
                    "digest": data.digest,
                    "in_force": data.in_force.isoformat(),
                    "adopted_at": stamp(event.time),
                    "content": data.content,
                },
            )
        case _:
            pass


def _proposed(event: AnyEvent, data: DecisionProposed, rows: Rows) -> None:
    rows.put(
        proposal,
        {
            "case_id": text_of(data.case_id),
            "decision_id": text_of(data.decision_id),
            "officer": data.officer,
            "outcome": str(data.outcome),
            "finding": data.finding.model_dump_json(exclude_none=True),
            "text_hash": data.text_hash,
            "redactions": sealed_field(event, "redactions") if data.redactions else None,
            "weighing": sealed_field(event, "weighing"),
            "text": sealed_field(event, "text"),
        },
    )
    rows.change(case, text_of(data.case_id), state=str(data.state), decision_id=text_of(data.decision_id))


def _id(value: object) -> str | None:
    return str(value) if value else None
