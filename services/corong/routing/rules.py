"""What routing decides: pure, without clock, network or chance. A refusal says which rule refused and what to do."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid5

from corong.routing.rulebook import Routing
from corong.runtime.policy import Action, Actor, Scope, authorise
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
    Priority,
)

MOST_ANSWER_BYTES = 40_000
"""Sealed, it must fit into this event, and into publishing's after it."""


@dataclass(frozen=True)
class Case:
    """A case as routing knows it."""

    case_id: UUID
    conversation_id: UUID
    unit: str
    kind: CaseKind
    priority: Priority
    holder: str | None
    lease_until: datetime | None
    answered: bool
    closed: bool
    key: str = field(default="", repr=False)
    """The citizen's key, for what is written about them."""

    def held_by(self, now: datetime) -> str | None:
        """Who holds the case at `now`: a claim ends with its lease, even before that is written down."""
        if self.holder is None or self.lease_until is None or self.lease_until <= now:
            return None
        return self.holder


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
        },
    )


def claim(case: Case, officer: Actor, now: datetime, lease: timedelta) -> list[Draft]:
    """Take the case, or lengthen one's own lease. Raises `Refused` where another officer holds it."""
    _allow(case, officer, Action.CASE_CLAIM)
    _open(case)
    holder = case.held_by(now)
    if holder not in (None, officer.id):
        raise Refused(
            409, "held_by_another",
            f"Perkara ini sedang dipegang {holder}. Tunggu sampai dilepas, atau minta PPID Utama mendisposisikannya.",
            f"{holder} holds this case. Wait until it is handed back, or ask the main officer to reassign it.",
        )  # fmt: skip
    drafts = []
    if case.holder not in (None, officer.id):
        drafts.append(_released(case, "lease_expired"))
    data = {"case_id": case.case_id, "unit": case.unit, "officer": officer.id, "lease_until": now + lease}
    return [*drafts, Draft(CaseClaimed, case.case_id, data, actor=str(officer))]


def hand_back(case: Case, officer: Actor, now: datetime) -> list[Draft]:
    """Let go of a case that one holds."""
    _allow(case, officer, Action.CASE_HAND_BACK)
    _open(case)
    _holds(case, officer, now)
    return [_released(case, "handed_back", str(officer))]


def expire(case: Case, now: datetime) -> list[Draft]:
    """The lease ran out; nothing where it was lengthened meanwhile."""
    if case.holder is None or case.held_by(now) is not None:
        return []
    return [_released(case, "lease_expired")]


def assign(case: Case, officer: Actor, unit: str, to_officer: str | None, instruction: str) -> list[Draft]:
    """Disposisi with an instruction."""
    _allow(case, officer, Action.CASE_REASSIGN)
    _open(case)
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


def send_back(case: Case, officer: Actor, main_unit: str, reason: str) -> list[Draft]:
    """Not our authority: back to the main office, with the reason."""
    _allow(case, officer, Action.CASE_RETURN_NOT_OURS)
    _open(case)
    if case.unit == main_unit:
        raise Refused(
            409, "already_main", "Perkara ini sudah ada di PPID Utama. Gunakan disposisi.",
            "The case is with the main office already. Reassign it instead.",
        )  # fmt: skip
    data = {"case_id": case.case_id, "from_unit": case.unit, "unit": main_unit, "officer": officer.id}
    return [Draft(CaseReturned, case.case_id, data, {"reason": Secret(case.key, reason)}, str(officer))]


def prioritise(case: Case, officer: Actor, priority: Priority) -> list[Draft]:
    """Change the priority; the same one again changes nothing."""
    _allow(case, officer, Action.CASE_PRIORITISE)
    _open(case)
    if priority == case.priority:
        return []
    data = {"case_id": case.case_id, "officer": officer.id, "before": case.priority, "priority": priority}
    return [Draft(CasePrioritised, case.case_id, data, actor=str(officer))]


def note(case: Case, officer: Actor, cause: UUID, words: str) -> list[Draft]:
    """An internal note; allowed on a closed case too."""
    _allow(case, officer, Action.CASE_NOTE)
    data = {"case_id": case.case_id, "note_id": uuid5(cause, "note"), "officer": officer.id}
    return [Draft(CaseNoted, case.case_id, data, {"note": Secret(case.key, words)}, str(officer))]


def answer(case: Case, officer: Actor, now: datetime, cause: UUID, words: str, close_too: bool) -> list[Draft]:
    """Answer the citizen; only who holds the case may, so that no two officers answer at once."""
    _allow(case, officer, Action.CASE_REPLY)
    _open(case)
    _holds(case, officer, now)
    size = len(words.encode())
    if size > MOST_ANSWER_BYTES:
        raise Refused(
            422, "too_long",
            f"Jawaban terlalu panjang ({size} dari {MOST_ANSWER_BYTES} byte). Ringkaskan, atau kirim dua jawaban.",
            f"The answer is too long ({size} of {MOST_ANSWER_BYTES} bytes). Shorten it, or send two.", ["text"],
        )  # fmt: skip
    if close_too:
        _allow(case, officer, Action.CASE_CLOSE)
    data = {
        "case_id": case.case_id,
        "conversation_id": case.conversation_id,
        "answer_id": uuid5(cause, "answer"),
        "unit": case.unit,
        "officer": officer.id,
    }
    drafts = [Draft(CaseAnswered, case.case_id, data, {"text": Secret(case.key, words)}, str(officer))]
    return [*drafts, _closed(case, officer, "answered")] if close_too else drafts


def close(
    case: Case, officer: Actor, now: datetime, outcome: Literal["answered", "no_answer_needed", "duplicate", "spam"]
) -> list[Draft]:
    """Finish the case."""
    _allow(case, officer, Action.CASE_CLOSE)
    _open(case)
    holder = case.held_by(now)
    if holder not in (None, officer.id):
        raise Refused(
            409, "held_by_another", f"Perkara ini sedang dipegang {holder}.", f"{holder} holds this case."
        )  # fmt: skip
    if outcome == "answered" and not case.answered:
        raise Refused(
            409, "not_answered", "Belum ada jawaban. Jawab dahulu, atau tutup dengan alasan lain.",
            "There is no answer yet. Answer first, or close for another reason.",
        )  # fmt: skip
    return [_closed(case, officer, outcome)]


def _closed(case: Case, officer: Actor, outcome: str) -> Draft:
    data = {"case_id": case.case_id, "unit": case.unit, "officer": officer.id, "outcome": outcome}
    return Draft(CaseClosed, case.case_id, data, actor=str(officer))


def _released(case: Case, reason: Literal["handed_back", "lease_expired"], actor: str = "system") -> Draft:
    data = {"case_id": case.case_id, "unit": case.unit, "officer": case.holder or "", "reason": reason}
    return Draft(CaseReleased, case.case_id, data, actor=actor)


def _allow(case: Case, officer: Actor, action: Action) -> None:
    authorise(officer, action, Scope(case.unit, case.kind))


def _open(case: Case) -> None:
    if case.closed:
        raise Refused(
            409, "closed", "Perkara ini sudah ditutup. Pesan baru dari warga akan membuka perkara baru.",
            "The case is closed. A new message of the citizen opens a new one.",
        )  # fmt: skip


def _holds(case: Case, officer: Actor, now: datetime) -> None:
    if case.held_by(now) != officer.id:
        raise Refused(
            409, "not_held", "Ambil perkara ini dahulu (klaim), lalu ulangi.", "Claim the case first, then try again."
        )
