"""Doors first: while somebody stands at a door or waits for a command's answer, what can wait lets them pass.

One for the whole process: its services take turns in one event loop.
"""

import asyncio
import contextlib
from collections.abc import Iterator

PATIENCE = 0.2
"""Seconds that work which can wait lets citizens and officers go before it, at most."""
SMALL_CHUNK = 64
"""Events that are brought in at once while somebody waits: some ten milliseconds."""


class Doors:
    """Counts who waits."""

    def __init__(self) -> None:
        self._waiting = 0
        self._patient: list[asyncio.Future[None]] = []

    @contextlib.contextmanager
    def somebody_waits(self) -> Iterator[None]:
        """Inside of it, a citizen or an officer waits for a commit."""
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1
            if not self._waiting:
                for future in self._patient:
                    if not future.done():
                        future.set_result(None)
                self._patient.clear()

    @property
    def busy(self) -> bool:
        """Whether somebody waits now."""
        return self._waiting > 0

    async def let_pass(self) -> None:
        """Wait until nobody waits, or patience ends."""
        if self._waiting:
            calm = asyncio.get_running_loop().create_future()
            self._patient.append(calm)
            try:
                await asyncio.wait_for(calm, PATIENCE)
            except TimeoutError:
                with contextlib.suppress(ValueError):  # everybody went at this very moment
                    self._patient.remove(calm)


DOORS = Doors()
"""The process's one."""
