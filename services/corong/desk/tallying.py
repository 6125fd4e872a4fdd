"""Counting cases as events come: what each case adds to the sums of its month, unit, kind and channel.

A case adds what follows from its rows, which two writers make; what it added before is taken off first. So the sums do
not depend on how the writers' events interleave, and a page of figures costs what it shows (decision 0033).
"""

from bisect import bisect_left
from collections.abc import Callable
from datetime import timedelta
from operator import itemgetter, sub

from corong.desk.months import bucket_of
from corong.desk.tables import MEASURES, case, clock, registered, tally
from corong.runtime.clock import moment, stamp
from corong.runtime.identities import text_of
from corong.runtime.rows import Row, Rows
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


_Place = tuple[bool, int, str, str, str, str]
"""Where a case adds: demo, partition, month, unit, kind, channel."""
_TELLING = itemgetter("unit", "kind", "outcome", "state", "first_answer", "ran_out", "partition")
"""What of a case's row decides what it adds."""


def tallied(event: AnyEvent, rows: Rows, fold: Callable[[AnyEvent, Rows], None]) -> None:
    """Fold an event of `COUNTED`, and bring the sums up to date."""
    case_id = text_of(event.data.case_id)  # type: ignore[attr-defined]  # each of COUNTED is about a case
    registers = isinstance(event.data, CaseRegistered)
    led_before = rows.get(case, case_id)
    begun_before = rows.get(registered, case_id) if registers and led_before is not None else None
    fold(event, rows)
    _note(event, rows, case_id)
    led = rows.get(case, case_id)
    if led is None or (not registers and led_before is not None and _TELLING(led) == _TELLING(led_before)):
        return
    begun = rows.get(registered, case_id)
    before = _added(led_before, begun_before if registers else begun)
    after = _added(led, begun)
    if before is None or after is None or before[0] != after[0]:
        _add(rows, before, -1)
        _add(rows, after, 1)
    elif before[1] != after[1]:
        _add(rows, (after[0], tuple(map(sub, after[1], before[1]))), 1)


def _add(rows: Rows, added: tuple[_Place, tuple[int, ...]] | None, sign: int) -> None:
    """To all rows that a case is part of."""
    if added is None:
        return
    (demo, partition, month, unit, kind, channel), numbers = added
    amounts = {name: sign * amount for name, amount in zip(MEASURES, numbers, strict=True) if amount}
    for scope, sort, value in (
        ("", "unit", unit), ("", "kind", kind), ("", "channel", channel), (unit, "kind", kind),
        (unit, "channel", channel),
    ):  # fmt: skip
        rows.add(tally, (demo, scope, month, sort, value, partition), amounts)


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


def _added(led: Row | None, begun: Row | None) -> tuple[_Place, tuple[int, ...]] | None:
    """Where a case adds, and what; None as long as one of the two writers has not told of it."""
    if led is None or begun is None:
        return None
    received = moment(begun["registered_at"])
    unneeded = led["kind"] in UNNEEDED_KINDS or led["outcome"] in UNNEEDED_OUTCOMES
    answered = led["first_answer"] is not None and not unneeded
    late = bool(led["ran_out"]) and not unneeded
    waiting = led["state"] == "open" and not unneeded
    bands = [0] * (len(_LIMITS) + 1)
    if answered:
        bands[bisect_left(_LIMITS, moment(led["first_answer"]) - received)] = 1
    channel = f"{begun['channel']}{PUBLIC if begun['visibility'] == 'public' else ''}"
    place = (begun["demo"], led["partition"], bucket_of(received), led["unit"], led["kind"], channel)
    return place, (1, int(unneeded), int(answered), int(late), int(waiting), int(waiting and late), *bands)
