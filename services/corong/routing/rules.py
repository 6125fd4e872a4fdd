"""What routing decides on holding, passing on and answering: pure, without clock, network or chance.

Whether an act may be done is the table's to say (`case_life.py`); here stands what it leads to.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid5

from corong.routing.case_guards import Asked
from corong.routing.case_life import check
from corong.routing.cases import Case
from corong.routing.life_table import life
from corong.routing.rulebook import Routing
from corong.runtime.policy import Action, Actor, Scope, allowed, authorise
from corong.runtime.refusal import Refused
from corong.runtime.unit import Draft, Secret
from corong_contracts.case import (
    CaseAnswered,
    CaseAssigned,
    CaseClaimed,
    CaseClosed,
    CaseKind,
    CaseNoted,
    CasePrioritised,
    CaseReleased,
    CaseReturned,
    CaseRouted,
    CaseState,
    Priority,
    Reason,
)
from corong_contracts.case_life import CaseNotified

__all__ = ["BY_OFFICER", "MOST_ANSWER_BYTES", "Case"]

MOST_ANSWER_BYTES = 40_000
"""Sealed, it must fit into this event, and into publishing's after it."""

BY_OFFICER = "officer"
Outcome = Literal["answered", "no_answer_needed", "duplicate", "spam"]


def route(case_id: UUID, routing: Routing) -> Draft:
    """The rulebook's decision as an event."""
    return Draft(
        CaseRouted,
        case_id,
        {
            "case_id": case_id,
            "unit": routing.unit,
            "kind": routing.kind,
            "priority": routing.priority,
            "rule": routing.rule,
            "topics": list(routing.topics),
            "reasons": list(routing.reasons),
            "state": CaseState.REGISTERED,
            "tier": life().tier if routing.kind is CaseKind.COMPLAINT else None,
        },
    )


def route_split(case_id: UUID, unit: str, kind: CaseKind) -> Draft:
    """An officer's word on a case that was split off, as an event."""
    decided = Routing(
        unit=unit, kind=kind, priority=Priority.NORMAL, rule=BY_OFFICER, topics=(),
        reasons=(Reason(rule=BY_OFFICER, because="officer"),),
    )  # fmt: skip
    return route(case_id, decided)


def told_of_split(cause: UUID, case_id: UUID, conversation_id: UUID, unit: str, other: UUID) -> Draft:
    """The citizen gets the number of what was split off."""
    data = {
        "case_id": case_id,
        "conversation_id": conversation_id,
        "notice_id": uuid5(cause, "notice"),
        "unit": unit,
        "notice": "split",
        "other_case": other,
    }
    return Draft(CaseNotified, case_id, data)


def claim(case: Case, officer: Actor, now: datetime, lease: timedelta) -> list[Draft]:
    """Take the case, or lengthen one's own lease. Raises `Refused` where another officer holds it."""
    row = check("claim", case, officer, now)
    drafts = []
    if case.holder not in (None, officer.id):
        drafts.append(_released(case, "lease_expired"))
    data = {
        "case_id": case.case_id,
        "unit": case.unit,
        "officer": officer.id,
        "lease_until": now + lease,
        "state": row.state_after(case.state),
    }
    return [*drafts, Draft(CaseClaimed, case.case_id, data, actor=str(officer))]


def hand_back(case: Case, officer: Actor, now: datetime) -> list[Draft]:
    """Let go of a case that one holds."""
    check("hand_back", case, officer, now)
    return [_released(case, "handed_back", str(officer))]


def expire(case: Case, now: datetime) -> list[Draft]:
    """The lease ran out; nothing where it was lengthened meanwhile."""
    if case.holder is None or case.held_by(now) is not None:
        return []
    return [_released(case, "lease_expired")]


def assign(
    case: Case, officer: Actor, now: datetime, unit: str, to_officer: str | None, instruction: str
) -> list[Draft]:  # fmt: skip
    """Disposisi with an instruction."""
    check("assign", case, officer, now)
    if unit == case.unit and to_officer is None:
        raise Refused(
            409, "same_unit", "Perkara ini sudah ada di unit itu. Pilih unit lain.",
            "The case is in that unit already. Choose another one.",
        )  # fmt: skip
    data = {
        "case_id": case.case_id,
        "from_unit": case.unit,
        "unit": unit,
        "to_officer": to_officer,
        "officer": officer.id,
    }
    return [Draft(CaseAssigned, case.case_id, data, {"instruction": Secret(case.key, instruction)}, str(officer))]


def send_back(case: Case, officer: Actor, now: datetime, main_unit: str, reason: str) -> list[Draft]:
    """Not our authority: back to the main office, with the reason."""
    check("return", case, officer, now)
    if case.unit == main_unit:
        raise Refused(
            409, "already_main", "Perkara ini sudah ada di PPID Utama. Gunakan disposisi.",
            "The case is with the main office already. Reassign it instead.",
        )  # fmt: skip
    data = {"case_id": case.case_id, "from_unit": case.unit, "unit": main_unit, "officer": officer.id}
    return [Draft(CaseReturned, case.case_id, data, {"reason": Secret(case.key, reason)}, str(officer))]


def prioritise(case: Case, officer: Actor, now: datetime, priority: Priority) -> list[Draft]:
    """Change the priority; the same one again changes nothing."""
    check("prioritise", case, officer, now)
    if priority == case.priority:
        return []
    data = {"case_id": case.case_id, "officer": officer.id, "before": case.priority, "priority": priority}
    return [Draft(CasePrioritised, case.case_id, data, actor=str(officer))]


def note(
    case: Case, officer: Actor, now: datetime, cause: UUID, words: str, mentioned: Sequence[Actor] = ()
) -> list[Draft]:
    """An internal note; on a closed case too. Raises `Refused` (422) where who is mentioned may not read the case."""
    check("note", case, officer, now)
    for one in mentioned:
        if not allowed(one, Action.CASE_READ, Scope(case.unit, case.kind)):
            raise Refused(
                422, "may_not_read", "Petugas yang disebut tidak dapat membaca perkara ini.",
                "An officer who is mentioned can't read this case.", ["mentions"],
            )  # fmt: skip
    mentions = tuple(dict.fromkeys(one.id for one in mentioned if one.id != officer.id))
    data = {"case_id": case.case_id, "note_id": uuid5(cause, "note"), "officer": officer.id, "mentions": mentions}
    return [Draft(CaseNoted, case.case_id, data, {"note": Secret(case.key, words)}, str(officer))]


def answer(case: Case, officer: Actor, now: datetime, cause: UUID, words: str, close_too: bool) -> list[Draft]:
    """Write to the citizen; only who holds the case may, so that no two officers answer at once.

    To a request or an objection it is a word that decides nothing; to another case it is the answer.
    """
    row = check("answer", case, officer, now)
    fits(words)
    if close_too:
        authorise(officer, Action.CASE_CLOSE, Scope(case.unit, case.kind))
    state = row.state_after(case.state)
    drafts = [answered(case, officer, uuid5(cause, "answer"), words, state)]
    if not close_too:
        return drafts
    check("close", replace(case, state=state), officer, now)
    return [*drafts, closed(case, officer, "answered")]


def answer_of_group(
    case: Case, officer: Actor, now: datetime, cause: UUID, words: str, close_too: bool
) -> list[Draft]:  # fmt: skip
    """The group's one answer, to this case's citizen in this case's conversation."""
    row = check("answer_group", case, officer, now)
    fits(words)
    state = row.state_after(case.state)
    identity = uuid5(cause, f"answer/{case.case_id}")
    drafts = [answered(case, officer, identity, words, state, group_id=case.group_id)]
    if not close_too:
        return drafts
    check("close", replace(case, state=state), officer, now)
    return [*drafts, closed(case, officer, "answered")]


def close(case: Case, officer: Actor, now: datetime, outcome: Outcome, asked: Asked) -> list[Draft]:
    """Finish the case."""
    check("close" if outcome == "answered" else "close_unanswered", case, officer, now, asked)
    return [closed(case, officer, outcome)]


def fits(words: str) -> None:
    """Raises `Refused` (422) where a text to a citizen is too long for its events."""
    size = len(words.encode())
    if size > MOST_ANSWER_BYTES:
        raise Refused(
            422, "too_long",
            f"Jawaban terlalu panjang ({size} dari {MOST_ANSWER_BYTES} byte). Ringkaskan, atau kirim dua jawaban.",
            f"The answer is too long ({size} of {MOST_ANSWER_BYTES} bytes). Shorten it, or send two.", ["text"],
        )  # fmt: skip


def answered(
    case: Case, officer: Actor, answer_id: UUID, words: str, state: CaseState, *, group_id: UUID | None = None,
    decision_id: UUID | None = None, outcome: str | None = None,
) -> Draft:  # fmt: skip
    """Words to this case's citizen, in this case's own conversation: there is no other way to name one."""
    data = {
        "case_id": case.case_id,
        "conversation_id": case.conversation_id,
        "answer_id": answer_id,
        "unit": case.unit,
        "officer": officer.id,
        "state": state,
        "group_id": group_id,
        "decision_id": decision_id,
        "outcome": outcome,
    }
    return Draft(CaseAnswered, case.case_id, data, {"text": Secret(case.key, words)}, str(officer))


def closed(case: Case, officer: Actor, outcome: str) -> Draft:
    """The end of a case."""
    data = {
        "case_id": case.case_id,
        "unit": case.unit,
        "officer": officer.id,
        "outcome": outcome,
        "state": CaseState.CLOSED,
    }
    return Draft(CaseClosed, case.case_id, data, actor=str(officer))


def _released(case: Case, reason: Literal["handed_back", "lease_expired"], actor: str = "system") -> Draft:
    data = {"case_id": case.case_id, "unit": case.unit, "officer": case.holder or "", "reason": reason}
    return Draft(CaseReleased, case.case_id, data, actor=actor)
