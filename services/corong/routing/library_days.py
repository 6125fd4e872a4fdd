"""What the library `holidays` knows of Indonesia: national holidays and joint leave of a year."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

__all__ = ["LibraryDay", "days_of"]

LibraryKind = Literal["national_holiday", "joint_leave"]

# What the library adds to names: the kind of day is told by the calendar, not by the name.
ESTIMATED = " (perkiraan)"
JOINT = "Cuti Bersama "


@dataclass(frozen=True, slots=True)
class LibraryDay:
    """A day off by the library."""

    date: date
    kind: LibraryKind
    name: str


@cache
def days_of(year: int) -> tuple[LibraryDay, ...]:
    """National holidays and joint leave of that year, in order, with their Indonesian names.

    For a year without a decree these are estimates: feasts by calculation, no joint leave.
    """
    from holidays.countries.indonesia import Indonesia  # a quarter of a second: only where calendars are needed

    found = [
        LibraryDay(day, kind, _own_name(name))
        for category, kind in _KINDS
        for day, name in Indonesia(years=year, categories=category, language="id", islamic_show_estimated=False).items()
    ]
    return tuple(sorted(found, key=lambda one: (one.date, one.kind)))


def _own_name(name: str) -> str:
    return name.removesuffix(ESTIMATED).removeprefix(JOINT)


_KINDS: tuple[tuple[str, LibraryKind], ...] = (
    ("public", "national_holiday"),
    ("government", "joint_leave"),
)
