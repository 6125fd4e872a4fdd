"""The versions of the calendar: each decree makes one of the version before it, from the date on which it holds."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Self

from corong.routing.decrees import LOCAL, NATIONAL, Decree, DecreeError, local_decrees, national_decrees
from corong.routing.library_days import days_of
from corong.runtime.entry_files import Problem
from corong.working_days.calendars import Calendar, DayOff

__all__ = ["FIRST_YEAR", "Calendars", "NoSuchVersion"]

FIRST_YEAR = 2024
YEARS_AHEAD = 3
"""So many years after the last decreed one a version holds estimates, for clocks that run across the new year."""
SHORTEST_PREFIX = 6


class NoSuchVersion(LookupError):
    """No version has that number or digest, or none was in force yet."""


class Calendars:
    """All versions, the oldest first. Building them is pure but for the library's tables."""

    def __init__(self, decrees: Iterable[Decree], file: Path = NATIONAL) -> None:
        """Apply the decrees in the order of their force (in the order given on the same day).

        `file` is named in problems. Raises `DecreeError` with every decree that doesn't fit those before it.
        """
        self.decrees = tuple(sorted(decrees, key=lambda decree: decree.in_force))
        problems: list[Problem] = []
        self.versions: tuple[Calendar, ...] = tuple(_versions(self.decrees, file, problems))
        if problems:
            raise DecreeError(problems)

    @classmethod
    def load(cls, local: Path | None = None) -> Self:
        """Those that come with Corong, and those of an installation: `local` is its folder or its file of decrees.

        A decree entered locally under the number of one that comes with Corong stands in its place.
        Raises `DecreeError`.
        """
        if local is None:
            return cls(national_decrees())
        file = local / LOCAL if local.is_dir() else local
        return cls.with_own(local_decrees(file), file)

    @classmethod
    def with_own(cls, own: Sequence[Decree], file: Path) -> Self:
        """Those that come with Corong, and these of an installation's `file`. Raises `DecreeError`."""
        numbers = {decree.number for decree in own}
        return cls([*(one for one in national_decrees() if one.number not in numbers), *own], file)

    @property
    def latest(self) -> Calendar:
        """The newest version, even where its decree is not yet in force."""
        return self.versions[-1]

    def at(self, day: date) -> Calendar:
        """The version in force on that day. Raises `NoSuchVersion` before the first."""
        for version in reversed(self.versions):
            if version.in_force <= day:
                return version
        raise NoSuchVersion(f"no calendar was in force on {day.isoformat()}")

    def number(self, calendar: Calendar) -> int:
        """Its place, from 1: for people. A decree that is entered late shifts it; the digest stays."""
        return self.versions.index(calendar) + 1

    def named(self, reference: str) -> Calendar:
        """By number, by the beginning of a digest, or by a date on which it was in force. Raises `NoSuchVersion`."""
        if len(reference) < SHORTEST_PREFIX and reference.isdecimal():
            if 1 <= int(reference) <= len(self.versions):
                return self.versions[int(reference) - 1]
        else:
            try:
                return self.at(date.fromisoformat(reference))
            except ValueError:
                found = [one for one in self.versions if one.digest.startswith(reference.lower())]
                if len(found) == 1 and len(reference) >= SHORTEST_PREFIX:
                    return found[0]
        raise NoSuchVersion(f"no version of the calendar is {reference!r}: give a number, a digest or a date")


def _versions(decrees: Sequence[Decree], file: Path, problems: list[Problem]) -> Iterator[Calendar]:
    # What the library has merged into a year, though a later decree of Corong's own file added it.
    later = {entry.date for decree in national_decrees() if not decree.settles for entry in decree.added}
    settled = {decree.settles for decree in decrees if decree.settles}
    if not settled:
        problems.append(Problem(file, "the file", "no decree settles a year", "give one the line `settles = 2024`"))
        return
    decreed: frozenset[int] = frozenset()
    taken: set[date] = set()
    ruled: dict[date, DayOff] = {}
    for decree in decrees:
        if decree.settles:
            if decree.settles in decreed:
                problems.append(
                    _problem(file, decree, f"{decree.settles} is settled already", "add to it, or take away")
                )
            decreed |= {decree.settles}
        last = max(decreed, default=min(settled)) + YEARS_AHEAD
        estimated = {
            day.date: DayOff("estimated_holiday", day.name, "")
            for year in range(FIRST_YEAR, last + 1)
            if year not in decreed
            for day in days_of(year)
            if day.kind == "national_holiday" and day.date not in later | taken
        }
        if decree.from_library:
            ruled |= _from_library(decree, later, file, problems)
        problems += (_problem(file, decree, *told) for told in _misfits(decree, ruled, estimated))
        for entry in decree.taken_away:
            ruled.pop(entry.date, None)
            estimated.pop(entry.date, None)
            taken.add(entry.date)
        ruled |= {entry.date: DayOff(entry.kind, entry.name, decree.number) for entry in decree.added}
        days = dict(sorted((estimated | ruled).items()))
        yield Calendar(decree.number, decree.title, decree.in_force, FIRST_YEAR, last, decreed, days)


def _from_library(decree: Decree, later: set[date], file: Path, problems: list[Problem]) -> dict[date, DayOff]:
    assert decree.settles is not None
    days = [day for day in days_of(decree.settles) if day.date not in later]
    for kind, told in (("national_holiday", decree.national_holidays), ("joint_leave", decree.joint_leave)):
        found = sum(day.kind == kind for day in days)
        if found != told:
            what = f"the library holidays has {found} days of {kind}, the decree {told}"
            problems.append(
                _problem(file, decree, what, "add and take_away the days that differ, or the lacking decree")
            )
    return {day.date: DayOff(day.kind, day.name, decree.number) for day in days}


def _misfits(decree: Decree, ruled: dict[date, DayOff], estimated: dict[date, DayOff]) -> Iterator[tuple[str, str]]:
    for taken in decree.taken_away:
        if taken.date not in ruled and taken.date not in estimated:
            what = f"{taken.date.isoformat()} is no day off, so it can't be taken away"
            yield what, "mend the date, or take the entry out"
    for added in decree.added:
        if added.date.year < FIRST_YEAR:
            yield f"{added.date.isoformat()} is before {FIRST_YEAR}", "take it out"
        if already := ruled.get(added.date):
            what = f"{added.date.isoformat()} is off already: {already.name} ({already.decree})"
            yield what, "mend the date, or take the entry out"


def _problem(file: Path, decree: Decree, what: str, remedy: str) -> Problem:
    return Problem(file, f"decree {decree.number!r}", what, remedy)
