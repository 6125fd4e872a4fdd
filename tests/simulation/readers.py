"""The services that only read, in a process of their own beside those that decide: as an installation may run them."""

import asyncio
import multiprocessing
from datetime import datetime
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Empty, Full
from types import TracebackType
from typing import Any

from corong.embedded import settle_memory
from corong.runtime.arrivals import Arrived
from corong_contracts.command import StateHash
from tests.simulation.hub import READING, Clock, Hub

Heard = list[tuple[str, list[tuple[str, int, str, bytes]]]]
"""By whom and what: writer, number, name, bytes."""
AHEAD = 50
"""Moments by which the deciding services may be ahead."""
_POLL_SECONDS = 1.0


class ReadersDied(RuntimeError):
    """The other process ended before its work."""


class Readers:
    """The other process, as this one sees it."""

    def __init__(self, data: Path, config: Path) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would take over locks that threads hold
        self._heard: Queue[Any] = context.Queue(AHEAD)
        self._hashes: Queue[Any] = context.Queue()
        self._waiting: Heard = []
        self._process = context.Process(target=_read, args=(self._heard, self._hashes, data, config), daemon=True)
        self._process.start()

    def __enter__(self) -> "Readers":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._process.kill()
        self._process.join()

    def hear(self, service: str, items: list[Arrived]) -> None:
        """A service wrote this."""
        self._waiting.append((service, [(one.writer, one.number, one.name, one.body) for one in items]))

    def moment(self, now: datetime) -> None:
        """What was heard until this moment is theirs to read. Raises `ReadersDied`."""
        heard, self._waiting = self._waiting, []
        self._put((now, heard))

    def _put(self, what: object) -> None:
        while self._process.is_alive():
            try:
                return self._heard.put(what, timeout=_POLL_SECONDS)
            except Full:
                continue
        raise ReadersDied(f"exit code {self._process.exitcode}")

    def hashes(self, others: list[StateHash]) -> list[StateHash]:
        """All is said: the hashes of their tables; with `others` they go into the log. Raises `ReadersDied`."""
        self._put(others)
        while self._process.is_alive() or not self._hashes.empty():
            try:
                found: list[StateHash] = self._hashes.get(timeout=_POLL_SECONDS)
            except Empty:
                continue
            return found
        raise ReadersDied(f"exit code {self._process.exitcode}")


def _read(heard: "Queue[Any]", hashes: "Queue[Any]", data: Path, config: Path) -> None:
    asyncio.run(_reading(heard, hashes, data, config))


async def _reading(heard: "Queue[Any]", hashes: "Queue[Any]", data: Path, config: Path) -> None:
    first = await asyncio.to_thread(heard.get)
    clock = Clock(first[0])
    hub = Hub(data, config, clock, READING)
    await hub.start()
    settle_memory()
    given = first
    while isinstance(given, tuple):
        now, told = given
        clock.at(now)
        for service, items in told:
            hub.hears(service, [_arrived(*one) for one in items])
        await hub.reads_if_much()
        given = await asyncio.to_thread(heard.get)
    await hub.reads(*READING)
    own = hub.hashes()
    await hub.records([*given, *own])
    await hub.stop()
    hashes.put(own)


def _arrived(writer: str, number: int, name: str, body: bytes) -> Arrived:
    return Arrived(writer, number, name, f"corong.event.{writer}.{name}", body)
