"""How far a request or an objection has come, as registers tell it: each has exactly one standing."""

from enum import StrEnum
from typing import TypeAlias

from corong_contracts.decision import Outcome


class End(StrEnum):
    """What became of a case on which nobody decided."""

    WITHDRAWN = "withdrawn"
    """The citizen took it back."""
    MERGED = "merged"
    """It goes on in an earlier case of the same citizen, which has a line of its own."""
    CLOSED = "closed"
    """It ended in another way."""
    OPEN = "open"
    """It was not decided yet."""


Standing: TypeAlias = Outcome | End
"""What was decided, or else how it ended."""

OF_REQUESTS: tuple[Standing, ...] = (
    Outcome.GRANTED, Outcome.PARTLY_GRANTED, Outcome.REFUSED, Outcome.NOT_HELD, *End,
)  # fmt: skip
OF_OBJECTIONS: tuple[Standing, ...] = (Outcome.UPHELD, Outcome.PARTLY_UPHELD, Outcome.REJECTED, *End)
