"""Who works now: one committing thread of a process at a time, doors and commands before what can wait.

Several services in one process share one interpreter lock, and sqlite3 lets go of it at every row: threads that work at
the same time then wait for each other at every row. With the baton one works while the others wait for the disk. It is
not held during the commit itself.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 0.1
"""Seconds that work which can wait lets citizens and officers go before it, at most."""
QUIET = 0.004
"""Seconds without a door or a command, after which what can wait goes on at once."""


class Baton:
    """A lock with two classes."""

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._held = False
        self._first_waiting = 0
        self._first_ended = 0.0

    @contextmanager
    def hold(self, *, first: bool) -> Iterator[None]:
        """Work while nobody else does. `first`: somebody stands at a door and waits for it."""
        with self._turn:
            if first:
                self._first_waiting += 1
                while self._held:
                    self._turn.wait()
                self._first_waiting -= 1
            else:
                self._wait_later()
            self._held = True
        try:
            yield
        finally:
            with self._turn:
                self._held = False
                if first:
                    self._first_ended = time.monotonic()
                self._turn.notify_all()

    def _wait_later(self) -> None:
        patient_until = time.monotonic() + PATIENCE
        while True:
            now = time.monotonic()
            impatient = now >= patient_until
            quiet = not self._first_waiting and now - self._first_ended >= QUIET
            if not self._held and (quiet or impatient):
                return
            self._turn.wait(QUIET if not self._held else None)


BATON = Baton()
"""The process's one."""
