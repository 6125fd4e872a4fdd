"""The services' replays in processes side by side, and what came of all of them."""

import gc
import multiprocessing
import os
import queue
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.context import BaseContext
from multiprocessing.queues import Queue
from typing import Any

from corong.replay.by_shares import replay_by_shares
from corong.replay.foldings import FOLDINGS
from corong.replay.logs import Log
from corong.replay.share_rows import Touched
from corong.replay.shares import Share, fold_share
from corong.replay.survey import WHOLE, Asked, Part, Survey, joined, look_over, survey
from corong.replay.work import Job, Outcome, run_together

ALONE = 5000
"""Entries below which processes would cost more than they bring."""
STRETCH = 10_000
"""Entries that one process looks over at a time."""

_told: "Queue[int] | None" = None


class Processes:
    """Processes that come up while something else is done; none where they would cost more than they bring."""

    def __init__(self, size: int, most: int = len(FOLDINGS)) -> None:
        """For a log of `size` entries and so many jobs."""
        self.count = min(most, os.cpu_count() or 1) if size >= ALONE else 1
        self.by_shares: list[str] = []
        """The services that were folded by shares of the log, and not each by one process."""
        self._looked: tuple[Log, list[Part]] | None = None
        if self.count == 1:
            return
        context = _context()
        self.words: Queue[int] = context.Queue()
        self.pool = ProcessPoolExecutor(
            self.count, mp_context=context, initializer=_begin, initargs=(self.words,)
        )  # fmt: skip
        for _ in range(self.count):
            self.pool.submit(_ready)

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, *_: object) -> None:
        if self.count > 1:
            self.pool.shutdown(cancel_futures=True)

    def survey(
        self,
        log: Log,
        asked: Asked = WHOLE,
        *,
        before: int | None = None,
        recorded: str | None = None,
        told: Callable[[int], None] = lambda count: None,
    ) -> Survey:
        """As `survey.survey`, stretch by stretch; what no process has begun is done here meanwhile."""
        if self.count == 1:
            return survey(log, asked, before=before, recorded=recorded, told=told)
        size = log.size() if before is None else min(before, log.size())
        stretches = [(start, min(start + STRETCH, size)) for start in range(0, size, STRETCH)]
        begun = [self.pool.submit(look_over, log, start, end, asked, recorded) for start, end in stretches]
        parts: dict[int, Part] = {}
        for place in reversed(range(len(begun))):
            start, end = stretches[place]
            mine = begun[place].cancel()
            parts[place] = look_over(log, start, end, asked, recorded) if mine else begun[place].result()
            told(end - start)
        in_order = [parts[place] for place in sorted(parts)]
        self._looked = log, in_order
        return joined(in_order)

    def replay(self, jobs: Sequence[Job], told: Callable[[int], None] = lambda count: None) -> list[Outcome]:
        """Run the jobs, which are of one log; `told` hears of entries looked at. Raises what a job raises."""
        if self.count == 1:
            return run_together(jobs, told)
        outcomes = self._by_shares(jobs, told)
        left = [job for job in jobs if job.service not in outcomes]
        running = [self.pool.submit(_run, part) for part in shared_out(left, self.count)]
        self._wait(running, told)
        outcomes |= {outcome.service: outcome for future in running for outcome in future.result()}
        return [outcomes[job.service] for job in jobs]

    def _wait(self, running: "Sequence[Future[Any]]", told: Callable[[int], None]) -> None:
        while not all(map(Future.done, running)):
            try:
                told(self.words.get(timeout=0.2))
            except queue.Empty:
                continue

    def _by_shares(self, jobs: Sequence[Job], told: Callable[[int], None]) -> dict[str, Outcome]:
        if self._looked is None or self._looked[0] != jobs[0].log:
            return {}
        found = joined(self._looked[1])
        outcomes = replay_by_shares(
            jobs, found, self.pool, self.count, _fold, lambda running: self._wait(running, told)
        )
        self.by_shares = list(outcomes)
        return outcomes


def replay(jobs: Sequence[Job], size: int, told: Callable[[int], None] = lambda count: None) -> list[Outcome]:
    """Run the jobs over a log of `size` entries; `told` hears of entries looked at. Raises what a job raises."""
    with Processes(size, len(jobs)) as processes:
        return processes.replay(jobs, told)


def shared_out(jobs: Sequence[Job], parts: int) -> list[list[Job]]:
    """Parts of about the same work: the largest first, each to the one that has least."""
    shares: list[tuple[float, list[Job]]] = [(0.0, []) for _ in range(parts)]
    for job in sorted(jobs, key=lambda job: -FOLDINGS[job.service].weight):
        shares.sort(key=lambda share: share[0])
        weight, part = shares[0]
        shares[0] = (weight + FOLDINGS[job.service].weight, [*part, job])
    return [part for _, part in shares if part]


def _context() -> BaseContext:
    """Forked where nothing can be in another thread's hands: then nothing is imported again."""
    if sys.platform == "linux" and threading.active_count() == 1:
        return multiprocessing.get_context("fork")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _begin(words: "Queue[int]") -> None:
    global _told  # one for each process of the pool
    _told = words
    gc.disable()  # a fold makes no circles, and the collector would walk over its rows again and again


def _ready() -> None:
    """Importing this module is what takes time."""


def _run(jobs: Sequence[Job]) -> list[Outcome]:
    return run_together(jobs, _told.put if _told is not None else lambda count: None)


def _fold(share: Share) -> dict[str, Touched]:
    return fold_share(share, _told.put if _told is not None else lambda count: None)
