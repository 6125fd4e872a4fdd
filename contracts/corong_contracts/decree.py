"""Decrees on days off that an officer entered: each makes a version of the calendar. Written by routing."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from corong_contracts.base import Model, Payload

DecreeText = Annotated[str, Field(min_length=1, max_length=300)]
DayOffKind = Literal["national_holiday", "joint_leave", "local_holiday"]


class DecreedDayOff(Model):
    """A day that the decree makes a day off."""

    date: date
    kind: DayOffKind
    name: DecreeText
    reason: DecreeText


class DecreedWorkday(Model):
    """A day off that the decree makes a day of work again."""

    date: date
    reason: DecreeText


class DecreeContent(Model):
    """What a decree says."""

    number: DecreeText
    """As it is cited."""
    title: DecreeText
    in_force: date
    """From this day on it counts."""
    source: DecreeText
    """Where it was read."""
    verified: Literal["v", "k"] = "k"
    """v: the source was read. k: known, and to be confirmed."""
    settles: int | None = Field(default=None, ge=2024, le=2099)
    """The year whose whole list of days it gives."""
    added: tuple[DecreedDayOff, ...] = Field(default=(), max_length=60)
    taken_away: tuple[DecreedWorkday, ...] = Field(default=(), max_length=60)


class DecreeEntered(Payload, event="decree.entered", writer="routing"):
    """From the day of its force on deadlines are counted with it; `calendar.adopted` has the version that it makes."""

    decree_id: UUID
    """Made of the number."""
    officer: str
    """Who entered it."""
    content: DecreeContent
