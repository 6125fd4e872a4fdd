"""What must hold for an act besides kind and state; the words and codes stand in `case_life.toml`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from corong.routing.cases import Case
from corong.routing.life_table import STATUTORY
from corong.runtime.policy import Action, Actor, Scope, allowed
from corong.working_days.zones import Zone, day_in
from corong_contracts.case import CaseKind, CaseState, ComplaintTier
from corong_contracts.decision import Finding

__all__ = ["GUARDS", "Asked", "Situation"]

UNANSWERED = (CaseKind.PRAISE, CaseKind.SPAM)
"""Kinds to which nobody owes an answer."""
UNDECIDED = (CaseState.REGISTERED, CaseState.IN_PROGRESS, CaseState.INCOMPLETE)


@dataclass(frozen=True)
class Asked:
    """What was asked along with an act. None: not asked, and no guard holds it against the act."""

    kind: CaseKind | None = None
    tier: ComplaintTier | None = None
    own_message: bool | None = None
    """Whether the message that was named is the citizen's, in this case."""
    later_message: bool | None = None
    moved_message: bool | None = None
    """Whether it came to another case, and was moved to this one."""
    same_place: bool | None = None
    """Whether what is written in the other case is as public as here."""
    finding: Finding | None = None
    redactions: int = 0
    """How many parts are to be blacked out."""
    text_hash: str | None = None
    request: Case | None = None
    into: Case | None = None
    split_from: UUID | None = None
    """The case out of which this one was split."""
    merged_here: bool | None = None
    """Whether another case was merged into this one."""
    group_id: object = None


@dataclass(frozen=True)
class Situation:
    """Everything a guard may look at."""

    case: Case
    officer: Actor
    now: datetime
    asked: Asked
    zone: Zone = "WIB"


def _something_new(at: Situation) -> bool:
    asked = at.asked
    return asked.kind is None or asked.kind != at.case.kind or (asked.tier is not None and asked.tier != at.case.tier)


def _notice_in_time(at: Situation) -> bool:
    notice = at.case.clocks.get("request_notice")
    return notice is not None and notice.runs_at(at.now)


def _not_extended(at: Situation) -> bool:
    notice = at.case.clocks.get("request_notice")
    return notice is None or not notice.inputs.extended


def _has_test(at: Situation) -> bool:
    if at.asked.finding is None:
        return True
    test, today = at.asked.finding.test, day_in(at.zone, at.now)
    return test is not None and test.held_on <= today <= test.exempt_until


def _request_fits(at: Situation) -> bool:
    request = at.asked.request
    if request is None:
        return True
    return request.kind is CaseKind.INFORMATION_REQUEST and request.objection_id in (None, at.case.case_id)


def _older_and_same(at: Situation) -> bool:
    into, case = at.asked.into, at.case
    if into is None:
        return True
    if at.asked.split_from == into.case_id:
        return _back_into_its_own(at, into)
    if case.received is None or into.received is None or into.case_id == case.case_id:
        return False
    return (
        (into.received, into.case_id.int) < (case.received, case.case_id.int)
        and (into.person, into.kind, into.tier) == (case.person, case.kind, case.tier)
        and into.state in UNDECIDED
    )


def _back_into_its_own(at: Situation, into: Case) -> bool:
    """A split is undone, whatever kind was made of it; out of the law's clock only by whom the table lets do that."""
    if into.person != at.case.person or into.closed:
        return False
    owed_there = into.kind is at.case.kind and into.state in UNDECIDED
    statutory = at.case.kind in STATUTORY and not owed_there
    return not statutory or allowed(at.officer, Action.CASE_RECLASSIFY_REQUEST, Scope(at.case.unit, at.case.kind))


def _open_and_theirs(at: Situation) -> bool:
    into, case = at.asked.into, at.case
    if into is None:
        return True
    return (
        into.case_id != case.case_id
        and into.person == case.person
        and not into.closed
        and at.asked.same_place is not False
    )


def _nobody_waits(at: Situation) -> bool:
    """What was merged here waits for this case's answer; as long as one is due, another kind is no harm to it."""
    return not at.asked.merged_here or at.asked.kind not in (None, *UNANSWERED)


def _may_dispute(at: Situation) -> bool:
    decision = at.case.clocks.get("objection_decision")
    return at.case.decision is not None or (decision is not None and decision.state == "ran_out")


def _free_or_mine(at: Situation) -> bool:
    return at.case.held_by(at.now) in (None, at.officer.id)


GUARDS: Mapping[str, Callable[[Situation], bool]] = {
    "holds": lambda at: at.case.held_by(at.now) == at.officer.id,
    "free_or_mine": _free_or_mine,
    "not_extended": _not_extended,
    "notice_in_time": _notice_in_time,
    "names_ground": lambda at: at.asked.finding is None or bool(at.asked.finding.grounds),
    "has_test": _has_test,
    "names_redactions": lambda at: at.asked.finding is None or at.asked.redactions > 0,
    "whole_only": lambda at: at.asked.redactions == 0,
    "names_holder": lambda at: at.asked.finding is None or bool(at.asked.finding.held_by),
    "same_text": lambda at: at.asked.text_hash is None or at.asked.text_hash == at.case.text_hash,
    "undecided": lambda at: at.case.decision is None,
    "linked": lambda at: at.case.request_id is not None,
    "not_linked": lambda at: at.case.request_id is None,
    "request_fits": _request_fits,
    "something_new": _something_new,
    "own_message": lambda at: at.asked.own_message is not False,
    "later_message": lambda at: at.asked.later_message is not False,
    "came_here": lambda at: not at.asked.moved_message,
    "open_and_theirs": _open_and_theirs,
    "nothing_hangs_on_it": lambda at: (at.case.objection_id, at.case.request_id, at.case.group_id) == (None,) * 3,
    "not_disputed": lambda at: at.case.disputed == "no",
    "may_dispute": _may_dispute,
    "disputed": lambda at: at.case.disputed == "recorded",
    "grouped": lambda at: at.case.group_id is not None,
    "not_grouped": lambda at: at.case.group_id in (None, at.asked.group_id),
    "older_and_same": _older_and_same,
    "nobody_waits": _nobody_waits,
    "was_answered": lambda at: at.case.answered or at.case.before in (CaseState.ANSWERED, CaseState.DECIDED),
    "is_published": lambda at: at.case.public_answer == "published",
}
"""By the names that the table uses."""
