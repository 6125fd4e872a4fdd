"""How far a request or an objection has come, as registers tell it: each is exactly one of these."""

from enum import StrEnum


class Standing(StrEnum):
    """What became of a case. The first four are of requests, the next three of objections, the rest of both."""

    GRANTED = "granted"
    PARTLY_GRANTED = "partly_granted"
    REFUSED = "refused"
    NOT_HELD = "not_held"
    UPHELD = "upheld"
    PARTLY_UPHELD = "partly_upheld"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    """The citizen took it back."""
    MERGED = "merged"
    """It goes on in an earlier case of the same citizen, which has a line of its own."""
    CLOSED = "closed"
    """It ended in another way without a decision."""
    OPEN = "open"
    """It was not decided yet."""


ENDS = (Standing.WITHDRAWN, Standing.MERGED, Standing.CLOSED, Standing.OPEN)
OF_REQUESTS = (Standing.GRANTED, Standing.PARTLY_GRANTED, Standing.REFUSED, Standing.NOT_HELD, *ENDS)
OF_OBJECTIONS = (Standing.UPHELD, Standing.PARTLY_UPHELD, Standing.REJECTED, *ENDS)
