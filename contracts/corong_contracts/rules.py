"""The rules by which a new case finds its unit: each edition in the log, whole. Written by routing."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from corong_contracts.base import Payload


class RulesChanged(Payload, event="rules.changed", writer="routing"):
    """From here on new cases are routed by these rules; those that were routed stay where they are."""

    rules_id: UUID
    """One for the installation."""
    edition: int = Field(ge=1, lt=2**31)
    """1, 2, 3 …; the first is what the configuration folder had before an officer changed it."""
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the content."""
    officer: str | None = None
    """Who changed them; None: the file of the configuration folder."""
    reason: Annotated[str, Field(max_length=300)] = ""
    """Why, in the officer's words."""
    content: str
    """The whole rule file, TOML."""
