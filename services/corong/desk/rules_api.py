"""Routes of the rules of routing: reading them, trying others on the messages of the last weeks, changing them."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from corong.desk.bodies import Body
from corong.desk.context import Desk, IdempotencyKey, InLanguage, Officer
from corong.desk.models import Done, OfficerRef, UnitRef
from corong.desk.paging import read_cursor, write_cursor
from corong.desk.trying_rules import DAYS, ORDER, Tried, Trying, by_rules
from corong.runtime.policy import Action
from corong.runtime.reasons import Language, sentence
from corong_contracts.base import Time
from corong_contracts.case import CaseKind, Priority, Reason
from corong_contracts.rules_command import Content, SetRules, ShowRules


class RuleEdition(BaseModel):
    """Rules that are or were in force."""

    edition: int = Field(description="1, 2, 3 …; 0: the configuration's file, which nobody changed yet.")
    digest: str = Field(description="SHA-256 of the content.")
    officer: OfficerRef | None = Field(description="Who changed them; null: the configuration's file.")
    reason: str
    changed_at: Time | None


class Rules(RuleEdition):
    """One edition with its content, and all there were."""

    content: str = Field(description="The rule file, TOML.")
    editions: list[RuleEdition] = Field(description="The newest first: it is in force.")


class Proposal(Body):
    """Rules to be tried."""

    content: Content = Field(description="The rule file, TOML.")


class Way(BaseModel):
    """Where a message goes."""

    unit: UnitRef
    kind: CaseKind
    priority: Priority
    rule: str = Field(description="That gave the unit, or `no_rule`.")
    why: list[str]


class Change(BaseModel):
    """A case that would go elsewhere, or get another kind or priority."""

    case_id: str
    registration: str
    registered_at: Time
    moves: bool = Field(description="To another unit.")
    old: Way
    new: Way


class UnitChange(BaseModel):
    """What a unit would gain and lose."""

    unit: UnitRef
    gains: int
    loses: int


class Differing(BaseModel):
    """What would have gone otherwise with a page of the messages."""

    of: int = Field(description="So many cases were registered in these days.")
    tried: int
    unreadable: int = Field(description="Cases without words: erased, split off, or not taken by routing yet.")
    moves: int
    others: int = Field(description="Same unit, another kind or priority.")
    units: list[UnitChange]
    cases: list[Change] | None = Field(description="null for whoever may not read every case: counts alone.")


class Trial(Differing):
    """What the proposed rules would have done otherwise."""

    digest: str = Field(description="SHA-256 of the proposed content.")
    edition: int = Field(description="The edition in force, with which it is compared.")
    next: str | None


class Changed(Body):
    """Rules to be in force."""

    content: Content = Field(description="The rule file, TOML.")
    edition: int = Field(ge=0, lt=2**31, description="The edition that was in force when they were written.")
    reason: Annotated[str, Field(min_length=1, max_length=300, pattern=r"\S")] = Field(
        description="Stands in the log for ever."
    )


class RulesDone(Done):
    """And what is in force now."""

    edition: int
    digest: str


def routes(desk: Desk) -> APIRouter:
    """The router."""
    router = desk.router("rules")
    trying = Trying(desk)

    @router.get("/rules")
    async def shown(
        officer: Officer,
        edition: Annotated[int | None, Query(ge=0, lt=2**31, description="By default the one in force.")] = None,
    ) -> Rules:
        """The rules by which new cases find their unit, and all editions."""
        told = (await desk.ask(officer, ShowRules(edition=edition), None, None, wait=False)).result
        return Rules.model_validate(
            {
                **_edition(desk, told["edition"]),
                "content": told["content"],
                "editions": [_edition(desk, one) for one in told["editions"]],
            }
        )

    @router.post("/rules/try")
    async def attempt(
        officer: Officer,
        language: InLanguage,
        body: Proposal,
        days: Annotated[int, Query(ge=1, le=DAYS, description="So many days back.")] = 30,
        limit: Annotated[int, Query(ge=1, le=500, description="So many cases at most.")] = 200,
        cursor: Annotated[str | None, Query(max_length=400, description="`next` of the page before.")] = None,
    ) -> Trial:
        """Where the messages of the last days would have gone by these rules; nothing changes."""
        after = read_cursor(cursor, ORDER)
        found = await trying.page(officer, Action.RULES_CHANGE, by_rules(body.content), days, limit, after)
        return trial(desk, found, language)

    @router.post("/rules")
    async def change(officer: Officer, body: Changed, key: IdempotencyKey = None) -> RulesDone:
        """Route new cases by these rules from now on; those that were routed stay where they are."""
        command = SetRules(content=body.content, after=body.edition, reason=body.reason)
        told = await desk.ask(officer, command, None, key)
        if "edition" not in told.result:  # asked again with the same key: the answer is kept without it
            told.result |= (await desk.ask(officer, ShowRules(), None, None, wait=False)).result["edition"]
        return RulesDone(**told.as_done(), edition=told.result["edition"], digest=told.result["digest"])

    return router


def trial(desk: Desk, found: Tried, language: Language) -> Trial:
    """What was found, as the API shows it."""
    return Trial.model_validate(
        {
            **{name: found.told[name] for name in ("digest", "edition")},
            **differing(desk, found, language),
            "next": write_cursor(found.next) if found.next else None,
        }
    )


def differing(desk: Desk, found: Tried, language: Language) -> dict[str, Any]:
    """The fields of `Differing`."""
    return {
        **{name: getattr(found, name) for name in ("of", "tried", "unreadable", "moves")},
        "others": len(found.differences) - found.moves,
        "units": [
            {"unit": desk.unit(unit), "gains": gains, "loses": loses}
            for unit, (gains, loses) in found.by_unit().items()
        ],
        "cases": [_change(desk, one, language) for one in found.differences] if found.listed else None,
    }


def _change(desk: Desk, one: dict[str, Any], language: Language) -> dict[str, Any]:
    return {**one, "old": _way(desk, one["old"], language), "new": _way(desk, one["new"], language)}


def _way(desk: Desk, way: dict[str, Any], language: Language) -> dict[str, Any]:
    why = [sentence(Reason.model_validate(reason), language) for reason in way["reasons"]]
    return {**way, "unit": desk.unit(way["unit"]), "why": why}


def _edition(desk: Desk, told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "officer": desk.person(told["officer"])}
