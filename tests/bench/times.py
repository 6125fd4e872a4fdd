"""How long questions take: by the clock, and of the processor, which other work on the machine changes less."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Times:
    """By name, milliseconds of each try."""

    def __init__(self) -> None:
        self.took: dict[str, list[float]] = {}
        self.worked: dict[str, list[float]] = {}
        """Of this process: what a PostgreSQL works is not in it."""

    @contextmanager
    def of(self, name: str, *, counted: bool = True) -> Iterator[None]:
        """Time one try; the first ones are not counted. Nothing is kept of one that fails."""
        began, before = time.perf_counter(), time.process_time()
        yield
        if counted:
            self.took.setdefault(name, []).append((time.perf_counter() - began) * 1e3)
            self.worked.setdefault(name, []).append((time.process_time() - before) * 1e3)
