"""What could not be done for now, and when it is to be tried again: each time after twice as long."""

from uuid import UUID

MOST = 500
"""When so many wait, it is not each of them that is at fault."""


class PuttingOff:
    """In memory alone: after a start all are tried anew. Times in seconds, of a clock that never goes back."""

    def __init__(self, first: float, longest: float) -> None:
        """`first` and `longest` wait."""
        self._first = first
        self._longest = longest
        self._waiting: dict[UUID, tuple[float, float]] = {}
        """Which → when it may be tried again, and how long it waited last."""

    def put_off(self, one: UUID, now: float) -> None:
        """It went wrong."""
        _, waited = self._waiting.get(one, (0.0, 0.0))
        wait = min(max(self._first, waited * 2), self._longest)
        self._waiting[one] = (now + wait, wait)

    def done(self, one: UUID) -> None:
        """It went well, or there is nothing more to do."""
        self._waiting.pop(one, None)

    def not_yet(self, now: float) -> list[UUID]:
        """Those that are not to be tried now."""
        return [one for one, (due, _) in self._waiting.items() if due > now]
