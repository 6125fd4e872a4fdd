"""One service's replay: fold, and compare with what the log says of it and with what it has."""

import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from pathlib import Path

from sqlalchemy import Connection

from corong.replay.compare import Difference, differences
from corong.replay.envelope import Envelope, cause
from corong.replay.fold import Fold, Keep, Progress, make_tables, scratch, take_together
from corong.replay.foldings import FOLDINGS, Folding
from corong.replay.live import NoState, copied
from corong.replay.logs import Log
from corong.replay.survey import Committed
from corong.runtime.migrate import newest_version
from corong.runtime.reach import LeftOut, missing
from corong.runtime.rebuild import state_hash

OF_MANY = "of_many"
"""In a table's `info`: each row comes of events of many cases, so a few cases' events don't make it again."""
MOST_DIFFERENCES = 1000
PATIENCE_SECONDS = 10.0
"""How long the log may need to take in what a running service has written already."""
LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Job:
    """What to fold. Picklable."""

    service: str
    log: Log
    vector: dict[str, int]
    """How far, where `live` is not asked for."""
    committed: tuple[Committed, ...] = ()
    """State hashes of the log to compare with, the earliest first."""
    live: str | None = None
    """The URL of this installation's databases, to compare with."""
    entities: frozenset[str] | None = None
    """Only these cases and posts."""
    into: Path | None = None
    """The folder for the tables; a temporary one without it."""


@dataclass
class Outcome:
    """What came of it."""

    service: str
    hash: str = ""
    reached: dict[str, int] = field(default_factory=dict)
    compared: list[str] = field(default_factory=list)
    """With what it was compared and found equal: `live`, or the position of a hash in the log."""
    not_compared: dict[str, str] = field(default_factory=dict)
    """With what it could not be compared, and why."""
    wrong: dict[str, str] = field(default_factory=dict)
    """With what it was compared and differs: the hash that should be."""
    differences: list[Difference] = field(default_factory=list)
    more_differences: bool = False
    unknown: dict[str, int] = field(default_factory=dict)
    broken: dict[int, str] = field(default_factory=dict)
    lacking: dict[str, list[int]] = field(default_factory=dict)


Live = tuple[Connection, dict[str, int], LeftOut]


class Work:
    """A job in the midst of being done."""

    def __init__(self, job: Job, stack: ExitStack) -> None:
        """`stack` holds what is open. Raises `NotALog`."""
        self.job = job
        self.outcome = Outcome(job.service)
        folding = FOLDINGS[job.service]
        folder = job.into or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="corong-replay-")))
        self.live = self._copied(stack)
        path = folder / f"{job.service}.sqlite"
        path.unlink(missing_ok=True)
        self._connection = stack.enter_context(scratch(path))
        make_tables(self._connection, folding.metadata)
        left_out = self.live[2] if self.live is not None else left_out_of(job.committed)
        self.fold = Fold(folding, self._connection, left_out=left_out, keep=_only(job.entities))
        wanted = job.vector if self.live is None else self.live[1]
        self.vector = read_by(folding, wanted)

    def _copied(self, stack: ExitStack) -> Live | None:
        if self.job.live is None:
            return None
        path = Path(stack.enter_context(_temporary())) / "live.sqlite"
        try:
            found, connection = stack.enter_context(copied(self.job.live, FOLDINGS[self.job.service], path))
        except NoState as error:
            self.outcome.not_compared["live"] = str(error)
            return None
        return connection, found.vector, found.left_out

    def compare(self, committed: Committed) -> None:
        """With a hash of the log, where the fold has come as far as it."""
        said, fold, name = committed.said, self.fold, str(committed.position)
        past = any(number > said.reached.get(writer, 0) for writer, number in fold.reached.items())
        if past or missing(said.reached, fold.reached):
            self.outcome.not_compared[name] = "the log does not hold exactly what it stands for"
        else:
            compare(committed, fold.hash(), self.outcome)

    def finish(self) -> Outcome:
        """What came of it."""
        fold, outcome = self.fold, self.outcome
        outcome.lacking = fold.finish()
        outcome.hash = fold.hash()
        outcome.reached = dict(sorted(fold.reached.items()))
        outcome.unknown, outcome.broken = dict(Counter(fold.unknown)), fold.broken
        if self.live is not None:
            with_live(self._connection, self.live, self.job.entities is not None, outcome)
        return outcome


def comparable(committed: Committed, outcome: Outcome) -> bool:
    """Whether the hash is of tables as this version has them."""
    said, newest = committed.said, newest_version(outcome.service)
    if said.tables != newest:
        outcome.not_compared[str(committed.position)] = f"tables of version {said.tables}, this Corong has {newest}"
    return said.tables == newest


def compare(committed: Committed, found: str, outcome: Outcome) -> None:
    """With the hash of tables that hold exactly what that of the log stands for."""
    if found == committed.said.hash:
        outcome.compared.append(str(committed.position))
    else:
        outcome.wrong[str(committed.position)] = committed.said.hash


def run(job: Job, told: Progress = lambda count: None) -> Outcome:
    """Do it. Raises `NotALog`."""
    return run_together([job], told)[0]


def run_together(jobs: Sequence[Job], told: Progress = lambda count: None) -> list[Outcome]:
    """Do several on the same log, which is read once for all of them, and each event opened once. Raises `NotALog`."""
    with ExitStack() as stack:
        works = [Work(job, stack) for job in jobs]
        _compare_committed(jobs[0].log, works, told)
        _until(jobs[0].log, works, told)
        return [work.finish() for work in works]


def read_by(folding: Folding, vector: dict[str, int]) -> dict[str, int]:
    """Of a vector the writers whose events the service reads."""
    return {writer: last for writer, last in vector.items() if writer.partition(".")[0] in folding.writers}


def _temporary() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="corong-live-")


def _only(entities: frozenset[str] | None) -> Keep | None:
    if entities is None:
        return None

    def keep(head: Envelope, body: bytes) -> bool:
        return cause(body).entity in entities

    return keep


def left_out_of(committed: tuple[Committed, ...]) -> LeftOut:
    """What the last hash says was never brought in."""
    pairs = (item.rsplit("/", 1) for item in (committed[-1].said.left_out if committed else ()))
    return frozenset((writer, int(number)) for writer, number in pairs)


def _until(log: Log, works: Sequence[Work], told: Progress) -> None:
    """Fold as far as asked; a log that is behind a running service gets some time, as long as it goes on."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    left = list(works)
    while left:
        first = min(work.fold.next for work in left)
        take_together([(work.fold, work.vector) for work in left], log.entries(first), told)
        left = [work for work in left if work.live is not None and missing(work.vector, work.fold.reached)]
        if not left or time.monotonic() > deadline:
            return
        time.sleep(LOOK_SECONDS)


def _compare_committed(log: Log, works: Sequence[Work], told: Progress) -> None:
    """Stop at the hashes that the log holds: at the first one of each service, at the second one of each, and so on."""
    whole = [work for work in works if work.job.entities is None]
    for committed in zip_longest(*(work.job.committed for work in whole)):
        aims = [
            (work, aim) for work, aim in zip(whole, committed, strict=True) if aim and comparable(aim, work.outcome)
        ]
        if aims:
            first = min(work.fold.next for work, _ in aims)
            folds = [(work.fold, aim.said.reached) for work, aim in aims]
            take_together(folds, log.entries(first), told, stop=True)
        for work, aim in aims:
            work.compare(aim)


def with_live(replayed: Connection, live: Live, part: bool, outcome: Outcome) -> None:
    """Compare tables with those of the service, all of them or, as `part`, only the rows that are there."""
    connection, vector, _ = live
    lacking = missing(vector, outcome.reached)
    if lacking:
        writer, (number, has) = next(iter(lacking.items()))
        outcome.not_compared["live"] = f"the log has {writer} up to {has}, the service up to {number}"
        return
    metadata = FOLDINGS[outcome.service].metadata
    expected = state_hash(connection, metadata)
    if not part and expected == outcome.hash:
        outcome.compared.append("live")
        return
    found = differences(metadata, replayed, connection)
    if part:  # only the rows that these cases have: others are not replayed, and no difference
        found = (
            item
            for item in found
            if (item.column or item.replayed) and not metadata.tables[item.table].info.get(OF_MANY)
        )
    listed = list(islice(found, MOST_DIFFERENCES + 1))
    outcome.differences, outcome.more_differences = listed[:MOST_DIFFERENCES], len(listed) > MOST_DIFFERENCES
    if listed:
        outcome.wrong["live"] = expected
    else:
        outcome.compared.append("live")
