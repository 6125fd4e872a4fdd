"""The drills: what synthetic citizens write, and what is looked at afterwards. Every text is made up."""

from dataclasses import dataclass
from typing import Literal

from corong.runtime.kind_names import Translate
from corong_contracts.case import CaseKind

__all__ = ["DRILLS", "Drill", "Said", "task_of", "title_of"]

Looked = Literal["answered", "in_time", "tone", "urgent_first", "refused", "right_told", "woken"]


@dataclass(frozen=True)
class Said:
    """One message."""

    kind: CaseKind
    subject: str
    text: str
    urgent: bool = False


@dataclass(frozen=True)
class Drill:
    """One exercise."""

    name: str
    messages: tuple[Said, ...]
    minutes: int
    """In this time it should be done."""
    looked_at: tuple[Looked, ...]
    """What is scored; each counts the same."""


COMPLAINT, REQUEST = CaseKind.COMPLAINT, CaseKind.INFORMATION_REQUEST

FLOOD = Drill(
    "flood",
    (
        Said(COMPLAINT, "Jalan rusak", "Jalan di depan pasar rusak parah, lubangnya dalam. Mohon segera diperbaiki."),
        Said(
            COMPLAINT, "Banjir", "Banjir sudah setinggi lutut, ada lansia yang belum bisa keluar rumah. Tolong!", True
        ),
        Said(COMPLAINT, "Jalan rusak", "Jalan poros berlubang sejak musim hujan. Kapan diaspal lagi?"),
        Said(COMPLAINT, "Lampu jalan padam", "Lampu jalan di simpang padam seminggu, gelap dan rawan."),
        Said(COMPLAINT, "Jalan rusak", "jln ancur bgt min, tiap hari ban bocor terus. tolong donk"),
        Said(COMPLAINT, "Drainase tersumbat", "Drainase tersumbat, setiap hujan air masuk ke rumah warga."),
        Said(COMPLAINT, "Jembatan", "Jembatan kayu ke sekolah hampir roboh, anak-anak lewat tiap pagi.", True),
        Said(COMPLAINT, "Jalan rusak", "Sudah tiga kali saya lapor soal jalan ini. Mohon kabarnya."),
    ),
    45,
    ("answered", "in_time", "urgent_first", "tone"),
)
REFUSAL = Drill(
    "refusal",
    (
        Said(
            REQUEST, "Permohonan informasi",
            "Dengan hormat, saya memohon salinan daftar nama, alamat dan NIK semua penerima bantuan sosial tahun ini.",
        ),
    ),
    60,
    ("answered", "refused", "right_told", "tone"),
)  # fmt: skip
SILENT_UNIT = Drill(
    "silent_unit",
    (
        Said(COMPLAINT, "Puskesmas tutup", "Puskesmas tutup sebelum jam dua belas, padahal antrean masih panjang."),
        Said(COMPLAINT, "Puskesmas tutup", "Hari ini puskesmas tutup lagi. Ibu saya perlu obat darah tinggi."),
        Said(COMPLAINT, "Antrean puskesmas", "Di puskesmas tidak ada petugas loket sejak pagi. Mohon dicek."),
    ),
    30,
    ("woken", "answered", "in_time", "tone"),
)
DRILLS: dict[str, Drill] = {drill.name: drill for drill in (FLOOD, REFUSAL, SILENT_UNIT)}


def title_of(name: str, _: Translate) -> str:
    """What a drill is called."""
    return {"flood": _("Banjir pengaduan"), "refusal": _("Penolakan"), "silent_unit": _("Unit yang diam")}[name]


def task_of(name: str, _: Translate) -> str:
    """What is to be done in it."""
    return {
        "flood": _(
            "Delapan pengaduan masuk sekaligus. Kerjakan yang mendesak dahulu, lalu jawab semuanya dalam 45 menit."
        ),
        "refusal": _(
            "Seseorang meminta data pribadi orang lain. Putuskan menolak, dengan dasarnya dan hak keberatannya; "
            "atasan menyetujui."
        ),
        "silent_unit": _(
            "Tiga pengaduan masuk ke unit yang tidak bergerak. Sebagai PPID Utama, gerakkan unit itu dengan disposisi "
            "atau catatan, dan pastikan warga mendapat jawaban."
        ),
    }[name]
