"""The law's clocks in cases: each step says what it was counted from, so that anybody can count again.

Written by routing. The calendar of a digest stands in `calendar.adopted`.
"""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from corong_contracts.base import Model, Payload, Slug, Time


class Pause(Model):
    """Days that were not counted: after the day of asking, up to the day of the answer."""

    reason: str = Field(max_length=40)
    asked: date
    answered: date


class Count(Model):
    """What a deadline was counted from, and the deadline."""

    rule: str = Field(max_length=40)
    rule_digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    calendar: str = Field(pattern=r"^[0-9a-f]{64}$")
    started: Time
    """Its day there is day zero."""
    zone: Literal["WIB", "WITA", "WIT"]
    pauses: tuple[Pause, ...] = Field(default_factory=tuple, max_length=100)
    extended: bool = False
    last_day: date
    due: Time
    """From this moment on it is too late."""
    decided_by: Literal["rule", "ceiling"] = "rule"
    provisional: bool = False
    """It counts days of a year whose days off no decree has fixed yet."""
    target_day: date | None = None
    target_due: Time | None = None
    """The office's own, stricter target."""


class MovedBy(Model):
    """A day because of which a deadline moved, by a decree."""

    day: date
    was: str = Field(max_length=400)
    now: str = Field(max_length=400)
    decree: str = Field(max_length=300)


class ClockOpened(Payload, event="clock.opened", writer="routing"):
    """A clock of the law began to run for a case."""

    clock_id: UUID
    case_id: UUID
    unit: Slug
    bound: Literal["unit_officer", "main_officer", "superior", "applicant", "commission", "system"]
    count: Count
    remind_at: Time | None = None


class ClockPaused(Payload, event="clock.paused", writer="routing"):
    """It stands still: there is no deadline, and nothing is late, until the applicant's answer has come."""

    clock_id: UUID
    case_id: UUID
    rule: str
    reason: str
    since: date


class ClockMoved(Payload, event="clock.moved", writer="routing"):
    """The deadline is another one: from which day to which, and why."""

    clock_id: UUID
    case_id: UUID
    because: Literal["pause", "extension", "calendar", "other_start"]
    before: date
    """The last day until now."""
    before_due: Time
    count: Count
    days: tuple[MovedBy, ...] = Field(default_factory=tuple, max_length=200)
    remind_at: Time | None = None


class ClockMet(Payload, event="clock.met", writer="routing"):
    """What the clock asks for was done."""

    clock_id: UUID
    case_id: UUID
    rule: str
    at: Time
    by: str = Field(max_length=40)
    """The act that met it."""
    in_time: bool
    due: Time | None = None
    """None where it stood still."""


class ClockEnded(Payload, event="clock.ended", writer="routing"):
    """It runs no more, and nothing was owed: the case became another kind, was taken back or goes on elsewhere."""

    clock_id: UUID
    case_id: UUID
    rule: str
    because: str = Field(max_length=40)


class ClockReminded(Payload, event="clock.reminded", writer="routing"):
    """Whom it binds was reminded: the last day is near."""

    clock_id: UUID
    case_id: UUID
    unit: Slug
    rule: str
    last_day: date


class ClockRanOut(Payload, event="clock.ran_out", writer="routing"):
    """Its last day is over, and what it asks for was not done."""

    clock_id: UUID
    case_id: UUID
    unit: Slug
    rule: str
    due: Time
    opens: str | None = None
    """The clock of the right that this opens."""


class ClockEscalated(Payload, event="clock.escalated", writer="routing"):
    """The main officer was told that a unit's clock ran out."""

    clock_id: UUID
    case_id: UUID
    unit: Slug
    to_unit: Slug
    rule: str
    due: Time
