"""Decisions: notices to requests, refusals with the superior's word on exactly their text, objections; pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid5

from corong.routing.case_guards import Asked
from corong.routing.case_life import check
from corong.routing.cases import Case
from corong.routing.rules import answered, fits
from corong.runtime.policy import Actor
from corong.runtime.unit import Draft, Secret
from corong.working_days.zones import Zone
from corong_contracts.decision import (
    DecisionApproved,
    DecisionGiven,
    DecisionProposed,
    DecisionReturned,
    Finding,
    Outcome,
)


@dataclass(frozen=True)
class Proposal:
    """A refusal as it was proposed, opened."""

    outcome: Outcome
    finding: Finding
    officer: str
    text_hash: str
    redactions: tuple[str, ...] = field(repr=False)
    weighing: str = field(repr=False)
    text: str = field(repr=False)


def grant(
    case: Case, officer: Actor, now: datetime, cause: UUID, outcome: Literal["granted", "not_held"], finding: Finding,
    words: str, text_hash: str,
) -> list[Draft]:  # fmt: skip
    """The whole is granted, or nothing is held: no word of the superior is needed."""
    row = check("grant" if outcome == "granted" else "not_held", case, officer, now, Asked(finding=finding))
    fits(words)
    held: Literal["not_held"] | str = "not_held" if outcome == "not_held" else finding.held
    finding = finding.model_copy(update={"held": held, "grounds": (), "test": None})
    decision_id, answer_id = uuid5(cause, "decision"), uuid5(cause, "answer")
    state = row.state_after(case.state)
    data = {
        "decision_id": decision_id,
        "case_id": case.case_id,
        "unit": case.unit,
        "officer": officer.id,
        "outcome": outcome,
        "finding": finding,
        "answer_id": answer_id,
        "text_hash": text_hash,
        "state": state,
    }
    given = Draft(DecisionGiven, case.case_id, data, actor=str(officer))
    return [given, answered(case, officer, answer_id, words, state, decision_id=decision_id, outcome=outcome)]


def refuse(
    case: Case, officer: Actor, now: datetime, cause: UUID, outcome: Literal["refused", "partly_granted"],
    finding: Finding, redactions: Sequence[str], weighing: str, words: str, text_hash: str, zone: Zone = "WIB",
) -> list[Draft]:  # fmt: skip
    """Propose a refusal, whole or in part. In `zone` it is looked whether the test was held and still lasts."""
    asked = Asked(finding=finding, redactions=len(redactions))
    row = check("refuse" if outcome == "refused" else "grant_partly", case, officer, now, asked, zone=zone)
    fits(words)
    sealed = {"weighing": Secret(case.key, weighing), "text": Secret(case.key, words)}
    if redactions:
        sealed["redactions"] = Secret(case.key, json.dumps(list(redactions), ensure_ascii=False))
    data = {
        "decision_id": uuid5(cause, "decision"),
        "case_id": case.case_id,
        "unit": case.unit,
        "officer": officer.id,
        "outcome": outcome,
        "finding": finding,
        "text_hash": text_hash,
        "state": row.state_after(case.state),
    }
    return [Draft(DecisionProposed, case.case_id, data, sealed, str(officer))]


def approve(
    case: Case, officer: Actor, now: datetime, cause: UUID, decision_id: UUID, proposal: Proposal, text_hash: str
) -> list[Draft]:
    """The superior's word on exactly that text: the notice is given in the same commit."""
    row = check("approve", case, officer, now, Asked(text_hash=text_hash))
    state, answer_id = row.state_after(case.state), uuid5(cause, "answer")
    approved = {"decision_id": decision_id, "case_id": case.case_id, "officer": officer.id, "text_hash": text_hash}
    data = {
        "decision_id": decision_id,
        "case_id": case.case_id,
        "unit": case.unit,
        "officer": proposal.officer,
        "approved_by": officer.id,
        "outcome": proposal.outcome,
        "finding": proposal.finding,
        "answer_id": answer_id,
        "text_hash": text_hash,
        "state": state,
    }
    sealed = {}
    if proposal.redactions:
        sealed["redactions"] = Secret(case.key, json.dumps(list(proposal.redactions), ensure_ascii=False))
    return [
        Draft(DecisionApproved, case.case_id, approved, actor=str(officer)),
        Draft(DecisionGiven, case.case_id, data, sealed, str(officer)),
        answered(case, officer, answer_id, proposal.text, state, decision_id=decision_id, outcome=proposal.outcome),
    ]


def disapprove(case: Case, officer: Actor, now: datetime, decision_id: UUID | None, reason: str) -> list[Draft]:
    """The superior sends the proposal back, or the unit takes it back."""
    by = "superior" if officer.role == "superior" else "unit"
    row = check("disapprove" if by == "superior" else "take_back", case, officer, now)
    data = {
        "decision_id": decision_id,
        "case_id": case.case_id,
        "officer": officer.id,
        "by": by,
        "state": row.state_after(case.state),
    }
    return [Draft(DecisionReturned, case.case_id, data, {"reason": Secret(case.key, reason)}, str(officer))]


def decide(
    case: Case, officer: Actor, now: datetime, cause: UUID, outcome: Outcome, words: str, text_hash: str
) -> list[Draft]:  # fmt: skip
    """The superior's decision on an objection."""
    row = check("decide", case, officer, now)
    fits(words)
    state, decision_id, answer_id = row.state_after(case.state), uuid5(cause, "decision"), uuid5(cause, "answer")
    data = {
        "decision_id": decision_id,
        "case_id": case.case_id,
        "unit": case.unit,
        "officer": officer.id,
        "outcome": outcome,
        "request_id": case.request_id,
        "answer_id": answer_id,
        "text_hash": text_hash,
        "state": state,
    }
    given = Draft(DecisionGiven, case.case_id, data, actor=str(officer))
    return [given, answered(case, officer, answer_id, words, state, decision_id=decision_id, outcome=outcome)]
