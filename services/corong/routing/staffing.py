"""The commands on officers: each change is an event, and what officers.toml said before stands in the log as well.

Links to come in by are told to the log, never the links themselves.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from corong.routing import officer_rules, state
from corong.runtime.clock import stamp
from corong.runtime.edition_rows import newest_query
from corong.runtime.keys import PersonErased
from corong.runtime.officer_entry import Officer
from corong.runtime.officer_rows import OFFICERS, officer_id
from corong.runtime.officers_kept import KeptOfficers, editions_of
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.refusal import Refused
from corong.runtime.roster import Roster
from corong.runtime.service import Service
from corong.runtime.unit import Draft, Secret, Unit
from corong.runtime.wrong_tries import WrongTries
from corong_contracts.officer import OfficerChanged, OfficerInvited
from corong_contracts.officer_command import (
    AddOfficer,
    ChangeOfficer,
    DeactivateOfficer,
    InviteOfficer,
    ReactivateOfficer,
)  # fmt: skip

LINKS_BY, LINKS_FOR, AN_HOUR = 30, 5, 3600
"""So many links to come in are made by one officer, and for one, in an hour (seconds)."""

Decide = Callable[[Roster, Actor, Any], Officer]


class Staffing:
    """Handlers of the commands on officers."""

    def __init__(self, service: Service) -> None:
        self._directory = service.installation.directory
        self._keys = service.installation.keys
        self._sealer = service.installation.sealer
        self._kept = KeptOfficers(service, state.officer)
        self._links_by, self._links_for = WrongTries(LINKS_BY, AN_HOUR), WrongTries(LINKS_FOR, AN_HOUR)
        rules, directory = officer_rules, self._directory
        commands: dict[Any, Decide] = {
            AddOfficer: lambda staff, by, asked: rules.added(staff, directory, asked),
            ChangeOfficer: lambda staff, by, asked: rules.changed(staff, directory, by, asked),
            DeactivateOfficer: lambda staff, by, asked: rules.deactivated(staff, by, asked.officer),
            ReactivateOfficer: lambda staff, by, asked: rules.reactivated(staff, asked.officer),
        }
        for command, decide in commands.items():
            service.command(command, partial(self._do, decide))
        service.command(InviteOfficer, self.invite)

    def invite(self, unit: Unit, by: Actor, asked: InviteOfficer, cause: UUID) -> dict[str, Any]:
        """Command `officer.invite`. Raises `Forbidden`, `Refused` (403, 404, 409)."""
        authorise(by, Action.OFFICER_INVITE, Scope())
        unit.lock_entity(OFFICERS)
        officer = officer_rules.invited(self._staff(unit), by, asked.officer)
        self._count_link(by, officer)
        expires = (unit.now + timedelta(hours=asked.hours)).replace(microsecond=0)
        data = {
            "officer_id": officer_id(officer.id), "officer": officer.id, "generation": officer.token_generation,
            "expires_at": expires, "by": by.id, "reason": asked.reason.strip(),
        }  # fmt: skip
        unit.record(cause, [Draft(OfficerInvited, OFFICERS, data, {}, str(by))])
        return {"officer": officer.id, "generation": officer.token_generation, "expires_at": stamp(expires)}

    def _count_link(self, by: Actor, officer: Officer) -> None:
        if not (self._links_by.allowed(by.id) and self._links_for.allowed(officer.id)):
            raise Refused(
                429, "too_many_links", "Terlalu banyak tautan masuk dibuat. Tunggu satu jam, lalu coba lagi.",
                "Too many sign-in links were made. Wait an hour, then try again.",
            )  # fmt: skip
        self._links_by.note(by.id)
        self._links_for.note(officer.id)

    def _do(self, decide: Decide, unit: Unit, by: Actor, asked: Any, cause: UUID) -> dict[str, Any]:
        """One command. Raises `Forbidden`, `Refused` (403, 404, 409, 410, 422)."""
        authorise(by, Action.OFFICER_CHANGE, Scope())
        unit.lock_entity(OFFICERS)
        staff = self._staff(unit)
        before, number = staff.get(asked.officer), staff.edition(asked.officer)
        new = decide(staff, by, asked)
        if new == before:
            return {"officer": new.id, "edition": number}
        if before is not None and number == 0:
            self._record(unit, uuid5(officer_id(new.id), "listed"), before, 1, None, "")
            number = 1
        self._record(unit, cause, new, number + 1, by, asked.reason.strip())
        self._kept.after(unit, new.id, number + 1)
        return {"officer": new.id, "edition": number + 1}

    def move(self, unit: Unit, cause: UUID, old: str, new: str, by: Actor, reason: str) -> list[str]:
        """Everybody of a unit that is closed goes to the unit that takes over; the ids of those who went.

        Whose name was erased stays named where they were: nobody works by that id any more.
        """
        staff, moved = self._staff(unit), list[str]()
        for one in staff.all:
            if one.unit != old:
                continue
            number = staff.edition(one.id)
            after = one.model_copy(update={"unit": new})
            try:
                if number == 0:
                    self._record(unit, uuid5(officer_id(one.id), "listed"), one, 1, None, "")
                    number = 1
                self._record(unit, uuid5(cause, one.id), after, number + 1, by, reason)
            except Refused:
                continue
            self._kept.after(unit, one.id, number + 1)
            moved.append(one.id)
        return moved

    def _staff(self, unit: Unit) -> Roster:
        """Everybody as of this moment, with what the same commit changed before."""
        staff = Roster(self._directory.listed)
        rows = [dict(row) for row in unit.rows.query(newest_query(state.officer))]
        staff.take(editions_of(self._sealer, rows))
        return staff

    def _record(
        self, unit: Unit, cause: UUID, officer: Officer, edition: int, by: Actor | None, reason: str
    ) -> None:  # fmt: skip
        identity = officer_id(officer.id)
        try:
            key = self._keys.ensure([identity.hex])[identity.hex]
        except PersonErased:
            raise Refused(
                410, "officer_erased", "Nama petugas ini sudah dihapus; pakai id lain.",
                "This officer's name was erased; use another id.", ["officer"],
            ) from None  # fmt: skip
        data = {
            "officer_id": identity, "officer": officer.id, "edition": edition, "role": officer.role,
            "unit": officer.unit, "active": officer.active, "generation": officer.token_generation,
            "by": by.id if by else None, "reason": reason,
        }  # fmt: skip
        actor = str(by) if by else "system"
        unit.record(cause, [Draft(OfficerChanged, OFFICERS, data, {"name": Secret(key, officer.name)}, actor)])
