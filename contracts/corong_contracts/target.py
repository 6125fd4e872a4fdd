"""Targets (sasaran): a government's own amounts for the law's clocks, never laxer than the law. Written by routing."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from corong_contracts.base import Payload
from corong_contracts.command_base import Command

ClockName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
TargetAmount = Annotated[int, Field(ge=1, le=1000)]
"""In the clock's own unit."""
TargetReason = Annotated[str, Field(min_length=1, max_length=300, pattern=r"\S")]


class TargetSet(Payload, event="target.set", writer="routing"):
    """From here on the clock has this target; when a case is overdue stays the law's to say."""

    target_id: UUID
    """Made of the clock's name."""
    rule: ClockName
    amount: TargetAmount | None = None
    """None: there is none any more."""
    officer: str
    """Who set it."""
    reason: Annotated[str, Field(max_length=300)]


class ShowTargets(Command, service="routing", name="target.show"):
    """Every clock with what the law allows, and the target that it has."""


class TryTarget(Command, service="routing", name="target.try"):
    """Which open deadlines would have another target day; nothing changes."""

    rule: ClockName
    amount: TargetAmount | None = None


class SetTarget(Command, service="routing", name="target.set"):
    """From here on the clock has this target, or none."""

    rule: ClockName
    amount: TargetAmount | None = None
    before: TargetAmount | None = None
    """The target that it had when whoever sets it looked: another's is not overwritten."""
    reason: TargetReason


TARGET_COMMANDS: tuple[type[Command], ...] = (ShowTargets, TryTarget, SetTarget)
