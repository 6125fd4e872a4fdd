"""An objection and its request, and the dispute that may follow; pure."""

from datetime import date, datetime
from uuid import uuid5

from corong.routing.case_guards import Asked
from corong.routing.case_life import check
from corong.routing.cases import Case
from corong.runtime.policy import Actor
from corong.runtime.unit import Draft
from corong_contracts.case_life import CaseLinked, CaseObjected, ObjectionGround
from corong_contracts.dispute import DisputeRecorded, DisputeSettled, Result


def link(case: Case, officer: Actor, now: datetime, request: Case, ground: ObjectionGround) -> list[Draft]:
    """Tie an objection to its request; both cases say so."""
    check("object", case, officer, now, Asked(request=request))
    here = {"case_id": case.case_id, "officer": officer.id, "request_id": request.case_id, "ground": ground}
    there = {"case_id": request.case_id, "officer": officer.id, "objection_id": case.case_id, "ground": ground}
    return [
        Draft(CaseLinked, case.case_id, here, actor=str(officer)),
        Draft(CaseObjected, request.case_id, there, actor=str(officer)),
    ]


def unlink(case: Case, officer: Actor, now: datetime) -> list[Draft]:
    """Undo it."""
    check("unlink", case, officer, now)
    assert case.request_id is not None  # the guard saw to it
    return [
        Draft(CaseLinked, case.case_id, {"case_id": case.case_id, "officer": officer.id}, actor=str(officer)),
        Draft(CaseObjected, case.request_id, {"case_id": case.request_id, "officer": officer.id}, actor=str(officer)),
    ]


def dispute(case: Case, officer: Actor, now: datetime, reference: str, filed_on: date) -> list[Draft]:
    """The applicant went to the Information Commission."""
    check("dispute", case, officer, now)
    data = {
        "dispute_id": uuid5(case.case_id, "dispute"),
        "case_id": case.case_id,
        "officer": officer.id,
        "reference": reference,
        "filed_on": filed_on,
    }
    return [Draft(DisputeRecorded, case.case_id, data, actor=str(officer))]


def settle(case: Case, officer: Actor, now: datetime, result: Result, settled_on: date) -> list[Draft]:
    """How it ended."""
    check("settle", case, officer, now)
    data = {
        "dispute_id": uuid5(case.case_id, "dispute"),
        "case_id": case.case_id,
        "officer": officer.id,
        "result": result,
        "settled_on": settled_on,
    }
    return [Draft(DisputeSettled, case.case_id, data, actor=str(officer))]
