"""How far a case is, in the citizen's words."""

from collections.abc import Callable
from dataclasses import dataclass

from corong.portal.case_view import Case

Translate = Callable[[str], str]


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


def kind_name(kind: str | None, _: Translate) -> str:
    """The kind of a case as citizens call it; empty where nobody has decided yet."""
    names = {
        "information_request": _("Permohonan informasi"),
        "objection": _("Keberatan"),
        "complaint": _("Pengaduan"),
        "suggestion": _("Aspirasi atau saran"),
        "question": _("Pertanyaan"),
        "praise": _("Apresiasi"),
        "spam": _("Pesan"),
    }
    return names.get(kind or "", "")
