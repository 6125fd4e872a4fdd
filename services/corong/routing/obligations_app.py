"""What the government itself owes: the commands on it, and the moments at which it begins, is near or runs out."""

import asyncio
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from corong.routing import state
from corong.routing.calendar_book import CalendarBook
from corong.routing.clock_words import written_amount
from corong.routing.deadlines import ClockInputs, deadline
from corong.routing.explaining import told_day
from corong.routing.obligations import (
    ANNUAL,
    OBLIGATIONS,
    OPEN,
    annual_began,
    breach_began,
    ended,
    met,
    report_of,
    rung,
    years_ended,
)
from corong.runtime.clock import moment, stamp
from corong.runtime.opening import OFFICE_DAYS
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.refusal import Refused
from corong.runtime.rows import Row
from corong.runtime.service import Service, cause_of
from corong.runtime.unit import Unit
from corong.working_days.calendars import Calendar
from corong.working_days.zones import day_in
from corong_contracts.base import partition_of
from corong_contracts.obligation import EndObligation, ListObligations, MeetObligation, RecordBreach

LOOK_SECONDS = 5.0
MOST_LISTED = 200
AT_ONCE = 200

_ROW = state.obligation.c


class Obligations:
    """Handlers, and the waker of these clocks."""

    def __init__(self, service: Service, book: CalendarBook) -> None:
        self._service = service
        self._book = book
        self._clock = service.installation.clock
        service.query(ListObligations, self.listed)
        service.command(RecordBreach, self.record)
        service.command(MeetObligation, self.meet)
        service.command(EndObligation, self.end)
        if partition_of(OBLIGATIONS, service.settings.partitions) in service.owned:
            service.loop(self.run)  # in one process of the service

    async def run(self) -> None:
        """For ever: begin what a year's end begins, then ring what is due."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if await asyncio.to_thread(self._something_to_do):
                await self._service.committer.run(self.look, later=True)

    def look(self, unit: Unit) -> None:
        """What this moment begins, reminds of or ends."""
        for year in self._years_owed(unit.connection, unit.now):
            unit.lock_entity(OBLIGATIONS)
            if unit.rows.get(state.obligation, str(report_of(year))) is None:
                draft = annual_began(year, self._book.counting(unit))
                unit.record(cause_of(OBLIGATIONS, f"{ANNUAL}/{year}"), [draft])
        due = select(_ROW.obligation_id).where(_ROW.next_at <= stamp(unit.now))
        found = [row["obligation_id"] for row in unit.rows.query(due.order_by(_ROW.next_at, _ROW.obligation_id))]
        for identity in found[:AT_ONCE]:
            unit.lock_entity(OBLIGATIONS)
            row = unit.rows.get(state.obligation, identity)
            if row is not None and row["next_at"] is not None:
                unit.record(cause_of(UUID(identity), f"obligation/{row['next_at']}"), rung(row, unit.now))

    def _something_to_do(self) -> bool:
        now = self._clock()
        with self._service.database.read() as connection:
            due = select(_ROW.obligation_id).where(_ROW.next_at <= stamp(now)).limit(1)
            return connection.execute(due).first() is not None or bool(self._years_owed(connection, now))

    def _years_owed(self, connection: Connection, now: datetime) -> list[int]:
        """The years that are over, of which no report is owed yet; the hub's first day is its first calendar's."""
        first = connection.execute(select(func.min(state.calendar.c.adopted_at))).scalar()
        if first is None:
            return []
        zone = self._book.zone
        years = years_ended(day_in(zone, moment(first)), now, zone)
        if not years:
            return []
        begun = set(connection.execute(select(_ROW.year).where(_ROW.rule == ANNUAL)).scalars())
        return [year for year in years if year not in begun]

    def listed(self, connection: Connection, officer: Actor, asked: ListObligations) -> dict[str, Any]:
        """What is owed first, the nearest end first; then the rest, the newest first.

        Raises `Forbidden`, `Refused` (404).
        """
        authorise(officer, Action.OBLIGATION_READ, Scope())
        if asked.obligation_id is not None:
            chosen = select(state.obligation).where(_ROW.obligation_id == str(asked.obligation_id))
            row = connection.execute(chosen).mappings().first()
            if row is None:
                raise _unknown()
            return {"obligations": [self._told(dict(row)) | self._explained(connection, dict(row))]}
        nearest, newest = (_ROW.due, _ROW.owed_to.desc()), (_ROW.done_at.desc(), _ROW.obligation_id)
        owed = select(state.obligation).where(_ROW.state.in_(OPEN)).order_by(*nearest, _ROW.obligation_id)
        over = select(state.obligation).where(_ROW.state.not_in(OPEN)).order_by(*newest)
        rows = [dict(row) for part in (owed, over) for row in connection.execute(part.limit(MOST_LISTED)).mappings()]
        return {"obligations": [self._told(row) for row in rows[:MOST_LISTED]]}

    def record(self, unit: Unit, officer: Actor, asked: RecordBreach, cause: UUID) -> dict[str, Any]:
        """Command `obligation.record`. Raises `Forbidden`, `Refused` (422)."""
        authorise(officer, Action.OBLIGATION_RECORD, Scope())
        _not_to_come(asked.known_at, unit.now, "known_at")
        unit.lock_entity(OBLIGATIONS)
        drafts = breach_began(cause, asked.known_at, asked.subject.strip(), officer.id, self._book.counting(unit))
        unit.record(cause, drafts)
        return {"obligations": [str(draft.data["obligation_id"]) for draft in drafts]}

    def meet(self, unit: Unit, officer: Actor, asked: MeetObligation, cause: UUID) -> dict[str, Any]:
        """Command `obligation.meet`. Raises `Forbidden`, `Refused` (404, 409, 422)."""
        authorise(officer, Action.OBLIGATION_MEET, Scope())
        row = self._owed(unit, asked.obligation_id)
        _not_to_come(asked.at, unit.now, "at")
        if asked.at < moment(row["started"]):
            raise Refused(
                422, "before_it_began", "Saat dipenuhi lebih awal daripada saat kewajiban ini mulai.",
                "It was done before this obligation began.", ["at"],
            )  # fmt: skip
        report = {"digest": asked.digest, "position": asked.position}
        if row["rule"] != ANNUAL and any(value is not None for value in report.values()):
            raise Refused(
                422, "no_report", "Sidik dan posisi hanya untuk laporan tahunan.",
                "Digest and position belong to the yearly report alone.", ["digest", "position"],
            )  # fmt: skip
        draft = met(row, asked.at, asked.how.strip(), officer.id, report)
        unit.record(cause, [draft])
        return {"obligation_id": row["obligation_id"], "in_time": draft.data["in_time"]}

    def end(self, unit: Unit, officer: Actor, asked: EndObligation, cause: UUID) -> dict[str, Any]:
        """Command `obligation.end`. Raises `Forbidden`, `Refused` (404, 409)."""
        authorise(officer, Action.OBLIGATION_RECORD, Scope())
        row = self._owed(unit, asked.obligation_id)
        if row["rule"] == ANNUAL:
            raise Refused(
                409, "owed_every_year", "Laporan tahunan selalu wajib; catat penyerahannya.",
                "The yearly report is always owed: record that it was handed in.",
            )  # fmt: skip
        unit.record(cause, [ended(row, asked.reason.strip(), officer.id)])
        return {"obligation_id": row["obligation_id"]}

    def _owed(self, unit: Unit, identity: UUID) -> Row:
        unit.lock_entity(OBLIGATIONS)
        row = unit.rows.get(state.obligation, str(identity))
        if row is None:
            raise _unknown()
        if row["state"] not in OPEN:
            raise Refused(
                409, "nothing_owed", "Kewajiban ini sudah selesai.", "This obligation is met or ended already."
            )  # fmt: skip
        return row

    def _told(self, row: Row) -> dict[str, Any]:
        rule = self._book.rules[row["rule"]]
        late = row["state"] == "ran_out" or (row["state"] == "running" and self._clock() >= moment(row["due"]))
        in_time = moment(row["done_at"]) < moment(row["due"]) if row["state"] == "met" else None
        kept = {name: value for name, value in row.items() if name not in ("next_at", "calendar")}
        return {
            **kept, "late": late, "in_time": in_time, "name": {"id": rule.indonesian, "en": rule.english},
            "basis": rule.basis,
            "law": {language: written_amount(rule.amount, rule.unit, language) for language in ("id", "en")},
        }  # fmt: skip

    def _explained(self, connection: Connection, row: Row) -> dict[str, Any]:
        """Its days one by one, counted again from what the event says."""
        found = select(state.calendar.c.content).where(state.calendar.c.digest == row["calendar"])
        calendar = Calendar.from_content(json.loads(connection.execute(found).scalar_one()))
        counted = deadline(self._book.rules[row["rule"]], ClockInputs(moment(row["started"]), row["zone"]), calendar)
        return {
            "counts_the_same": counted.last_day.isoformat() == row["last_day"],
            "days": [
                {
                    "date": day.date.isoformat(),
                    "words": {
                        "id": told_day(day, counted.unit, OFFICE_DAYS, "id"),
                        "en": told_day(day, counted.unit, OFFICE_DAYS, "en"),
                    },
                }
                for day in counted.explanation
            ],
        }


def _unknown() -> Refused:
    return Refused(404, "no_such_obligation", "Kewajiban itu tidak ada.", "There is no such obligation.")


def _not_to_come(at: datetime, now: datetime, field: str) -> None:
    if at > now:
        raise Refused(422, "not_yet", "Saat itu belum tiba.", "That moment has not come yet.", [field])
