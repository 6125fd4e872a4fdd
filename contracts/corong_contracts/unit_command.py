"""Commands on units: adding one, changing what one is, closing one, and what each of these would move."""

from typing import Annotated

from pydantic import Field

from corong_contracts.base import Slug
from corong_contracts.command_base import Command
from corong_contracts.officer_command import ChangeReason
from corong_contracts.rules_command import FirstMessage
from corong_contracts.unit import UnitContent

UnitEdition = Annotated[int, Field(ge=0, lt=2**31)]
"""Of the unit, as whoever changes it saw it; 0: nobody changed what units.toml says."""


class AddUnit(Command, service="routing", name="unit.add"):
    """A new unit; the id is its own for ever."""

    unit: Slug
    content: UnitContent
    reason: ChangeReason


class ChangeUnit(Command, service="routing", name="unit.change"):
    """What an open unit is from now on, whole."""

    unit: Slug
    content: UnitContent
    after: UnitEdition
    """Who changed it meanwhile is not overwritten."""
    reason: ChangeReason


class CloseUnit(Command, service="routing", name="unit.close"):
    """Close a unit: its topics, places, open cases and officers go to its successor."""

    unit: Slug
    successor: Slug
    after: UnitEdition
    reason: ChangeReason


class TryUnit(Command, service="routing", name="unit.try"):
    """What adding or changing (`content`) or closing (`successor`; one of both) would move; nothing changes."""

    unit: Slug
    content: UnitContent | None = None
    successor: Slug | None = None
    cases: list[FirstMessage] = Field(max_length=200)
    """Cases whose way is tried."""


UNIT_COMMANDS: tuple[type[Command], ...] = (AddUnit, ChangeUnit, CloseUnit, TryUnit)
