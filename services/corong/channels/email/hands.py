"""A mailbox for the event loop: a thread of its own does what the loop asks, one thing after another."""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

from corong.channels.email.imap import Mailbox
from corong.channels.email.settings import EmailSettings

T = TypeVar("T")


class Hands:
    """Holds one connection to a mailbox; an asynchronous context manager.

    Nobody waits for the thread: at the end, or when a call is cancelled, the connection is broken off, and a thread
    that hangs all the same doesn't keep the process from ending.
    """

    def __init__(self, settings: EmailSettings) -> None:
        self.mailbox = Mailbox(settings)
        self._jobs: queue.SimpleQueue[tuple[Callable[[], Any], asyncio.Future[Any]] | None] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._working = False

    async def __aenter__(self) -> Self:
        """Connect and sign in. Raises Transient or Permanent."""
        threading.Thread(target=self._work, name="mailbox", daemon=True).start()
        try:
            await self.do(self.mailbox.open)
        except BaseException:
            self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the connection go."""
        self._end()

    async def do(self, job: Callable[..., T], *arguments: object) -> T:
        """What `job` gives or raises, done by the thread."""
        future: asyncio.Future[T] = self._loop.create_future()
        self._working = True
        self._jobs.put((lambda: job(*arguments), future))
        result = await future
        self._working = False
        return result

    def _end(self) -> None:
        if self._working:
            self.mailbox.break_off()
        self._jobs.put(None)

    def _work(self) -> None:
        while (item := self._jobs.get()) is not None:
            job, future = item
            try:
                result = job()
            except BaseException as error:  # told to whoever asked
                self._tell(future, None, error)
            else:
                self._tell(future, result, None)
        self.mailbox.close()

    def _tell(self, future: asyncio.Future[Any], result: object, error: BaseException | None) -> None:
        def tell() -> None:
            if future.done():  # whoever asked was cancelled
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)

        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(tell)
