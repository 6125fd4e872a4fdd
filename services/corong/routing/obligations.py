"""What the government itself owes by law and no case asks for: a breach's notices and the yearly report; pure.

The clocks are `breach_notice` and `annual_report` of `clock_rules.toml`, counted as any other.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from corong.routing.case_clocks import Counting, counted
from corong.routing.deadlines import ClockInputs
from corong.runtime.clock import moment
from corong.runtime.rows import Row
from corong.runtime.unit import Draft
from corong.working_days.zones import Zone, day_in, start_of
from corong_contracts.obligation import (
    ObligationBegan,
    ObligationEnded,
    ObligationMet,
    ObligationRanOut,
    ObligationReminded,
)

__all__ = [
    "ANNUAL",
    "BREACH",
    "OBLIGATIONS",
    "OPEN",
    "annual_began",
    "breach_began",
    "ended",
    "met",
    "report_of",
    "rung",
    "years_ended",
]

OBLIGATIONS = UUID("6d0f7a8c-3b14-5c7e-9f02-8a5de1c47b36")
"""All are in one partition."""
BREACH, ANNUAL = "breach_notice", "annual_report"
OPEN = ("running", "ran_out")
"""States in which it is owed."""


def breach_began(cause: UUID, known_at: datetime, subject: str, officer: str, counting: Counting) -> list[Draft]:
    """Two notices are owed, each met by itself: to the persons, and to the agency (UU 27/2022 art. 46)."""
    owed = {"subject": subject, "officer": officer}
    return [
        _began(uuid5(cause, owed_to), BREACH, owed_to, known_at, counting, f"officer:{officer}", owed)
        for owed_to in ("persons", "agency")
    ]


def years_ended(first_day: date, now: datetime, zone: Zone) -> range:
    """The budget years in which the hub was at work, from its first day on, and which are over."""
    return range(first_day.year, day_in(zone, now).year)


def report_of(year: int) -> UUID:
    """The id of the obligation to report on that year: there is one."""
    return uuid5(OBLIGATIONS, f"{ANNUAL}/{year}")


def annual_began(year: int, counting: Counting) -> Draft:
    """The yearly report is owed since the last moment of the year: 31 December is its day zero."""
    started = start_of(date(year + 1, 1, 1), counting.zone) - timedelta(microseconds=1)
    return _began(report_of(year), ANNUAL, "commission", started, counting, "system", {"year": year})


def _began(
    identity: UUID, rule: str, owed_to: str, started: datetime, counting: Counting, actor: str, more: dict[str, Any]
) -> Draft:  # fmt: skip
    found = counted(counting.rules[rule], ClockInputs(started.astimezone(UTC), counting.zone), counting.calendar)
    data = {"obligation_id": identity, "owed_to": owed_to, "count": found.count, "remind_at": found.remind_at, **more}
    return Draft(ObligationBegan, OBLIGATIONS, data, actor=actor)


def rung(row: Row, now: datetime) -> list[Draft]:
    """What follows at this moment: a reminder before its end, and after it the superior is told."""
    named = {"obligation_id": UUID(row["obligation_id"]), "rule": row["rule"]}
    if now >= moment(row["due"]):
        return [Draft(ObligationRanOut, OBLIGATIONS, {**named, "due": moment(row["due"])})]
    if row["reminded"]:
        return []
    return [Draft(ObligationReminded, OBLIGATIONS, {**named, "last_day": date.fromisoformat(row["last_day"])})]


def met(row: Row, at: datetime, how: str, officer: str, report: dict[str, Any]) -> Draft:
    """It was done at that moment; `report`: digest and position of what was handed in, where it has them."""
    due = moment(row["due"])
    data = {
        "obligation_id": UUID(row["obligation_id"]), "rule": row["rule"], "at": at, "in_time": at < due, "due": due,
        "officer": officer, "how": how, **report,
    }  # fmt: skip
    return Draft(ObligationMet, OBLIGATIONS, data, actor=f"officer:{officer}")


def ended(row: Row, reason: str, officer: str) -> Draft:
    """It was recorded by mistake."""
    data = {
        "obligation_id": UUID(row["obligation_id"]), "rule": row["rule"], "officer": officer, "reason": reason,
    }  # fmt: skip
    return Draft(ObligationEnded, OBLIGATIONS, data, actor=f"officer:{officer}")
