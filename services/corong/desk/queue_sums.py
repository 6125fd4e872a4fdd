"""Numbers of the queues: what each case adds to the sums of its unit, kept as events come.

As the figures (`tallying.py`): a case adds what follows from its rows of `case` and `written`, which two writers make,
and what it added before is taken off first. So the overview of all queues costs units and not cases (decision 0033).
"""

from collections.abc import Callable
from typing import Any

from corong.desk.tables import case, queue_sum, written
from corong.runtime.identities import text_of
from corong.runtime.rows import Rows
from corong_contracts.base import AnyEvent, Payload
from corong_contracts.case import (
    CaseAnswered,
    CaseAssigned,
    CaseClaimed,
    CaseClosed,
    CasePrioritised,
    CaseReturned,
    CaseRouted,
)
from corong_contracts.case_life import CaseCompleted, CaseCompletionAsked, CaseReclassified, CaseReopened
from corong_contracts.decision import DecisionGiven, DecisionProposed, DecisionReturned
from corong_contracts.message import MessageMoved, MessageReceived

__all__ = ["COUNTED", "summed"]

COUNTED: frozenset[type[Payload]] = frozenset(
    {
        CaseRouted, CaseClaimed, CaseAssigned, CaseReturned, CasePrioritised, CaseAnswered, CaseClosed,
        CaseReclassified, CaseCompletionAsked, CaseCompleted, CaseReopened,
        DecisionProposed, DecisionReturned, DecisionGiven, MessageReceived, MessageMoved,
    }
)  # fmt: skip
"""Events that change a case's unit, state or urgency, or when it was answered or written to last."""

_Added = tuple[str, int, tuple[str, ...]]
"""Unit, partition, and in which of `tables.QUEUE_NUMBERS` the case is counted."""


def summed(event: AnyEvent, rows: Rows, fold: Callable[[AnyEvent, Rows], None]) -> None:
    """Fold an event of `COUNTED`, and bring the sums up to date."""
    data: Any = event.data
    case_id = text_of(data.case_id)
    before = _added(rows, case_id)
    fold(event, rows)
    after = _added(rows, case_id)
    if before == after:
        return
    for counted, amount in ((before, -1), (after, 1)):
        if counted is not None:
            unit, partition, names = counted
            rows.add(queue_sum, (unit, partition), dict.fromkeys(names, amount))


def _added(rows: Rows, case_id: str) -> _Added | None:
    """None until routing has told of the case."""
    led = rows.get(case, case_id)
    if led is None:
        return None
    state, answered_at = led["state"], led["answered_at"]
    if state == "closed":
        return led["unit"], led["partition"], (state,)
    names = [state]
    if led["urgency"] == 0:
        names.append("urgent")
    wrote = rows.get(written, case_id) if answered_at is not None else None
    if answered_at is None or (wrote is not None and (wrote["last_at"] or "") > answered_at):
        names.append("unanswered")
    return led["unit"], led["partition"], tuple(names)
