"""Wordings (templat jawaban): words that officers put into answers again and again. Written by routing."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from corong_contracts.base import Payload, Slug
from corong_contracts.command_base import Command

WordingName = Annotated[str, Field(min_length=1, max_length=80)]
WordingText = Annotated[str, Field(min_length=1, max_length=5_000)]
"""With `{names}` in the place of what differs from case to case."""


class WordingAdopted(Payload, event="wording.adopted", writer="routing"):
    """From here on it is offered so; answers that were written with it keep their words."""

    wording_id: UUID
    edition: int = Field(ge=1, lt=2**31)
    """1, 2, 3 … of the wording."""
    unit: Slug | None = None
    """Whose officers are offered it; None: everybody's."""
    title: WordingName
    text: WordingText
    officer: str
    retired: bool = False
    """It is offered no longer."""


class AdoptWording(Command, service="routing", name="wording.adopt"):
    """Make a wording, change it, or take it out of use."""

    wording_id: UUID | None = None
    """None: a new one."""
    unit: Slug | None = None
    """Of a new one; it is never another unit's afterwards."""
    title: WordingName
    text: WordingText
    retired: bool = False


class ListWordings(Command, service="routing", name="wording.list"):
    """Those for everybody, and those of the officer's unit; of every unit, for who may change those."""

    retired: bool = False
    """With those that are offered no longer."""


WORDING_COMMANDS: tuple[type[Command], ...] = (AdoptWording, ListWordings)
