"""Routes of the targets: what each clock has, which open deadlines another would touch, setting one."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from corong.desk.bodies import Body
from corong.desk.calendar_api import numbers_of
from corong.desk.context import Desk, IdempotencyKey, InLanguage, Officer
from corong.desk.models import Done, OfficerRef
from corong.runtime.policy import Actor
from corong.runtime.reasons import Language
from corong_contracts.base import Time
from corong_contracts.target import ClockName, SetTarget, ShowTargets, TargetAmount, TargetReason, TryTarget

Amount = Annotated[
    TargetAmount | None, Field(description="In the clock's own unit, never laxer than the law; null: no target.")
]


class ClockTarget(BaseModel):
    """A clock, what the law allows, and the government's own target."""

    rule: str
    name: str
    basis: str
    law: str = Field(description="What the law allows, in words.")
    amount: int = Field(description="The same as a number.")
    unit: str
    target: int | None
    officer: OfficerRef | None = Field(description="Who set it; null: the configuration's file, or nobody.")
    reason: str
    set_at: Time | None


class ClockTargets(BaseModel):
    """All clocks."""

    clocks: list[ClockTarget]


class Target(Body):
    """A target to be looked at."""

    rule: ClockName
    amount: Amount = None


class TargetChange(Target):
    """A target to be set."""

    before: Annotated[TargetAmount | None, Field(description="The one that it had when it was looked at.")] = None
    reason: Annotated[TargetReason, Field(description="Stands in the log for ever.")]


class TouchedDeadline(BaseModel):
    """An open deadline that would have another target day."""

    case_id: str
    registration: str | None
    before: date | None
    after: date | None
    last_day: date = Field(description="By the law; it stays.")


class TargetTrial(BaseModel):
    """What the target would do."""

    rule: str
    name: str
    law: str
    before: int | None
    target: int | None
    open: int = Field(description="So many such deadlines are open.")
    touched: int = Field(description="So many get another target day.")
    past: int = Field(description="So many would be past it today.")
    deadlines: list[TouchedDeadline] | None = Field(
        description="The first 200, the earliest first; null for whoever may not read every case."
    )


class TargetDone(Done):
    """And what holds now."""

    rule: str
    amount: int | None


class Targets:
    """What the desk asks routing of them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def shown(self, officer: Actor, language: Language) -> list[ClockTarget]:
        """Raises `Forbidden`, `Refused`."""
        told = (await self._desk.ask(officer, ShowTargets(), None, None, wait=False)).result
        return [
            ClockTarget.model_validate({**_words(one, language), "officer": self._desk.person(one["officer"])})
            for one in told["clocks"]
        ]

    async def tried(self, officer: Actor, rule: str, amount: int | None, language: Language) -> TargetTrial:
        """Raises `Forbidden`, `Refused`."""
        told = (await self._desk.ask(officer, TryTarget(rule=rule, amount=amount), None, None, wait=False)).result
        deadlines = told["deadlines"]
        if deadlines is not None:
            numbers = await self._desk.read(lambda connection: numbers_of(connection, deadlines))
            deadlines = [{**one, "registration": numbers.get(one["case_id"])} for one in deadlines]
        return TargetTrial.model_validate({**_words(told, language), "deadlines": deadlines})


def routes(desk: Desk) -> APIRouter:
    """The router."""
    router = desk.router("targets")
    targets = Targets(desk)

    @router.get("/targets")
    async def shown(officer: Officer, language: InLanguage) -> ClockTargets:
        """Every clock with what the law allows and the government's own target."""
        return ClockTargets(clocks=await targets.shown(officer, language))

    @router.post("/targets/try")
    async def attempt(officer: Officer, language: InLanguage, body: Target) -> TargetTrial:
        """Which open deadlines would have another target day; nothing changes."""
        return await targets.tried(officer, body.rule, body.amount, language)

    @router.post("/targets")
    async def change(officer: Officer, body: TargetChange, key: IdempotencyKey = None) -> TargetDone:
        """Set a clock's target, or take it away; when a case is overdue stays the law's to say."""
        told = await desk.ask(officer, SetTarget(**body.model_dump()), None, key)
        return TargetDone(**told.as_done(), rule=body.rule, amount=body.amount)

    return router


def _words(one: dict[str, Any], language: Language) -> dict[str, Any]:
    return {**one, "name": one["name"][language], "law": one["law"][language]}
