"""The commands on targets: what clocks have, which open deadlines another would touch, and setting one."""

from datetime import date
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, select

from corong.routing import state
from corong.routing.calendar_book import CalendarBook
from corong.routing.clock_rules import ClockRule, ClockRuleError
from corong.routing.clock_words import written_amount
from corong.routing.deadlines import deadline
from corong.routing.kept_targets import targets_of
from corong.routing.loading import clock_of
from corong.runtime.policy import Action, Actor, Scope, allowed, authorise
from corong.runtime.refusal import Refused
from corong.runtime.rows import Row
from corong.runtime.service import Service
from corong.runtime.unit import Draft, Unit
from corong.working_days.zones import day_in
from corong_contracts.target import SetTarget, ShowTargets, TargetSet, TryTarget

TARGETS = UUID("2b7f1c44-9a6e-5d0b-8f25-6c1d0e4b7a90")
"""All are in one partition."""
MOST_LISTED = 200
"""So many deadlines are named in an answer; all are counted."""


class Targeting:
    """Handlers."""

    def __init__(self, service: Service, book: CalendarBook) -> None:
        self._book = book
        self._clock = service.installation.clock
        service.query(ShowTargets, self.show)
        service.query(TryTarget, self.attempt)
        service.command(SetTarget, self.set)

    def show(self, connection: Connection, officer: Actor, _asked: ShowTargets) -> dict[str, Any]:
        """Raises `Forbidden`."""
        authorise(officer, Action.SETUP_READ, Scope())
        rows = connection.execute(select(state.target)).mappings()
        log = {row["rule"]: dict(row) for row in rows}
        return {"clocks": [_told(rule, log.get(name)) for name, rule in self._book.rules.items()]}

    def attempt(self, connection: Connection, officer: Actor, asked: TryTarget) -> dict[str, Any]:
        """What would differ. Who may not read every case learns how many, not whose.

        Raises `Forbidden`, `Refused` (404, 422).
        """
        authorise(officer, Action.TARGET_SET, Scope())
        before = self._rule(asked.rule)
        after = self._with(targets_of(connection), asked.rule, asked.amount)
        now = self._clock()
        calendar, today = self._book.counting_at(now).calendar, day_in(self._book.zone, now)
        table = state.clock.c
        running = select(state.clock).where(table.state == "running", table.rule == asked.rule)
        listed = list[dict[str, Any]]()
        touched = past = count = 0
        for row in connection.execute(running.order_by(table.last_day, table.case_id)).mappings():
            count += 1
            inputs = clock_of(dict(row)).inputs
            old, new = (deadline(rule, inputs, calendar).target_day for rule in (before, after))
            past += new is not None and new < today
            if old != new:
                touched += 1
                if len(listed) < MOST_LISTED:
                    listed.append({"case_id": row["case_id"], "before": _day(old), "after": _day(new),
                                   "last_day": row["last_day"]})  # fmt: skip
        return {
            **_told(after, None), "before": before.target, "open": count, "touched": touched, "past": past,
            "deadlines": listed if allowed(officer, Action.CASE_READ, Scope()) else None,
        }  # fmt: skip

    def set(self, unit: Unit, officer: Actor, asked: SetTarget, cause: UUID) -> dict[str, Any]:
        """Command `target.set`. Raises `Forbidden`, `Refused` (404, 409, 422)."""
        authorise(officer, Action.TARGET_SET, Scope())
        unit.lock_entity(TARGETS)
        rows = unit.rows.query(select(state.target.c.rule, state.target.c.amount))
        targets = {row["rule"]: row["amount"] for row in rows}
        now = targets.get(asked.rule, self._book.filed_target(asked.rule))
        self._with(targets, asked.rule, asked.amount)
        if now != asked.before:
            raise Refused(
                409, "target_changed_meanwhile", f"Sasaran ini sudah diubah menjadi {now or 'tidak ada'}.",
                f"This target was changed meanwhile to {now or 'none'}.", ["before"],
            )  # fmt: skip
        if now == asked.amount:
            return {"rule": asked.rule, "amount": now}
        data = {
            "target_id": uuid5(TARGETS, asked.rule), "rule": asked.rule, "amount": asked.amount,
            "officer": officer.id, "reason": asked.reason.strip(),
        }  # fmt: skip
        unit.record(cause, [Draft(TargetSet, TARGETS, data, actor=str(officer))])
        unit.after.append(lambda: self._book.take_targets({**targets, asked.rule: asked.amount}))
        return {"rule": asked.rule, "amount": asked.amount}

    def _rule(self, name: str) -> ClockRule:
        found = self._book.rules.get(name)
        if found is None:
            raise Refused(404, "no_such_clock", "Tenggat itu tidak ada.", "There is no such clock.", ["rule"])
        return found

    def _with(self, targets: dict[str, int | None], name: str, amount: int | None) -> ClockRule:
        """The clock as it would be. Raises `Refused`."""
        law = self._rule(name)
        try:
            return self._book.with_targets({**targets, name: amount})[name]
        except ClockRuleError:
            most = {language: written_amount(law.amount, law.unit, language) for language in ("id", "en")}
            raise Refused(
                422, "laxer_than_law", f"Sasaran tidak boleh lebih longgar dari hukum: paling banyak {most['id']}.",
                f"A target may not be laxer than the law: at most {most['en']}.", ["amount"],
            ) from None  # fmt: skip


def _told(rule: ClockRule, log: Row | None) -> dict[str, Any]:
    return {
        "rule": rule.name, "name": {"id": rule.indonesian, "en": rule.english}, "basis": rule.basis,
        "amount": rule.amount, "unit": rule.unit, "target": rule.target,
        "law": {"id": written_amount(rule.amount, rule.unit, "id"), "en": written_amount(rule.amount, rule.unit, "en")},
        "officer": log and log["officer"], "reason": log["reason"] if log else "", "set_at": log and log["set_at"],
    }  # fmt: skip


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
