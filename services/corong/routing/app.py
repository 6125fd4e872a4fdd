"""Routing's wiring: where a new case goes, and the officers' commands on it."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from corong.routing import rules, state
from corong.routing.adopting import Adopting
from corong.routing.calendar_book import CalendarBook
from corong.routing.case_clocks import Arrived, after_act, opened
from corong.routing.case_guards import Asked
from corong.routing.cases import Case
from corong.routing.clockwork import Clockwork
from corong.routing.decisions_app import Decisions
from corong.routing.decreeing import Decreeing
from corong.routing.explaining import Explaining
from corong.routing.issuer import Issuer
from corong.routing.life_app import Life
from corong.routing.life_table import FORWARDED, REPLIED
from corong.routing.loading import Loader
from corong.routing.obligations_app import Obligations
from corong.routing.organising import Organising
from corong.routing.papers import Papers
from corong.routing.previewing import Previewing
from corong.routing.public_answers_app import PublicAnswers
from corong.routing.rule_editions import RuleEditions
from corong.routing.ruling import Ruling, facts_of
from corong.routing.staffing import Staffing
from corong.routing.targeting import Targeting
from corong.routing.wording_book import WordingBook
from corong.runtime.broker import Broker
from corong.runtime.clock import stamp
from corong.runtime.installation import Installation
from corong.runtime.keys import PersonErased
from corong.runtime.open_unit import check_open_unit
from corong.runtime.policy import Actor
from corong.runtime.refusal import Refused
from corong.runtime.rows import Row
from corong.runtime.sealing import Erased, sealed_at
from corong.runtime.service import Service, cause_of
from corong.runtime.unit import Draft, Unit
from corong.runtime.units_kept import KeptUnits
from corong_contracts.base import Event, partition_of
from corong_contracts.case import CaseKind, CaseRegistered, CaseState
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
        self._directory = service.installation.directory
        self._sealer = service.installation.sealer
        self._lease = timedelta(minutes=service.settings.lease_minutes)
        kept = KeptUnits(service, state.unit_edition)
        self._rules = RuleEditions(service)
        self._book = CalendarBook(service)
        self._load = Loader(service.installation.keys)
        service.reacts(MessageReceived, opens=self._keys)(self.on_message)
        service.reacts(CaseRegistered)(self.on_registered)
        service.command(ClaimCase, self.claim)
        service.command(HandBackCase, self.hand_back)
        service.command(AssignCase, self.assign)
        service.command(ReturnCase, self.send_back)
        service.command(PrioritiseCase, self.prioritise)
        service.command(NoteCase, self.note)
        service.command(AnswerCase, self.answer)
        service.command(CloseCase, self.close)
        service.every(LEASE_CHECK_SECONDS, self.expire_leases)
        Life(service, self._load, self._book)
        Decisions(service, self._load, self._book)
        PublicAnswers(service, self._load)
        Explaining(service, self._book)
        Adopting(service)
        WordingBook(service)
        Ruling(service, self._rules)
        Decreeing(service, self._book)
        Targeting(service, self._book)
        self.obligations = Obligations(service, self._book)
        self.organising = Organising(service, kept, self._rules, Staffing(service), self._load, self._book)
        Previewing(service, self._book, Papers(self._directory))
        self._issuer = Issuer(self._directory, self._book)
        self.clockwork = Clockwork(service, self._load, self._book, self._issuer)

    @staticmethod
    def _keys(event: Event[MessageReceived]) -> tuple[str, ...]:
        return () if event.data.follow_up else (event.data.content.key,)

    def on_message(self, unit: Unit, event: Event[MessageReceived]) -> None:
        """A case's first message decides where it goes; the registration came just before, from the same writer."""
        message = event.data
        if message.follow_up:
            self._replied(unit, event)
            return
        row = unit.rows.get(state.registered, str(message.case_id))
        if row is None:
            raise LookupError("a first message without its registration")
        try:
            content = self._sealer.open_json(sealed_at(event, "content"))
        except Erased:
            content = None
        facts = facts_of(
            self._directory, content, channel=message.channel, account=message.account,
            declared_kind=row["declared_kind"], visibility=message.visibility,
        )  # fmt: skip
        book = self._rules.book(self._rules.in_force(unit))
        routed = rules.route(message.case_id, book.decide(facts))
        begun = self._begun(unit, event.id, routed, row, event.time, event.recordedtime)
        unit.record(event.id, [routed, *begun])

    def _replied(self, unit: Unit, event: Event[MessageReceived]) -> None:
        """The citizen wrote again: an answered case is not closed for their silence."""
        message = event.data
        row = unit.rows.get(state.case, str(message.case_id))
        if message.automatic or row is None or row["state"] != CaseState.ANSWERED:
            return
        case = self._load.case(unit, message.case_id, clocks=True)
        unit.record(event.id, after_act(case, REPLIED, unit.now, self._book.counting(unit)))

    def on_registered(self, unit: Unit, event: Event[CaseRegistered]) -> None:
        """A case that an officer split off goes where the officer said; any other is routed by its message."""
        data = event.data
        if data.split_from is None:
            return
        kind = data.declared_kind or CaseKind.QUESTION
        unit_id = self._directory.serving(data.unit or self._directory.main_unit.id)
        routed = rules.route_split(data.case_id, unit_id, kind)
        told = rules.told_of_split(event.id, data.case_id, data.conversation_id, unit_id, data.split_from)
        row = unit.rows.get(state.registered, str(data.case_id))
        assert row is not None  # it was folded of this event
        begun = self._begun(unit, event.id, routed, row, data.received or event.time, event.time)
        unit.record(event.id, [routed, *begun, told])

    def _begun(
        self, unit: Unit, cause: UUID, routed: Draft, row: Row, received: datetime, at: datetime
    ) -> list[Draft]:  # fmt: skip
        """The clocks of a new case run from the receipt of its message, or since `at` a unit has it.

        A request has its receipt; whoever was erased meanwhile has nobody to read one.
        """
        data = routed.data
        forwarded = None if data["unit"] == self._directory.main_unit.id else at
        new = Arrived(data["case_id"], data["unit"], data["kind"], data["tier"], received, forwarded)
        clocks = opened(new, self._book.counting(unit))
        try:
            key = self._load.key_of(row["person"]) if new.kind is CaseKind.INFORMATION_REQUEST else ""
        except PersonErased:
            return clocks
        return [*clocks, *self._issuer.receipt(unit, new, UUID(row["message_id"]), key, cause, clocks, "system")]

    def claim(self, unit: Unit, officer: Actor, asked: ClaimCase, cause: UUID) -> None:
        """Command `case.claim`."""
        case = self._load.case(unit, asked.case_id)
        unit.record(cause, rules.claim(case, officer, unit.now, self._lease))

    def hand_back(self, unit: Unit, officer: Actor, asked: HandBackCase, cause: UUID) -> None:
        """Command `case.hand_back`."""
        unit.record(cause, rules.hand_back(self._load.case(unit, asked.case_id), officer, unit.now))

    def assign(self, unit: Unit, officer: Actor, asked: AssignCase, cause: UUID) -> None:
        """Command `case.assign`."""
        case = self._load.case(unit, asked.case_id, key=True, clocks=True)
        check_open_unit(self._directory, asked.unit)
        if asked.to_officer is not None:
            self._check_officer(asked.to_officer, asked.unit)
        drafts = rules.assign(case, officer, unit.now, asked.unit, asked.to_officer, asked.instruction)
        if asked.unit == self._directory.main_unit.id:
            drafts += self._after(unit, case, "return")
        elif asked.unit != case.unit and not case.answered:
            drafts += self._after(unit, case, FORWARDED)
        unit.record(cause, drafts)

    def _check_officer(self, officer: str, unit: str) -> None:
        known = self._directory.roster.get(officer)
        if known is None or known.unit != unit or not known.active:
            raise Refused(
                422, "unknown_officer", "Petugas itu tidak bertugas di unit tujuan.",
                "That officer is not at work in the receiving unit.", ["to_officer"],
            )  # fmt: skip

    def send_back(self, unit: Unit, officer: Actor, asked: ReturnCase, cause: UUID) -> None:
        """Command `case.return`."""
        case = self._load.case(unit, asked.case_id, key=True, clocks=True)
        drafts = rules.send_back(case, officer, unit.now, self._directory.main_unit.id, asked.reason)
        unit.record(cause, [*drafts, *self._after(unit, case, "return")])

    def prioritise(self, unit: Unit, officer: Actor, asked: PrioritiseCase, cause: UUID) -> None:
        """Command `case.prioritise`."""
        case = self._load.case(unit, asked.case_id)
        unit.record(cause, rules.prioritise(case, officer, unit.now, asked.priority))

    def note(self, unit: Unit, officer: Actor, asked: NoteCase, cause: UUID) -> None:
        """Command `case.note`."""
        case = self._load.case(unit, asked.case_id, key=True)
        mentioned = [self._officer(one) for one in asked.mentions]
        unit.record(cause, rules.note(case, officer, unit.now, cause, asked.note, mentioned))

    def _officer(self, identity: str) -> Actor:
        try:
            return Actor.of_officer(self._directory.officer(identity))
        except KeyError:
            raise Refused(
                422, "unknown_officer", "Petugas yang disebut tidak ada.", "There is no such officer.", ["mentions"]
            ) from None  # fmt: skip

    def answer(self, unit: Unit, officer: Actor, asked: AnswerCase, cause: UUID) -> None:
        """Command `case.answer`."""
        case = self._load.case(unit, asked.case_id, key=True, clocks=True)
        drafts = rules.answer(case, officer, unit.now, cause, asked.text, asked.close)
        unit.record(cause, [*drafts, *self._after(unit, case, "answer", closed=asked.close)])

    def close(self, unit: Unit, officer: Actor, asked: CloseCase, cause: UUID) -> None:
        """Command `case.close`."""
        case = self._load.case(unit, asked.case_id, clocks=True)
        merged_here = asked.outcome != "answered" and self._load.merged_here(unit, asked.case_id)
        drafts = rules.close(case, officer, unit.now, asked.outcome, Asked(merged_here=merged_here))
        act = "close" if asked.outcome == "answered" else "close_unanswered"
        unit.record(cause, [*drafts, *self._after(unit, case, act)])

    def _after(self, unit: Unit, case: Case, act: str, *, closed: bool = False) -> list[Draft]:
        return after_act(case, act, unit.now, self._book.counting(unit), closed=closed)

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
            case = self._load.case(unit, identity)
            if case.lease_until is not None:
                cause = cause_of(case.case_id, f"lease/{stamp(case.lease_until)}")
                unit.record(cause, rules.expire(case, unit.now))
