"""Commands on officers: adding one, changing what one is, shutting one out and letting one in again."""

from typing import Annotated

from pydantic import Field

from corong_contracts.base import Slug
from corong_contracts.command_base import Command
from corong_contracts.officer import Role

OfficerName = Annotated[str, Field(min_length=1, max_length=120, pattern=r"\S")]
ChangeReason = Annotated[str, Field(min_length=1, max_length=300, pattern=r"\S")]
InviteHours = Annotated[int, Field(ge=1, le=168)]
"""How long the link is good."""
Edition = Annotated[int, Field(ge=0, lt=2**31)]
"""Of the officer, as whoever changes it saw it; 0: nobody changed what officers.toml says."""


class AddOfficer(Command, service="routing", name="officer.add"):
    """Somebody new; the id is theirs for ever."""

    officer: Slug
    called: OfficerName
    role: Role
    unit: Slug
    reason: ChangeReason


class ChangeOfficer(Command, service="routing", name="officer.change"):
    """Another name, role or unit; what is None stays."""

    officer: Slug
    called: OfficerName | None = None
    role: Role | None = None
    unit: Slug | None = None
    after: Edition
    """Who changed it meanwhile is not overwritten."""
    reason: ChangeReason


class DeactivateOfficer(Command, service="routing", name="officer.deactivate"):
    """Shut somebody out: every session, token and link ends."""

    officer: Slug
    reason: ChangeReason


class ReactivateOfficer(Command, service="routing", name="officer.reactivate"):
    """Let somebody in again; what ended stays ended."""

    officer: Slug
    reason: ChangeReason


class InviteOfficer(Command, service="routing", name="officer.invite"):
    """Record that somebody gets a one-time link to come in by; whoever asks makes it from the answer."""

    officer: Slug
    hours: InviteHours
    reason: ChangeReason


OFFICER_COMMANDS: tuple[type[Command], ...] = (
    AddOfficer, ChangeOfficer, DeactivateOfficer, ReactivateOfficer, InviteOfficer,
)  # fmt: skip
