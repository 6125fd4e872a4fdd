"""The streams of open pages: each waits, asks its view again when something changed, and ends with its session.

Nothing is queued for anybody: a stream whose reader is slow, or who was away, gets how things stand now.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from corong.desk.live.changes import Changes, Hint
from corong.runtime.logs import where

log = structlog.get_logger()

HEARTBEAT_SECONDS = 15.0
"""A comment goes out so often: proxies and browsers know that the connection lives."""
TOGETHER_SECONDS = 0.4
"""Changes that come one upon the other are one."""
FRESH_SECONDS = 60.0
"""So often a view is asked again though nothing was heard: leases lapse and deadlines pass by themselves."""
OF_A_SESSION = 12
"""Pages of one browser that are open at once; one more, and the oldest falls silent."""
MOST = 1000
"""Streams of the process."""


Lasting = contextlib.AbstractContextManager[Any]
"""What is so while a stream is open."""


class Full(Exception):
    """There are as many streams as this process carries."""


@dataclass(frozen=True)
class State:
    """How a page's matter stands: `token` differs where anything of it does."""

    name: str
    token: str
    data: dict[str, Any] = field(repr=False)


class View(Protocol):
    """What a page shows, asked again by the reader's own rights."""

    def hears(self, hint: Hint | None) -> bool:
        """Whether something of it may have changed; each hint is told to it once."""

    async def now(self) -> State | None:
        """How it stands; None where the officer may not see it any more."""


@dataclass(eq=False)
class _Stream:
    session: str
    view: View
    dirty: asyncio.Event = field(default_factory=asyncio.Event)
    ends: bool = False
    doubted: bool = False
    """Whether its session should be asked for before anything more is told."""

    def end(self) -> None:
        self.ends = True
        self.dirty.set()


class Streams:
    """All of a process."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._open: dict[_Stream, None] = {}
        self._listening = False
        self._closed = False

    def __len__(self) -> int:
        """How many are open."""
        return len(self._open)

    def close(self) -> None:
        """The process ends: every stream does, so that nobody waits for it."""
        self._closed = True
        for stream in tuple(self._open):
            stream.end()

    def doubt(self) -> None:
        """A session ended: each stream asks whether its own still is."""
        for stream in self._open:
            stream.doubted = True
            stream.dirty.set()

    def doubt_soon(self) -> None:
        """`doubt`, asked for in another thread."""
        self._changes.soon(self.doubt)

    def begin(
        self, session: str, view: View, token: str, alive: Callable[[], Awaitable[bool]], lasting: Lasting
    ) -> AsyncIterator[bytes]:
        """The bytes of one. `token` is what the page shows already; `alive` says whether the session still is.

        It runs within `lasting`. Raises `Full`.
        """
        if self._closed or len(self._open) >= MOST:
            raise Full
        own = [stream for stream in self._open if stream.session == session]
        for stream in own[: max(0, len(own) - OF_A_SESSION + 1)]:
            stream.end()
        if not self._listening:
            self._listening = True
            self._changes.listen(self._hear)
        return self._run(_Stream(session, view), token, alive, lasting)

    def _hear(self, hint: Hint | None) -> None:
        for stream in self._open:
            if stream.view.hears(hint):
                stream.dirty.set()

    async def _run(
        self, stream: _Stream, token: str, alive: Callable[[], Awaitable[bool]], lasting: Lasting
    ) -> AsyncIterator[bytes]:
        with lasting:
            self._open[stream] = None
            try:
                async for part in self._told(stream, token, alive):
                    yield part
            except Exception as error:  # the browser comes again, and gets the whole state then
                log.warning("a page's stream broke off", error=type(error).__name__, where=where(error))
            finally:
                del self._open[stream]

    async def _told(self, stream: _Stream, token: str, alive: Callable[[], Awaitable[bool]]) -> AsyncIterator[bytes]:
        yield b"retry: 3000\n\n"
        asked = float("-inf")
        while not stream.ends:
            if stream.doubted:
                stream.doubted = False
                if not await alive():
                    yield told("keluar", "", {})
                    return
            if stream.dirty.is_set() or time.monotonic() - asked > FRESH_SECONDS:
                stream.dirty.clear()
                asked = time.monotonic()
                state = await stream.view.now()
                if state is None:
                    yield told("pergi", "", {})
                    return
                if state.token != token:
                    token = state.token
                    yield told(state.name, token, state.data)
            if await self._waits(stream):
                continue
            if not await alive():
                yield told("keluar", "", {})
                return
            yield b":\n\n"

    @staticmethod
    async def _waits(stream: _Stream) -> bool:
        """Until something changed; False where it is time for a sign of life."""
        try:
            await asyncio.wait_for(stream.dirty.wait(), HEARTBEAT_SECONDS)
        except TimeoutError:
            return False
        if not stream.ends:
            await asyncio.sleep(TOGETHER_SECONDS)
        return True


def told(name: str, token: str, data: dict[str, Any]) -> bytes:
    """An event as `text/event-stream` has it (HTML Standard 9.2.5): JSON has no line breaks of its own."""
    return f"id: {token}\nevent: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()
