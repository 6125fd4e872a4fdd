"""What the law's procedure leads to before a decision: kind, particulars, completion, extension, withdrawal; pure."""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID, uuid5

from corong.routing.case_clocks import Counting, counted, moved_to
from corong.routing.case_guards import Asked
from corong.routing.case_life import check
from corong.routing.cases import Case
from corong.routing.life_table import life
from corong.routing.rules import closed, fits
from corong.runtime.policy import Actor
from corong.runtime.unit import Draft, Secret
from corong_contracts.case import CaseKind, ComplaintTier
from corong_contracts.case_life import (
    CaseCompleted,
    CaseCompletionAsked,
    CaseDetailed,
    CaseExtended,
    CaseNotified,
    CasePlanned,
    CaseReclassified,
    CaseWithdrawn,
    RequestParticulars,
)

NOTICE = "request_notice"


@dataclass(frozen=True)
class Message:
    """A message of the citizen, by which something is completed, turned into a request, or split off."""

    message_id: UUID
    received: datetime
    own: bool
    """Whether it is of this case."""
    first: bool
    home: UUID | None = None
    """The case to which it came; None where it isn't known."""
    moved: bool = False
    """Whether it was moved to the case where it is."""


def reclassify(
    case: Case, officer: Actor, now: datetime, kind: CaseKind, tier: ComplaintTier | None, message: Message,
    reason: str, *, merged_here: bool,
) -> list[Draft]:  # fmt: skip
    """Another kind. The clock of a request starts when the message that is the request was received."""
    if kind is not CaseKind.COMPLAINT:
        tier = None
    elif tier is None:
        tier = case.tier if case.kind is kind else life().tier
    row = check(
        "reclassify", case, officer, now, Asked(kind=kind, tier=tier, own_message=message.own, merged_here=merged_here)
    )
    data = {
        "case_id": case.case_id,
        "officer": officer.id,
        "before": case.kind,
        "kind": kind,
        "tier": tier,
        "message_id": message.message_id,
        "received": message.received,
        "state": row.state_after(case.state),
    }
    return [Draft(CaseReclassified, case.case_id, data, {"reason": Secret(case.key, reason)}, str(officer))]


def detail(case: Case, officer: Actor, now: datetime, particulars: RequestParticulars) -> list[Draft]:
    """What the register asks."""
    check("detail", case, officer, now)
    words = json.dumps(particulars.model_dump(exclude_defaults=True), ensure_ascii=False, sort_keys=True)
    data = {"case_id": case.case_id, "officer": officer.id}
    return [Draft(CaseDetailed, case.case_id, data, {"particulars": Secret(case.key, words)}, str(officer))]


def ask_completion(case: Case, officer: Actor, now: datetime, cause: UUID, words: str) -> list[Draft]:
    """Ask the applicant, where they wrote."""
    row = check("ask_completion", case, officer, now)
    fits(words)
    notice_id = uuid5(cause, "notice")
    state = row.state_after(case.state)
    data = {"case_id": case.case_id, "officer": officer.id, "notice_id": notice_id, "state": state}
    asked = Draft(CaseCompletionAsked, case.case_id, data, {"missing": Secret(case.key, words)}, str(officer))
    return [asked, _notified(case, officer, notice_id, "completion_asked", words)]


def complete(case: Case, officer: Actor, now: datetime, message: Message | None) -> list[Draft]:
    """It came: with a message of the citizen, or another way, now."""
    row = check("complete", case, officer, now, Asked(own_message=message.own if message else None))
    data = {
        "case_id": case.case_id,
        "officer": officer.id,
        "message_id": message.message_id if message else None,
        "completed": message.received if message else now,
        "state": row.state_after(case.state),
    }
    return [Draft(CaseCompleted, case.case_id, data, actor=str(officer))]


def extend(case: Case, officer: Actor, now: datetime, cause: UUID, reasons: str, counting: Counting) -> list[Draft]:
    """More time, once; the applicant is told why and until when."""
    check("extend", case, officer, now)
    fits(reasons)
    clock = case.clocks[NOTICE]
    inputs = replace(clock.inputs, extended=True)
    last_day = counted(counting.rules[NOTICE], inputs, counting.calendar).count.last_day
    notice_id = uuid5(cause, "notice")
    data = {
        "case_id": case.case_id,
        "officer": officer.id,
        "clock": NOTICE,
        "notice_id": notice_id,
        "before": clock.last_day,
        "last_day": last_day,
    }
    return [
        Draft(CaseExtended, case.case_id, data, {"reasons": Secret(case.key, reasons)}, str(officer)),
        moved_to(case.case_id, clock, inputs, "extension", counting),
        _notified(case, officer, notice_id, "extended", reasons, clock=NOTICE, until=last_day),
    ]


def plan(case: Case, officer: Actor, now: datetime, cause: UUID, words: str) -> list[Draft]:
    """How a complaint is followed up; the reporter is told."""
    check("plan", case, officer, now)
    fits(words)
    notice_id = uuid5(cause, "notice")
    data = {"case_id": case.case_id, "officer": officer.id, "notice_id": notice_id}
    planned = Draft(CasePlanned, case.case_id, data, {"plan": Secret(case.key, words)}, str(officer))
    return [planned, _notified(case, officer, notice_id, "planned", words)]


def withdraw(case: Case, officer: Actor, now: datetime, reason: str, asked: Asked) -> list[Draft]:
    """The citizen took it back."""
    check("withdraw", case, officer, now, asked)
    data = {"case_id": case.case_id, "officer": officer.id, "before": case.state}
    withdrawn = Draft(CaseWithdrawn, case.case_id, data, {"reason": Secret(case.key, reason)}, str(officer))
    return [withdrawn, closed(case, officer, "withdrawn")]


def _notified(
    case: Case, officer: Actor, notice_id: UUID, notice: Literal["completion_asked", "extended", "planned"], words: str,
    *, clock: str | None = None, until: date | None = None,
) -> Draft:  # fmt: skip
    data = {
        "case_id": case.case_id,
        "conversation_id": case.conversation_id,
        "notice_id": notice_id,
        "unit": case.unit,
        "notice": notice,
        "clock": clock,
        "until": until,
    }
    return Draft(CaseNotified, case.case_id, data, {"words": Secret(case.key, words)}, str(officer))
