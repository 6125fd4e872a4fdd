"""The steps of a case in words: what happened, as one line of its history."""

from collections.abc import Mapping
from typing import Any

from corong.runtime.kind_names import Translate


def step_word(
    kind: str, data: Mapping[str, Any], _: Translate, clocks: Mapping[str, str] | None = None
) -> str:  # fmt: skip
    """A step by the event's type without prefix and version; a type that has no words yet stands as it is.

    `data` are the step's own: what a notice was about and which clock it is stands there. `clocks` are the names of
    clocks by their rule; one without a name is told by its rule.
    """
    if kind == "case.notified":
        return _notices(_).get(str(data.get("notice"))) or _("Warga diberi tahu")
    word = _cases(_).get(kind) or _others(_).get(kind) or _sendings(_).get(kind) or _log(_).get(kind) or kind
    rule = str(data.get("rule") or (data.get("count") or {}).get("rule") or "") if kind.startswith("clock.") else ""
    return f"{word}: {(clocks or {}).get(rule, rule)}" if rule else word


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


def _sendings(_: Translate) -> dict[str, str]:
    """What goes out: answers, receipts and posts, and how each target of them went."""
    return {
        "publication.drafted": _("Kiriman disiapkan"),
        "publication.edited": _("Teks unggahan diubah"),
        "publication.approved": _("Teks unggahan disetujui"),
        "publication.scheduled": _("Unggahan dijadwalkan"),
        "publication.released": _("Dilepas untuk dikirim"),
        "publication.withdrawn": _("Unggahan ditarik"),
        "publication.taken_down": _("Unggahan diturunkan"),
        "delivery.started": _("Pengiriman dimulai"),
        "delivery.sent": _("Terkirim"),
        "delivery.refused": _("Pengiriman ditolak oleh kanal"),
        "delivery.uncertain": _("Belum pasti terkirim; diperiksa dahulu"),
        "delivery.held": _("Pengiriman ditahan: menunggu petugas"),
        "delivery.readied": _("Siap dikirim lagi"),
        "delivery.taken_down": _("Dihapus oleh kanal"),
        "delivery.stayed": _("Tidak dihapus oleh kanal"),
        "delivery.bounced": _("Kiriman kembali: tidak sampai"),
    }


def _log(_: Translate) -> dict[str, str]:
    """What else stands in the log, and in no case's history."""
    return {
        "message.set_aside": _("Pesan otomatis disisihkan"),
        "message.quarantined": _("Masukan dikarantina"),
        "report.received": _("Kanal mengabarkan nasib satu kiriman"),
        "document.issued": _("Surat diterbitkan"),
        "document.made": _("Surat dibuat sebagai PDF"),
        "obligation.began": _("Kewajiban pemerintah daerah mulai berjalan"),
        "obligation.reminded": _("Kewajiban diingatkan: tenggatnya dekat"),
        "obligation.ran_out": _("Kewajiban lewat tenggat; atasan PPID diberi tahu"),
        "obligation.met": _("Kewajiban dipenuhi"),
        "obligation.ended": _("Kewajiban dicatat keliru"),
        "target.set": _("Sasaran waktu ditetapkan"),
        "decree.entered": _("Keputusan hari libur dimasukkan"),
        "calendar.adopted": _("Kalender hari kerja ditetapkan"),
        "template.adopted": _("Templat surat ditetapkan"),
        "wording.adopted": _("Templat jawaban diubah"),
        "rules.changed": _("Aturan penyaluran diubah"),
        "officer.changed": _("Petugas ditambah atau diubah"),
        "unit.changed": _("Unit ditambah, diubah atau ditutup"),
        "officer.invited": _("Tautan masuk dibuat untuk petugas"),
        "case.erased": _("Data warga pada perkara dihapus"),
        "erasure.decided": _("Penghapusan data diputuskan"),
        "erasure.completed": _("Penghapusan data selesai"),
        "erasure.repeated": _("Penghapusan data diulang sesudah pemulihan"),
        "hold.placed": _("Penahanan hukum dipasang"),
        "hold.released": _("Penahanan hukum dicabut"),
        "key.rotated": _("Kunci instalasi diganti"),
        "audit.gap_found": _("Nomor hilang; penulisnya diminta mengirim lagi"),
        "audit.gap_filled": _("Nomor yang hilang sudah datang"),
        "audit.conflict_found": _("Isi lain untuk peristiwa yang sudah ada; disisihkan"),
        "audit.entry_refused": _("Tidak dapat masuk log; disisihkan"),
        "audit.record_changed": _("Simpanan log berubah sesudah ditandatangani; penerbitan dihentikan"),
        "audit.state_hashed": _("Sidik keadaan dicatat"),
        "audit.exported": _("Log diekspor"),
        "audit.reported": _("Laporan atau register dibuat"),
    }
