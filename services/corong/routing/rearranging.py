"""Merging, splitting, grouping, and undoing an end; pure. A case's words never leave its own conversation."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid5

from corong.routing.case_clocks import Counting, started_again
from corong.routing.case_guards import Asked
from corong.routing.case_life import check
from corong.routing.cases import Case
from corong.routing.procedure import Message
from corong.routing.rules import closed
from corong.runtime.moved import own_case
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.unit import Draft, Secret
from corong_contracts.case import CaseKind, CaseState
from corong_contracts.case_life import CaseGrouped, CaseMerged, CaseMessageMoved, CaseNotified, CaseReopened, CaseSplit


def merge(
    case: Case, officer: Actor, now: datetime, cause: UUID, into: Case, reason: str, *, merged_here: bool,
    split_from: UUID | None = None,
) -> list[Draft]:  # fmt: skip
    """The case goes on in an older one of the same citizen, whose clock is the earlier; they are told its number.

    One that was split off goes back where it came from, whatever kind it was given.
    """
    check("merge", case, officer, now, Asked(into=into, merged_here=merged_here, split_from=split_from))
    data = {"case_id": case.case_id, "officer": officer.id, "into": into.case_id, "before": case.state}
    told = {
        "case_id": case.case_id,
        "conversation_id": case.conversation_id,
        "notice_id": uuid5(cause, "notice"),
        "unit": case.unit,
        "notice": "merged",
        "other_case": into.case_id,
    }
    return [
        Draft(CaseMerged, case.case_id, data, {"reason": Secret(case.key, reason)}, str(officer)),
        closed(case, officer, "merged"),
        Draft(CaseNotified, case.case_id, told, actor=str(officer)),
    ]


def split(
    case: Case, officer: Actor, now: datetime, message: Message, kind: CaseKind, unit: str, reason: str,
    known: Mapping[str, Any],
) -> list[Draft]:  # fmt: skip
    """A later message of the case becomes a case of its own, where it was written; `known` is intake's word on it."""
    asked = Asked(own_message=message.own, later_message=_later(case, message), moved_message=message.moved)
    check("split", case, officer, now, asked)
    data = {
        "case_id": case.case_id,
        "officer": officer.id,
        "new_case": own_case(message.message_id),
        "conversation_id": case.conversation_id,
        "person": case.person,
        "channel": known["channel"],
        "account": known["account"],
        "visibility": known["visibility"],
        "message_id": message.message_id,
        "received": message.received,
        "kind": kind,
        "unit": unit,
    }
    return [Draft(CaseSplit, case.case_id, data, {"reason": Secret(case.key, reason)}, str(officer))]


def move(
    case: Case, officer: Actor, now: datetime, cause: UUID, message: Message, into: Case, reason: str, *,
    same_place: bool, conversation_id: UUID,
) -> list[Draft]:  # fmt: skip
    """A later message is read and answered in another case of the citizen, who is told; moving it back undoes it.

    `conversation_id` is where it was written. Answers to the other case go on in that case's own conversation.
    """
    asked = Asked(own_message=message.own, later_message=_later(case, message), into=into, same_place=same_place)
    check("move_message", case, officer, now, asked)
    authorise(officer, Action.CASE_MERGE, Scope(into.unit, into.kind))
    home = message.home or case.case_id
    data = {
        "case_id": home,
        "officer": officer.id,
        "conversation_id": conversation_id,
        "message_id": message.message_id,
        "received": message.received,
        "before": case.case_id,
        "into": into.case_id,
    }
    moved = Draft(CaseMessageMoved, home, data, {"reason": Secret(case.key, reason)}, str(officer))
    if into.case_id == home:
        return [moved]
    told = {
        "case_id": case.case_id,
        "conversation_id": case.conversation_id,
        "notice_id": uuid5(cause, "notice"),
        "unit": case.unit,
        "notice": "message_moved",
        "other_case": into.case_id,
    }
    return [moved, Draft(CaseNotified, case.case_id, told, actor=str(officer))]


def group(case: Case, officer: Actor, now: datetime, group_id: UUID) -> list[Draft]:
    """Put the case into a group; one that is in it already stays."""
    check("group", case, officer, now, Asked(group_id=group_id))
    return [] if case.group_id == group_id else [_grouped(case, officer, group_id)]


def ungroup(case: Case, officer: Actor, now: datetime) -> list[Draft]:
    """Take it out."""
    check("ungroup", case, officer, now)
    return [_grouped(case, officer, None)]


def reopen(case: Case, officer: Actor, now: datetime, reason: str, counting: Counting) -> list[Draft]:
    """Undo the end: the state before it, and every clock that ended with it, from its first start."""
    check("reopen", case, officer, now)
    state = case.before or CaseState.IN_PROGRESS
    undone: Literal["merged", "withdrawn", "closed"] = "closed"
    if case.outcome in ("merged", "withdrawn"):
        undone = "merged" if case.outcome == "merged" else "withdrawn"
    data = {"case_id": case.case_id, "officer": officer.id, "undone": undone, "state": state}
    reopened = Draft(CaseReopened, case.case_id, data, {"reason": Secret(case.key, reason)}, str(officer))
    closing = {use.rule for use in counting.table.clocks if use.closes}  # these begin with the next answer
    again = [
        draft
        for clock in case.clocks.values()
        if clock.ended_by in _ENDS and clock.rule in counting.rules and clock.rule not in closing
        for draft in started_again(case, clock, counting)
    ]
    return [reopened, *again]


_ENDS = ("merge", "withdraw", "close_unanswered")


def _later(case: Case, message: Message) -> bool:
    """Whether the case stands without it: it isn't the first, nor the one that an officer said is the request."""
    return not message.first and message.message_id != case.message_id


def _grouped(case: Case, officer: Actor, group_id: UUID | None) -> Draft:
    data = {"case_id": case.case_id, "officer": officer.id, "group_id": group_id, "before": case.group_id}
    return Draft(CaseGrouped, case.case_id, data, actor=str(officer))
