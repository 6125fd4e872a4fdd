"""What a case's clocks say, day by day, and what the reader may do with the case: questions, nothing changes."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from corong.routing import state
from corong.routing.calendar_book import CalendarBook
from corong.routing.case_life import allowed_acts
from corong.routing.cases import Clock
from corong.routing.clock_rules import ClockRule
from corong.routing.clock_words import Language, written_amount, written_beside, written_count
from corong.routing.deadlines import deadline
from corong.routing.life_table import life
from corong.routing.loading import read_case
from corong.runtime.opening import OFFICE_DAYS, Weekday, is_open, written_days
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.service import Service
from corong.working_days.calendars import Calendar
from corong.working_days.counting import DayCount, Unit
from corong_contracts.life_command import ExplainCase


class Explaining:
    """Answers `case.explain`."""

    def __init__(self, service: Service, book: CalendarBook) -> None:
        self._now = service.installation.clock
        self._directory = service.installation.directory
        self._book = book
        service.query(ExplainCase, self.explain)

    def explain(self, connection: Connection, officer: Actor, asked: ExplainCase) -> dict[str, Any]:
        """The state, the acts that the officer may do, and every clock. Raises `Refused` (404), `Forbidden`."""
        case = read_case(connection, asked.case_id)
        authorise(officer, Action.CASE_READ, Scope(case.unit, case.kind))
        now = self._now()
        indonesian, english = life().states[case.state]
        opening = self._opening(case.unit)
        return {
            "opening": {"id": written_days(opening, "id"), "en": written_days(opening, "en")},
            "state": str(case.state),
            "state_words": {"id": indonesian, "en": english},
            "acts": [
                {
                    "act": act.act,
                    "words": {"id": act.indonesian, "en": act.english},
                    "needs": list(act.needs),
                    "basis": act.basis,
                }
                for act in allowed_acts(case, officer, now)
            ],
            "clocks": [
                self._clock(connection, clock, opening) | {"late": clock.state == "ran_out" or _late(clock, now)}
                for clock in case.clocks.values()
            ],
        }

    def _opening(self, unit: str) -> Sequence[Weekday]:
        return self._directory.unit(unit).opening_days if self._directory.has_unit(unit) else OFFICE_DAYS

    def _clock(self, connection: Connection, clock: Clock, opening: Sequence[Weekday]) -> dict[str, Any]:
        told: dict[str, Any] = {
            "rule": clock.rule,
            "state": clock.state,
            "last_day": clock.last_day.isoformat(),
            "due": clock.due.isoformat(),
            "started": clock.inputs.started.isoformat(),
            "zone": clock.inputs.zone,
            "pauses": clock.inputs.facts()["pauses"],
            "extended": clock.inputs.extended,
            "paused_on": clock.paused_on and clock.paused_on.isoformat(),
            "ended_by": clock.ended_by,
            "calendar": {"digest": clock.calendar, "decree": None},
        }
        rule = self._book.rules.get(clock.rule)
        calendar = self._calendar(connection, clock.calendar)
        if rule is None or calendar is None:
            return told
        return told | self._counted(rule, clock, calendar, opening)

    def _counted(
        self, rule: ClockRule, clock: Clock, calendar: Calendar, opening: Sequence[Weekday]
    ) -> dict[str, Any]:  # fmt: skip
        found = deadline(rule, clock.inputs, calendar)
        basis = rule.ceiling.basis if found.decided_by == "ceiling" and rule.ceiling else rule.basis
        if clock.inputs.extended and rule.extension:
            basis = f"{basis}; {rule.extension.basis}"
        pauses = self._book.rules.pauses
        return {
            "name": {"id": rule.indonesian, "en": rule.english},
            "bound": rule.bound,
            "basis": basis,
            "amount": {
                "id": written_amount(found.amount, found.unit, "id"),
                "en": written_amount(found.amount, found.unit, "en"),
            },
            "calendar": {"digest": calendar.digest, "decree": calendar.decree},
            "decided_by": found.decided_by,
            "provisional": found.provisional,
            "target_day": found.target_day and found.target_day.isoformat(),
            # False where the installation's rules say something else today than when the deadline was counted.
            "counts_the_same": found.last_day == clock.last_day,
            "days": [
                {
                    "date": day.date.isoformat(),
                    "was": day.was,
                    "number": day.number,
                    "decree": day.decree or None,
                    "open": is_open(opening, day.date),
                    "words": {
                        "id": told_day(day, found.unit, opening, "id", pauses),
                        "en": told_day(day, found.unit, opening, "en", pauses),
                    },
                }
                for day in found.explanation
            ],
        }

    def _calendar(self, connection: Connection, digest: str) -> Calendar | None:
        content = connection.execute(
            select(state.calendar.c.content).where(state.calendar.c.digest == digest)
        ).scalar()  # fmt: skip
        return Calendar.from_content(json.loads(content)) if content else None


def told_day(
    day: DayCount, unit: Unit, opening: Sequence[Weekday], language: Language,
    pauses: Mapping[str, tuple[str, str]] | None = None,
) -> str:  # fmt: skip
    """What a date counted as, and beside it that the unit's doors are open or closed where that may surprise."""
    words = written_count(day, unit, language, pauses)
    # Holidays close every door; of clocks that count each day nobody asks.
    plain = unit == "working_days" and day.was in ("counted", "saturday", "sunday")
    beside = written_beside(day.date, opening, language) if plain else ""
    return f"{words}; {beside}" if beside else words


def _late(clock: Clock, now: datetime) -> bool:
    return clock.state == "running" and now >= clock.due
