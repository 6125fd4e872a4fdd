"""Numbers of sixteen digits, as an identity card (NIK), a family card (KK) and many bank cards have them.

A citizen is never asked for one, and an answer may be published: who writes one is told so before it is sent.
"""

import re

DIGITS = 16

_RUN = re.compile(r"\d(?:[ .\-]?\d)*")


def identity_numbers(text: str) -> list[str]:
    """The numbers of exactly sixteen digits, in one or with spaces, dots or hyphens between them, as they stand."""
    return [found for found in _RUN.findall(text) if sum(map(str.isdigit, found)) == DIGITS]


def has_identity_number(text: str) -> bool:
    """Whether one stands there."""
    return bool(identity_numbers(text))
