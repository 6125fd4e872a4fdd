"""A unit, as `units.toml` and the log's events say what it is."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator

from corong.runtime.entry_files import Entry, Problem
from corong.runtime.officer_entry import Name
from corong.runtime.opening import OFFICE_DAYS, WEEKDAYS, Weekday
from corong_contracts.base import Slug
from corong_contracts.unit import UnitContent, UnitKind

__all__ = ["KnownUnit", "Unit", "UnitKind", "unit_problems"]


class Unit(Entry):
    """A unit that answers citizens: agency (OPD), sub-district (kecamatan), clinic (puskesmas), or the main office."""

    id: Slug
    name: Name
    kind: UnitKind
    topics: tuple[Slug, ...] = ()
    """What it answers for; each topic of the rule file has exactly one owner."""
    places: tuple[Name, ...] = ()
    """Names of its area; no two units of one kind share a name."""
    within: Slug | None = None
    """The sub-district that a clinic serves."""
    opening_days: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)] = OFFICE_DAYS
    """When its doors are open. Deadlines are counted in the law's working days all the same."""

    @field_validator("opening_days")
    @classmethod
    def _each_once(cls, value: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
        if len(set(value)) < len(value):
            raise ValueError("a day stands twice")
        return tuple(sorted(value, key=WEEKDAYS.index))


class KnownUnit(Unit):
    """A unit as it is now, open or closed."""

    successor: Slug | None = None
    """The unit that took over when this one was closed."""

    @property
    def closed(self) -> bool:
        """It takes no new cases, and nobody works there."""
        return self.successor is not None

    @property
    def content(self) -> UnitContent:
        """As events have it."""
        return UnitContent(**self.model_dump(exclude={"id", "successor"}))

    @classmethod
    def of(cls, identity: str, content: UnitContent, successor: str | None = None) -> "KnownUnit":
        """The unit of an event. Raises pydantic's `ValidationError` where a day stands twice."""
        return cls(id=identity, successor=successor, **content.model_dump())


def unit_problems(units: Iterable[KnownUnit], file: Path) -> Iterator[Problem]:
    """What does not fit together among units; `file` is named where it is told. A closed one owns nothing."""
    units = tuple(units)
    by_id = {unit.id: unit for unit in units}
    mains = [unit.id for unit in units if unit.kind == "main" and not unit.closed]
    if len(mains) != 1:
        found = ", ".join(mains) or "none"
        yield Problem(file, 'kind = "main"', f"exactly one unit is the main office, found: {found}", "set the kind")
    topics: dict[str, str] = {}
    places: dict[tuple[str, str], str] = {}
    for unit in units:
        if unit.closed:
            if unit.successor not in by_id:
                what = f"its successor {unit.successor!r} is not a unit"
                yield Problem(file, f"unit {unit.id!r}", what, "put that unit back")
            continue
        entry = f"unit {unit.id!r}"
        for topic in unit.topics:
            if (other := topics.setdefault(topic, unit.id)) != unit.id:
                yield Problem(file, entry, f"topic {topic!r} belongs to {other!r} already", "leave it with one of them")
        for place in unit.places:
            if (other := places.setdefault((unit.kind, place.casefold()), unit.id)) != unit.id:
                what = f"place {place!r} belongs to {other!r} already"
                yield Problem(file, entry, what, "leave it with one of them, or out of both")
        if unit.within is not None and (unit.within not in by_id or unit.kind != "clinic"):
            what = f"within {unit.within!r} is not a unit, or the unit is no clinic"
            yield Problem(file, entry, what, "name the clinic's sub-district or leave it out")
