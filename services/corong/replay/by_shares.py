"""A replay by shares of the log: what each process folds, and each service's outcome of all shares together."""

import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from contextlib import ExitStack
from dataclasses import dataclass
from functools import reduce
from itertools import repeat
from operator import or_
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from corong.replay.foldings import FOLDINGS, Folding
from corong.replay.joining import joined
from corong.replay.live import NoState, copied
from corong.replay.share_rows import Touched
from corong.replay.shares import Aim, NotShared, Share, Stop, file_of
from corong.replay.survey import Committed, Survey
from corong.replay.work import (
    Job,
    Outcome,
    comparable,
    compare,
    left_out_of,
    read_by,
    with_live,
)
from corong.runtime.reach import LeftOut, missing
from corong.runtime.rebuild import state_hash


@dataclass(frozen=True)
class Copied:
    """What a service has, copied to a file."""

    vector: dict[str, int]
    left_out: LeftOut
    path: Path


@dataclass(frozen=True)
class Joining:
    """What one service's outcome is made of. Picklable."""

    job: Job
    aim: Aim
    live: Copied | None
    outcome: Outcome
    """What is known of it before anything was folded."""
    committed: Committed | None
    """The hash of the log at the aim's stop."""
    folder: Path
    shares: int


def replay_by_shares(
    jobs: Sequence[Job],
    found: Survey,
    pool: Executor,
    shares: int,
    fold: Callable[[Share], dict[str, Touched]],
    wait: Callable[[Sequence[Future[Any]]], None],
) -> dict[str, Outcome]:
    """Service → what came of its job; no word of those that must be folded as a whole.

    `found` is of the jobs' log; `fold` is `fold_share`, as `pool` runs it, and `wait` sees to it meanwhile. Raises
    `NotALog`.
    """
    if not shareable(jobs, found):
        return {}
    with tempfile.TemporaryDirectory(prefix="corong-replay-") as name:
        folder = Path(name)
        lives = pool.map(copy_live, jobs, repeat(folder))
        planned = [
            one
            for job, live in zip(jobs, lives, strict=True)
            if (one := joining(job, found, live, folder, shares)) is not None
        ]
        if not planned:
            return {}
        running = [pool.submit(fold, share) for share in shares_of(planned, found)]
        wait(running)
        try:
            folded = [future.result() for future in running]
        except NotShared:
            return {}
        touched = [reduce(or_, (tables[one.job.service] for tables in folded)) for one in planned]
        return {outcome.service: outcome for outcome in pool.map(outcome_of, planned, touched) if outcome is not None}


def shareable(jobs: Sequence[Job], found: Survey) -> bool:
    """Whether all of this can be done by shares of the log."""
    plain = (job.into is None and job.entities is None and len(job.committed) <= 1 for job in jobs)
    return found.orderly and all(plain)


def copy_live(job: Job, folder: Path) -> Copied | str | None:
    """The service's own state; why there is none, where it was asked for."""
    if job.live is None:
        return None
    path = folder / f"{job.service}.live.sqlite"
    try:
        with copied(job.live, FOLDINGS[job.service], path) as (reach, _):
            return Copied(reach.vector, reach.left_out, path)
    except NoState as error:
        return str(error)


def joining(job: Job, found: Survey, live: Copied | str | None, folder: Path, shares: int) -> Joining | None:
    """How a job is done; None where the log does not hold all that is to be compared."""
    folding, outcome = FOLDINGS[job.service], Outcome(job.service)
    if isinstance(live, str):
        outcome.not_compared["live"] = live
        live = None
    if live is not None and missing(live.vector, found.vector):
        return None
    vector = read_by(folding, live.vector if live is not None else job.vector)
    committed = next((item for item in job.committed if comparable(item, outcome)), None)
    stop = None
    if committed is not None:
        aim = committed.said.reached
        if missing(aim, found.vector) or missing(aim, vector):
            return None
        stop = _stop(dict(aim), found, folding)
    left_out = live.left_out if live is not None else left_out_of(job.committed)
    outcome.reached = {writer: min(last, found.vector.get(writer, 0)) for writer, last in sorted(vector.items())}
    outcome.reached = {writer: last for writer, last in outcome.reached.items() if last > 0}
    return Joining(job, Aim(job.service, vector, left_out, stop), live, outcome, committed, folder, shares)


def _stop(aim: dict[str, int], found: Survey, folding: Folding) -> Stop:
    again = end = 0
    for mark, reached in found.marks:
        if not missing(read_by(folding, reached), aim):
            again = mark
        if not end and not missing(aim, reached):
            end = mark
    return Stop(aim, again, end)


def shares_of(joinings: Sequence[Joining], found: Survey) -> list[Share]:
    """What each process folds of it."""
    first = joinings[0]
    aims = tuple(one.aim for one in joinings)
    return [
        Share(first.job.log, found.size, place, first.shares, frozenset(found.crossed), aims, first.folder)
        for place in range(first.shares)
    ]


def outcome_of(what: Joining, touched: Touched) -> Outcome | None:
    """Of all shares' tables together; None where they are not the whole."""
    folding, outcome, service = FOLDINGS[what.job.service], what.outcome, what.job.service
    try:
        if what.committed is not None:
            files = [file_of(what.folder, service, place, stopped=True) for place in range(what.shares)]
            with joined(folding, files, touched) as connection:
                compare(what.committed, state_hash(connection, folding.metadata), outcome)
        files = [file_of(what.folder, service, place) for place in range(what.shares)]
        with joined(folding, files, touched) as connection, ExitStack() as stack:
            outcome.hash = state_hash(connection, folding.metadata)
            if what.live is not None:
                engine = create_engine(f"sqlite:///{what.live.path}", hide_parameters=True)
                stack.callback(engine.dispose)
                live = stack.enter_context(engine.begin())
                with_live(connection, (live, what.live.vector, what.live.left_out), False, outcome)
    except NotShared:
        return None
    return outcome
