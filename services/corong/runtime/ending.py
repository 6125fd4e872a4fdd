"""Ends tasks for certain.

A cancellation can get lost: `asyncio.wait_for` of Python 3.11 and nats-py's flush answer one that comes at the wrong
moment with a result. Whoever waits for such a task then waits for ever.
"""

import asyncio
from collections.abc import Iterable

AGAIN_SECONDS = 1.0


async def end(tasks: Iterable["asyncio.Task[None]"]) -> None:
    """Cancel tasks, again and again if it must be, until all have ended. What they raise is passed over."""
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=AGAIN_SECONDS)
