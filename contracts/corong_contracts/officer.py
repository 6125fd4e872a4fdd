"""Officers (petugas): who works with the hub, in which role and for which unit. Written by routing."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from corong_contracts.base import Payload, Sealed, Slug, Time

Role = Literal["main_officer", "unit_officer", "operator", "superior", "auditor", "admin"]


class OfficerChanged(Payload, event="officer.changed", writer="routing"):
    """From here on this is who the officer is; what they did before stays what it was."""

    officer_id: UUID
    """Made of the id; the key of the sealed name is this one's."""
    officer: Slug
    """The id, which events name as actor and which never changes."""
    edition: int = Field(ge=1, lt=2**31)
    """1, 2, 3 … of the officer; the first of one who was listed before is what officers.toml had."""
    name: Sealed
    role: Role
    unit: Slug
    active: bool
    """One who is not may do nothing and can't come in."""
    generation: int = Field(ge=1, lt=2**31)
    """Of tokens, sessions and sign-in links: those of an earlier one are good no longer."""
    by: str | None = None
    """Who changed it; None: the file of the configuration folder."""
    reason: Annotated[str, Field(max_length=300)] = ""
    """Why, in the officer's words."""


class OfficerInvited(Payload, event="officer.invited", writer="routing"):
    """Somebody got a one-time link by which this officer comes in; the link itself stands nowhere."""

    officer_id: UUID
    officer: Slug
    generation: int = Field(ge=1, lt=2**31)
    """The link is good as long as this is the officer's."""
    expires_at: Time
    by: str
    reason: Annotated[str, Field(max_length=300)] = ""
