"""Decrees on days off as typed data: what each adds to the calendar and takes away.

The file explains itself (`national_decrees.toml`; an installation's own is `decrees.toml` beside its `units.toml`).
"""

import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from corong.runtime.entry_files import ConfigurationError, Entry, Problem, read_entries

__all__ = [
    "NATIONAL",
    "AddedDay",
    "Decree",
    "DecreeError",
    "TakenDay",
    "Verified",
    "local_decrees",
    "national_decrees",
]

Verified = Literal["v", "k"]
"""v: a public source was read. k: known, and a lawyer should confirm it."""

NATIONAL = Path(__file__).with_name("national_decrees.toml")
LOCAL = "decrees.toml"

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class DecreeError(ConfigurationError):
    """The decrees can't be used."""


class AddedDay(Entry):
    """A day that the decree makes a day off."""

    date: date
    kind: Literal["national_holiday", "joint_leave", "local_holiday"]
    name: Text
    reason: Text


class TakenDay(Entry):
    """A day off that the decree makes a day of work again (weekends stay what they are)."""

    date: date
    reason: Text


class Decree(Entry):
    """One decree: from `in_force` on, the calendar is what it makes of the calendar before."""

    number: Text
    title: Text
    in_force: date
    source: Text
    verified: Verified = "k"
    settles: int | None = Field(default=None, ge=2024, le=2099)
    """The year whose whole list of days this decree gives: what was estimated for that year counts no longer."""
    from_library: bool = False
    """The days of the settled year stand in the library `holidays`; only for decrees that come with Corong."""
    national_holidays: int | None = None
    joint_leave: int | None = None
    """So many the decree says it has: if the library has other numbers, the calendar is refused."""
    added: tuple[AddedDay, ...] = ()
    taken_away: tuple[TakenDay, ...] = ()

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if self.from_library and (self.settles is None or None in (self.national_holidays, self.joint_leave)):
            raise ValueError("from_library needs settles, national_holidays and joint_leave")
        if not (self.added or self.taken_away or self.from_library):
            raise ValueError("a decree adds days, takes days away, or both")
        days = Counter([*(entry.date for entry in self.added), *(entry.date for entry in self.taken_away)])
        if twice := [day.isoformat() for day, times in days.items() if times > 1]:
            raise ValueError(f"these days stand more than once: {', '.join(sorted(twice))}")
        if self.settles and (
            other := [entry.date.isoformat() for entry in self.added if entry.date.year != self.settles]
        ):
            raise ValueError(f"these days are not in the year {self.settles} that it settles: {', '.join(other)}")
        return self


def national_decrees() -> tuple[Decree, ...]:
    """Those that come with Corong."""
    return _read(NATIONAL)


def local_decrees(file: Path) -> tuple[Decree, ...]:
    """Those that an installation has entered; none where there is no file, or a file without entries.

    Raises `DecreeError` with every problem.
    """
    try:
        if not tomllib.loads(file.read_text(encoding="utf-8")):
            return ()
    except FileNotFoundError:
        return ()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        pass  # told by _read
    found = _read(file)
    problems = [
        Problem(file, f"decree {decree.number!r}", "from_library is for decrees that come with Corong", "list its days")
        for decree in found
        if decree.from_library
    ]
    if problems:
        raise DecreeError(problems)
    return found


def _read(file: Path) -> tuple[Decree, ...]:
    problems: list[Problem] = []
    found = read_entries(file, "decree", Decree, problems)
    problems += _repeated(file, found)
    if problems:
        raise DecreeError(problems)
    return tuple(found)


def _repeated(file: Path, found: Sequence[Decree]) -> Iterator[Problem]:
    for number, times in Counter(decree.number for decree in found).items():
        if times > 1:
            yield Problem(file, f"decree {number!r}", "the number stands more than once", "enter each decree once")
