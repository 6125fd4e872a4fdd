"""An officer, as `officers.toml` and the log's events say who that is."""

from typing import Annotated

from pydantic import Field, StringConstraints

from corong.runtime.entry_files import Entry
from corong.runtime.provider_entry import Identity
from corong_contracts.base import Slug
from corong_contracts.officer import Role

__all__ = ["Name", "Officer", "Role"]

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]


class Officer(Entry):
    """A person who works with the hub, in one role for one unit."""

    id: Slug
    name: Name
    role: Role
    unit: Slug
    active: bool = True
    token_generation: int = Field(default=1, ge=1)
    """One higher makes every token issued before invalid."""
    identity: Identity | None = None
    """What the sign-in provider calls the person, in the claim that hub.toml names; None can't come in by it."""
