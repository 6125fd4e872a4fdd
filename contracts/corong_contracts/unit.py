"""Units (perangkat daerah) that answer citizens: what each is, and which took over from which. Written by routing."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from corong_contracts.base import Model, Payload, Slug

UnitKind = Literal["main", "agency", "subdistrict", "clinic"]
"""The main office (PPID Utama), an agency (OPD), a sub-district (kecamatan), a clinic (puskesmas)."""
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
UnitName = Annotated[str, Field(min_length=1, max_length=120, pattern=r"\S")]


class UnitContent(Model):
    """What units.toml says of a unit."""

    name: UnitName
    kind: UnitKind
    topics: Annotated[tuple[Slug, ...], Field(max_length=100)] = ()
    """What it answers for; each topic of the rules has one owner."""
    places: Annotated[tuple[UnitName, ...], Field(max_length=200)] = ()
    """Names by which people call its area."""
    within: Slug | None = None
    """The sub-district that a clinic serves."""
    opening_days: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)] = (
        "mon", "tue", "wed", "thu", "fri",
    )  # fmt: skip
    """When its doors are open; deadlines are counted in the law's working days all the same."""


class UnitChanged(Payload, event="unit.changed", writer="routing"):
    """From here on this is what the unit is; what it did before stays what it was."""

    unit_id: UUID
    """Made of the id."""
    unit: Slug
    """The id, which never changes and is never another unit's."""
    edition: int = Field(ge=1, lt=2**31)
    """1, 2, 3 … of the unit; the first of one that was listed before is what units.toml had."""
    content: UnitContent
    successor: Slug | None = None
    """The unit that took over when this one was closed; None: it is open."""
    by: str | None = None
    """Who changed it; None: the file of the configuration folder."""
    reason: Annotated[str, Field(max_length=300)] = ""
    """Why, in the officer's words."""
