"""The words of notices that the hub itself writes to a citizen on a case, Indonesian first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from corong_contracts.case_life import CaseNotified

__all__ = ["Around", "notice"]

TEMPLATES: Mapping[str, str] = {
    "completion_asked": """\
Data perkara Anda dengan nomor {registration} belum lengkap. Mohon dilengkapi:

{words}

Balas pesan ini.

Your case {registration} is not complete: please answer this message with what is asked above.

{hub}
""",
    "extended": """\
Jangka waktu untuk permohonan Anda dengan nomor {registration} kami perpanjang sampai {until}, satu kali, dengan alasan:

{words}

Dasar: UU 14/2008 Pasal 22 ayat (8). The time for your request is extended to {until_en}, for the reasons above.

{hub}
""",
    "silence": """\
Tenggat untuk perkara Anda dengan nomor {registration} habis hari ini tanpa pemberitahuan dari kami. \
Kami mohon maaf; perkara Anda tetap dikerjakan.

{right}

The time for your case {registration} ran out without our notice. {right_en}

{hub}
""",
    "merged": """\
Perkara Anda dengan nomor {registration} kami lanjutkan dalam perkara Anda yang lebih dahulu, nomor {other}. \
Jawabannya akan datang di sana, di tempat Anda menulis perkara itu.

Your case {registration} goes on in your earlier case {other}.

{hub}
""",
    "message_moved": """\
Pesan Anda yang terakhir kami masukkan ke perkara Anda nomor {other}, dan kami jawab di sana; \
perkara nomor {registration} tetap berjalan.

A message of yours goes on in your case {other}; your case {registration} stays open.

{hub}
""",
    "planned": """\
Pengaduan Anda dengan nomor {registration} sedang kami tindak lanjuti:

{words}

Your complaint {registration} is being followed up as told above.

{hub}
""",
    "closed": """\
Pengaduan Anda dengan nomor {registration} kami tutup, karena sesudah jawaban kami tidak ada tanggapan dari Anda. \
Belum selesai? Tulis lagi lewat {address} dengan menyebut nomor itu.

Your complaint {registration} is closed, as you did not write again after our answer. Not settled? Write to us again.

{hub}
""",
    "split": """\
Pesan Anda kami daftarkan sebagai perkara tersendiri.

Nomor pendaftaran: {registration}
Kode rahasia: {secret}

Your message is registered as a case of its own, under the number above.

{hub}
""",
}

_RIGHTS: Mapping[str, tuple[str, str]] = {
    "objection_filing": (
        "Anda berhak mengajukan keberatan kepada atasan PPID sampai {until} (UU 14/2008 Pasal 35 dan 36). \
Caranya: balas pesan ini dengan kata KEBERATAN dan alasan Anda, atau tulis lewat {address}.",
        "You may object to the officer's superior until {until}: answer this message with KEBERATAN and your reason.",
    ),
    "dispute_filing": (
        "Anda berhak mengajukan sengketa ke Komisi Informasi sampai {until} (UU 14/2008 Pasal 37). \
Caranya: ajukan permohonan penyelesaian sengketa kepada Komisi Informasi dengan membawa nomor di atas.",
        "You may take the dispute to the Information Commission until {until}, with the number above.",
    ),
}
_NO_RIGHT = ("Pertanyaan? Balas pesan ini.", "Questions? Answer this message.")


@dataclass(frozen=True)
class Around:
    """What a notice says besides the event: numbers, the hub's name and where citizens write."""

    registration: str
    other: str
    secret: str
    words: str
    hub: str
    address: str


def notice(data: CaseNotified, around: Around) -> str:
    """The text. Raises `KeyError` for a notice without a template."""
    until, until_en = _day(data.until, "id_ID"), _day(data.until, "en_GB")
    right, right_en = _RIGHTS.get(data.right or "", _NO_RIGHT)
    return TEMPLATES[data.notice].format(
        registration=around.registration,
        other=around.other,
        secret=around.secret,
        words=around.words,
        hub=around.hub,
        address=around.address,
        until=until,
        until_en=until_en,
        right=right.format(until=until, address=around.address),
        right_en=right_en.format(until=until_en),
    )


def _day(day: date | None, locale: str) -> str:
    return format_date(day, "EEEE, d MMMM y", locale=locale) if day else ""
