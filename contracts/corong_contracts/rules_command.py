"""Commands on the rules of routing: what they say, what others would move, and changing them."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from corong_contracts.base import Model
from corong_contracts.command_base import Command

Content = Annotated[str, Field(min_length=1, max_length=55_000)]
"""A rule file, TOML."""


class ShowRules(Command, service="routing", name="rules.show"):
    """The rules in force, and which editions there were."""

    edition: int | None = Field(default=None, ge=0, lt=2**31)
    """Whose content is wanted; None: the one in force."""


class FirstMessage(Model):
    """A case and the words that opened it, sealed as they are kept."""

    case_id: UUID
    sealed: Annotated[str, Field(max_length=500_000)]


class TryRules(Command, service="routing", name="rules.try"):
    """Where these cases would go by other rules, beside where they go by the rules in force; nothing changes."""

    content: Content
    cases: list[FirstMessage] = Field(max_length=200)
    """Without any: the rules are checked alone."""


class SetRules(Command, service="routing", name="rules.set"):
    """From here on new cases are routed by these rules."""

    content: Content
    after: int = Field(ge=0, lt=2**31)
    """The edition that was in force when they were written: who changed it meanwhile is not overwritten."""
    reason: Annotated[str, Field(min_length=1, max_length=300)]


RULES_COMMANDS: tuple[type[Command], ...] = (ShowRules, TryRules, SetRules)
