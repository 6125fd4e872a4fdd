"""Deciding requests for information and objections; disputes."""

from uuid import UUID

from corong.desk import life_bodies
from corong.desk.acts import choices
from corong.desk.acts.form import Act, Field, Subject
from corong.desk.acts.handling import reason
from corong.desk.acts.procedure import NOTICE
from corong.runtime.kind_names import Translate
from corong_contracts import life_command as commands


def acts() -> list[Act]:
    """In the order in which the case page offers them."""
    return [*_of_requests(), *_of_refusals(), *_of_objections()]


def _grant(case: UUID, body: life_bodies.Grant) -> commands.GrantRequest:
    return commands.GrantRequest(case_id=case, outcome=body.outcome, finding=body.finding, text=body.text)


def _refuse(case: UUID, body: life_bodies.Refusal) -> commands.RefuseRequest:
    return commands.RefuseRequest(
        case_id=case, outcome=body.outcome, finding=body.finding, redactions=body.redactions, weighing=body.weighing,
        text=body.text,
    )  # fmt: skip


def _return(case: UUID, body: life_bodies.Reason) -> commands.ReturnRefusal:
    return commands.ReturnRefusal(case_id=case, reason=body.reason)


def _decided_now(_: Translate) -> str:
    return _("Diputus saat itu juga; pemohon menerima suratnya.")


def _decided_later(_: Translate) -> str:
    return _("Usulan: baru diputus bila atasan menyetujui.")


def _not_decided(_: Translate) -> str:
    return _("Usulannya batal; permohonan belum diputus.")


def _of_requests() -> list[Act]:
    return [
        Act(
            "kabulkan", "grant", lambda _: _("Kabulkan seluruhnya"), _grant, life_bodies.Grant, _granting,
            goes_out=True, given={"outcome": "granted"}, leads_to=_decided_now,
        ),
        Act(
            "tidak-dikuasai", "not_held", lambda _: _("Informasi tidak kami kuasai"), _grant, life_bodies.Grant,
            _not_held, goes_out=True, given={"outcome": "not_held", "finding": {"held": "not_held"}},
            leads_to=_decided_now,
        ),
        Act(
            "kabulkan-sebagian", "grant_partly", lambda _: _("Usulkan pengabulan sebagian"), _refuse,
            life_bodies.Refusal, _granting_partly, goes_out=True, given={"outcome": "partly_granted"},
            leads_to=_decided_later,
        ),
        Act(
            "tolak", "refuse", lambda _: _("Usulkan penolakan"), _refuse, life_bodies.Refusal, _refusing,
            goes_out=True, given={"outcome": "refused"}, leads_to=_decided_later,
        ),
    ]  # fmt: skip


def _of_refusals() -> list[Act]:
    return [
        Act(
            "setujui", "approve", lambda _: _("Setujui usulan"),
            lambda case, body: commands.ApproveRefusal(case_id=case, text_hash=body.text_hash),
            life_bodies.RefusalApproved, _approving, goes_out=True, shows_proposal=True, leads_to=_decided_now,
        ),
        Act(
            "kembalikan-usulan", "disapprove", lambda _: _("Kembalikan usulan"), _return, life_bodies.Reason, reason,
            shows_proposal=True, leads_to=_not_decided,
        ),
        Act(
            "tarik-usulan", "take_back", lambda _: _("Tarik kembali usulan"), _return, life_bodies.Reason, reason,
            shows_proposal=True, leads_to=_not_decided,
        ),
    ]  # fmt: skip


def _of_objections() -> list[Act]:
    return [
        Act(
            "hubungkan", "object", lambda _: _("Hubungkan dengan permohonannya"),
            lambda case, body: commands.ObjectToRequest(
                case_id=case, request_id=UUID(body.request), ground=body.ground
            ),
            life_bodies.Objection, _linking,
        ),
        Act(
            "lepas-hubungan", "unlink", lambda _: _("Lepas hubungan dengan permohonan"),
            lambda case, _: commands.ObjectToRequest(case_id=case),
        ),
        Act(
            "putus-keberatan", "decide", lambda _: _("Putuskan keberatan"),
            lambda case, body: commands.DecideObjection(case_id=case, outcome=body.outcome, text=body.text),
            life_bodies.ObjectionDecided, _deciding, goes_out=True, leads_to=_decided_now,
        ),
        Act(
            "sengketa", "dispute", lambda _: _("Catat sengketa"),
            lambda case, body: commands.RecordDispute(case_id=case, reference=body.reference, filed_on=body.filed_on),
            life_bodies.Dispute, _disputing,
        ),
        Act(
            "akhir-sengketa", "settle", lambda _: _("Catat akhir sengketa"),
            lambda case, body: commands.SettleDispute(case_id=case, result=body.result, settled_on=body.settled_on),
            life_bodies.Settlement, _settling,
        ),
    ]  # fmt: skip


def _notice(subject: Subject) -> Field:
    _ = subject.translate
    return Field("text", _("Isi pemberitahuan tertulis"), "words", _("Dibaca pemohon."), most=NOTICE, rows=8)


def _delivery(subject: Subject) -> list[Field]:
    _ = subject.translate
    return [
        Field("finding.form", _("Bentuk informasi"), "choice", required=False, choices=choices.forms(_)),
        Field("finding.cost", _("Biaya (rupiah)"), "line", _("Kosongkan bila tidak ada."), required=False, most=12),
        Field(
            "finding.days_to_deliver", _("Diberikan dalam (hari)"), "line", required=False, most=2,
        ),
    ]  # fmt: skip


def _granting(subject: Subject) -> list[Field]:
    return [_notice(subject), *_delivery(subject)]


def _not_held(subject: Subject) -> list[Field]:
    _ = subject.translate
    hint = _('Tulis "tidak diketahui" bila memang tidak diketahui.')
    return [Field("finding.held_by", _("Badan publik yang menguasainya"), "line", hint, most=200), _notice(subject)]


def _test(subject: Subject) -> list[Field]:
    _ = subject.translate
    return [
        Field(
            "finding.grounds", _("Alasan Pasal 17"), "many", _("Satu atau lebih."), choices=choices.exempt_grounds(_)
        ),
        Field("finding.test.number", _("Nomor uji konsekuensi"), "line", most=80),
        Field("finding.test.held_on", _("Tanggal uji"), "date"),
        Field("finding.test.exempt_until", _("Dikecualikan sampai"), "date"),
        Field(
            "weighing", _("Pertimbangan uji konsekuensi"), "words",
            _("Akibat bila dibuka, dan kepentingan publik yang dilindungi. Dibaca atasan."), most=4_000, rows=6,
        ),
    ]  # fmt: skip


def _refusing(subject: Subject) -> list[Field]:
    return [*_test(subject), _notice(subject)]


def _granting_partly(subject: Subject) -> list[Field]:
    _ = subject.translate
    blackened = Field(
        "redactions", _("Bagian yang dihitamkan"), "lines", _("Satu bagian pada tiap baris."), most=5_000, rows=4
    )
    return [*_test(subject), blackened, _notice(subject), *_delivery(subject)]


def _approving(subject: Subject) -> list[Field]:
    waiting = [one for one in subject.case.decisions if one.state == "proposed"]
    return [Field("text_hash", "", "hidden", value=waiting[-1].text_hash if waiting else "")]


def _linking(subject: Subject) -> list[Field]:
    _ = subject.translate
    said = next((entry.objection for entry in subject.case.thread if entry.objection), None)
    request, ground = (said.request, str(said.grounds[0])) if said else ("", "")
    hint = _("Seperti PI/2026/000123.")
    return [
        Field("request", _("Nomor permohonan"), "line", hint, most=64, is_case=True, value=request),
        Field("ground", _("Alasan Pasal 35"), "choice", choices=choices.objection_grounds(_), value=ground),
    ]


def _deciding(subject: Subject) -> list[Field]:
    _ = subject.translate
    return [
        Field("outcome", _("Putusan"), "choice", choices=choices.objection_outcomes(_)),
        Field("text", _("Isi putusan"), "words", _("Dibaca pemohon."), most=NOTICE, rows=8),
    ]


def _disputing(subject: Subject) -> list[Field]:
    _ = subject.translate
    return [
        Field("reference", _("Nomor register Komisi Informasi"), "line", most=80),
        Field("filed_on", _("Diajukan pada"), "date"),
    ]


def _settling(subject: Subject) -> list[Field]:
    _ = subject.translate
    return [
        Field("result", _("Hasil"), "choice", choices=choices.results(_)),
        Field("settled_on", _("Selesai pada"), "date"),
    ]
