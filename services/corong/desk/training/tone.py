"""A checklist for the tone of an answer. Pure; it helps whoever learns, and judges nobody."""

import re
from dataclasses import dataclass
from typing import Literal

from corong.runtime.kind_names import Translate

__all__ = ["Tone", "advice_of", "tone_of"]

Rule = Literal["greets", "thanks", "says_when", "long_enough", "calm", "nothing_personal"]
RULES: tuple[Rule, ...] = ("greets", "thanks", "says_when", "long_enough", "calm", "nothing_personal")
SHORTEST = 60
"""Characters; what is shorter hardly tells what was done and what comes next."""

_GREETING = re.compile(r"\b(yth|bapak|ibu|sdr|saudara|saudari|kak|halo|selamat (pagi|siang|sore|malam)|assalam)", re.I)
_THANKS = re.compile(r"\b(terima kasih|terimakasih|kami menghargai)\b", re.I)
_WHEN = re.compile(
    r"\b(\d{1,2}([./-]\d{1,2}| (januari|februari|maret|april|mei|juni|juli|agustus|september|oktober|november"
    r"|desember))"
    r"|hari ini|besok|lusa|pekan (ini|depan)|minggu (ini|depan)|bulan (ini|depan)|(senin|selasa|rabu|kamis|jumat|sabtu)"
    r"|\d+ (jam|hari|pekan|minggu)|sudah (selesai|diperbaiki|ditangani|kami))\b",
    re.I,
)
_ROUGH = re.compile(
    r"\b(salah (anda|bapak|ibu|sendiri)|bukan urusan|tidak mungkin|jangan (protes|mengeluh)|sabar saja)", re.I
)
_PERSONAL = re.compile(r"(?<!\d)(\d{16}|08\d{8,11})(?!\d)")


@dataclass(frozen=True)
class Tone:
    """How an answer does."""

    failed: tuple[Rule, ...]

    @property
    def share(self) -> float:
        """Which part of the checklist it keeps."""
        return 1 - len(self.failed) / len(RULES)


def tone_of(text: str) -> Tone:
    """Hold an answer against the checklist."""
    letters = [sign for sign in text if sign.isalpha()]
    shouts = len(letters) > 20 and sum(sign.isupper() for sign in letters) > len(letters) / 2  # words
    kept = {
        "greets": bool(_GREETING.search(text)),
        "thanks": bool(_THANKS.search(text)),
        "says_when": bool(_WHEN.search(text)),
        "long_enough": len(text.strip()) >= SHORTEST,
        "calm": not (_ROUGH.search(text) or shouts or "!!" in text),
        "nothing_personal": not _PERSONAL.search(text),
    }
    return Tone(tuple(rule for rule in RULES if not kept[rule]))


def advice_of(rule: str, _: Translate) -> str:
    """What to do better."""
    return {
        "greets": _("Sapa warga: Yth. Bapak/Ibu, atau selamat pagi."),
        "thanks": _("Ucapkan terima kasih atas laporannya."),
        "says_when": _("Sebut kapan: hari, tanggal, atau apa yang sudah dikerjakan."),
        "long_enough": _("Terlalu pendek: katakan apa yang dilakukan dan apa berikutnya."),
        "calm": _("Tanpa menyalahkan, tanpa huruf besar semua, tanpa tanda seru beruntun."),
        "nothing_personal": _("Tanpa NIK dan tanpa nomor telepon di dalam jawaban."),
    }[rule]
