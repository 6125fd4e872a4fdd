"""An objection and its request, and the dispute that may follow; pure."""

from datetime import date, datetime
from uuid import uuid5

from corong.routing.case_clocks import Counting, started_again
from corong.routing.case_guards import Asked
from corong.routing.case_life import check
from corong.routing.cases import Case
from corong.runtime.policy import Actor
from corong.runtime.refusal import Refused
from corong.runtime.unit import Draft
from corong.working_days.zones import Zone, day_in
from corong_contracts.case_life import CaseLinked, CaseObjected, ObjectionGround
from corong_contracts.dispute import DisputeRecorded, DisputeSettled, Result

FILING = "objection_filing"
RUNS_FROM_FILING = "commission_finish"


def link(case: Case, officer: Actor, now: datetime, request: Case, ground: ObjectionGround) -> list[Draft]:
    """Tie an objection to its request; both cases say so."""
    check("object", case, officer, now, Asked(request=request))
    here = {"case_id": case.case_id, "officer": officer.id, "request_id": request.case_id, "ground": ground}
    there = {"case_id": request.case_id, "officer": officer.id, "objection_id": case.case_id, "ground": ground}
    return [
        Draft(CaseLinked, case.case_id, here, actor=str(officer)),
        Draft(CaseObjected, request.case_id, there, actor=str(officer)),
    ]


def unlink(case: Case, officer: Actor, now: datetime, request: Case, counting: Counting) -> list[Draft]:
    """Undo it. The right to object, which the objection had used, runs on as if it had never been."""
    check("unlink", case, officer, now)
    clock = request.clocks.get(FILING)
    used = clock is not None and clock.state == "met" and request.outcome not in ("merged", "withdrawn")
    return [
        Draft(CaseLinked, case.case_id, {"case_id": case.case_id, "officer": officer.id}, actor=str(officer)),
        Draft(CaseObjected, request.case_id, {"case_id": request.case_id, "officer": officer.id}, actor=str(officer)),
        *(started_again(request, clock, counting) if clock is not None and used and FILING in counting.rules else ()),
    ]


def dispute(
    case: Case, officer: Actor, now: datetime, reference: str, filed_on: date, zone: Zone = "WIB"
) -> list[Draft]:  # fmt: skip
    """The applicant went to the Information Commission. Raises `Refused` (422) for a day that can't be."""
    check("dispute", case, officer, now)
    since = day_in(zone, case.received) if case.received else date.min
    if not since <= filed_on <= day_in(zone, now):
        raise Refused(
            422, "not_that_day", "Sengketa tidak dapat diajukan di masa depan atau sebelum keberatan diterima.",
            "A dispute is filed neither in the future nor before the objection was received.", ["filed_on"],
        )  # fmt: skip
    data = {
        "dispute_id": uuid5(case.case_id, "dispute"),
        "case_id": case.case_id,
        "officer": officer.id,
        "reference": reference,
        "filed_on": filed_on,
    }
    return [Draft(DisputeRecorded, case.case_id, data, actor=str(officer))]


def settle(
    case: Case, officer: Actor, now: datetime, result: Result, settled_on: date, zone: Zone = "WIB"
) -> list[Draft]:  # fmt: skip
    """How it ended. Raises `Refused` (422) for a day that can't be."""
    check("settle", case, officer, now)
    runs = case.clocks.get(RUNS_FROM_FILING)
    filed_on = day_in(zone, runs.inputs.started) if runs else date.min
    if not filed_on <= settled_on <= day_in(zone, now):
        raise Refused(
            422, "not_that_day", "Sengketa tidak dapat berakhir di masa depan atau sebelum diajukan.",
            "A dispute ends neither in the future nor before it was filed.", ["settled_on"],
        )  # fmt: skip
    data = {
        "dispute_id": uuid5(case.case_id, "dispute"),
        "case_id": case.case_id,
        "officer": officer.id,
        "result": result,
        "settled_on": settled_on,
    }
    return [Draft(DisputeSettled, case.case_id, data, actor=str(officer))]
