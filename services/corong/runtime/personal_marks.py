"""What in a text looks like somebody's: addresses, telephone and identity numbers. Names no program can find.

Whoever makes words public is told of it before.
"""

import re
from typing import Literal

from corong.runtime.identity_numbers import identity_numbers

__all__ = ["BLACK", "Mark", "blackened", "marks"]

Mark = Literal["email", "telephone", "identity_number"]
BLACK = "[…]"
"""Stands where something was left out."""

_MAIL = re.compile(r"[^\s@<>(),;:\"']+@[^\s@<>(),;:\"']+\.[A-Za-z]{2,}")
# As Indonesians write them: 0812-3456-7890, +62 812 3456 7890, (0623) 41234.
_TELEPHONE = re.compile(r"(?<![\w.])[+(]?\d(?:[ .()\-]{0,2}\d){7,15}(?!\d)")


def marks(text: str) -> list[Mark]:
    """Which kinds of them stand there, the gravest first."""
    found: list[Mark] = []
    if identity_numbers(text):
        found.append("identity_number")
    if _MAIL.search(text):
        found.append("email")
    if any(_is_telephone(number) for number in _TELEPHONE.findall(text)):
        found.append("telephone")
    return found


def blackened(text: str) -> str:
    """The text without them."""
    for number in identity_numbers(text):
        text = text.replace(number, BLACK)
    text = _MAIL.sub(BLACK, text)
    return _TELEPHONE.sub(lambda found: BLACK if _is_telephone(found[0]) else found[0], text)


def _is_telephone(number: str) -> bool:
    """E.164 has at most 15 digits; an amount of money starts with no nought, and a day has eight digits."""
    digits = re.sub(r"\D", "", number)
    return 9 <= len(digits) <= 15 and (number.startswith("+") or digits.startswith(("0", "62")))
