"""Doors first, by turns: who stands at a door goes before what can wait, and what can wait gets its part all the same.

One for the whole process: its services take turns in one event loop. While somebody waits at a door, each piece of work
that can wait is followed by as much time for the doors as it took itself: so neither side has less than half.
"""

import asyncio
import contextlib
import time
from collections.abc import Iterator

PATIENCE = 0.2
"""Seconds that a piece of work which can wait lets citizens and officers go before it, at most."""
DOORS_PART = 1.0
"""Time for the doors after each piece of work that can wait, as a multiple of what that took."""
SMALL_CHUNK = 64
"""Events that are brought in at once while somebody waits: some ten milliseconds."""


class Doors:
    """Counts who waits, and whose turn it is."""

    def __init__(self) -> None:
        self._waiting = 0
        self._doors_until = 0.0
        self._patient: dict[object, asyncio.Future[bool]] = {}

    @contextlib.contextmanager
    def somebody_waits(self) -> Iterator[None]:
        """Inside of it, a citizen or an officer waits for a commit."""
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1
            if not self._waiting:
                for who in tuple(self._patient):
                    self._wake(who, at_once=False)

    @property
    def busy(self) -> bool:
        """Whether somebody waits now."""
        return self._waiting > 0

    @property
    def open_to_others(self) -> bool:
        """Whether what can wait may go now."""
        return not self._waiting or time.monotonic() >= self._doors_until

    async def let_pass(self, who: object) -> None:
        """Wait for one's turn: until nobody waits, or the doors had their time, or patience ends, or `hurry`."""
        patience = time.monotonic() + PATIENCE
        while self._waiting:
            left = min(self._doors_until, patience) - time.monotonic()
            if left <= 0:
                return
            self._patient[who] = woken = asyncio.get_running_loop().create_future()
            try:
                if await asyncio.wait_for(woken, left):
                    return
            except TimeoutError:
                continue
            finally:
                self._patient.pop(who, None)

    def hurry(self, who: object) -> None:
        """Somebody at a door waits for `who` itself: it lets nobody pass."""
        self._wake(who, at_once=True)

    def _wake(self, who: object, *, at_once: bool) -> None:
        future = self._patient.get(who)
        if future is not None and not future.done():
            future.set_result(at_once)

    def took(self, seconds: float) -> None:
        """A piece of work that can wait is done: now it is the doors' turn."""
        self._doors_until = time.monotonic() + seconds * DOORS_PART


DOORS = Doors()
"""The process's one."""
