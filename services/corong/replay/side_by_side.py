"""The services' replays in processes side by side, and what came of all of them."""

import gc
import multiprocessing
import os
import queue
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.queues import Queue

from corong.replay.work import Job, Outcome, run

ALONE = 5000
"""Entries below which processes would cost more than they bring."""

_told: "Queue[int] | None" = None


def replay(jobs: Sequence[Job], size: int, told: Callable[[int], None] = lambda count: None) -> list[Outcome]:
    """Run the jobs over a log of `size` entries; `told` hears of entries looked at. Raises what a job raises."""
    processes = min(len(jobs), os.cpu_count() or 1)
    if size < ALONE or processes == 1:
        return [run(job, told) for job in jobs]
    context = multiprocessing.get_context("spawn")  # a fork would take over locks that threads hold
    words: Queue[int] = context.Queue()
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(words,)) as pool:
        running = [pool.submit(_run, job) for job in jobs]
        while not all(map(Future.done, running)):
            try:
                told(words.get(timeout=0.2))
            except queue.Empty:
                continue
        return [future.result() for future in running]


def _begin(words: "Queue[int]") -> None:
    global _told  # one for each process of the pool
    _told = words
    gc.disable()  # a fold makes no circles, and the collector would walk over its rows again and again


def _run(job: Job) -> Outcome:
    return run(job, _told.put if _told is not None else lambda count: None)
