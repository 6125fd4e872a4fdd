"""What follows when a clock's time comes: a reminder before, and after it escalation, silence and the right it opens.

The one that runs for the citizen after an answer closes the case.

Pure. Silence means that the citizen is told, at that moment, which right opened, until when, and how to use it.
"""

from datetime import datetime
from uuid import UUID, uuid5

from corong.routing.case_clocks import Counting, right_opened
from corong.routing.cases import Case, Clock
from corong.routing.life_table import ClockUse
from corong.runtime.unit import Draft
from corong_contracts.case import CaseClosed, CaseState
from corong_contracts.case_life import CaseNotified
from corong_contracts.clock import ClockEnded, ClockEscalated, ClockRanOut, ClockReminded

__all__ = ["SILENCE", "given_up", "ring"]

SILENCE = "silence"
"""The notice of a clock that ran out, and the right that this opened."""


def ring(
    case: Case, clock: Clock, reminded: bool, now: datetime, cause: UUID, counting: Counting, main_unit: str
) -> list[Draft]:  # fmt: skip
    """The events of this moment; none where the clock stands still or is over. `reminded`: a reminder went before."""
    if clock.state != "running":
        return []
    use = next(use for use in counting.table.clocks if use.rule == clock.rule)
    named = {"clock_id": clock.clock_id, "case_id": case.case_id, "unit": case.unit, "rule": clock.rule}
    if now >= clock.due:
        return _ran_out(case, clock, use, named, cause, counting, main_unit)
    if reminded:
        return []
    return [Draft(ClockReminded, case.case_id, {**named, "last_day": clock.last_day})]


def given_up(case: Case, clock: Clock) -> Draft:
    """A clock of the installation's own that its rules have no longer."""
    data = {"clock_id": clock.clock_id, "case_id": case.case_id, "rule": clock.rule, "because": "rule_gone"}
    return Draft(ClockEnded, case.case_id, data)


def _ran_out(
    case: Case, clock: Clock, use: ClockUse, named: dict[str, object], cause: UUID, counting: Counting, main_unit: str
) -> list[Draft]:  # fmt: skip
    found = [Draft(ClockRanOut, case.case_id, {**named, "due": clock.due, "opens": use.silence})]
    if use.escalates:
        found.append(Draft(ClockEscalated, case.case_id, {**named, "to_unit": main_unit, "due": clock.due}))
    if use.closes:
        return [*found, *_closed(case, clock, cause)]
    if use.silence is None or use.silence not in counting.rules:
        return found
    # The right begins on the last day of the silence, whenever this process came to it.
    right = right_opened(case, use.silence, clock, counting)
    told = {
        "case_id": case.case_id,
        "conversation_id": case.conversation_id,
        "notice_id": uuid5(cause, "notice"),
        "unit": case.unit,
        "notice": SILENCE,
        "clock": clock.rule,
        "right": use.silence,
        "until": right.data["count"].last_day,
    }
    return [*found, right, Draft(CaseNotified, case.case_id, told)]


def _closed(case: Case, clock: Clock, cause: UUID) -> list[Draft]:
    """An answered case that the citizen left at that: closed without an officer, and the citizen told."""
    if case.state is not CaseState.ANSWERED:
        return []
    ended = {"case_id": case.case_id, "unit": case.unit, "outcome": "answered", "state": CaseState.CLOSED}
    told = {
        "case_id": case.case_id,
        "conversation_id": case.conversation_id,
        "notice_id": uuid5(cause, "notice"),
        "unit": case.unit,
        "notice": "closed",
        "clock": clock.rule,
    }
    return [Draft(CaseClosed, case.case_id, ended), Draft(CaseNotified, case.case_id, told)]
