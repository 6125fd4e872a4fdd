"""What routing tells of a case, for its pages: what may be done now, and how each deadline was counted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import Request

from corong.desk.pages.frame import Frame
from corong.runtime.kind_names import Translate
from corong.runtime.language import language_of
from corong.runtime.policy import Actor
from corong.runtime.refusal import Refused
from corong_contracts.life_command import ExplainCase


@dataclass(frozen=True)
class Counted:
    """A deadline, day by day."""

    rule: str
    name: str
    basis: str
    amount: str
    last_day: date
    state: str
    late: bool
    decree: str
    days: tuple[tuple[date, str], ...]
    """What each date counted as."""


@dataclass(frozen=True)
class Life:
    """How far a case is by the law."""

    told: str = ""
    names: frozenset[str] = frozenset()
    """Acts of the life table that its reader may do now."""
    clocks: tuple[Counted, ...] = ()
    """The one that ends first stands first."""
    away: bool = False
    """Routing did not answer."""


class CaseWords:
    """Asks and puts into words."""

    def __init__(self, frame: Frame) -> None:
        self._desk = frame.desk

    async def life(self, request: Request, actor: Actor, case_id: UUID) -> Life:
        """Of a case that the officer may read; `away` where routing doesn't answer, or doesn't have the case yet."""
        try:
            told = await self._desk.ask(actor, ExplainCase(case_id=case_id), None, None, wait=False)
        except Refused:
            return Life(away=True)
        found, language = told.result, language_of(request)
        clocks = (_counted(clock, language) for clock in found["clocks"])
        return Life(
            told=found["state_words"][language],
            names=frozenset(act["act"] for act in found["acts"]),
            clocks=tuple(sorted(clocks, key=lambda clock: clock.last_day)),
        )

    @staticmethod
    def outcome(_: Translate) -> Callable[[str], str]:
        """What was decided, in words."""
        known = {
            "granted": _("Dikabulkan seluruhnya"),
            "partly_granted": _("Dikabulkan sebagian"),
            "refused": _("Ditolak"),
            "not_held": _("Informasi tidak dikuasai"),
            "upheld": _("Keberatan dikabulkan"),
            "partly_upheld": _("Keberatan dikabulkan sebagian"),
            "rejected": _("Keberatan ditolak"),
        }
        return lambda outcome: known.get(outcome, outcome)


def _counted(clock: dict[str, Any], language: str) -> Counted:
    return Counted(
        rule=clock["rule"],
        name=clock["name"][language] if "name" in clock else clock["rule"],
        basis=clock.get("basis", ""),
        amount=clock["amount"][language] if "amount" in clock else "",
        last_day=date.fromisoformat(clock["last_day"]),
        state=clock["state"],
        late=bool(clock["late"]),
        decree=(clock["calendar"] or {}).get("decree") or "",
        days=tuple((date.fromisoformat(day["date"]), day["words"][language]) for day in clock.get("days", ())),
    )
