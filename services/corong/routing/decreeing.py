"""The commands on the calendar: what it says, what a decree would move, and the officer's word that it holds."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection

from corong.routing.calendar_book import CalendarBook
from corong.routing.calendar_versions import Calendars
from corong.routing.case_clocks import Counting
from corong.routing.decree_entry import checked
from corong.routing.decrees import Decree, DecreeError, national_decrees
from corong.routing.entered_decrees import EnteredDecree, entered, entered_in
from corong.routing.foreseeing import Foreseen, foreseen
from corong.runtime.clock import stamp
from corong.runtime.policy import Action, Actor, Scope, allowed, authorise
from corong.runtime.refusal import Refused
from corong.runtime.service import Service
from corong.runtime.unit import Draft, Unit
from corong.working_days.calendars import DayChange, DayOff, changed_days
from corong.working_days.zones import day_in
from corong_contracts.decree import DecreeContent, DecreeEntered
from corong_contracts.decree_command import EnterDecree, ShowCalendar, TryDecree

CALENDAR_ID = UUID("f3b0d0b8-6f0e-5c0e-9d43-0c6a5d0f7a15")
"""All decrees are in one partition: each is checked with those before it."""
FORM = Path("decree")
MOST_LISTED = 200
"""So many deadlines are named in an answer; all are counted."""


class Decreeing:
    """Handlers."""

    def __init__(self, service: Service, book: CalendarBook) -> None:
        self._book = book
        self._clock = service.installation.clock
        service.query(ShowCalendar, self.show)
        service.query(TryDecree, self.attempt)
        service.command(EnterDecree, self.enter)

    def show(self, connection: Connection, officer: Actor, asked: ShowCalendar) -> dict[str, Any]:
        """Versions, decrees, days. Raises `Forbidden`."""
        authorise(officer, Action.SETUP_READ, Scope())
        calendars, now = self._book.calendars, self._clock()
        latest = calendars.latest
        year = asked.year or day_in(self._book.zone, now).year
        log = {one.decree.number: one for one in entered(connection)}
        return {
            "current": self._book.digest_at(now),
            "versions": [
                {
                    "number": calendars.number(one), "digest": one.digest, "in_force": one.in_force.isoformat(),
                    "decree": one.decree, "title": one.title, "decreed_years": sorted(one.decreed),
                    "first_year": one.first_year, "last_year": one.last_year,
                }
                for one in calendars.versions
            ],
            "decrees": [_told(one, log.get(one.number)) for one in calendars.decrees],
            "year": year,
            "decreed": year in latest.decreed,
            "days": [{"date": day.isoformat(), **_off(off)} for day, off in latest.days.items() if day.year == year],
        }  # fmt: skip

    def attempt(self, connection: Connection, officer: Actor, asked: TryDecree) -> dict[str, Any]:
        """What would differ. Who may not read every case learns how many deadlines move, not whose.

        Raises `Forbidden`, `Refused` (409, 422).
        """
        authorise(officer, Action.CALENDAR_CHANGE, Scope())
        after = self._with(asked.decree, entered(connection))
        changes = changed_days(self._book.calendars.latest, after.latest)
        counting = Counting.of(self._book.rules, after.latest, self._book.zone)
        found = list(foreseen(connection, changes, counting))
        by_rule = Counter(one.rule for one in found)
        listed = found[:MOST_LISTED] if allowed(officer, Action.CASE_READ, Scope()) else None
        return {
            "changes": list(map(_change, changes)),
            "moves": len(found),
            "clocks": [self._named(rule) | {"moves": many} for rule, many in by_rule.most_common()],
            "deadlines": None if listed is None else [self._named(one.rule) | _moved(one) for one in listed],
        }

    def enter(self, unit: Unit, officer: Actor, asked: EnterDecree, cause: UUID) -> dict[str, Any]:
        """Command `calendar.enter`. Raises `Forbidden`, `Refused` (409, 422)."""
        authorise(officer, Action.CALENDAR_CHANGE, Scope())
        unit.lock_entity(CALENDAR_ID)
        log = entered_in(unit)
        calendars = self._with(asked.decree, log)
        identity = uuid5(CALENDAR_ID, asked.decree.number)
        data = {"decree_id": identity, "officer": officer.id, "content": asked.decree}
        unit.record(cause, [Draft(DecreeEntered, CALENDAR_ID, data, actor=str(officer))])
        unit.after.append(lambda: self._book.take(calendars, len(log) + 1))
        return {"number": asked.decree.number, "versions": len(calendars.versions)}

    def _with(self, content: DecreeContent, log: Sequence[EnteredDecree]) -> Calendars:
        """The versions as they will be. Raises `Refused`."""
        try:
            new = checked(FORM, content.model_dump())
            if any(one.number == new.number for one in self._own(log)):
                raise Refused(
                    409, "decree_exists", "Keputusan dengan nomor itu sudah ada; keputusan berikutnya mengubahnya.",
                    "A decree of that number is there already; a later decree changes it.", ["number"],
                )  # fmt: skip
            return self._book.with_entered([*log, EnteredDecree(new, "", stamp(self._clock()))])
        except DecreeError as error:
            told = "; ".join(f"{one.what} ({one.remedy})" for one in error.problems[:20])
            raise Refused(
                422, "bad_decree", f"Keputusan tidak dapat dimasukkan. {told}", f"The decree can't be entered. {told}"
            ) from None  # fmt: skip

    def _own(self, log: Sequence[EnteredDecree]) -> list[Decree]:
        """Of the file and the log; one that comes with Corong may be replaced."""
        national = national_decrees()
        return [*(one.decree for one in log), *(one for one in self._book.calendars.decrees if one not in national)]

    def _named(self, rule: str) -> dict[str, Any]:
        known = self._book.rules[rule]
        return {"rule": rule, "name": {"id": known.indonesian, "en": known.english}}


def _told(decree: Decree, log: EnteredDecree | None) -> dict[str, Any]:
    content = json.loads(decree.model_dump_json(include=set(DecreeContent.model_fields)))
    origin = "log" if log else "corong" if decree in national_decrees() else "file"
    return {
        **content, "origin": origin, "officer": log.officer if log else None,
        "entered_at": log.entered_at if log else None,
    }  # fmt: skip


def _off(off: DayOff) -> dict[str, Any]:
    return {"kind": off.kind, "name": off.name, "decree": off.decree or None}


def _change(one: DayChange) -> dict[str, Any]:
    return {
        "date": one.date.isoformat(), "old": _off(one.old) if one.old else None,
        "new": _off(one.new) if one.new else None, "moves_work": one.moves_work,
    }  # fmt: skip


def _moved(one: Foreseen) -> dict[str, Any]:
    return {"case_id": str(one.case_id), "before": one.before.isoformat(), "after": one.after.isoformat()}
