"""The town's own book: what it knows of every case because it was there, and what by law has to follow.

Nothing in here is read from the hub. It says for each case which events the log must have and how its tables must
stand; `reconcile.py` compares.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from uuid import UUID

from tests.simulation.reckoning import RULES, Days, begins, day_of, last_and_reminder, version_on
from tests.simulation.regency import MAIN

LEASE = timedelta(minutes=30)
TOLD = ("publication.drafted", "publication.released", "delivery.started", "delivery.sent")
"""What words to a citizen lead to."""
BY_TIER = {
    "normative": "complaint_normative", "without_oversight": "complaint_without_oversight",
    "with_oversight": "complaint_with_oversight",
}  # fmt: skip
CLOSING = "lapor_close"
"""Ran out, it closes a complaint that was answered."""
BEGINS_ANEW = (CLOSING, "objection_filing", "dispute_filing")
"""Clocks that run again after they ran out, where what starts them comes once more."""
LIMIT = "complaint_ceiling"
STEPS = ("lapor_forward", "lapor_plan")
REGISTERS = {"information_request": "PI", "objection": "KB", "complaint": "PD"}
OTHERS = "UM"


@dataclass
class OwnClock:
    """A clock of a case."""

    rule: str
    zero: date
    days: Days
    """By which it was counted last."""
    last_day: date
    reminder: date | None
    """None once it was sent, and of clocks without one."""
    state: str = "running"
    pauses: list[tuple[date, date]] = field(default_factory=list)
    extended: bool = False
    paused_on: date | None = None
    ended_by: str | None = None
    ran_out: bool = False
    """Its last day went by."""
    in_time: bool | None = None
    """Of one that was met."""

    @property
    def due(self) -> datetime:
        """From this moment on it is too late."""
        return begins(self.last_day + timedelta(days=1))

    @property
    def owed(self) -> bool:
        """Whether what it asks for is still to be done."""
        return self.state in ("running", "paused", "ran_out")

    @property
    def next(self) -> datetime:
        """When something is to be done of which it reminds."""
        return self.due if self.reminder is None else begins(self.reminder)


@dataclass(eq=False)
class Entry:
    """A case in the book."""

    book: "Book"
    case_id: UUID
    registration: str
    kind: str
    unit: str
    received: datetime
    tier: str | None = None
    state: str = "registered"
    before: str | None = None
    outcome: str | None = None
    decision: str | None = None
    held_until: datetime | None = None
    request: "Entry | None" = None
    objection: "Entry | None" = None
    merged_into: "Entry | None" = None
    grouped: bool = False
    disputed: str | None = None
    messages: int = 1
    events: Counter[str] = field(default_factory=Counter)
    clocks: dict[str, OwnClock] = field(default_factory=dict)
    silences: list[tuple[str, date]] = field(default_factory=list)
    """Which right opened in silence, and until when."""
    refused: bool = False
    """In whole or in part, by art. 17 (h)."""
    decided_on: date | None = None
    closed_on: date | None = None
    ground: str | None = None
    """Of an objection: the letter of art. 35."""
    turned_from: str | None = None
    completions: int = 0
    """How often the applicant was asked for what was missing."""
    filed_on: date | None = None
    """When its dispute went to the commission."""

    def happened(self, *names: str) -> None:
        """Events of the case, as `case.closed`."""
        self.events.update(names)

    def told(self) -> None:
        """Words go to the citizen."""
        self.happened(*TOLD)

    # Clocks

    @property
    def main_clock(self) -> str | None:
        """By which the office is late."""
        if self.kind == "complaint":
            return BY_TIER[self.tier or "without_oversight"]
        return {
            "information_request": "request_notice", "objection": "objection_decision",
            "suggestion": "suggestion_answer", "question": "question_answer",
        }.get(self.kind)  # fmt: skip

    @property
    def answer_clocks(self) -> tuple[str, ...]:
        """All that an answer meets: a complaint's last limit as well, where its tier's own clock isn't that."""
        if self.kind == "complaint" and self.tier != "with_oversight":
            return (BY_TIER[self.tier or "without_oversight"], LIMIT)
        return (self.main_clock,) if self.main_clock else ()

    def begin(self, received: datetime, forwarded: date) -> None:
        """The clocks that run from the receipt, or since a unit has it."""
        self.open_main(received)
        self.begin_steps(received, forwarded)

    def open_main(self, received: datetime, kept: Sequence[str] = ()) -> None:
        """What the law gives for an answer; those that are kept go on."""
        for rule in self.answer_clocks:
            if rule not in kept:
                self.open(rule, day_of(received))
        if self.kind == "information_request":
            self.open("request_completion", day_of(received))
            self.lettered()  # the receipt

    def begin_steps(self, received: datetime, forwarded: date) -> None:
        """Of a complaint (SP4N-LAPOR): the main office forwards it, and a unit tells its plan."""
        if self.kind == "complaint" and self.unit == MAIN:
            self.open("lapor_forward", day_of(received))
        elif self.kind == "complaint":
            self.open("lapor_plan", forwarded)

    def start(self, rule: str) -> None:
        """A clock begins today; one that runs begins anew."""
        clock = self.clocks.get(rule)
        if clock is None or not clock.owed or (rule in BEGINS_ANEW and clock.state == "ran_out"):
            self.open(rule, self.book.today)
        elif clock.state == "running":
            clock.zero = self.book.today
            self.move(rule)

    def open(self, rule: str, zero: date) -> None:
        """A clock begins."""
        days = version_on(self.book.today)
        last, reminder = last_and_reminder(RULES[rule], zero, days, (), False)
        self.clocks[rule] = OwnClock(rule, zero, days, last, reminder if RULES[rule].reminds else None)
        self.happened("clock.opened")
        self.book.arm(self, rule)

    def open_again(self, rule: str) -> None:
        """It goes on as if it had never ended."""
        clock = self.clocks[rule]
        clock.state, clock.ended_by = "running", None
        self._count(clock)
        self.happened("clock.opened")

    def move(self, rule: str) -> None:
        """Its last day is another one."""
        self._count(self.clocks[rule])
        self.happened("clock.moved")

    def _count(self, clock: OwnClock) -> None:
        rule = RULES[clock.rule]
        clock.days = version_on(self.book.today)
        clock.last_day, reminder = last_and_reminder(rule, clock.zero, clock.days, clock.pauses, clock.extended)
        clock.reminder = reminder if rule.reminds else None
        self.book.arm(self, clock.rule)

    def met(self, rule: str | None, at: datetime | None = None) -> None:
        """What a clock asks for was done: now, or at that moment."""
        clock = self.clocks.get(rule or "")
        if clock is not None and clock.owed:
            clock.in_time = clock.state == "paused" or (at or self.book.now) < clock.due
            clock.state = "met"
            self.happened("clock.met")

    def end(self, because: str, *rules: str) -> None:
        """Nothing is owed any more by these clocks, or by all that the act ends."""
        for name in rules:
            clock = self.clocks.get(name)
            if clock is not None and clock.owed:
                clock.state, clock.ended_by = "ended", because
                self.happened("clock.ended")

    # Acts

    def claimed(self, now: datetime) -> None:
        """An officer took it."""
        self.happened("case.claimed")
        self.held_until = now + LEASE
        self.book.held.add(self)
        if self.state == "registered":
            self.state = "in_progress"

    def let_go(self) -> None:
        """Handed back, or the lease ran out."""
        self.happened("case.released")
        self.free()

    def free(self) -> None:
        """Nobody holds it, and nothing is said of that."""
        self.held_until = None
        self.book.held.discard(self)

    def passed_on(self, name: str, unit: str) -> None:
        """To another unit."""
        self.happened(name)
        if unit == MAIN:
            self.end("return", "lapor_plan")
        elif self.kind == "complaint" and self.state not in ("answered", "decided"):
            self.met("lapor_forward")
            self.start("lapor_plan")
        self.unit = unit
        self.free()

    def answered(self, *, state: str = "answered") -> None:
        """Words of an officer."""
        self.happened("case.answered")
        self.told()
        self.state = state

    def closed(self, outcome: str) -> None:
        """Finished."""
        self.happened("case.closed")
        self.before, self.state, self.outcome = self.state, "closed", outcome
        self.closed_on = self.book.today
        self.free()

    def lettered(self) -> None:
        """A letter is made: it goes with the words, or is the receipt."""
        self.happened("document.issued", "document.made")

    def notified(self) -> None:
        """The hub's own words to the citizen."""
        self.happened("case.notified")
        self.told()


class Book:
    """All cases, and what is due when."""

    def __init__(self, begin: date) -> None:
        self.now = begins(begin)
        self.cases: dict[UUID, Entry] = {}
        self.registers: Counter[str] = Counter()
        self.held: set[Entry] = set()
        self.moved: list[tuple[UUID, str, date, date]] = []
        """By a decree: case, rule, last day before and after."""
        self.others: dict[UUID, Counter[str]] = defaultdict(Counter)
        """Post → its events."""
        self.scheduled: list[tuple[datetime, UUID]] = []
        """Posts that go out by themselves."""
        self._alarms: list[tuple[datetime, int, Entry, str]] = []
        self._order = count()
        self._version = version_on(begin)

    @property
    def today(self) -> date:
        """The day."""
        return day_of(self.now)

    def arm(self, entry: Entry, rule: str) -> None:
        """Something is due for a clock."""
        heapq.heappush(self._alarms, (entry.clocks[rule].next, next(self._order), entry, rule))

    def registered(self, kind: str, declared: str | None, unit: str, case_id: UUID) -> Entry:
        """A new case, with the next number of its register."""
        register = REGISTERS.get(declared or "", OTHERS)
        self.registers[register] += 1
        number = f"{register}/{self.today.year}/{self.registers[register]:06d}"
        entry = Entry(self, case_id, number, kind, unit, self.now)
        entry.tier = "without_oversight" if kind == "complaint" else None
        entry.happened("case.registered", "case.routed")
        self.cases[case_id] = entry
        return entry

    def passes(self, now: datetime) -> None:
        """It is that moment: what the hub must do by itself until then."""
        self.now = now
        for entry in tuple(self.held):
            if entry.held_until is not None and entry.held_until <= now:
                entry.let_go()
        for at, post in self.scheduled:
            if at <= now:
                self.goes_out(post)
        self.scheduled = [one for one in self.scheduled if one[0] > now]
        if version_on(self.today) is not self._version:
            self._follow(version_on(self.today))
        while self._alarms and self._alarms[0][0] <= now:
            moment, _, entry, rule = heapq.heappop(self._alarms)
            clock = entry.clocks[rule]
            if clock.state == "running" and clock.next == moment:
                self._ring(entry, clock)

    def goes_out(self, post: UUID) -> None:
        """A post is published."""
        self.others[post].update(("publication.released", "delivery.started", "delivery.sent"))

    def _ring(self, entry: Entry, clock: OwnClock) -> None:
        if self.now < clock.due:
            clock.reminder = None
            entry.happened("clock.reminded")
            self.arm(entry, clock.rule)
            return
        clock.state, clock.ran_out = "ran_out", True
        entry.happened("clock.ran_out")
        rule = RULES[clock.rule]
        if rule.reminds:
            entry.happened("clock.escalated")
        if clock.rule == CLOSING and entry.state == "answered":
            entry.closed("answered")
            entry.notified()
        if rule.opens:
            entry.open(rule.opens, clock.last_day)
            entry.notified()
            entry.lettered()
            entry.silences.append((rule.opens, entry.clocks[rule.opens].last_day))

    def _follow(self, days: Days) -> None:
        self._version = days
        for entry in self.cases.values():
            for clock in entry.clocks.values():
                if clock.state != "running":
                    continue
                changed = [day for day in clock.days.off ^ days.off if day.weekday() < 5]
                if not any(clock.zero < day <= clock.last_day for day in changed):
                    continue
                rule = RULES[clock.rule]
                last, _ = last_and_reminder(rule, clock.zero, days, clock.pauses, clock.extended)
                if last != clock.last_day:
                    self.moved.append((entry.case_id, clock.rule, clock.last_day, last))
                    entry.move(clock.rule)
