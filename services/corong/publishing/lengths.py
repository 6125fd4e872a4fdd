"""How long a text is, in the units that a channel counts in."""

import unicodedata
from typing import Literal

Counted = Literal["characters", "bytes", "graphemes"]

_JOINER = "\u200d"
_MARKS = {"Mn", "Mc", "Me"}
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
_TAGS = range(0xE0020, 0xE0080)


def length(text: str, unit: Counted) -> int:
    """The length in characters (code points), bytes of UTF-8, or graphemes."""
    if unit == "bytes":
        return len(text.encode())
    if unit == "graphemes":
        return _graphemes(text)
    return len(text)


def _graphemes(text: str) -> int:
    """What a reader takes for one sign: a letter with its accents, an emoji of several parts, a flag, a line end.

    After Unicode Standard Annex 29, rules GB3, GB9, GB9a, GB11, GB12; Korean syllables written in parts and conjuncts
    of Indian scripts (GB6 to GB8, GB9c) count by their parts, so as more.
    """
    count = 0
    base = before = ""
    flag_open = False
    for character in text:
        code = ord(character)
        flag_letter = code in _FLAG_LETTERS
        joined = (
            (before == "\r" and character == "\n")
            or (before not in ("", "\r", "\n") and _extends(character, code))
            or (before == _JOINER and _pictured(base) and _pictured(character))
            or (flag_letter and flag_open)
        )
        flag_open = flag_letter and not joined
        if not joined:
            count += 1
            base = character
        elif before == _JOINER:
            base = character
        before = character
    return count


def _extends(character: str, code: int) -> bool:
    return (
        character == _JOINER
        or code in _SKIN_TONES
        or code in _TAGS
        or unicodedata.category(character) in _MARKS
    )  # fmt: skip


def _pictured(character: str) -> bool:
    return unicodedata.category(character) == "So"
