"""Folding what the law's procedure adds to a case: its life, decisions and clocks."""

from uuid import UUID

from corong.desk.tables import case, clock, decision
from corong.runtime.clock import stamp
from corong.runtime.identities import text_of
from corong.runtime.rows import Rows
from corong.runtime.sealing import sealed_field
from corong_contracts.answer import AnswerPublished, AnswerWithdrawn
from corong_contracts.base import AnyEvent, Payload
from corong_contracts.case import CaseState
from corong_contracts.case_life import (
    CaseCompleted,
    CaseCompletionAsked,
    CaseDetailed,
    CaseExtended,
    CaseGrouped,
    CaseLinked,
    CaseMerged,
    CaseMessageMoved,
    CaseNotified,
    CaseObjected,
    CasePlanned,
    CaseReclassified,
    CaseReopened,
    CaseSplit,
    CaseWithdrawn,
)
from corong_contracts.clock import (
    ClockEnded,
    ClockEscalated,
    ClockMet,
    ClockMoved,
    ClockOpened,
    ClockPaused,
    ClockRanOut,
    ClockReminded,
)
from corong_contracts.decision import DecisionApproved, DecisionGiven, DecisionProposed, DecisionReturned
from corong_contracts.dispute import DisputeRecorded, DisputeSettled

__all__ = ["CLOCKS", "LIFE", "SEALED", "SHOWN", "queue_state", "step"]

CLOCKS = (ClockOpened, ClockPaused, ClockMoved, ClockMet, ClockEnded, ClockReminded, ClockRanOut, ClockEscalated)
LIFE = (
    CaseReclassified, CaseCompletionAsked, CaseCompleted, CaseExtended, CaseDetailed, CaseWithdrawn, CaseReopened,
    CaseLinked, CaseObjected, CaseGrouped, CaseMerged, CaseSplit, CaseNotified, CasePlanned, CaseMessageMoved,
    DecisionProposed, DecisionApproved, DecisionReturned, DecisionGiven, DisputeRecorded, DisputeSettled,
    AnswerPublished, AnswerWithdrawn,
)  # fmt: skip

SEALED: dict[type[Payload], str] = {
    CaseReclassified: "reason", CaseCompletionAsked: "missing", CaseExtended: "reasons", CasePlanned: "plan",
    CaseMessageMoved: "reason",
    CaseDetailed: "particulars",
    CaseWithdrawn: "reason", CaseReopened: "reason", CaseMerged: "reason", CaseSplit: "reason",
    DecisionProposed: "text", DecisionReturned: "reason",
}  # fmt: skip
SHOWN: dict[str, tuple[str, ...]] = {
    "case.reclassified": ("before", "kind", "tier", "message_id", "received"),
    "case.completion_asked": ("notice_id",),
    "case.completed": ("message_id", "completed"),
    "case.extended": ("clock", "before", "last_day"),
    "case.planned": (),
    "case.message_moved": ("message_id", "before", "into"),
    "case.detailed": (),
    "case.withdrawn": ("before",),
    "case.reopened": ("undone", "state"),
    "case.linked": ("request_id", "ground"),
    "case.objected": ("objection_id", "ground"),
    "case.grouped": ("group_id", "before"),
    "case.merged": ("into",),
    "case.split": ("new_case", "message_id", "kind", "unit"),
    "case.notified": ("notice", "clock", "right", "until", "other_case"),
    "decision.proposed": ("outcome", "finding", "text_hash"),
    "decision.approved": ("text_hash",),
    "decision.returned": ("by",),
    "decision.given": ("outcome", "finding", "approved_by", "answer_id", "request_id"),
    "dispute.recorded": ("reference", "filed_on"),
    "dispute.settled": ("result", "settled_on"),
    "answer.published": ("question", "answer"),
    "answer.withdrawn": ("because",),
    "clock.paused": ("rule", "reason", "since"),
    "clock.moved": ("because", "before", "count", "days"),
    "clock.met": ("rule", "at", "by", "in_time", "due"),
    "clock.ended": ("rule", "because"),
    "clock.reminded": ("rule", "last_day"),
    "clock.ran_out": ("rule", "due", "opens"),
    "clock.escalated": ("rule", "to_unit", "due"),
}
_OF_QUEUE = {CaseState.DECIDED: "answered", CaseState.ANSWERED: "answered", CaseState.CLOSED: "closed"}


def queue_state(state: CaseState) -> str:
    """`open`, `answered` or `closed`: what queues tell apart."""
    return _OF_QUEUE.get(state, "open")


def moved(rows: Rows, case_id: UUID, state: CaseState | None, **more: object) -> None:
    """Change a case to another state of its life."""
    if state is not None:
        more |= {"life": str(state), "state": queue_state(state)}
    rows.change(case, text_of(case_id), **more)


def step(event: AnyEvent, rows: Rows) -> None:
    """Fold one event of `LIFE` or `CLOCKS`."""
    if isinstance(event.data, CLOCKS):
        _clock(event, rows)
        return
    match event.data:
        case CaseReclassified() as data:
            moved(rows, data.case_id, data.state, kind=str(data.kind), tier=str(data.tier) if data.tier else None)
        case CaseCompletionAsked() | CaseCompleted() as data:
            moved(rows, data.case_id, data.state)
        case CaseReopened() as data:
            moved(rows, data.case_id, data.state, outcome=None, merged_into=None)
        case CaseLinked() as data:
            moved(rows, data.case_id, None, request_id=_id(data.request_id), ground=data.ground)
        case CaseObjected() as data:
            moved(rows, data.case_id, None, objection_id=_id(data.objection_id))
        case CaseGrouped() as data:
            moved(rows, data.case_id, None, group_id=_id(data.group_id))
        case CaseMerged() as data:
            moved(rows, data.case_id, None, merged_into=text_of(data.into))
        case _:
            _decision(event, rows)


def _decision(event: AnyEvent, rows: Rows) -> None:
    match event.data:
        case DecisionProposed() as data:
            rows.put(
                decision,
                {
                    "decision_id": text_of(data.decision_id),
                    "case_id": text_of(data.case_id),
                    "state": "proposed",
                    "outcome": str(data.outcome),
                    "officer": data.officer,
                    "approved_by": None,
                    "finding": data.finding.model_dump_json(exclude_none=True),
                    "text_hash": data.text_hash,
                    "at": stamp(event.time),
                    "redactions": sealed_field(event, "redactions") if data.redactions else None,
                    "weighing": sealed_field(event, "weighing"),
                    "text": sealed_field(event, "text"),
                },
            )
            moved(rows, data.case_id, data.state)
        case DecisionReturned() as data:
            rows.change(decision, text_of(data.decision_id), state="returned")
            moved(rows, data.case_id, data.state)
        case DecisionGiven() as data:
            before = rows.get(decision, text_of(data.decision_id)) or {"weighing": None, "text": None}
            rows.put(
                decision,
                {
                    "decision_id": text_of(data.decision_id),
                    "case_id": text_of(data.case_id),
                    "state": "given",
                    "outcome": str(data.outcome),
                    "officer": data.officer,
                    "approved_by": data.approved_by,
                    "finding": data.finding.model_dump_json(exclude_none=True) if data.finding else "{}",
                    "text_hash": data.text_hash,
                    "at": stamp(event.time),
                    "redactions": sealed_field(event, "redactions") if data.redactions else None,
                    "weighing": before["weighing"],
                    "text": before["text"],
                },
            )
            moved(rows, data.case_id, data.state, decision=str(data.outcome), answered_at=stamp(event.time))
        case _:
            pass


def _clock(event: AnyEvent, rows: Rows) -> None:
    match event.data:
        case ClockOpened() as data:
            # Clocks of which somebody is reminded are those by which the office is late.
            main = data.remind_at is not None
            rows.put(
                clock,
                {
                    "case_id": text_of(data.case_id),
                    "rule": data.count.rule,
                    "state": "running",
                    "bound": data.bound,
                    "main": main,
                    "due": (due := stamp(data.count.due)),
                    "count": data.count.model_dump_json(exclude_none=True),
                    "paused_for": None,
                    "paused_on": None,
                    "met_at": None,
                },
            )
            if main:
                _earliest(rows, data.case_id, due)
        case ClockMoved() as data:
            key = (text_of(data.case_id), data.count.rule)
            due, row = stamp(data.count.due), rows.get(clock, *key)
            rows.change(
                clock, *key, state="running", due=due, count=data.count.model_dump_json(exclude_none=True),
                paused_for=None, paused_on=None,
            )  # fmt: skip
            if row is not None and row["main"]:
                _due_again(rows, data.case_id)
        case ClockPaused() as data:
            _stops(rows, data.case_id, data.rule, "paused", paused_for=data.reason, paused_on=data.since.isoformat())
        case ClockMet() as data:
            _stops(rows, data.case_id, data.rule, "met", met_at=stamp(data.at))
        case ClockEnded() as data:
            _stops(rows, data.case_id, data.rule, "ended")
        case ClockRanOut() as data:
            rows.change(clock, text_of(data.case_id), data.rule, state="ran_out")
        case _:
            pass


def _stops(rows: Rows, case_id: UUID, rule: str, state: str, **more: object) -> None:
    row = rows.get(clock, text_of(case_id), rule)
    if row is None:
        return
    rows.put(clock, {**row, "state": state, **more})
    if row["main"]:
        _due_again(rows, case_id)


def _earliest(rows: Rows, case_id: UUID, due: str) -> None:
    """The office is late when the first of its clocks has run out."""
    row = rows.get(case, text_of(case_id))
    if row is not None and (row["due_at"] is None or due < row["due_at"]):
        rows.put(case, {**row, "due_at": due})


def _due_again(rows: Rows, case_id: UUID) -> None:
    clocks = rows.group(clock, text_of(case_id))
    running = (row["due"] for row in clocks if row["main"] and row["state"] in ("running", "ran_out"))
    rows.change(case, text_of(case_id), due_at=min(running, default=None))


def _id(value: object) -> str | None:
    return str(value) if value else None
