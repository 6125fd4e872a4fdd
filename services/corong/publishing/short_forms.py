"""What a citizen is told where the channel has no room for the whole: the number, what it is, and where to read it all.

Nothing is cut: what doesn't fit is said in other words, and stands whole on the page of the receipt (`/cek`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from babel.dates import format_date

from corong.publishing.lengths import length
from corong_contracts.case_life import CaseNotified
from corong_contracts.channel import Capabilities

__all__ = ["Where", "in_short", "short_answer", "short_notice"]

_DECIDED: Mapping[str, str] = {
    "granted": "dikabulkan",
    "partly_granted": "dikabulkan sebagian",
    "refused": "ditolak",
    "not_held": "informasi tidak kami kuasai",
    "upheld": "keberatan diterima",
    "partly_upheld": "keberatan diterima sebagian",
    "rejected": "keberatan ditolak",
}
_NOTICES: Mapping[str, str] = {
    "completion_asked": "Perkara {registration} belum lengkap. Baca yang kami minta di {read}, lalu balas pesan ini",
    "extended": "Waktu perkara {registration} diperpanjang sampai {until}. Alasannya di {read}",
    "planned": "Rencana tindak lanjut pengaduan {registration}: {read}",
    "silence": "Tenggat kami untuk perkara {registration} habis.{right} Selengkapnya di {read}",
    "merged": "Perkara {registration} kami lanjutkan dalam perkara Anda {other}: {read}",
    "message_moved": "Pesan Anda kami jawab dalam perkara Anda {other}, bukan {registration}",
    "closed": "Pengaduan {registration} ditutup: tidak ada tanggapan Anda. Belum selesai? Tulis di {write}",
    "split": "Pesan Anda menjadi perkara {registration}: {read}",
}
_RIGHTS: Mapping[str, str] = {
    "objection_filing": " Anda berhak mengajukan keberatan sampai {until}.",
    "dispute_filing": " Anda berhak mengajukan sengketa ke Komisi Informasi sampai {until}.",
}


@dataclass(frozen=True)
class Where:
    """Whose case it is and where its citizen reads and writes. `secret` is empty where others read along."""

    registration: str
    secret: str
    page: str
    form: str
    hub: str

    @property
    def read(self) -> str:
        """Where the whole is to be read, and with what."""
        return f"{self.page} (kode {self.secret})" if self.secret else f"{self.page} dengan kode tanda terima Anda"


def in_short(whole: str, shorter: Sequence[str], capabilities: Capabilities | None) -> str | None:
    """What is sent in place of `whole`; None where that fits. The first of `shorter` that fits, else the last.

    One that is still too long is refused by the channel, and the officer sees it: a piece of it would mislead.
    """
    if capabilities is None or length(whole, capabilities.text_unit) <= capabilities.max_text:
        return None
    fits = (text for text in shorter if length(text, capabilities.text_unit) <= capabilities.max_text)
    return next(fits, shorter[-1])


def short_answer(outcome: str | None, where: Where) -> list[str]:
    """An answer or a decision, from longer to shorter."""
    decided = f": {_DECIDED[outcome]}" if outcome is not None and outcome in _DECIDED else ""
    return [
        f"Jawaban untuk perkara Anda {where.registration}{decided}. Baca seluruhnya di {where.read} – {where.hub}",
        f"Jawaban {where.registration}{decided}. Baca: {where.read}",
    ]


def short_notice(data: CaseNotified, other: str, where: Where) -> list[str]:
    """A notice, from longer to shorter. Raises `KeyError` for one without a short form."""
    until = format_date(data.until, "d MMMM y", locale="id_ID") if data.until else ""
    right = _RIGHTS.get(data.right or "", "").format(until=until)
    text = _NOTICES[data.notice].format(
        registration=where.registration, other=other, until=until, right=right, read=where.read, write=where.form
    )
    return [f"{text} – {where.hub}", text]
