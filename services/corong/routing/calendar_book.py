"""Which calendar and which rules deadlines are counted with now; each version is written into the log once."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID, uuid5

from corong.routing import state
from corong.routing.calendar_versions import Calendars
from corong.routing.case_clocks import Counting
from corong.routing.clock_rules import ClockRules
from corong.routing.decrees import LOCAL, local_decrees
from corong.routing.entered_decrees import EnteredDecree, entered
from corong.routing.kept_targets import Targets, targets_of
from corong.runtime.service import Service
from corong.runtime.unit import Draft, Unit
from corong.working_days.calendars import Calendar
from corong.working_days.zones import day_in, zone_named
from corong_contracts.calendar import CalendarAdopted

__all__ = ["CalendarBook"]

NAMESPACE = UUID("0b6f0e0c-58d5-5f0e-9d5b-0a4c2f6f6a77")


class CalendarBook:
    """The installation's clocks and calendars."""

    def __init__(self, service: Service) -> None:
        """Raises `ConfigurationError` where a file can't be used."""
        installation = service.installation
        self._database = service.database
        self._folder = installation.config_folder
        self._filed = self.rules = ClockRules.load(self._folder)
        self.calendars = Calendars.load(self._folder)
        self.zone = zone_named(installation.directory.hub.time_zone)
        self._read_at: tuple[int, int, Targets] = (self._written(), 0, {})
        self._adopted: set[str] = set()
        self._current: tuple[date, Counting] | None = None
        service.before_start(self.begin)

    def begin(self) -> None:
        """With what officers entered. Raises `ConfigurationError` where that and the files don't fit."""
        with self._database.read() as connection:
            rows, targets = entered(connection), targets_of(connection)
        self.rules = self._filed.with_targets(targets)
        self.calendars, self._current = self.with_entered(rows), None
        self._read_at = (self._written(), len(rows), targets)

    def with_entered(self, rows: Sequence[EnteredDecree]) -> Calendars:
        """The versions with these decrees of the log; one of the file under the same number counts no longer.

        Raises `DecreeError`.
        """
        file = self._folder / LOCAL
        own = {decree.number: decree for decree in local_decrees(file)}
        return Calendars.with_own(list((own | {one.decree.number: one.decree for one in rows}).values()), file)

    def take(self, calendars: Calendars, count: int) -> None:
        """Use these versions from now on: a decree was entered, the log has so many."""
        self.calendars, self._current = calendars, None
        self._read_at = (self._read_at[0], count, self._read_at[2])

    def with_targets(self, targets: Targets) -> ClockRules:
        """The clocks with these targets of the log over those of the file. Raises `ClockRuleError`."""
        return self._filed.with_targets(targets)

    def filed_target(self, rule: str) -> int | None:
        """What the file gives a clock."""
        found = self._filed.get(rule)
        return found.target if found else None

    def take_targets(self, targets: Targets) -> None:
        """Use these from now on."""
        self.rules, self._current = self.with_targets(targets), None
        self._read_at = (*self._read_at[:2], targets)

    def counting(self, unit: Unit) -> Counting:
        """What deadlines are counted with at the unit's moment. A version that is new to the log is written into it."""
        today = day_in(self.zone, unit.now)
        if self._current is None or self._current[0] != today:
            self._current = (today, Counting.of(self.rules, self.calendars.at(today), self.zone))
        counting = self._current[1]
        if counting.calendar.digest not in self._adopted:
            self._adopt(unit, counting.calendar)
        return counting

    def counting_at(self, now: datetime) -> Counting:
        """The same for a question at that moment: nothing is written."""
        return Counting.of(self.rules, self.calendars.at(day_in(self.zone, now)), self.zone)

    def digest_at(self, now: datetime) -> str:
        """The version by which deadlines are counted at that moment."""
        return self.calendars.at(day_in(self.zone, now)).digest

    def known(self, unit: Unit, digest: str) -> Calendar:
        """A version of the log, by its digest. Raises `KeyError`."""
        for version in self.calendars.versions:
            if version.digest == digest:
                return version
        row = unit.rows.get(state.calendar, digest)
        if row is None:
            raise KeyError(digest)
        return Calendar.from_content(json.loads(row["content"]))

    def reload(self) -> bool:
        """Read again what changed in the file, or what another process took; whether a version is new.

        Raises `ConfigurationError`.
        """
        with self._database.read() as connection:
            rows, targets = entered(connection), targets_of(connection)
        found_at = (self._written(), len(rows), targets)
        if found_at == self._read_at:
            return False
        if targets != self._read_at[2]:
            self.take_targets(targets)
        self._read_at = found_at
        found = self.with_entered(rows)
        changed = [one.digest for one in found.versions] != [one.digest for one in self.calendars.versions]
        if changed:
            self.calendars, self._current = found, None
        return changed

    def _written(self) -> int:
        try:
            return (self._folder / LOCAL).stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def _adopt(self, unit: Unit, calendar: Calendar) -> None:
        digest = calendar.digest
        identity = uuid5(NAMESPACE, digest)
        unit.lock_entity(identity)  # whoever comes second finds the first one's row
        if unit.rows.get(state.calendar, digest) is None:
            data = {
                "calendar_id": identity,
                "digest": digest,
                "decree": calendar.decree,
                "in_force": calendar.in_force,
                "content": json.dumps(calendar.content(), ensure_ascii=False, sort_keys=True, separators=(",", ":")),
            }
            unit.record(identity, [Draft(CalendarAdopted, identity, data)])
        unit.after.append(lambda: self._adopted.add(digest))
