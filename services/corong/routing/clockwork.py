"""Clocks that come due, and deadlines that a new calendar moves: found by index, turned into events."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Select, bindparam, literal_column, select, tuple_

from corong.routing import state
from corong.routing.calendar_book import CalendarBook
from corong.routing.case_clocks import Counting, moved_by_calendar
from corong.routing.cases import Case, Clock
from corong.routing.issuer import Issuer
from corong.routing.loading import Loader, clock_of
from corong.routing.papers import Said
from corong.routing.ringing import SILENCE, given_up, ring
from corong.routing.template_book import Edition
from corong.runtime.clock import stamp
from corong.runtime.entry_files import ConfigurationError
from corong.runtime.keys import PersonErased
from corong.runtime.rows import Row
from corong.runtime.service import Service, cause_of
from corong.runtime.statements import run
from corong.runtime.unit import Draft, Unit
from corong.working_days.calendars import DayChange, changed_days
from corong_contracts.document import DocumentKind

log = structlog.get_logger()

LOOK_SECONDS = 0.4
"""How often it is looked whether a clock's time has come: what is due is acted on within a second."""
DECREES_SECONDS = 30.0
SHARED_SECONDS = 1.0
"""The same, where another process of the service may take an officer's decree."""
AT_ONCE = 200
"""Clocks in one commit."""

_CLOCK = state.clock.c
_DUE = (
    select(_CLOCK.rule)
    .where(_CLOCK.next_at <= bindparam("now"))
    .limit(literal_column("1"))
    .offset(literal_column("0"))  # SQLite's dialect would make it a parameter
)
"""Whether anything is due, asked again and again."""
_DUE_HERE = _DUE.where(_CLOCK.partition.between(bindparam("first"), bindparam("last")))


class Clockwork:
    """The waker: it asks the service's own source of time, so whoever gives that drives it."""

    def __init__(self, service: Service, load: Loader, book: CalendarBook, issuer: Issuer) -> None:
        self._service = service
        self._load = load
        self._book = book
        self._issuer = issuer
        self._main_unit = service.installation.directory.main_unit.id
        self._followed: str | None = None
        """The calendar by which every running clock of this process has been looked at."""
        self._cursor = ("", "", "")
        """Of that work: the calendar, case and rule that were looked at last."""
        service.loop(self.run)
        service.loop(self.read_decrees)

    async def run(self) -> None:
        """For ever: follow the calendar, then ring what is due."""
        committer = self._service.committer
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if await asyncio.to_thread(self._calendar_is_new):
                while await committer.run(self.follow_calendar, later=True):
                    pass
            while await asyncio.to_thread(self._something_is_due):
                await committer.run(self.ring_due, later=True)

    async def read_decrees(self) -> None:
        """For ever: whether the decrees say something new. A file that can't be used changes nothing."""
        while True:
            await asyncio.sleep(DECREES_SECONDS if self._service.whole else SHARED_SECONDS)
            try:
                if await asyncio.to_thread(self._book.reload):
                    log.info("calendar read again", versions=len(self._book.calendars.versions))
            except ConfigurationError as error:
                log.error("decrees can't be used: the calendar stays", problems=len(error.problems))

    def ring_due(self, unit: Unit) -> int:
        """Ring the clocks that are due, the earliest first; how many."""
        due = unit.rows.query(self._due(stamp(unit.now)).limit(AT_ONCE))
        if not due:
            return 0
        self._lock(unit, due)
        counting = self._book.counting(unit)

        @cache
        def edition() -> Edition:
            return self._issuer.edition(unit, DocumentKind.SILENCE)

        for row in self._read(unit, [found["case_id"] for found in due]):
            self._ring(unit, row, counting, edition)
        return len(due)

    def _read(self, unit: Unit, cases: Sequence[str]) -> list[Row]:
        """What is due of these cases, read under the lock: all that ringing needs in one question for each table."""
        unit.rows.load(state.case, cases)
        unit.rows.load(state.registered, cases)
        table = state.clock.c
        chosen = select(state.clock).where(table.case_id.in_(cases), table.next_at <= stamp(unit.now))
        found = [dict(row) for row in unit.rows.query(chosen.order_by(table.next_at, table.case_id, table.rule))]
        unit.rows.keep(state.clock, found)
        return found

    def _ring(self, unit: Unit, row: Row, counting: Counting, edition: Callable[[], Edition]) -> None:
        case = self._load.case(unit, UUID(row["case_id"]), alone=True)
        clock = clock_of(row)
        cause = cause_of(case.case_id, f"clock/{row['rule']}/{row['since']}/{row['next_at']}")
        if row["rule"] in counting.rules:
            drafts = ring(case, clock, row["remind_at"] is None, unit.now, cause, counting, self._main_unit)
            if any(draft.data.get("notice") == SILENCE for draft in drafts):
                drafts = self._by_letter(unit, case, clock, drafts, edition)
        else:
            drafts = [given_up(case, clock)]
        unit.record(cause, drafts)

    def _by_letter(
        self, unit: Unit, case: Case, clock: Clock, drafts: list[Draft], edition: Callable[[], Edition]
    ) -> list[Draft]:  # fmt: skip
        """Silence is told by letter; whoever was erased meanwhile has nobody to read one."""
        try:
            keyed = self._load.keyed(replace(case, clocks={clock.rule: clock}))
        except PersonErased:
            return drafts
        return self._issuer.beside(unit, keyed, DocumentKind.SILENCE, Said(""), drafts, edition())

    def follow_calendar(self, unit: Unit) -> bool:
        """Move what the calendar of today moves, some at a time; whether there may be more."""
        counting = self._book.counting(unit)
        digest = counting.calendar.digest
        adopted = select(state.calendar.c.digest).where(state.calendar.c.digest >= self._cursor[0])
        for one in unit.rows.query(adopted.order_by(state.calendar.c.digest)):
            old = one["digest"]
            changes = self._changes(unit, old, counting)
            if not changes:
                continue
            after = self._cursor[1:] if self._cursor[0] == old else ("", "")
            rows = unit.rows.query(self._counted_by(old, changes[0].date.isoformat(), after))
            if rows:
                self._lock(unit, rows)
                for found in rows:
                    self._move(unit, found, changes, counting)
                self._when_kept(unit, self._followed, (old, rows[-1]["case_id"], rows[-1]["rule"]))
                return True
        self._when_kept(unit, digest, ("", "", ""))
        return False

    def _when_kept(self, unit: Unit, followed: str | None, cursor: tuple[str, str, str]) -> None:
        def note() -> None:
            self._followed, self._cursor = followed, cursor

        unit.after.append(note)

    def _move(self, unit: Unit, found: Any, changes: Sequence[DayChange], counting: Counting) -> None:
        row = unit.rows.get(state.clock, found["case_id"], found["rule"])
        if row is None or row["state"] != "running" or row["rule"] not in counting.rules:
            return
        case_id = UUID(row["case_id"])
        draft = moved_by_calendar(case_id, clock_of(row), tuple(changes), counting)
        if draft is not None:
            unit.record(cause_of(case_id, f"calendar/{counting.calendar.digest}/{row['rule']}/{row['since']}"), [draft])

    def _changes(self, unit: Unit, digest: str, counting: Counting) -> tuple[DayChange, ...]:
        if digest == counting.calendar.digest:
            return ()
        old = self._book.known(unit, digest)
        return tuple(change for change in changed_days(old, counting.calendar) if change.moves_work)

    def _counted_by(self, digest: str, first: str, after: tuple[str, ...]) -> Select[Any]:
        """Running clocks that were counted by that calendar and reach to its first changed day, after the cursor."""
        table = state.clock.c
        return self._own(
            select(table.case_id, table.rule, table.partition)
            .where(table.state == "running", table.calendar == digest, table.last_day >= first)
            .where(tuple_(table.case_id, table.rule) > after)
            .order_by(table.case_id, table.rule)
            .limit(AT_ONCE)
        )

    def _due(self, now: str) -> Select[Any]:
        table = state.clock.c
        return self._own(
            select(table.case_id, table.rule, table.partition).where(table.next_at <= now).order_by(table.next_at)
        )

    def _own(self, chosen: Select[Any]) -> Select[Any]:
        """Each process for its own partitions."""
        owned = self._service.owned
        if len(owned) == self._service.settings.partitions:
            return chosen
        return chosen.where(state.clock.c.partition.between(owned.start, owned.stop - 1))

    def _lock(self, unit: Unit, rows: Sequence[Any]) -> None:
        unit.lock(*(row["partition"] for row in rows))

    def _calendar_is_new(self) -> bool:
        return self._book.digest_at(self._service.installation.clock()) != self._followed

    def _something_is_due(self) -> bool:
        now, owned = stamp(self._service.installation.clock()), self._service.owned
        with self._service.database.read() as connection:
            if len(owned) == self._service.settings.partitions:
                return bool(run(connection, _DUE, now=now))
            return bool(run(connection, _DUE_HERE, now=now, first=owned.start, last=owned.stop - 1))
