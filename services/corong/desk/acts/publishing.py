"""Question and answer of a case for everybody, and taking them back."""

from corong.desk import life_bodies
from corong.desk.acts import choices
from corong.desk.acts.form import Act, Field, Subject
from corong.desk.models import Entry
from corong.runtime.personal_marks import blackened
from corong_contracts import life_command as commands

QUESTION, ANSWER = 500, 8_000
"""Characters."""


def acts() -> list[Act]:
    """In the order in which the case page offers them."""
    return [
        Act(
            "terbitkan-jawaban", "publish_answer", lambda _: _("Terbitkan tanya-jawab untuk umum"),
            lambda case, body: commands.PublishAnswer(
                case_id=case, question=body.question, answer=body.answer, contacts_public=body.contacts_public
            ),
            life_bodies.PublicWords, _words, shows_words=True, read_by_all=True,
        ),
        Act(
            "tarik-jawaban", "withdraw_answer", lambda _: _("Tarik tanya-jawab yang terbit"),
            lambda case, body: commands.WithdrawAnswer(case_id=case, because=body.because),
            life_bodies.AnswerTakenBack, _taking_back,
        ),
    ]  # fmt: skip


def _words(subject: Subject) -> list[Field]:
    """The words that are public now; before, the answer as it was sent, without addresses and numbers."""
    _ = subject.translate
    public = _last(subject, "answer.published")
    sent = _last(subject, "case.answered")
    question = str(public.data["question"]) if public else ""
    answer = str(public.data["answer"]) if public else blackened((sent.text or "") if sent else "")[:ANSWER]
    return [
        Field(
            "question", _("Pertanyaan untuk umum"), "words",
            _("Tulis dengan kata Anda sendiri, seperti orang lain akan menanyakannya. Tanpa nama, alamat, dan nomor."),
            most=QUESTION, rows=3, value=question,
        ),
        Field(
            "answer", _("Jawaban untuk umum"), "words",
            _("Buang sapaan, nama, dan apa pun yang hanya berlaku bagi penanya."), most=ANSWER, rows=10, value=answer,
        ),
        Field(
            "contacts_public", _("Alamat surel dan nomor telepon di dalamnya milik kantor"), "check", required=False,
        ),
    ]  # fmt: skip


def _taking_back(subject: Subject) -> list[Field]:
    _ = subject.translate
    hint = _("Halamannya tidak tampil lagi. Yang pernah terbit tetap tercatat dalam log.")
    return [Field("because", _("Mengapa ditarik"), "choice", hint, choices=choices.takings_back(_))]


def _last(subject: Subject, kind: str) -> Entry | None:
    return next((entry for entry in reversed(subject.case.thread) if entry.kind == kind), None)
