"""Merging, splitting and grouping cases."""

from uuid import UUID

from corong.desk import life_bodies
from corong.desk.acts import choices
from corong.desk.acts.form import STATUTORY, Act, Field, Subject
from corong.desk.acts.handling import reason
from corong.desk.acts.procedure import NOTICE
from corong_contracts import life_command as commands
from corong_contracts.case import CaseKind


def acts() -> list[Act]:
    """In the order in which the case page offers them."""
    return [
        Act(
            "gabung", "merge", lambda _: _("Gabungkan ke perkara lain"),
            lambda case, body: commands.MergeCase(case_id=case, into=UUID(body.into), reason=body.reason),
            life_bodies.Merge, _merging,
        ),
        Act(
            "pisah", "split", lambda _: _("Pisahkan satu pesan"),
            lambda case, body: commands.SplitCase(
                case_id=case, message_id=body.message_id, kind=body.kind, unit=body.unit, reason=body.reason
            ),
            life_bodies.Split, _splitting, possible=_has_later_message,
        ),
        Act(
            "pindah-pesan", "move_message", lambda _: _("Pindahkan satu pesan"),
            lambda case, body: commands.MoveMessage(
                case_id=case, message_id=body.message_id, into=UUID(body.into), reason=body.reason
            ),
            life_bodies.MoveMessage, _moving, possible=_has_later_message,
        ),
        Act(
            "kelompok", "group", lambda _: _("Kelompokkan yang masalahnya sama"),
            lambda case, body: commands.GroupCases(
                case_ids=list(dict.fromkeys((case, *(UUID(other) for other in body.cases))))
            ),
            life_bodies.Others, _grouping,
        ),
        Act(
            "jawab-kelompok", "answer_group", lambda _: _("Jawab seluruh kelompok"),
            lambda case, body: commands.AnswerGroup(case_id=case, text=body.text, close=body.close),
            life_bodies.GroupAnswer, _answering, goes_out=True,
        ),
        Act(
            "keluarkan", "ungroup", lambda _: _("Keluarkan dari kelompok"),
            lambda case, _: commands.UngroupCase(case_id=case),
        ),
    ]  # fmt: skip


def _has_later_message(subject: Subject) -> bool:
    return bool(choices.messages(subject))


def _merging(subject: Subject) -> list[Field]:
    return [_into(subject), *reason(subject)]


def _moving(subject: Subject) -> list[Field]:
    _ = subject.translate
    which = Field("message_id", _("Pesan yang dipindahkan"), "choice", choices=choices.messages(subject))
    return [which, _into(subject), *reason(subject)]


def _into(subject: Subject) -> Field:
    """Another case of the same citizen: to choose among those that the officer may read, where there are any."""
    _ = subject.translate
    numbers = [(other.registration, other.registration) for other in subject.case.other_cases if other.registration]
    if numbers:
        return Field("into", _("Perkara tujuan"), "choice", choices=[choices.NOTHING, *numbers], is_case=True)
    hint = _("Perkara lain dari warga yang sama, seperti PM/2026/000123.")
    return Field("into", _("Perkara tujuan"), "line", hint, most=64, is_case=True)


def _splitting(subject: Subject) -> list[Field]:
    _ = subject.translate
    open_kinds = [(kind, name) for kind, name in choices.kinds(_) if kind != CaseKind.OBJECTION]
    return [
        Field("message_id", _("Pesan yang dipisahkan"), "choice", choices=choices.messages(subject)),
        Field("kind", _("Jenisnya"), "choice", choices=open_kinds),
        Field(
            "unit", _("Unit kerja"), "choice", required=False,
            choices=[("", _("Unit yang sama")), *choices.units(subject)[1:]],
        ),
        *reason(subject),
    ]  # fmt: skip


def _grouping(subject: Subject) -> list[Field]:
    _ = subject.translate
    hint = _("Satu nomor pada tiap baris, selain perkara ini.")
    return [Field("cases", _("Perkara yang masalahnya sama"), "lines", hint, most=4_000, is_case=True)]


def _answering(subject: Subject) -> list[Field]:
    _ = subject.translate
    hint = _("Setiap warga dalam kelompok menerimanya di tempat ia menulis.")
    fields = [Field("text", _("Jawaban untuk semua"), "words", hint, most=NOTICE, rows=8)]
    if subject.case.kind not in STATUTORY:
        fields.append(Field("close", _("Sekaligus tutup perkara-perkara ini"), "check", required=False))
    return fields
