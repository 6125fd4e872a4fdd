"""Wait for what another server does in its own time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(what: str, probe: Callable[[], T | None], *, seconds: float = 30.0) -> T:
    """Call `probe` until it gives something true, and return that.

    Raises TimeoutError, naming `what`, when nothing came within `seconds`.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = probe()
        if found:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:g} s: {what}")
        time.sleep(0.05)
