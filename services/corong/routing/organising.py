"""The commands on units: each change is an event, and what it would move is told before."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, select

from corong.routing import state, unit_rules
from corong.routing.calendar_book import CalendarBook
from corong.routing.case_clocks import after_act
from corong.routing.life_table import FORWARDED
from corong.routing.loading import Loader
from corong.routing.rule_editions import RuleEditions
from corong.routing.rule_trial import differences
from corong.routing.rulebook import RulebookError
from corong.routing.ruling import first_facts, told_difference
from corong.routing.staffing import Staffing
from corong.runtime.clock import stamp
from corong.runtime.edition_rows import newest_of, newest_query
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.refusal import Refused
from corong.runtime.rows import Row
from corong.runtime.service import Service
from corong.runtime.unit import Draft, Unit
from corong.runtime.unit_chart import Units
from corong.runtime.unit_entry import KnownUnit
from corong.runtime.unit_rows import UNITS, edition_of, unit_id
from corong.runtime.units_kept import KeptUnits
from corong_contracts.base import partition_of
from corong_contracts.case import CaseState
from corong_contracts.unit import UnitChanged, UnitContent
from corong_contracts.unit_command import AddUnit, ChangeUnit, CloseUnit, TryUnit

HAND_OVER_SECONDS = 1.0
"""How often open cases of closed units go on, a part at a time."""
AT_ONCE = 200
SOON, SELDOM = timedelta(minutes=1), timedelta(hours=1)
"""So long after a change, and so often later, it is looked whether another process or a reopening left one there."""


class Organising:
    """Handlers of the commands on units."""

    def __init__(
        self, service: Service, kept: KeptUnits, editions: RuleEditions, staffing: Staffing, load: Loader,
        book: CalendarBook,
    ) -> None:  # fmt: skip
        self._service = service
        self._directory = service.installation.directory
        self._keys = service.installation.keys
        self._sealer = service.installation.sealer
        self._kept, self._editions, self._staffing, self._load, self._book = kept, editions, staffing, load, book
        self._known: Units | None = None
        self._changed = self._looked = datetime.min.replace(tzinfo=UTC)
        service.command(AddUnit, self.add)
        service.command(ChangeUnit, self.change)
        service.command(CloseUnit, self.close)
        service.query(TryUnit, self.attempt)
        service.every(HAND_OVER_SECONDS, self.hand_over)

    def add(self, unit: Unit, by: Actor, asked: AddUnit, cause: UUID) -> dict[str, Any]:
        """Command `unit.add`. Raises `Forbidden`, `Refused` (409, 422)."""
        units, numbers = self._begin(unit, by)
        return self._record(unit, cause, by, asked, units, numbers, unit_rules.added(units, asked.unit, asked.content))

    def change(self, unit: Unit, by: Actor, asked: ChangeUnit, cause: UUID) -> dict[str, Any]:
        """Command `unit.change`. Raises `Forbidden`, `Refused` (404, 409, 422)."""
        units, numbers = self._begin(unit, by)
        changes = unit_rules.changed(units, asked.unit, asked.content)
        _check_edition(numbers.get(asked.unit, 0), asked.after)
        return self._record(unit, cause, by, asked, units, numbers, changes)

    def close(self, unit: Unit, by: Actor, asked: CloseUnit, cause: UUID) -> dict[str, Any]:
        """Command `unit.close`. Raises `Forbidden`, `Refused` (403, 404, 409, 422)."""
        units, numbers = self._begin(unit, by)
        changes = unit_rules.closed(units, by, asked.unit, asked.successor)
        _check_edition(numbers.get(asked.unit, 0), asked.after)
        told = self._record(unit, cause, by, asked, units, numbers, changes)
        moved = self._staffing.move(unit, uuid5(cause, "staff"), asked.unit, asked.successor, by, asked.reason.strip())
        return {**told, "officers": moved}

    def attempt(self, connection: Connection, by: Actor, asked: TryUnit) -> dict[str, Any]:
        """What would move. Of citizens' words nothing is told but what the rules themselves say.

        Raises `Forbidden`, `Refused` (403, 404, 409, 422).
        """
        authorise(by, Action.UNIT_CHANGE, Scope())
        rows = newest_of(connection, state.unit_edition)
        units = self._units(rows)
        changes = _tried(units, by, asked)
        after = units.having(changes)
        content = self._editions.in_force_at(connection).content
        self._check_rules(content, after)
        now, proposed = self._editions.proposed(content, units), self._editions.proposed(content, after)
        facts = first_facts(connection, self._directory, self._sealer, asked.cases)
        found = differences(now, proposed, facts)
        closing = asked.successor is not None
        return {
            "edition": next((row["edition"] for row in rows if row["unit"] == asked.unit), 0),
            "tried": len(facts), "unreadable": len(asked.cases) - len(facts),
            "differences": [told_difference(one) for one in found],
            "changes": [_difference(units.by_id.get(one.id), one) for one in changes],
            "open_cases": _open_cases(connection, asked.unit) if closing else {},
            "officers": [one.id for one in self._directory.officers if one.unit == asked.unit] if closing else [],
            "accounts": [one.id for one in self._directory.accounts if one.unit == asked.unit] if closing else [],
        }  # fmt: skip

    def hand_over(self, unit: Unit) -> None:
        """Open cases of closed units go on with those that took over: at the closing, and whenever one is found."""
        units = self._directory.chart.now
        gone = [one.id for one in units.all if one.closed]
        if units is not self._known:
            self._known, self._changed = units, unit.now
        if not gone or (unit.now > self._changed + SOON and unit.now < self._looked + SELDOM):
            return
        table, partitions = state.case.c, self._service.settings.partitions
        waiting = (
            select(table.case_id).where(table.unit.in_(gone), table.state != CaseState.CLOSED.value)
            .order_by(table.case_id)
        )  # fmt: skip
        cases = [UUID(row["case_id"]) for row in unit.rows.query(waiting)]
        own = [case for case in cases if partition_of(case, partitions) in self._service.owned][:AT_ONCE]
        unit.lock(*(partition_of(case, partitions) for case in own))
        log = {row["unit"]: dict(row) for row in unit.rows.query(newest_query(state.unit_edition))}
        for case_id in own:
            self._hand_over(unit, case_id, units, log)
        if not own:
            self._looked = unit.now

    def _hand_over(self, unit: Unit, case_id: UUID, units: Units, log: Mapping[str, Row]) -> None:
        case = self._load.case(unit, case_id, clocks=True)
        closing = log.get(case.unit)
        heir = units.serving(case.unit)
        if closing is None or heir == case.unit or case.state == CaseState.CLOSED:
            return
        # No citizen's word, so no citizen's key: a case whose applicant was erased goes on as well.
        identity = unit_id(case.unit).hex
        key = self._keys.ensure([identity])[identity]
        words = f"{units.by_id[case.unit].name} ditutup; {units.by_id[heir].name} melanjutkan. {closing['reason']}"
        draft = unit_rules.handed_over(case, heir, closing["by"] or "system", key, words.strip())
        clocks = list[Draft]()
        if heir == units.main.id:
            clocks = after_act(case, "return", unit.now, self._book.counting(unit))
        elif not case.answered:
            clocks = after_act(case, FORWARDED, unit.now, self._book.counting(unit))
        cause = uuid5(case_id, f"unit/{case.unit}/{stamp(unit.now)}")
        unit.record(cause, [draft, *clocks])

    def _begin(self, unit: Unit, by: Actor) -> tuple[Units, dict[str, int]]:
        """All units as of this moment, with what the same commit changed before, and their editions."""
        authorise(by, Action.UNIT_CHANGE, Scope())
        unit.lock_entity(UNITS)
        rows = [dict(row) for row in unit.rows.query(newest_query(state.unit_edition))]
        return self._units(rows), {row["unit"]: row["edition"] for row in rows}

    def _units(self, rows: Iterable[Row]) -> Units:
        return self._directory.chart.listed.having(edition_of(row).unit for row in rows)

    def _check_rules(self, content: str, after: Units) -> None:
        try:
            self._editions.proposed(content, after)
        except RulebookError as error:
            told = "; ".join(f"{one.entry}: {one.what} ({one.remedy})" for one in error.problems[:20])
            raise Refused(
                422, "rules_do_not_fit", f"Aturan penyaluran yang berlaku tidak cocok lagi. {told}",
                f"The rules in force would no longer fit. {told}",
            ) from None  # fmt: skip

    def _record(
        self, unit: Unit, cause: UUID, by: Actor, asked: AddUnit | ChangeUnit | CloseUnit, units: Units,
        numbers: dict[str, int], changes: list[KnownUnit],
    ) -> dict[str, Any]:  # fmt: skip
        self._check_rules(self._editions.in_force(unit).content, units.having(changes))
        for one in changes:
            before = units.by_id.get(one.id)
            if before is not None and one.id not in numbers:
                self._draft(unit, uuid5(unit_id(one.id), "listed"), before, 1, None, "")
                numbers[one.id] = 1
        for one in changes:
            numbers[one.id] = numbers.get(one.id, 0) + 1
            self._draft(unit, cause, one, numbers[one.id], by, asked.reason.strip())
        self._kept.after(unit, [(one.id, numbers[one.id]) for one in changes])
        return {"unit": asked.unit, "edition": numbers.get(asked.unit, 0)}

    def _draft(self, unit: Unit, cause: UUID, one: KnownUnit, edition: int, by: Actor | None, reason: str) -> None:
        data = {
            "unit_id": unit_id(one.id), "unit": one.id, "edition": edition, "content": one.content,
            "successor": one.successor, "by": by.id if by else None, "reason": reason,
        }  # fmt: skip
        unit.record(cause, [Draft(UnitChanged, UNITS, data, actor=str(by) if by else "system")])


def _tried(units: Units, by: Actor, asked: TryUnit) -> list[KnownUnit]:
    match asked.content, asked.successor:
        case None, str(successor):
            return unit_rules.closed(units, by, asked.unit, successor)
        case UnitContent() as content, None:
            known = asked.unit in units.by_id
            return (unit_rules.changed if known else unit_rules.added)(units, asked.unit, content)
        case _:
            raise Refused(
                422, "one_of_both", "Isi unit atau penggantinya: salah satu saja.",
                "Either what the unit is or its successor: one of both.", ["content", "successor"],
            )  # fmt: skip


def _check_edition(found: int, after: int) -> None:
    if found != after:
        raise Refused(
            409, "unit_changed_meanwhile",
            f"Unit ini sudah diubah: yang berlaku edisi {found}, Anda mulai dari edisi {after}. Lihat dulu yang "
            "berlaku, lalu ulangi.",
            f"This unit was changed meanwhile: edition {found} is in force, and you began with {after}. Look at it, "
            "then do it again.", ["edition"],
        )  # fmt: skip


def _open_cases(connection: Connection, identity: str) -> dict[str, int]:
    """So many of each state."""
    table = state.case.c
    states = connection.execute(
        select(table.state).where(table.unit == identity, table.state != CaseState.CLOSED.value)
    ).scalars()
    return dict(sorted(Counter(states).items()))


def _difference(before: KnownUnit | None, after: KnownUnit) -> dict[str, Any]:
    """What a unit is, and what it would be."""
    return {
        "unit": after.id,
        "before": before.content.model_dump(mode="json") if before else None,
        "after": after.content.model_dump(mode="json"),
        "successor": after.successor,
    }
