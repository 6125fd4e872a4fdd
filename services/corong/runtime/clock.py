"""The one place that looks at the clock. Rules get `now` as an argument; tests give a clock of their own."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


@lru_cache(maxsize=1024)  # every service that folds an event writes the same moments
def stamp(moment: datetime) -> str:
    """A moment as rows keep it: UTC, six digits of a second, sorts as text."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return f"{moment.isoformat(timespec='microseconds')[:-6]}Z"


def moment(text: str) -> datetime:
    """The moment that `stamp` wrote."""
    return datetime.fromisoformat(text)
