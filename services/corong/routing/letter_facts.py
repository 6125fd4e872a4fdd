"""What a letter says of a decision, in words: pure, Indonesian, as the law names things."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TypeAlias

from babel.dates import format_date

from corong.routing.clock_words import written_day
from corong_contracts.case import CaseKind
from corong_contracts.case_life import ObjectionGround
from corong_contracts.decision import ExemptGround, Finding, Outcome

__all__ = [
    "Decided",
    "Paper",
    "Signer",
    "decision",
    "extension",
    "incomplete",
    "nothing_decided",
    "objection",
    "receipt",
    "silence",
]

Decided: TypeAlias = dict[str, str | list[str]]
"""Variables of the letter; who asked, and what, is added by who has it."""

WAITING = "(menunggu persetujuan atasan PPID)"
"""In a preview, where the superior's word will stand."""

_OUTCOMES: Mapping[Outcome, str] = {
    Outcome.GRANTED: "dikabulkan seluruhnya",
    Outcome.PARTLY_GRANTED: "dikabulkan sebagian",
    Outcome.REFUSED: "ditolak",
    Outcome.NOT_HELD: "tidak dapat dipenuhi, karena informasi tidak kami kuasai",
    Outcome.UPHELD: "keberatan dikabulkan",
    Outcome.PARTLY_UPHELD: "keberatan dikabulkan sebagian",
    Outcome.REJECTED: "keberatan ditolak",
}
_HELD = {"held": "dikuasai", "partly_held": "dikuasai sebagian", "not_held": "tidak dikuasai"}
_FORMS = {
    "soft_copy": "salinan elektronik (softcopy)",
    "hard_copy": "salinan tercetak (hardcopy)",
    "inspection": "dilihat di tempat",
}
_EXEMPT: Mapping[ExemptGround, str] = {
    ExemptGround.LAW_ENFORCEMENT: "dapat menghambat proses penegakan hukum",
    ExemptGround.BUSINESS_SECRETS: "kekayaan intelektual dan persaingan usaha yang sehat",
    ExemptGround.DEFENCE: "pertahanan dan keamanan negara",
    ExemptGround.NATURAL_WEALTH: "kekayaan alam Indonesia",
    ExemptGround.ECONOMIC_RESILIENCE: "ketahanan ekonomi nasional",
    ExemptGround.FOREIGN_RELATIONS: "kepentingan hubungan luar negeri",
    ExemptGround.PRIVATE_DEEDS: "akta autentik yang bersifat pribadi dan wasiat",
    ExemptGround.PERSONAL_SECRETS: "rahasia pribadi",
    ExemptGround.INTERNAL_MEMORANDA: "surat antarbadan atau intrabadan publik yang dirahasiakan",
    ExemptGround.OTHER_LAWS: "tidak boleh diungkapkan berdasarkan undang-undang",
}
"""UU 14/2008 art. 17, in short."""
_OBJECTIONS: Mapping[ObjectionGround, str] = {
    ObjectionGround.REFUSED: "permohonan ditolak atas dasar Pasal 17",
    ObjectionGround.PERIODIC_NOT_PROVIDED: "informasi berkala tidak disediakan",
    ObjectionGround.NO_RESPONSE: "permohonan tidak ditanggapi",
    ObjectionGround.NOT_AS_ASKED: "permohonan ditanggapi tidak sebagaimana yang diminta",
    ObjectionGround.NOT_FULFILLED: "permohonan tidak dipenuhi",
    ObjectionGround.UNREASONABLE_FEE: "biaya yang dikenakan tidak wajar",
    ObjectionGround.LATE: "informasi disampaikan melebihi jangka waktu",
}
"""Art. 35 (1), in short."""


_MATTERS: Mapping[CaseKind, str] = {
    CaseKind.INFORMATION_REQUEST: "permohonan informasi",
    CaseKind.OBJECTION: "keberatan",
    CaseKind.COMPLAINT: "pengaduan",
}
_OWED = {"request_notice": "pemberitahuan tertulis", "objection_decision": "tanggapan atasan PPID"}
"""What a clock asks for that ran out in silence."""
_RIGHTS = {
    "objection_filing": (
        "mengajukan keberatan kepada atasan PPID", "UU 14/2008 Pasal 35 dan 36",
        "balas pesan kami dengan kata KEBERATAN dan alasan Anda, atau tulis dengan menyebut nomor pendaftaran",
    ),
    "dispute_filing": (
        "mengajukan sengketa ke Komisi Informasi", "UU 14/2008 Pasal 37",
        "ajukan permohonan penyelesaian sengketa kepada Komisi Informasi dengan membawa nomor pendaftaran",
    ),
}  # fmt: skip
"""The right that opens, its basis, and how it is used."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs or approves: the office and the name."""

    office: str
    name: str

    def __str__(self) -> str:
        return f"{self.name}, {self.office}"


@dataclass(frozen=True, slots=True)
class Paper:
    """What every letter says."""

    office: str
    """The answering unit's name."""
    on: date
    received: date | None
    signer: Signer | None = None


def receipt(paper: Paper, received: str, answer_until: date | None) -> Decided:
    """Of a request, with the minute in which it came and the last day of the notice."""
    return {**_on(paper), "received": received, "answer_until": _until(answer_until)}


def decision(
    paper: Paper, outcome: Outcome, finding: Finding, redactions: Sequence[str], weighing: str, text: str,
    approver: Signer | None, object_until: date | None,
) -> Decided:  # fmt: skip
    """Of a notice to a request, or a refusal; without an approver a refusal waits for the superior's word."""
    said: Decided = {
        **_on(paper),
        "decision": _OUTCOMES[outcome],
        "held": _HELD["not_held" if outcome is Outcome.NOT_HELD else finding.held],
        "holder": finding.held_by or "",
        "answer": text,
        "object_until": _until(object_until),
    }
    if outcome in (Outcome.GRANTED, Outcome.PARTLY_GRANTED):
        days = finding.days_to_deliver
        said["form"] = _FORMS[finding.form] if finding.form else ""
        said["cost"] = _rupiah(finding.cost)
        said["delivery"] = "" if days is None else f"dalam {days} hari" if days else "bersama surat ini"
    if outcome in (Outcome.PARTLY_GRANTED, Outcome.REFUSED):
        said |= _exempt(paper, finding, weighing, approver)
        said["redactions"] = list(redactions)
    return said


def nothing_decided(paper: Paper) -> Decided:
    """Of a request on which nobody has decided: what is missing is blank."""
    return _on(paper)


def _exempt(paper: Paper, finding: Finding, weighing: str, approver: Signer | None) -> Decided:
    test = finding.test
    number = f"Nomor {test.number}, {_plain(test.held_on)}." if test else ""
    return {
        "grounds": [f"Pasal 17 huruf {ground}: {_EXEMPT[ground]}" for ground in finding.grounds],
        "consequence": f"{number}\n{weighing}".strip() if weighing else "",
        "exempt_until": f"sampai {_plain(test.exempt_until)}" if test else "",
        "approved_by": str(approver) if approver else WAITING,
        "approved_on": _plain(paper.on) if approver else "–",
    }


def extension(paper: Paper, reasons: str, before: date | None, until: date | None) -> Decided:
    """Of more time, once."""
    return {**_on(paper), "reason": reasons, "earlier_until": _until(before), "answer_until": _until(until)}


def incomplete(paper: Paper, kind: CaseKind, missing: str, *, stands_still: bool, begins_anew: bool) -> Decided:
    """Of something that is missing, and what that does to the clock."""
    waits = ""
    if stands_still:
        waits = "Waktu penyelesaian berhenti dihitung sampai jawaban Anda kami terima."
    elif begins_anew:
        waits = "Waktu penyelesaian mulai dihitung sejak berkasnya lengkap."
    return {**_on(paper), "matter": _MATTERS.get(kind, ""), "reason": missing, "waits": waits}


def silence(
    paper: Paper, kind: CaseKind, clock: str, ran_out: date | None, opens: str, until: date | None
) -> Decided:  # fmt: skip
    """Of a clock that ran out in silence, and the right that this opens."""
    right, basis, how = _RIGHTS.get(opens, ("", "", ""))
    return {
        **_on(paper),
        "matter": _MATTERS.get(kind, ""),
        "owed": _OWED.get(clock, ""),
        "ran_out": _until(ran_out),
        "right": right,
        "right_basis": basis,
        "right_until": _until(until),
        "how": how,
    }


def objection(
    paper: Paper, outcome: Outcome | None, ground: ObjectionGround | None, text: str, dispute_until: date | None
) -> Decided:
    """Of the superior's decision on an objection."""
    return {
        **_on(paper),
        "decision": _OUTCOMES[outcome] if outcome else "",
        "ground": f"huruf {ground}: {_OBJECTIONS[ground]}" if ground else "",
        "reason": text,
        "dispute_until": _until(dispute_until),
    }


def _on(paper: Paper) -> Decided:
    return {
        "office": paper.office,
        "date": _plain(paper.on),
        "received": _until(paper.received),
        "signed_by": paper.signer.office if paper.signer else "",
        "signed_name": paper.signer.name if paper.signer else "",
    }


@lru_cache(maxsize=1024)
def _plain(day: date) -> str:
    """`8 April 2026`."""
    return format_date(day, "d MMMM y", locale="id_ID")


def _until(day: date | None) -> str:
    """`Rabu, 8 April 2026`."""
    return written_day(day, "id") if day else ""


def _rupiah(amount: int) -> str:
    return f"Rp{amount:,}".replace(",", ".") if amount else "tidak dipungut biaya"
