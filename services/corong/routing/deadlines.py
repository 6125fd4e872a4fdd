"""When a clock runs out, and how that day was counted: pure, no clock, no I/O.

Day zero is the day of receipt in the unit's zone; counting begins on the day after. A deadline carries everything
that an event needs to be counted again: the rule with its digest, the calendar's digest, and the inputs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, Literal, Self, TypeVar

from corong.routing.clock_rules import ClockRule
from corong.working_days.calendars import Calendar, DayChange, changed_days
from corong.working_days.counting import DayCount, Unit, count
from corong.working_days.zones import Zone, day_in, start_of

__all__ = ["ClockInputs", "DayCount", "Deadline", "Moved", "NotAllowed", "Pause", "deadline", "moved"]

K = TypeVar("K")


class NotAllowed(ValueError):
    """The rule gives no such pause, or no extension."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Days on which a clock stood still: after the day on which it was asked, up to the day of the answer.

    The day of asking still counts; the day of the answer is like a day of receipt and does not. A pause that has not
    ended has no place here: until it ends there is no deadline, and the case is not overdue.
    """

    reason: str
    asked: date
    answered: date

    def __post_init__(self) -> None:
        if self.answered < self.asked:
            raise ValueError(f"a pause ends before it begins: {self.asked.isoformat()}..{self.answered.isoformat()}")

    def holds(self, day: date) -> bool:
        """Whether that day isn't counted because of it."""
        return self.asked < day <= self.answered


@dataclass(frozen=True, slots=True)
class ClockInputs:
    """What a deadline is counted from, beside rule and calendar. `started` needs its offset."""

    started: datetime
    zone: Zone
    pauses: tuple[Pause, ...] = ()
    extended: bool = False

    def facts(self) -> dict[str, Any]:
        """As JSON has it, for an event."""
        return {
            "started": self.started.astimezone(UTC).isoformat(),
            "zone": self.zone,
            "pauses": [[one.reason, one.asked.isoformat(), one.answered.isoformat()] for one in self.pauses],
            "extended": self.extended,
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self:
        """What `facts` gave."""
        pauses = (
            Pause(reason, date.fromisoformat(asked), date.fromisoformat(answered))
            for reason, asked, answered in facts["pauses"]
        )
        return cls(datetime.fromisoformat(facts["started"]), facts["zone"], tuple(pauses), facts["extended"])


@dataclass(frozen=True, slots=True)
class Deadline:
    """A clock's end. `explanation` runs from day zero to `last_day` and sums to `amount` of `unit`."""

    rule: str
    rule_digest: str
    calendar: str
    """Digest of the version it was counted with."""
    inputs: ClockInputs
    day_zero: date
    last_day: date
    """The last day on which it is still in time."""
    due: datetime
    """In UTC: from this moment on it is too late. The end of the last day in the zone; for hours, the moment itself."""
    amount: int
    unit: Unit
    decided_by: Literal["rule", "ceiling"]
    provisional: bool
    """Whether it counts days of a year whose days off no decree has fixed yet."""
    explanation: tuple[DayCount, ...]
    target_day: date | None = None
    target_due: datetime | None = None
    """The same for the installation's stricter target, where there is one; never later than the law's."""

    @property
    def silent_at(self) -> datetime:
        """Where it ran out in silence, the start of the clock that this opens: its day zero is this one's last day."""
        return self.due - timedelta(microseconds=1)

    def facts(self) -> dict[str, Any]:
        """As JSON has it, for an event: without the explanation, which rule, calendar and inputs give again."""
        return {
            "rule": self.rule,
            "rule_digest": self.rule_digest,
            "calendar": self.calendar,
            "inputs": self.inputs.facts(),
            "last_day": self.last_day.isoformat(),
            "due": self.due.isoformat(),
            "decided_by": self.decided_by,
            "provisional": self.provisional,
            "target_day": self.target_day and self.target_day.isoformat(),
            "target_due": self.target_due and self.target_due.isoformat(),
        }


def deadline(rule: ClockRule, inputs: ClockInputs, calendar: Calendar) -> Deadline:
    """When `rule`'s clock runs out.

    Raises `NotAllowed` for a pause or an extension that the rule doesn't give, `OutsideCalendar` where the days run
    out of the calendar, and ValueError for a start without an offset.
    """
    for pause in inputs.pauses:
        if pause.reason not in rule.pauses:
            raise NotAllowed(f"{rule.name} is not paused for {pause.reason!r}")
    if inputs.extended and rule.extension is None:
        raise NotAllowed(f"{rule.name} can't be extended")
    more = rule.extension.amount if inputs.extended and rule.extension else 0
    started, zone = inputs.started, inputs.zone
    day_zero = day_in(zone, started)

    def paused(day: date) -> str:
        return next((pause.reason for pause in inputs.pauses if pause.holds(day)), "")

    def counted(amount: int, unit: Unit) -> tuple[tuple[DayCount, ...], datetime]:
        days = count(amount, unit, started.astimezone(UTC), zone, calendar, paused)
        return days, days[-1].until or _end(days[-1].date, zone)

    explanation, due = counted(rule.amount + more, rule.unit)
    amount, unit = rule.amount + more, rule.unit
    decided_by: Literal["rule", "ceiling"] = "rule"
    if rule.ceiling and rule.ceiling.unit != rule.unit:  # in the same unit the rule itself can't reach beyond it
        bound, bound_due = counted(rule.ceiling.amount, rule.ceiling.unit)
        if bound_due < due:
            explanation, due = bound, bound_due
            amount, unit, decided_by = rule.ceiling.amount, rule.ceiling.unit, "ceiling"
    target_day = target_due = None
    if rule.target is not None:
        target, target_due = counted(rule.target + more, rule.unit)
        target_day, target_due = min((target[-1].date, target_due), (explanation[-1].date, due))
    last_day = explanation[-1].date
    return Deadline(
        rule=rule.name,
        rule_digest=rule.digest,
        calendar=calendar.digest,
        inputs=inputs,
        day_zero=day_zero,
        last_day=last_day,
        due=due,
        amount=amount,
        unit=unit,
        decided_by=decided_by,
        provisional=unit == "working_days" and not set(range(day_zero.year, last_day.year + 1)) <= calendar.decreed,
        explanation=explanation,
        target_day=target_day,
        target_due=target_due,
    )


@dataclass(frozen=True, slots=True)
class Moved(Generic[K]):
    """A deadline that another version of the calendar moves, and the days because of which."""

    key: K
    old: Deadline
    new: Deadline
    why: tuple[DayChange, ...]


def moved(
    deadlines: Iterable[tuple[K, Deadline]], old: Calendar, new: Calendar, rules: Mapping[str, ClockRule]
) -> list[Moved[K]]:
    """Exactly those of the open `deadlines` (each with a key of the caller's) that have another day by `new`.

    Their days must be those by `old`. Only clocks between whose day zero and last day something changed are counted
    again: what changes after a clock's last day, or up to its day zero, can't move it.
    """
    changes = [change for change in changed_days(old, new) if change.moves_work]
    found: list[Moved[K]] = []
    for key, before in deadlines:
        if not any(before.day_zero < change.date <= before.last_day for change in changes):
            continue
        after = deadline(rules[before.rule], before.inputs, new)
        if (after.due, after.target_due) != (before.due, before.target_due):
            last = max(before.last_day, after.last_day)
            why = tuple(change for change in changes if before.day_zero < change.date <= last)
            found.append(Moved(key, before, after, why))
    return found


def _end(day: date, zone: Zone) -> datetime:
    return start_of(date.fromordinal(day.toordinal() + 1), zone)
