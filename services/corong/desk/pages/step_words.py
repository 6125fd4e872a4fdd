"""The steps of a case in words: what happened, as one line of its history."""

from collections.abc import Mapping
from typing import Any

from corong.runtime.kind_names import Translate


def step_word(kind: str, data: Mapping[str, Any], _: Translate) -> str:
    """A step by the event's type without prefix and version; a type that has no words yet stands as it is.

    `data` are the step's own: what a notice was about stands there.
    """
    if kind == "case.notified":
        return _notices(_).get(str(data.get("notice"))) or _("Warga diberi tahu")
    return _cases(_).get(kind) or _others(_).get(kind) or kind


def _notices(_: Translate) -> dict[str, str]:
    return {
        "completion_asked": _("Warga diberi tahu: apa yang belum lengkap"),
        "extended": _("Warga diberi tahu: waktunya diperpanjang, dan mengapa"),
        "silence": _("Warga diberi tahu: tenggat kami habis, dan haknya"),
        "merged": _("Warga diberi tahu: perkaranya digabungkan"),
        "split": _("Warga diberi tahu: nomor perkara yang dipisahkan"),
        "planned": _("Warga diberi tahu: rencana tindak lanjut"),
        "closed": _("Warga diberi tahu: perkaranya ditutup"),
        "message_moved": _("Warga diberi tahu: pesannya dipindahkan"),
    }


def _cases(_: Translate) -> dict[str, str]:
    return {
        "case.registered": _("Perkara didaftarkan"),
        "case.routed": _("Diteruskan ke unit"),
        "case.claimed": _("Diambil"),
        "case.released": _("Dilepas"),
        "case.assigned": _("Disposisi"),
        "case.returned": _("Dikembalikan: bukan kewenangan"),
        "case.prioritised": _("Prioritas diubah"),
        "case.noted": _("Catatan internal"),
        "case.answered": _("Jawaban"),
        "case.closed": _("Ditutup"),
        "case.reclassified": _("Jenis diubah"),
        "case.detailed": _("Buku register diisi"),
        "case.completion_asked": _("Kelengkapan diminta"),
        "case.completed": _("Dilengkapi pemohon"),
        "case.extended": _("Jangka waktu diperpanjang"),
        "case.planned": _("Rencana tindak lanjut disampaikan"),
        "case.message_moved": _("Satu pesan dipindahkan ke perkara lain"),
        "case.grouped": _("Dikelompokkan"),
        "case.linked": _("Dihubungkan dengan permohonan"),
        "case.merged": _("Digabungkan"),
        "case.split": _("Dipisahkan"),
        "case.objected": _("Keberatan diajukan"),
        "case.withdrawn": _("Dicabut"),
        "case.reopened": _("Dibuka lagi"),
    }


def _others(_: Translate) -> dict[str, str]:
    return {
        "message.received": _("Pesan warga"),
        "message.moved": _("Pesan dipindahkan"),
        "decision.proposed": _("Keputusan diusulkan"),
        "decision.approved": _("Keputusan disetujui"),
        "decision.returned": _("Usulan keputusan dikembalikan"),
        "decision.given": _("Keputusan"),
        "dispute.recorded": _("Sengketa dicatat"),
        "dispute.settled": _("Sengketa selesai"),
        "answer.published": _("Tanya-jawab diterbitkan untuk umum"),
        "answer.withdrawn": _("Tanya-jawab yang terbit ditarik"),
        "clock.opened": _("Tenggat mulai berjalan"),
        "clock.moved": _("Tenggat bergeser"),
        "clock.paused": _("Tenggat berhenti"),
        "clock.met": _("Tenggat terpenuhi"),
        "clock.ended": _("Tenggat berakhir"),
        "clock.ran_out": _("Tenggat habis"),
        "clock.reminded": _("Pengingat tenggat"),
        "clock.escalated": _("Diteruskan ke PPID utama karena tenggat"),
    }
