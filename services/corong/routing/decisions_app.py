"""Commands on decisions: notices, refusals and the superior's word, objections, disputes."""

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from corong.routing import deciding, objecting, state
from corong.routing.calendar_book import CalendarBook
from corong.routing.case_clocks import after_act
from corong.routing.cases import Case
from corong.routing.deciding import Proposal
from corong.routing.issuer import Issuer
from corong.routing.loading import Loader
from corong.routing.papers import OUTCOMES, Said
from corong.routing.proposals import proposal_of
from corong.runtime.policy import Actor
from corong.runtime.refusal import Refused
from corong.runtime.service import Service
from corong.runtime.unit import Draft, Unit
from corong.working_days.zones import start_of
from corong_contracts.decision import Finding, Outcome
from corong_contracts.document import DocumentKind
from corong_contracts.life_command import (
    ApproveRefusal,
    DecideObjection,
    GrantRequest,
    ObjectToRequest,
    RecordDispute,
    RefuseRequest,
    ReturnRefusal,
    SettleDispute,
)


class Decisions:
    """Handlers: load, decide, record, with what the act does to the clocks."""

    def __init__(self, service: Service, load: Loader, book: CalendarBook) -> None:
        self._sealer = service.installation.sealer
        self._load = load
        self._book = book
        self._issuer = Issuer(service.installation.directory, book)
        service.command(GrantRequest, self.grant)
        service.command(RefuseRequest, self.refuse)
        service.command(ApproveRefusal, self.approve)
        service.command(ReturnRefusal, self.disapprove)
        service.command(DecideObjection, self.decide)
        service.command(ObjectToRequest, self.link)
        service.command(RecordDispute, self.dispute)
        service.command(SettleDispute, self.settle)

    def grant(self, unit: Unit, officer: Actor, asked: GrantRequest, cause: UUID) -> None:
        """Command `case.grant`."""
        case = self._case(unit, asked.case_id)
        text_hash = self._hash(case, asked.outcome, asked.finding, (), "", asked.text)
        drafts = deciding.grant(
            case, officer, unit.now, cause, asked.outcome, asked.finding, asked.text, text_hash
        )  # fmt: skip
        said = Said(officer.id, Outcome(asked.outcome), asked.finding, (), "", asked.text)
        drafts = self._issuer.beside(unit, case, OUTCOMES[Outcome(asked.outcome)], said, drafts)
        act = "grant" if asked.outcome == "granted" else "not_held"
        unit.record(cause, [*drafts, *self._after(unit, case, act)])

    def refuse(self, unit: Unit, officer: Actor, asked: RefuseRequest, cause: UUID) -> dict[str, str]:
        """Command `case.refuse`: the answer tells the hash that the superior approves."""
        case = self._case(unit, asked.case_id)
        text_hash = self._hash(case, asked.outcome, asked.finding, asked.redactions, asked.weighing, asked.text)
        drafts = deciding.refuse(
            case, officer, unit.now, cause, asked.outcome, asked.finding, asked.redactions, asked.weighing, asked.text,
            text_hash, self._book.zone,
        )  # fmt: skip
        act = "refuse" if asked.outcome == "refused" else "grant_partly"
        unit.record(cause, [*drafts, *self._after(unit, case, act)])
        return {"text_hash": text_hash}

    def approve(self, unit: Unit, officer: Actor, asked: ApproveRefusal, cause: UUID) -> None:
        """Command `case.approve`."""
        case = self._case(unit, asked.case_id)
        row = unit.rows.get(state.proposal, str(case.case_id))
        decision_id = UUID(row["decision_id"]) if row else case.case_id
        proposal = proposal_of(row, self._sealer) if row else _NONE
        drafts = deciding.approve(case, officer, unit.now, cause, decision_id, proposal, asked.text_hash)
        said = Said(
            proposal.officer, proposal.outcome, proposal.finding, proposal.redactions, proposal.weighing, proposal.text,
            approved_by=officer.id,
        )  # fmt: skip
        drafts = self._issuer.beside(unit, case, OUTCOMES[proposal.outcome], said, drafts)
        unit.record(cause, [*drafts, *self._after(unit, case, "approve")])

    def disapprove(self, unit: Unit, officer: Actor, asked: ReturnRefusal, cause: UUID) -> None:
        """Command `case.disapprove`."""
        case = self._case(unit, asked.case_id)
        row = unit.rows.get(state.proposal, str(case.case_id))
        decision_id = UUID(row["decision_id"]) if row else None
        unit.record(cause, deciding.disapprove(case, officer, unit.now, decision_id, asked.reason))

    def decide(self, unit: Unit, officer: Actor, asked: DecideObjection, cause: UUID) -> None:
        """Command `case.decide`."""
        case = self._case(unit, asked.case_id)
        text_hash = self._hash(case, asked.outcome, Finding(), (), "", asked.text)
        drafts = deciding.decide(case, officer, unit.now, cause, Outcome(asked.outcome), asked.text, text_hash)
        said = Said(officer.id, Outcome(asked.outcome), text=asked.text)
        drafts = self._issuer.beside(unit, case, DocumentKind.OBJECTION_DECISION, said, drafts)
        unit.record(cause, [*drafts, *self._after(unit, case, "decide")])

    def link(self, unit: Unit, officer: Actor, asked: ObjectToRequest, cause: UUID) -> None:
        """Command `case.object`: the request's applicant used the right to object."""
        case = self._case(unit, asked.case_id)
        if asked.request_id is None:
            request = self._case(unit, case.request_id) if case.request_id else case
            unit.record(cause, objecting.unlink(case, officer, unit.now, request, self._book.counting(unit)))
            return
        if asked.ground is None:
            raise Refused(
                422, "invalid", "Sebutkan alasan Pasal 35 (huruf a sampai g).",
                "Name the ground of art. 35 (letters a to g).", ["ground"],
            )  # fmt: skip
        request = self._case(unit, asked.request_id)
        drafts = objecting.link(case, officer, unit.now, request, asked.ground)
        unit.record(cause, [*drafts, *self._after(unit, request, "objected", case.received)])

    def dispute(self, unit: Unit, officer: Actor, asked: RecordDispute, cause: UUID) -> None:
        """Command `case.dispute`: the commission's clocks run from the day on which it was filed."""
        case = self._case(unit, asked.case_id)
        drafts = objecting.dispute(case, officer, unit.now, asked.reference, asked.filed_on, self._book.zone)
        filed = start_of(asked.filed_on, self._book.zone)
        unit.record(cause, [*drafts, *self._after(unit, case, "dispute", filed)])

    def settle(self, unit: Unit, officer: Actor, asked: SettleDispute, cause: UUID) -> None:
        """Command `case.settle`."""
        case = self._case(unit, asked.case_id)
        drafts = objecting.settle(case, officer, unit.now, asked.result, asked.settled_on, self._book.zone)
        settled = start_of(asked.settled_on, self._book.zone)
        unit.record(cause, [*drafts, *self._after(unit, case, "settle", settled)])

    def _case(self, unit: Unit, case_id: UUID) -> Case:
        return self._load.case(unit, case_id, key=True, clocks=True)

    def _after(self, unit: Unit, case: Case, act: str, started: datetime | None = None) -> list[Draft]:
        return after_act(case, act, unit.now, self._book.counting(unit), started=started)

    def _hash(
        self, case: Case, outcome: str, finding: Finding, redactions: Sequence[str], weighing: str, words: str
    ) -> str:
        """Under the citizen's key: a bare hash of a short text could be guessed."""
        parts = (outcome, finding.model_dump_json(), json.dumps(list(redactions)), weighing, words)
        return f"hmac-{self._sealer.keyed(case.key, 'decision', *parts)}"


_NONE = Proposal(Outcome.REFUSED, Finding(), "", "", (), "", "")
"""Where nothing was proposed: the table refuses before anybody looks at it."""
