"""One service's replay: fold, and compare with what the log says of it and with what it has."""

import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection

from corong.replay.compare import Difference, differences
from corong.replay.envelope import Envelope, cause
from corong.replay.fold import Fold, Keep, Progress, scratch
from corong.replay.foldings import FOLDINGS
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


def run(job: Job, told: Progress = lambda count: None) -> Outcome:
    """Do it. Raises `NotALog`."""
    folding = FOLDINGS[job.service]
    outcome = Outcome(job.service)
    with ExitStack() as stack:
        folder = job.into or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="corong-replay-")))
        live: tuple[Connection, dict[str, int], LeftOut] | None = None
        if job.live is not None:
            try:
                found, connection = stack.enter_context(
                    copied(job.live, folding, Path(stack.enter_context(_temporary())) / "live.sqlite")
                )
                live = (connection, found.vector, found.left_out)
            except NoState as error:
                outcome.not_compared["live"] = str(error)
        path = folder / f"{job.service}.sqlite"
        path.unlink(missing_ok=True)
        connection = stack.enter_context(scratch(path))
        folding.metadata.create_all(connection)
        left_out = live[2] if live is not None else _left_out(job.committed)
        fold = Fold(folding, connection, left_out=left_out, keep=_only(job.entities))
        part = job.entities is not None
        if not part:
            for committed in job.committed:
                _with_committed(job, fold, committed, outcome, told)
        wanted = job.vector if live is None else live[1]
        vector = {writer: last for writer, last in wanted.items() if writer.partition(".")[0] in folding.writers}
        _until(job.log, fold, vector, told, wait=live is not None)
        outcome.lacking = fold.finish()
        outcome.hash = fold.hash()
        outcome.reached = dict(sorted(fold.reached.items()))
        outcome.unknown, outcome.broken = dict(Counter(fold.unknown)), fold.broken
        if live is not None:
            _with_live(fold, connection, live, part, outcome)
    return outcome


def _temporary() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="corong-live-")


def _only(entities: frozenset[str] | None) -> Keep:
    if entities is None:
        return lambda head, body: True

    def keep(head: Envelope, body: bytes) -> bool:
        return cause(body).entity in entities

    return keep


def _left_out(committed: tuple[Committed, ...]) -> LeftOut:
    """What the last hash says was never brought in."""
    pairs = (item.rsplit("/", 1) for item in (committed[-1].said.left_out if committed else ()))
    return frozenset((writer, int(number)) for writer, number in pairs)


def _until(log: Log, fold: Fold, vector: dict[str, int], told: Progress, wait: bool) -> None:
    """Fold up to `vector`; a log that is behind gets some time, as long as it goes on."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        fold.take(log.entries(fold.next), vector, told)
        if not wait or not missing(vector, fold.reached) or time.monotonic() > deadline:
            return
        time.sleep(LOOK_SECONDS)


def _with_committed(job: Job, fold: Fold, committed: Committed, outcome: Outcome, told: Progress) -> None:
    said = committed.said
    name = str(committed.position)
    if said.tables != newest_version(job.service):
        outcome.not_compared[name] = f"tables of version {said.tables}, this Corong has {newest_version(job.service)}"
        return
    fold.take(job.log.entries(fold.next), said.reached, told, stop=True)
    past = {writer: number for writer, number in fold.reached.items() if number > said.reached.get(writer, 0)}
    if past or missing(said.reached, fold.reached):
        outcome.not_compared[name] = "the log does not hold exactly what it stands for"
    elif fold.hash() == said.hash:
        outcome.compared.append(name)
    else:
        outcome.wrong[name] = said.hash


def _with_live(
    fold: Fold, replayed: Connection, live: tuple[Connection, dict[str, int], LeftOut], part: bool, outcome: Outcome
) -> None:
    connection, vector, _ = live
    lacking = missing(vector, fold.reached)
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
