"""Routing's wiring: where a new case goes, and the officers' commands on it."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from corong.routing import rules, state
from corong.routing.rulebook import Facts, Rulebook
from corong.routing.rules import Case
from corong.runtime.broker import Broker
from corong.runtime.clock import moment, stamp
from corong.runtime.installation import Installation
from corong.runtime.policy import Actor
from corong.runtime.refusal import Refused
from corong.runtime.sealing import Erased, sealed_at
from corong.runtime.service import Service, cause_of
from corong.runtime.unit import Unit
from corong_contracts.base import Event, partition_of
from corong_contracts.case import CaseKind, Priority
from corong_contracts.command import (
    AnswerCase,
    AssignCase,
    ClaimCase,
    CloseCase,
    HandBackCase,
    NoteCase,
    PrioritiseCase,
    ReturnCase,
)
from corong_contracts.message import MessageReceived

LEASE_CHECK_SECONDS = 5.0


def build(installation: Installation, broker: Broker) -> Service:
    """The service."""
    service = Service("routing", installation, broker, state=state.metadata, apply=state.apply, folds=state.FOLDS)
    Routing(service)
    return service


class Routing:
    """Handlers: load what a rule needs, let it decide, record."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._installation = service.installation
        self._directory = service.installation.directory
        self._sealer = service.installation.sealer
        self._lease = timedelta(minutes=service.settings.lease_minutes)
        self._rulebook = Rulebook.load(service.installation.config_folder / "rules.toml", self._directory)
        service.reacts(MessageReceived)(self.on_message)
        service.command(ClaimCase, self.claim)
        service.command(HandBackCase, self.hand_back)
        service.command(AssignCase, self.assign)
        service.command(ReturnCase, self.send_back)
        service.command(PrioritiseCase, self.prioritise)
        service.command(NoteCase, self.note)
        service.command(AnswerCase, self.answer)
        service.command(CloseCase, self.close)
        service.every(LEASE_CHECK_SECONDS, self.expire_leases)

    def on_message(self, unit: Unit, event: Event[MessageReceived]) -> None:
        """A case's first message decides where it goes; the registration came just before, from the same writer."""
        message = event.data
        if message.follow_up:
            return
        row = unit.rows.get(state.registered, str(message.case_id))
        if row is None:
            raise LookupError("a first message without its registration")
        try:
            content = self._sealer.open_json(sealed_at(event, "content"))
            text = f"{content['subject']}\n{content['text']}"
        except Erased:
            text = ""
        try:
            account_unit = self._directory.account(message.account).unit
        except KeyError:
            account_unit = None
        facts = Facts(
            text=text,
            channel=message.channel,
            account_unit=account_unit,
            declared_kind=CaseKind(row["declared_kind"]) if row["declared_kind"] else None,
            visibility=message.visibility,
        )
        unit.record(event.id, [rules.route(message.case_id, self._rulebook.decide(facts))])

    def claim(self, unit: Unit, officer: Actor, asked: ClaimCase, cause: UUID) -> None:
        """Command `case.claim`."""
        case = self._case(unit, asked.case_id)
        unit.record(cause, rules.claim(case, officer, unit.now, self._lease))

    def hand_back(self, unit: Unit, officer: Actor, asked: HandBackCase, cause: UUID) -> None:
        """Command `case.hand_back`."""
        unit.record(cause, rules.hand_back(self._case(unit, asked.case_id), officer, unit.now))

    def assign(self, unit: Unit, officer: Actor, asked: AssignCase, cause: UUID) -> None:
        """Command `case.assign`."""
        case = self._case(unit, asked.case_id, with_key=True)
        if not self._directory.has_unit(asked.unit):
            raise Refused(422, "unknown_unit", "Unit itu tidak ada.", "There is no such unit.", ["unit"])
        if asked.to_officer is not None:
            self._check_officer(asked.to_officer, asked.unit)
        unit.record(cause, rules.assign(case, officer, asked.unit, asked.to_officer, asked.instruction))

    def _check_officer(self, officer: str, unit: str) -> None:
        try:
            fits = self._directory.officer(officer).unit == unit
        except KeyError:
            fits = False
        if not fits:
            raise Refused(
                422, "unknown_officer", "Petugas itu tidak ada di unit tujuan.",
                "That officer is not in the receiving unit.", ["to_officer"],
            )  # fmt: skip

    def send_back(self, unit: Unit, officer: Actor, asked: ReturnCase, cause: UUID) -> None:
        """Command `case.return`."""
        case = self._case(unit, asked.case_id, with_key=True)
        unit.record(cause, rules.send_back(case, officer, self._directory.main_unit.id, asked.reason))

    def prioritise(self, unit: Unit, officer: Actor, asked: PrioritiseCase, cause: UUID) -> None:
        """Command `case.prioritise`."""
        unit.record(cause, rules.prioritise(self._case(unit, asked.case_id), officer, asked.priority))

    def note(self, unit: Unit, officer: Actor, asked: NoteCase, cause: UUID) -> None:
        """Command `case.note`."""
        case = self._case(unit, asked.case_id, with_key=True)
        unit.record(cause, rules.note(case, officer, cause, asked.note))

    def answer(self, unit: Unit, officer: Actor, asked: AnswerCase, cause: UUID) -> None:
        """Command `case.answer`."""
        case = self._case(unit, asked.case_id, with_key=True)
        unit.record(cause, rules.answer(case, officer, unit.now, cause, asked.text, asked.close))

    def close(self, unit: Unit, officer: Actor, asked: CloseCase, cause: UUID) -> None:
        """Command `case.close`."""
        unit.record(cause, rules.close(self._case(unit, asked.case_id), officer, unit.now, asked.outcome))

    def expire_leases(self, unit: Unit) -> None:
        """Leases that ran out become events."""
        table = state.case
        due = unit.rows.query(
            select(table.c.case_id).where(table.c.lease_until <= stamp(unit.now)).order_by(table.c.lease_until)
        )
        partitions = self._service.settings.partitions
        cases = [UUID(row["case_id"]) for row in due]
        # Each process for its own partitions, locked in rising order.
        own = [case for case in cases if partition_of(case, partitions) in self._service.owned][:200]
        unit.lock(*(partition_of(case, partitions) for case in own))
        for identity in own:
            case = self._case(unit, identity)
            if case.lease_until is not None:
                cause = cause_of(case.case_id, f"lease/{stamp(case.lease_until)}")
                unit.record(cause, rules.expire(case, unit.now))

    def _case(self, unit: Unit, case_id: UUID, *, with_key: bool = False) -> Case:
        """The case, locked. Raises `Refused` (404)."""
        unit.lock_entity(case_id)
        row = unit.rows.get(state.case, str(case_id))
        known = unit.rows.get(state.registered, str(case_id))
        if row is None or known is None:
            raise Refused(404, "no_such_case", "Perkara itu tidak ada.", "There is no such case.")
        key = self._installation.keys.ensure([known["person"]])[known["person"]] if with_key else ""
        return Case(
            case_id=case_id,
            conversation_id=UUID(known["conversation_id"]),
            unit=row["unit"],
            kind=CaseKind(row["kind"]),
            priority=Priority(row["priority"]),
            holder=row["holder"],
            lease_until=moment(row["lease_until"]) if row["lease_until"] else None,
            answered=row["answered"],
            closed=row["closed"],
            key=key,
        )
