"""How far a case is, in the citizen's words."""

from dataclasses import dataclass

from corong.portal.case_view import Case
from corong.runtime.kind_names import Translate


@dataclass(frozen=True)
class Step:
    """One step of the way of a message."""

    title: str
    reached: bool
    detail: str = ""
    at: str | None = None


def steps(case: Case, _: Translate) -> list[Step]:
    """Received, with a unit, answered, closed."""
    answered = next((letter.at for letter in case.letters if letter.ours), None)
    made = [
        Step(_("Diterima"), reached=True, at=case.registered_at),
        Step(_("Diteruskan"), reached=case.unit is not None, detail=case.unit or ""),
        Step(_("Dijawab"), reached=answered is not None, at=answered),
    ]
    outcomes = {
        "answered": _("sudah dijawab"),
        "no_answer_needed": _("tidak memerlukan jawaban"),
        "duplicate": _("sama dengan pesan lain yang sudah ditangani"),
        "spam": _("dinilai bukan pesan untuk pemerintah daerah"),
        "withdrawn": _("dicabut"),
        "merged": _("dilanjutkan dalam perkara lain Anda"),
    }
    closed = case.outcome is not None
    at = case.changed_at if closed else None
    return [*made, Step(_("Selesai"), closed, outcomes.get(case.outcome or "", ""), at)]
