"""Holding a case, passing it on, answering and closing it."""

from corong.desk import bodies
from corong.desk.acts import choices
from corong.desk.acts.form import STATUTORY, Act, Field, Subject
from corong.desk.life_bodies import Reason
from corong_contracts import command
from corong_contracts.life_command import ReopenCase, WithdrawCase

NOTE, TEXT = 5_000, 20_000
"""Characters of a note and of an answer."""


def acts() -> list[Act]:
    """In the order in which the case page offers them."""
    return [
        Act("ambil", "claim", lambda _: _("Ambil perkara"), lambda case, _: command.ClaimCase(case_id=case)),
        Act(
            "jawab", "answer", lambda _: _("Jawab warga"),
            lambda case, body: command.AnswerCase(case_id=case, text=body.text, close=body.close),
            bodies.Answered, _answer, goes_out=True, of_statutory=lambda _: _("Kirim kabar"),
        ),
        Act(
            "catatan", "note", lambda _: _("Catatan internal"),
            lambda case, body: command.NoteCase(case_id=case, note=body.note, mentions=tuple(body.mentions)),
            bodies.Noted, _note,
        ),
        Act(
            "disposisi", "assign", lambda _: _("Disposisi ke unit lain"),
            lambda case, body: command.AssignCase(
                case_id=case, unit=body.unit, to_officer=body.to_officer, instruction=body.instruction
            ),
            bodies.Assignment, _assign,
        ),
        Act(
            "kembalikan", "return", lambda _: _("Kembalikan: bukan kewenangan kami"),
            lambda case, body: command.ReturnCase(case_id=case, reason=body.reason), bodies.Returned, _return,
        ),
        Act(
            "prioritas", "prioritise", lambda _: _("Ubah prioritas"),
            lambda case, body: command.PrioritiseCase(case_id=case, priority=body.priority),
            bodies.Prioritised, _prioritise,
        ),
        Act(
            "tutup", "close", lambda _: _("Tutup perkara"),
            lambda case, body: command.CloseCase(case_id=case, outcome=body.outcome),
            bodies.Closed, given={"outcome": "answered"},
        ),
        Act(
            "tutup-tanpa-jawaban", "close_unanswered", lambda _: _("Tutup tanpa jawaban"),
            lambda case, body: command.CloseCase(case_id=case, outcome=body.outcome), bodies.Closed, _close_unanswered,
        ),
        Act(
            "cabut", "withdraw", lambda _: _("Warga mencabutnya"),
            lambda case, body: WithdrawCase(case_id=case, reason=body.reason), Reason, _withdraw,
        ),
        Act(
            "buka-lagi", "reopen", lambda _: _("Batalkan penutupan"),
            lambda case, body: ReopenCase(case_id=case, reason=body.reason), Reason, reason,
        ),
        Act("lepas", "hand_back", lambda _: _("Lepas perkara"), lambda case, _: command.HandBackCase(case_id=case)),
    ]  # fmt: skip


def reason(subject: Subject) -> list[Field]:
    """Why, for the log."""
    _ = subject.translate
    return [Field("reason", _("Alasan"), "words", _("Tercatat dalam riwayat perkara."), most=NOTE)]


def _answer(subject: Subject) -> list[Field]:
    _ = subject.translate
    if subject.case.kind in STATUTORY:
        hint = _("Kabar saja: tidak memutus apa pun dan tidak menghentikan tenggat.")
        return [Field("text", _("Kabar untuk pemohon"), "words", hint, most=TEXT, rows=6)]
    hint = _("Dikirim ke tempat warga menulis. Sapa, jawab yang ditanya, sebut langkah berikutnya dan tanggalnya.")
    return [
        Field("text", _("Jawaban untuk warga"), "words", hint, most=TEXT, rows=8),
        Field("close", _("Sekaligus tutup perkara ini"), "check", required=False),
    ]


def _note(subject: Subject) -> list[Field]:
    _ = subject.translate
    fields = [Field("note", _("Catatan"), "words", _("Hanya dibaca petugas; tidak pernah terkirim."), most=NOTE)]
    if readers := choices.readers(subject):
        hint = _("Centang namanya: @nama di catatan saja tidak sampai. Mereka melihatnya di bawah Menyebut saya.")
        fields.append(Field("mentions", _("Sebut petugas"), "many", hint, required=False, choices=readers))
    return fields


def _assign(subject: Subject) -> list[Field]:
    _ = subject.translate
    return [
        Field("unit", _("Unit tujuan"), "choice", choices=choices.units(subject)),
        Field("to_officer", _("Petugas"), "choice", required=False, choices=choices.officers(subject)),
        Field("instruction", _("Isi disposisi"), "words", _("Apa yang harus dikerjakan, dan sampai kapan."), most=NOTE),
    ]


def _return(subject: Subject) -> list[Field]:
    _ = subject.translate
    return [Field("reason", _("Alasan"), "words", _("Mengapa bukan kewenangan unit ini, dan unit mana."), most=NOTE)]


def _prioritise(subject: Subject) -> list[Field]:
    _ = subject.translate
    now = subject.case.priority.value if subject.case.priority else "normal"
    return [Field("priority", _("Prioritas"), "choice", choices=choices.priorities(_), value=now)]


def _close_unanswered(subject: Subject) -> list[Field]:
    _ = subject.translate
    return [Field("outcome", _("Mengapa tidak dijawab"), "choice", choices=choices.closings(_))]


def _withdraw(subject: Subject) -> list[Field]:
    _ = subject.translate
    return [Field("reason", _("Alasan"), "words", _("Bagaimana dan kapan warga mencabutnya."), most=NOTE)]
