"""The life of a process that serves: until it ends by itself, or is told to stop."""

import asyncio
import gc
import os
import signal
from collections.abc import Callable, Coroutine
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

from corong.cli.output import tell
from corong.cli.trouble import STOPPED_AT_ONCE
from corong.cli.words import is_terminal, say
from corong.runtime.ending import end

if TYPE_CHECKING:
    from corong.runtime.settings import Settings

STOPPING = (signal.SIGINT, signal.SIGTERM)
READY_SECONDS = 60.0


class Serving(Protocol):
    """The embedded hub, or one service's process."""

    async def start(self) -> None:
        """Bring it up."""

    async def serve(self) -> None:
        """Answer until `stop`."""

    async def ready(self, wait: float) -> dict[str, dict[str, str]]:
        """What is missing after `wait` seconds at most."""

    async def stop(self) -> None:
        """Stop cleanly."""


async def serve(serving: Serving, ready: Callable[[], None], told: asyncio.Event) -> None:
    """Start, call `ready` when it takes messages, serve until `told` to stop, stop cleanly. Raises what went wrong.

    Waits for the word instead of being cancelled by it: a cancellation can get lost (`runtime.ending`).
    """
    stopping = asyncio.create_task(told.wait())
    starting = asyncio.create_task(serving.start())
    tasks: list[asyncio.Task[Any]] = [stopping, starting]
    try:
        await _first(starting, stopping)
        if not starting.done():
            return
        starting.result()
        answering = asyncio.create_task(serving.serve())
        waiting = asyncio.create_task(serving.ready(READY_SECONDS))
        tasks.append(waiting)
        await _first(answering, waiting, stopping)
        if waiting.done():
            if missing := waiting.result():
                tell(say(f"Belum siap: {missing}", f"Not ready yet: {missing}"))
            gc.freeze()  # this life's modules and services stay
            gc.enable()
            ready()
        await _first(answering, stopping)
        if answering.done():
            answering.result()
    finally:
        await end(tasks)
        await serving.stop()


async def _first(*tasks: "asyncio.Task[Any]") -> None:
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)


def quiet_logs(settings: "Settings") -> None:
    """JSON lines for machines; on a terminal only what needs a look, unless the settings say otherwise."""
    from corong.runtime import logs

    chosen = settings.model_fields_set
    person = is_terminal()
    logs.configure(
        settings.log_level if "log_level" in chosen or not person else "warning",
        settings.log_format if "log_format" in chosen or not person else "console",
    )


def begin() -> None:
    """Call it before the heavy modules load.

    Nothing has begun yet: Ctrl-C and SIGTERM end the process at once, cleanly. And what is made now stays for the
    life of the process: looking through it for garbage again and again would cost a tenth of the start.
    """
    gc.disable()

    def leave(_number: int, _frame: FrameType | None) -> None:
        os._exit(0)

    for number in STOPPING:
        signal.signal(number, leave)


def live(main: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    """Run `main`; the first SIGINT or SIGTERM sets its event, so that it stops cleanly, a second one ends at once.

    The kernel kills the broker's process with this one. Raises what `main` raises.
    """
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_until_told(main))


async def _until_told(main: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    told = asyncio.Event()

    def stop() -> None:
        if told.is_set():
            os._exit(STOPPED_AT_ONCE)
        told.set()

    for number in STOPPING:
        asyncio.get_running_loop().add_signal_handler(number, stop)
    await main(told)
