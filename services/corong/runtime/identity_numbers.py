"""Numbers of sixteen digits, as an identity card (NIK), a family card (KK) and many bank cards have them.

A citizen is never asked for one, and an answer may be published: who writes one is told so before it is sent.
"""

import re

DIGITS = 16

_RUN = re.compile(r"\d(?:[ .\-]?\d)*")


def has_identity_number(text: str) -> bool:
    """Whether a number of exactly sixteen digits stands there, in one or with spaces, dots or hyphens between them."""
    return any(sum(map(str.isdigit, found)) == DIGITS for found in _RUN.findall(text))
