"""What is scored, in words."""

from corong.runtime.kind_names import Translate

__all__ = ["part_word"]


def part_word(name: str, _: Translate) -> str:
    """One thing that is looked at."""
    return {
        "answered": _("Semua dijawab"),
        "in_time": _("Dijawab pada waktunya"),
        "tone": _("Nada jawaban"),
        "urgent_first": _("Yang mendesak diambil dahulu"),
        "refused": _("Diputus menolak, seluruhnya atau sebagian"),
        "right_told": _("Hak keberatan disebut"),
        "woken": _("Unit digerakkan: disposisi atau catatan"),
    }[name]
