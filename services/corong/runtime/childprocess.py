"""A second Python process of ours, asked over a socket that it was born with: one line of JSON each way.

It dies with its parent: the kernel kills it, and it ends by itself when the socket closes. Nothing secret is in its
arguments or its environment: what it must know is told over the socket.
"""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from itertools import count
from typing import Any

import structlog

from corong.runtime.ending import end
from corong.runtime.logs import where
from corong.runtime.orphans import die_with_parent

log = structlog.get_logger()

LONGEST_LINE = 16 * 1024 * 1024
END_SECONDS = 20.0
"""How long a child that was told to stop may take; then it is killed."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds before a child that died is started again: longer each time while it dies at once."""
LIVES = 4
"""How often a child may die before it has begun, the first time that it is started."""

Answer = Callable[[Any], Awaitable[Any]]


class ChildGone(RuntimeError):
    """The child ended before it answered."""


class ChildFailed(RuntimeError):
    """What was asked of the child went wrong there: its error's words."""

    def __init__(self, kinds: Sequence[str], text: str) -> None:
        """`kinds` are the names of the error's class and of those above it."""
        super().__init__(text)
        self.kinds = tuple(kinds)


class Child:
    """One child process. `start`, then `ask`; `keep` starts it again whenever it dies."""

    def __init__(self, module: str) -> None:
        """`module` is run as `python -m MODULE DESCRIPTOR`; it calls `answer` there."""
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._numbers = count(1)

    @property
    def pid(self) -> int | None:
        """Its process id, while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    async def start(self) -> None:
        """Start it; it answers when it has loaded its modules."""
        ours, theirs = socket.socketpair()
        with theirs:
            # A thread of the loop's pool: it lives as long as this process, and so does the child.
            self._process = await asyncio.to_thread(self._spawn, theirs.fileno())
        reader, self._writer = await asyncio.open_connection(sock=ours, limit=LONGEST_LINE)
        self._reading = asyncio.create_task(self._read(reader), name=f"child-{self._module}")

    def _spawn(self, descriptor: int) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603  # our own module
            [sys.executable, "-m", self._module, str(descriptor)],
            stdin=subprocess.DEVNULL,
            pass_fds=(descriptor,),
            preexec_fn=partial(die_with_parent, os.getpid()),  # prctl alone, before exec
            start_new_session=True,  # Ctrl-C goes to the parent, which tells it to stop
        )

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(OSError, ValueError):
            while line := await reader.readline():
                told = json.loads(line)
                waiting = self._asked.pop(told["number"], None)
                if waiting is None or waiting.done():
                    continue
                if "problem" in told:
                    waiting.set_exception(ChildFailed(told["problem"]["kinds"], told["problem"]["text"]))
                else:
                    waiting.set_result(told["answer"])
        asked, self._asked = self._asked, {}
        for waiting in asked.values():
            if not waiting.done():
                waiting.set_exception(ChildGone("the second process ended"))

    async def ask(self, what: str, said: Any = None) -> Any:
        """The child's answer. Raises `ChildGone`, `ChildFailed`."""
        if self._writer is None or self._reading is None or self._reading.done():
            raise ChildGone("the second process does not run")
        number = next(self._numbers)
        waiting: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._asked[number] = waiting
        try:
            self._writer.write(json.dumps({"number": number, "ask": what, "said": said}).encode() + b"\n")
            return await waiting
        finally:
            self._asked.pop(number, None)

    async def begin(self, begin: Callable[[], Awaitable[None]]) -> None:
        """Call `begin`; where the child dies meanwhile it is started again, a few times. Raises as `ask`."""
        pause = FIRST_PAUSE
        for _ in range(LIVES - 1):
            try:
                return await begin()
            except ChildGone:
                code = await asyncio.to_thread(self._end)
                log.warning("the second process ended before it had begun", code=code)
            await asyncio.sleep(pause)
            pause *= 2
            await self.start()
        return await begin()

    async def keep(self, begin: Callable[[], Awaitable[None]]) -> None:
        """Start it again whenever it dies, and call `begin` then; until cancelled."""
        pause = FIRST_PAUSE
        loop = asyncio.get_running_loop()
        while True:
            assert self._reading is not None  # started before
            began = loop.time()
            await asyncio.wait({self._reading})
            code = await asyncio.to_thread(self._end)
            log.warning("the second process ended and is started again", code=code)
            pause = FIRST_PAUSE if loop.time() - began > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
            await asyncio.sleep(pause)
            try:
                await self.start()
                await begin()
            except (ChildGone, ChildFailed, OSError) as error:
                log.error("the second process does not start", error=type(error).__name__, reason=str(error)[:300])
                await asyncio.to_thread(self._end)

    async def stop(self, what: str = "stop") -> None:
        """Ask it to stop cleanly, and wait for its end."""
        with contextlib.suppress(ChildGone, ChildFailed, TimeoutError):
            await asyncio.wait_for(self.ask(what), END_SECONDS)
        if self._writer is not None:
            self._writer.close()
        await asyncio.to_thread(self._end, 5.0)
        if self._reading is not None:
            await end([self._reading])

    def _end(self, patience: float = 0.0) -> int | None:
        """Its exit code, after killing it where it runs on."""
        if self._process is None:
            return None
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(patience or 0.001)
        self._process.kill()
        return self._process.wait()


async def answer(descriptor: int, answers: Mapping[str, Answer], last: str = "stop") -> None:
    """In the child: answer the parent until it has gone, or after `last` was answered. Raises nothing of `answers`."""
    connection = socket.socket(fileno=descriptor)
    reader, writer = await asyncio.open_connection(sock=connection, limit=LONGEST_LINE)
    tasks: set[asyncio.Task[None]] = set()
    stopped = asyncio.Event()

    async def one(asked: dict[str, Any]) -> None:
        told: dict[str, Any] = {"number": asked["number"]}
        try:
            told["answer"] = await answers[asked["ask"]](asked["said"])
        except Exception as error:  # the parent says it to whoever started it
            log.debug("asked in vain", what=asked["ask"], error=type(error).__name__, where=where(error))
            kinds = [f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__]
            told["problem"] = {"kinds": kinds, "text": str(error)}
        writer.write(json.dumps(told).encode() + b"\n")
        if asked["ask"] == last:
            await writer.drain()
            stopped.set()

    async def listen() -> None:
        with contextlib.suppress(OSError, ValueError):
            while line := await reader.readline():
                task = asyncio.create_task(one(json.loads(line)))
                tasks.add(task)
                task.add_done_callback(tasks.discard)

    waiting = [asyncio.create_task(listen()), asyncio.create_task(_until(stopped))]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    await end([*waiting, *tasks])
    writer.close()


async def _until(event: asyncio.Event) -> None:
    await event.wait()
