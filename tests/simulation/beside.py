"""A part of the services in a process of its own, beside those that decide: as an installation may run them."""

import asyncio
import multiprocessing
from collections.abc import Callable
from datetime import datetime
from multiprocessing.queues import Queue
from queue import Empty, Full
from types import TracebackType
from typing import Any, Self

from corong.runtime.arrivals import Arrived

Heard = list[tuple[str, list[tuple[str, int, str, bytes]]]]
"""By whom and what: writer, number, name, bytes."""
AHEAD = 50
"""Moments by which one process may be ahead of another."""
_POLL_SECONDS = 1.0


class BesideDied(RuntimeError):
    """The other process ended before its work."""


class Ears:
    """What was heard since it was last passed on."""

    def __init__(self) -> None:
        self._waiting: Heard = []

    def hear(self, service: str, items: list[Arrived]) -> None:
        """A service wrote this."""
        self._waiting.append((service, [(one.writer, one.number, one.name, one.body) for one in items]))

    def heard(self) -> Heard:
        """It is the caller's now."""
        heard, self._waiting = self._waiting, []
        return heard


def arrived(heard: Heard) -> list[tuple[str, list[Arrived]]]:
    """As a reader takes it."""
    return [
        (service, [Arrived(writer, number, name, f"corong.event.{writer}.{name}", body)
                   for writer, number, name, body in items])
        for service, items in heard
    ]  # fmt: skip


def queue(most: int = 0) -> "Queue[Any]":
    """Between two processes; it holds `most`, or whatever comes."""
    return multiprocessing.get_context("spawn").Queue(most)


async def given(source: "Queue[Any]") -> Any:
    """The next of a queue, without holding up the event loop."""
    return await asyncio.to_thread(source.get)


class Beside:
    """The other process, as this one sees it."""

    def __init__(self, work: Callable[..., None], *more: Any) -> None:
        """`work` gets the queue of moments, that of its answer, and what else it needs."""
        context = multiprocessing.get_context("spawn")  # a fork would take over locks that threads hold
        self._moments, self._answer = queue(AHEAD), queue()
        self._ears = Ears()
        self.hear = self._ears.hear
        self._process = context.Process(target=work, args=(self._moments, self._answer, *more), daemon=True)
        self._process.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._process.kill()
        self._process.join()

    def moment(self, now: datetime) -> None:
        """What was heard until this moment is theirs to read. Raises `BesideDied`."""
        self._put((now, self._ears.heard()))

    def _put(self, what: object) -> None:
        while self._process.is_alive():
            try:
                return self._moments.put(what, timeout=_POLL_SECONDS)
            except Full:
                continue
        raise BesideDied(f"exit code {self._process.exitcode}")

    def ends(self, last: object) -> Any:
        """All is said, `last` at last: its answer. Raises `BesideDied`."""
        self._put(last)
        while self._process.is_alive() or not self._answer.empty():
            try:
                return self._answer.get(timeout=_POLL_SECONDS)
            except Empty:
                continue
        raise BesideDied(f"exit code {self._process.exitcode}")
