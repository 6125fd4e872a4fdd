"""What the law's procedure asks of a case before it is decided."""

import json

from corong.desk import life_bodies
from corong.desk.acts import choices
from corong.desk.acts.form import Act, Field, Subject, Widget
from corong.desk.acts.handling import NOTE
from corong_contracts import life_command as commands
from corong_contracts.case_life import RequestParticulars

__all__ = ["NOTICE", "acts"]

NOTICE = 12_000
"""Characters of a notice."""


_SHAPES: dict[str, tuple[Widget, int, int]] = {
    "name": ("line", 200, 1),
    "address": ("words", 500, 2),
    "contact": ("line", 200, 1),
    "occupation": ("line", 200, 1),
    "identity": ("choice", 0, 1),
    "asked": ("words", 4000, 4),
    "purpose": ("words", 2000, 2),
    "obtain": ("choice", 0, 1),
    "send": ("choice", 0, 1),
}
"""How a column of the register is filled in, its characters and lines."""


def acts() -> list[Act]:
    """In the order in which the case page offers them."""
    return [
        Act(
            "jenis", "reclassify", lambda _: _("Ubah jenis"),
            lambda case, body: commands.ReclassifyCase(
                case_id=case, kind=body.kind, tier=body.tier, message_id=body.message_id, reason=body.reason
            ),
            life_bodies.Kind, _kind,
        ),
        Act(
            "register", "detail", lambda _: _("Isi buku register"),
            lambda case, body: commands.DetailCase(
                case_id=case, particulars=RequestParticulars.model_validate(body.model_dump())
            ),
            life_bodies.Particulars, _particulars,
        ),
        Act(
            "minta-kelengkapan", "ask_completion", lambda _: _("Minta kelengkapan"),
            lambda case, body: commands.AskCompletion(case_id=case, text=body.text),
            life_bodies.Completion, _completion, goes_out=True,
        ),
        Act(
            "lengkap", "complete", lambda _: _("Sudah lengkap"),
            lambda case, body: commands.CompleteCase(case_id=case, message_id=body.message_id), life_bodies.Completed,
        ),
        Act(
            "perpanjang", "extend", lambda _: _("Perpanjang jangka waktu"),
            lambda case, body: commands.ExtendCase(case_id=case, reasons=body.reasons),
            life_bodies.Extension, _extension, goes_out=True,
        ),
        Act(
            "rencana", "plan", lambda _: _("Sampaikan rencana tindak lanjut"),
            lambda case, body: commands.PlanFollowUp(case_id=case, text=body.text),
            life_bodies.Plan, _plan, goes_out=True,
        ),
    ]  # fmt: skip


def _kind(subject: Subject) -> list[Field]:
    _ = subject.translate
    now = subject.case.kind.value if subject.case.kind else ""
    fields = [
        Field("kind", _("Jenis"), "choice", choices=choices.kinds(_), value=now),
        Field(
            "tier", _("Penanganan, bila pengaduan"), "choice", required=False, choices=choices.tiers(_),
            value=subject.case.tier or "",
        ),
    ]  # fmt: skip
    if later := choices.messages(subject):
        fields.append(
            Field(
                "message_id", _("Pesan yang merupakan permohonan"), "choice",
                _("Tenggatnya dihitung sejak pesan itu diterima."), required=False,
                choices=[("", _("Pesan pertama")), *later],
            )
        )  # fmt: skip
    return [*fields, Field("reason", _("Alasan"), "words", _("Tercatat dalam riwayat perkara."), most=NOTE)]


def _particulars(subject: Subject) -> list[Field]:
    _ = subject.translate
    written = _written(subject)
    among = choices.particulars(_)
    return [
        Field(
            name, label, _SHAPES[name][0],
            _("Nomornya jangan ditulis.") if name == "identity" else "", required=False, most=_SHAPES[name][1],
            rows=_SHAPES[name][2], choices=among.get(name, ()), value=written.get(name, ""),
        )
        for name, label in choices.register_columns(_).items()
    ]  # fmt: skip


def _written(subject: Subject) -> dict[str, str]:
    """What the register has by now, as it is written whole each time; before that, what the applicant gave."""
    entries = [entry for entry in subject.case.thread if entry.kind == "case.detailed" and entry.text]
    if entries:
        found: dict[str, str] = json.loads(entries[-1].text or "{}")
        return found
    return next((entry.particulars for entry in subject.case.thread if entry.particulars), {})


def _completion(subject: Subject) -> list[Field]:
    _ = subject.translate
    hint = _("Sebut satu per satu apa yang kurang. Tenggat berhenti sampai pemohon melengkapi.")
    return [Field("text", _("Yang diminta dari pemohon"), "words", hint, most=NOTICE, rows=6)]


def _extension(subject: Subject) -> list[Field]:
    _ = subject.translate
    hint = _("Satu kali, 7 hari kerja (UU 14/2008 Pasal 22 ayat (8)). Pemohon membaca alasan ini.")
    return [Field("reasons", _("Alasan tertulis"), "words", hint, most=NOTICE, rows=6)]


def _plan(subject: Subject) -> list[Field]:
    _ = subject.translate
    return [
        Field(
            "text", _("Rencana untuk pelapor"), "words", _("Apa yang akan dikerjakan, dan kapan."), most=NOTICE, rows=6
        )
    ]
