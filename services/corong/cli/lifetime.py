"""The life of a process that serves: until it ends by itself, or is told to stop."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from types import FrameType
from typing import Any

from corong.cli.trouble import STOPPED_AT_ONCE

STOPPING = (signal.SIGINT, signal.SIGTERM)


def stop_before_start() -> None:
    """While modules load nothing has begun: Ctrl-C and SIGTERM end the process at once, cleanly."""

    def end(_number: int, _frame: FrameType | None) -> None:
        os._exit(0)

    for number in STOPPING:
        signal.signal(number, end)


def live(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run `main`; the first SIGINT or SIGTERM cancels it, so that it stops cleanly, a second one ends at once.

    The kernel kills the broker's process with this one. Raises what `main` raises.
    """
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_until_told(main))


async def _until_told(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(main())
    told = False

    def tell() -> None:
        nonlocal told
        if told:
            os._exit(STOPPED_AT_ONCE)
        told = True
        task.cancel()

    for number in STOPPING:
        loop.add_signal_handler(number, tell)
    try:
        await task
    except asyncio.CancelledError:
        if not told:
            raise
