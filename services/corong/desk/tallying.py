"""Counting cases as events come: what each case adds to the sums of its month, unit, kind and channel.

A case adds what follows from its rows, which two writers make; what it added before is taken off first. So the sums do
not depend on how the writers' events interleave, and a page of figures costs what it shows (decision 0033).
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from corong.desk.months import bucket_of
from corong.desk.tables import MEASURES, case, clock, registered, tally
from corong.runtime.clock import moment, stamp
from corong.runtime.rows import Key, Rows
from corong_contracts.base import AnyEvent, Payload
from corong_contracts.case import (
    CaseAnswered,
    CaseAssigned,
    CaseClaimed,
    CaseClosed,
    CaseKind,
    CaseRegistered,
    CaseReturned,
    CaseRouted,
    CaseState,
)
from corong_contracts.case_life import CaseCompleted, CaseCompletionAsked, CaseReclassified, CaseReopened
from corong_contracts.clock import ClockMet, ClockRanOut
from corong_contracts.decision import DecisionGiven, DecisionProposed, DecisionReturned

__all__ = ["BAND_HOURS", "COUNTED", "PUBLIC", "UNNEEDED_KINDS", "UNNEEDED_OUTCOMES", "tallied"]

BAND_HOURS = (1, 24, 3 * 24, 7 * 24, 14 * 24, 30 * 24)
"""Up to so many hours from the receipt to the first answer is the first band, the second, …; the last is longer."""
UNNEEDED_KINDS = (CaseKind.PRAISE.value, CaseKind.SPAM.value)
UNNEEDED_OUTCOMES = ("duplicate", "merged", "spam", "no_answer_needed")
"""What nobody waits for an answer to."""
PUBLIC = "!"
"""At the end of a channel: what was written there in public, as a comment."""

COUNTED: frozenset[type[Payload]] = frozenset(
    {
        CaseRegistered, CaseRouted, CaseClaimed, CaseAssigned, CaseReturned, CaseReclassified, CaseCompletionAsked,
        CaseCompleted, CaseAnswered, DecisionProposed, DecisionReturned, DecisionGiven, CaseClosed, CaseReopened,
        ClockRanOut, ClockMet,
    }
)  # fmt: skip
"""Events that change what a case adds."""
_ANSWERS = (CaseState.ANSWERED, CaseState.DECIDED, CaseState.CLOSED)
_LIMITS = [timedelta(hours=hours) for hours in BAND_HOURS]


@dataclass(frozen=True)
class _Added:
    """What a case adds, and where."""

    demo: bool
    partition: int
    month: str
    unit: str
    kind: str
    channel: str
    amounts: tuple[int, ...]

    def keys(self) -> Iterator[Key]:
        """Of the rows that it is part of."""
        for scope, sort, value in (
            ("", "unit", self.unit), ("", "kind", self.kind), ("", "channel", self.channel),
            (self.unit, "kind", self.kind), (self.unit, "channel", self.channel),
        ):  # fmt: skip
            yield (self.demo, scope, self.month, sort, value, self.partition)


def tallied(event: AnyEvent, rows: Rows, fold: Callable[[AnyEvent, Rows], None]) -> None:
    """Fold an event of `COUNTED`, and bring the sums up to date."""
    case_id: str = str(event.data.case_id)  # type: ignore[attr-defined]  # each of COUNTED is about a case
    before = _added(rows, case_id)
    fold(event, rows)
    _note(event, rows, case_id)
    after = _added(rows, case_id)
    if before == after:
        return
    for added, sign in ((before, -1), (after, 1)):
        if added is not None:
            amounts = {name: sign * amount for name, amount in zip(MEASURES, added.amounts, strict=True) if amount}
            for key in added.keys():  # noqa: SIM118  # not a mapping's
                rows.add(tally, key, amounts)


def _note(event: AnyEvent, rows: Rows, case_id: str) -> None:
    """What is known of the case alone and not of its present state: the first answer, and that time ran out."""
    data = event.data
    if isinstance(data, DecisionGiven) or (
        isinstance(data, CaseAnswered) and (data.state or CaseState.ANSWERED) in _ANSWERS
    ):
        row = rows.get(case, case_id)
        if row is not None and row["first_answer"] is None:
            rows.change(case, case_id, first_answer=stamp(event.time))
    elif isinstance(data, ClockRanOut) or (isinstance(data, ClockMet) and not data.in_time):
        row = rows.get(clock, case_id, data.rule)
        if row is not None and row["main"]:
            rows.change(case, case_id, ran_out=True)


def _added(rows: Rows, case_id: str) -> _Added | None:
    """None as long as one of the two writers has not told of the case."""
    led = rows.get(case, case_id)
    if led is None:
        return None
    begun = rows.get(registered, case_id)
    if begun is None:
        return None
    received = moment(begun["registered_at"])
    unneeded = led["kind"] in UNNEEDED_KINDS or led["outcome"] in UNNEEDED_OUTCOMES
    answered = led["first_answer"] is not None and not unneeded
    late = led["ran_out"] and not unneeded
    waiting = led["state"] == "open" and not unneeded
    bands = [0] * (len(_LIMITS) + 1)
    if answered:
        bands[bisect_left(_LIMITS, moment(led["first_answer"]) - received)] = 1
    return _Added(
        demo=begun["demo"],
        partition=led["partition"],
        month=bucket_of(received),
        unit=led["unit"],
        kind=led["kind"],
        channel=f"{begun['channel']}{PUBLIC if begun['visibility'] == 'public' else ''}",
        amounts=(1, int(unneeded), int(answered), int(late), int(waiting), int(waiting and late), *bands),
    )
