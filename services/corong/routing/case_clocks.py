"""The clocks of a case: what opens, stands still, moves, is met or ends by an act; pure.

The table says which acts do what to which clock; `deadlines.py` counts.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID, uuid5

from corong.routing.cases import Case, Clock
from corong.routing.clock_rules import ClockRule
from corong.routing.clock_words import written_off
from corong.routing.deadlines import ClockInputs, Deadline, Pause, deadline
from corong.routing.life_table import FORWARDED, RECEIVED, ClockUse, LifeTable, life
from corong.runtime.unit import Draft
from corong.working_days.calendars import Calendar, DayChange
from corong.working_days.zones import Zone, day_in, start_of
from corong_contracts.case import CaseKind, ComplaintTier
from corong_contracts.clock import ClockEnded, ClockMet, ClockMoved, ClockOpened, ClockPaused, Count, MovedBy

__all__ = [
    "Arrived",
    "Counted",
    "Counting",
    "after_act",
    "clock_id",
    "counted",
    "kept",
    "moved_by_calendar",
    "moved_to",
    "opened",
    "right_opened",
    "running_on",
    "started_again",
]

CLOSE = "close"
REMIND_BEFORE = 5
"""Whom a clock binds is reminded when a fifth of its days is left, and at least its last day."""


@dataclass(frozen=True)
class Counting:
    """What deadlines are counted with at this moment."""

    rules: Mapping[str, ClockRule]
    calendar: Calendar
    zone: Zone
    table: LifeTable

    @classmethod
    def of(cls, rules: Mapping[str, ClockRule], calendar: Calendar, zone: Zone) -> "Counting":
        """With the table that comes with Corong."""
        return cls(rules, calendar, zone, life())


@dataclass(frozen=True, slots=True)
class Counted:
    """A deadline as events carry it."""

    count: Count
    remind_at: datetime | None


def clock_id(case_id: UUID, rule: str) -> UUID:
    """A case has each clock once; one that begins again goes on under the same id."""
    return uuid5(case_id, f"clock/{rule}")


def counted(rule: ClockRule, inputs: ClockInputs, calendar: Calendar) -> Counted:
    """The deadline of these inputs. Raises what `deadlines.deadline` raises."""
    if not inputs.pauses and rule.unit != "hours":
        day_zero = day_in(inputs.zone, inputs.started)
        ends, remind_at = _ends_from(rule, day_zero, inputs.zone, inputs.extended, calendar)
    else:
        ends, remind_at = _ends(deadline(rule, inputs, calendar))
    pauses = [{"reason": one.reason, "asked": one.asked, "answered": one.answered} for one in inputs.pauses]
    given: dict[str, Any] = {
        **ends, "started": inputs.started, "zone": inputs.zone, "pauses": pauses, "extended": inputs.extended,
    }  # fmt: skip
    return Counted(Count(**given), remind_at)


@lru_cache(maxsize=4096)  # all that comes on one day has the same last day
def _ends_from(
    rule: ClockRule, day_zero: date, zone: Zone, extended: bool, calendar: Calendar
) -> tuple[Mapping[str, Any], datetime]:
    return _ends(deadline(rule, ClockInputs(start_of(day_zero, zone), zone, (), extended), calendar))


def _ends(found: Deadline) -> tuple[Mapping[str, Any], datetime]:
    ends = {
        "rule": found.rule,
        "rule_digest": found.rule_digest,
        "calendar": found.calendar,
        "last_day": found.last_day,
        "due": found.due,
        "decided_by": found.decided_by,
        "provisional": found.provisional,
        "target_day": found.target_day,
        "target_due": found.target_due,
    }
    return ends, _remind_at(found)


def _remind_at(found: Deadline) -> datetime:
    """The beginning of the first of the last days; for hours and months that part of the time before the end."""
    if found.unit not in ("working_days", "days"):
        return found.due - (found.due - found.inputs.started) / REMIND_BEFORE
    left = max(1, round(found.amount / REMIND_BEFORE))
    first = next(day.date for day in found.explanation if day.was == "counted" and day.number > found.amount - left)
    return start_of(first, found.inputs.zone)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A case of a kind, new or become one: what its first clocks start with."""

    case_id: UUID
    unit: str
    kind: CaseKind
    tier: ComplaintTier | None
    received: datetime
    forwarded: datetime | None = None
    """Since when a unit other than the main office has it."""

    def start_of(self, use: ClockUse) -> datetime | None:
        """When that clock starts; None where it doesn't yet, or what it asks for is done by that."""
        if self.forwarded is not None and FORWARDED in use.met_by:
            return None
        if RECEIVED in use.starts:
            return self.received
        return self.forwarded if FORWARDED in use.starts else None


def opened(new: Arrived, counting: Counting, *, but: Collection[str] = ()) -> list[Draft]:
    """The clocks with which a case begins; `but` those rules."""
    return [
        _opened(new.case_id, new.unit, use, started, counting)
        for use in counting.table.clocks_of(new.kind, new.tier)
        if use.rule in counting.rules and use.rule not in but and (started := new.start_of(use)) is not None
    ]


def after_act(
    case: Case, act: str, now: datetime, counting: Counting, *, started: datetime | None = None,
    closed: bool = False, but: Collection[str] = (),
) -> list[Draft]:  # fmt: skip
    """What `act` does to the clocks of a case as it was before; `started` is when what it tells of happened.

    `closed`: the act closes the case as well, so nothing is to be closed later. `but` those rules.
    """
    found: list[Draft] = []
    for use in counting.table.clocks_of(case.kind, case.tier):
        if use.rule in counting.rules and use.rule not in but:
            done = CLOSE if closed and use.closes else act
            found += _of_one(case, use, done, started or now, now, counting)
    return found


def running_on(case: Case, clocks: Sequence[Draft], counting: Counting) -> list[Draft]:
    """`clocks` that open; of those that the case had from the same moment, what was given to them stays.

    A request that became something else and is one again was extended once and stood still once for all.
    """
    found: list[Draft] = []
    for draft in clocks:
        clock, count = case.clocks.get(draft.data["count"].rule), draft.data["count"]
        same = clock is not None and clock.ended_by == "reclassify" and clock.inputs.started == count.started
        found += started_again(case, clock, counting) if clock is not None and same else [draft]
    return found


def kept(case: Case, kind: CaseKind, tier: ComplaintTier | None, counting: Counting) -> frozenset[str]:
    """The rules of clocks that go on where the case becomes of another kind or tier: both have them."""
    before, after = counting.table.clocks_of(case.kind, case.tier), counting.table.clocks_of(kind, tier)
    return frozenset(use.rule for use in before) & frozenset(use.rule for use in after)


def _of_one(
    case: Case, use: ClockUse, act: str, when: datetime, now: datetime, counting: Counting
) -> Iterator[Draft]:  # fmt: skip
    clock = case.clocks.get(use.rule)
    if act in use.starts:
        if clock is None or not clock.owed or (clock.state == "ran_out" and _begins_anew(use, counting)):
            yield _opened(case.case_id, case.unit, use, when, counting)
        elif clock.state == "running":
            yield moved_to(case.case_id, clock, replace(clock.inputs, started=when), "other_start", counting)
        return
    if clock is None or not clock.owed:
        return
    named = {"clock_id": clock.clock_id, "case_id": case.case_id, "rule": use.rule}
    if act in use.met_by:
        due = None if clock.state == "paused" else clock.due
        data = {**named, "at": when, "by": act, "in_time": due is None or when < due, "due": due}
        yield Draft(ClockMet, case.case_id, data)
    elif act in use.ended_by:
        yield Draft(ClockEnded, case.case_id, {**named, "because": act})
    elif act in use.pauses and clock.state == "running" and (reasons := counting.rules[use.rule].pauses):
        since = day_in(clock.inputs.zone, now)
        yield Draft(ClockPaused, case.case_id, {**named, "reason": reasons[0], "since": since})
    elif act in use.resumes and clock.state == "paused":
        assert clock.paused_for is not None  # a paused clock knows since when, and why
        assert clock.paused_on is not None
        until = max(day_in(clock.inputs.zone, when), clock.paused_on)
        pauses = (*clock.inputs.pauses, Pause(clock.paused_for, clock.paused_on, until))
        yield moved_to(case.case_id, clock, replace(clock.inputs, pauses=pauses), "pause", counting)


def _begins_anew(use: ClockUse, counting: Counting) -> bool:
    """Whether one that ran out runs again where what starts it comes once more.

    A late decision opens the citizen's right against it, though the right that its silence had opened is over.
    """
    return use.closes or counting.rules[use.rule].bound == "applicant"


def _opened(case_id: UUID, unit: str, use: ClockUse, started: datetime, counting: Counting) -> Draft:
    rule = counting.rules[use.rule]
    found = counted(rule, ClockInputs(started.astimezone(UTC), counting.zone), counting.calendar)
    data = {
        "clock_id": clock_id(case_id, use.rule),
        "case_id": case_id,
        "unit": unit,
        "bound": rule.bound,
        "count": found.count,
        "remind_at": found.remind_at if use.escalates else None,
    }
    return Draft(ClockOpened, case_id, data)


def started_again(case: Case, clock: Clock, counting: Counting) -> list[Draft]:
    """A clock that had ended runs on from its first start, as if it never had; one that stood still does again."""
    use = next(use for use in counting.table.clocks if use.rule == clock.rule)
    found = counted(counting.rules[clock.rule], clock.inputs, counting.calendar)
    data = {
        "clock_id": clock.clock_id,
        "case_id": case.case_id,
        "unit": case.unit,
        "bound": counting.rules[clock.rule].bound,
        "count": found.count,
        "remind_at": found.remind_at if use.escalates else None,
    }
    again = [Draft(ClockOpened, case.case_id, data)]
    if clock.paused_for is not None:
        still = {"clock_id": clock.clock_id, "case_id": case.case_id, "rule": clock.rule, "reason": clock.paused_for}
        again.append(Draft(ClockPaused, case.case_id, {**still, "since": clock.paused_on}))
    return again


def right_opened(case: Case, rule: str, ran_out: Clock, counting: Counting) -> Draft:
    """The right that opens where a clock ran out in silence: its day zero is that clock's last day."""
    use = next(use for use in counting.table.clocks if use.rule == rule)
    return _opened(case.case_id, case.unit, use, ran_out.due - timedelta(microseconds=1), counting)


def moved_to(
    case_id: UUID, clock: Clock, inputs: ClockInputs, because: Literal["pause", "extension", "other_start", "calendar"],
    counting: Counting, days: tuple[DayChange, ...] = (),
) -> Draft:  # fmt: skip
    """The clock's deadline by other inputs or another calendar."""
    use = next(use for use in counting.table.clocks if use.rule == clock.rule)
    found = counted(counting.rules[clock.rule], inputs, counting.calendar)
    data = {
        "clock_id": clock.clock_id,
        "case_id": case_id,
        "because": because,
        "before": clock.last_day,
        "before_due": clock.due,
        "count": found.count,
        "days": [_told(change, counting.calendar) for change in days],
        "remind_at": found.remind_at if use.escalates else None,
    }
    return Draft(ClockMoved, case_id, data)


def moved_by_calendar(case_id: UUID, clock: Clock, changes: tuple[DayChange, ...], counting: Counting) -> Draft | None:
    """The move of a running clock to the calendar of `counting`; None where its days stay.

    `changes` are the days on which that calendar differs, in what counts as work, from the clock's own.
    """
    day_zero = day_in(clock.inputs.zone, clock.inputs.started)
    if not any(day_zero < change.date <= clock.last_day for change in changes):
        return None
    found = counted(counting.rules[clock.rule], clock.inputs, counting.calendar)
    if found.count.due == clock.due:
        return None
    last = max(clock.last_day, found.count.last_day)
    why = tuple(change for change in changes if day_zero < change.date <= last)
    return moved_to(case_id, clock, clock.inputs, "calendar", counting, why)


def _told(change: DayChange, calendar: Calendar) -> MovedBy:
    was, now = (written_off(off, "id") if off else "hari kerja" for off in (change.old, change.new))
    decree = change.new.decree if change.new else ""
    return MovedBy(day=change.date, was=was, now=now, decree=decree or calendar.decree)
