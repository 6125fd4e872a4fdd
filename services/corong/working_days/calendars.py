"""A calendar of days off: one version, whole, known by the digest of its content.

Saturday and Sunday are no working days of the law's clocks, whatever days a unit has its doors open.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal, Self

__all__ = ["Calendar", "DayChange", "DayOff", "OffKind", "OutsideCalendar", "changed_days"]

OffKind = Literal["national_holiday", "joint_leave", "local_holiday", "estimated_holiday"]
"""Why a weekday is no working day: libur nasional, cuti bersama, libur daerah; or a holiday that no decree fixed."""

FORMAT = "corong-calendar-1"
SATURDAY = 5


class OutsideCalendar(ValueError):
    """A day of a year for which this version says nothing."""


@dataclass(frozen=True, slots=True)
class DayOff:
    """Why a day is off. `decree` is the number of the decree that says so, empty where it is an estimate."""

    kind: OffKind
    name: str
    decree: str


@dataclass(frozen=True)
class Calendar:
    """One version: every day off from the first of January of `first_year` to the end of `last_year`.

    `decree` and `in_force` are those of the decree that made this version of the one before. Years that are not in
    `decreed` hold estimates of the feasts and no joint leave.
    """

    decree: str
    title: str
    in_force: date
    first_year: int
    last_year: int
    decreed: frozenset[int]
    days: Mapping[date, DayOff]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON of `content`, in hexadecimal: what an event names this version by."""
        text = json.dumps(self.content(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def __hash__(self) -> int:
        return hash(self.digest)

    def content(self) -> dict[str, Any]:
        """Everything, as JSON has it: enough to count again in ten years, without the library and the files."""
        return {
            "format": FORMAT,
            "decree": self.decree,
            "title": self.title,
            "in_force": self.in_force.isoformat(),
            "first_year": self.first_year,
            "last_year": self.last_year,
            "decreed": sorted(self.decreed),
            "days": [[day.isoformat(), off.kind, off.name, off.decree] for day, off in sorted(self.days.items())],
        }

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """What `content` gave. Raises ValueError for another format."""
        if content.get("format") != FORMAT:
            raise ValueError(f"not a calendar of the format {FORMAT}")
        return cls(
            content["decree"],
            content["title"],
            date.fromisoformat(content["in_force"]),
            content["first_year"],
            content["last_year"],
            frozenset(content["decreed"]),
            {date.fromisoformat(day): DayOff(kind, name, decree) for day, kind, name, decree in content["days"]},
        )

    def off(self, day: date) -> DayOff | None:
        """Why that day is off, weekends aside; None where it isn't. Raises `OutsideCalendar`."""
        if not self.first_year <= day.year <= self.last_year:
            raise OutsideCalendar(
                f"{day.isoformat()} is outside of the calendar, which holds {self.first_year} to {self.last_year}"
            )
        return self.days.get(day)

    def is_working(self, day: date) -> bool:
        """Whether the law counts that day as a working day. Raises `OutsideCalendar`."""
        return self.off(day) is None and day.weekday() < SATURDAY


@dataclass(frozen=True, slots=True)
class DayChange:
    """A day that two versions see differently."""

    date: date
    old: DayOff | None
    new: DayOff | None

    @property
    def moves_work(self) -> bool:
        """Whether a working day became a day off or the other way: not on weekends, or where only the reason did."""
        return (self.old is None) != (self.new is None) and self.date.weekday() < SATURDAY


def changed_days(old: Calendar, new: Calendar) -> tuple[DayChange, ...]:
    """The days that differ, in order, within the years that both versions hold."""
    first, last = max(old.first_year, new.first_year), min(old.last_year, new.last_year)
    return tuple(
        DayChange(day, old.days.get(day), new.days.get(day))
        for day in sorted(old.days.keys() | new.days.keys())
        if first <= day.year <= last and old.days.get(day) != new.days.get(day)
    )
