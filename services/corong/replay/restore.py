"""A lost service's database made again from the log: its tables, its place in what others wrote, its own numbers.

What a service had read of others is not in the log. One that only keeps views stands where the log ends. One that
decides on what it reads (`REACTING`) stands behind the last event that it decided on: what follows is brought to it
again, and it decides on that anew.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import SQLAlchemyError

from corong.replay.envelope import Envelope, cause, envelope
from corong.replay.fold import Fold
from corong.replay.foldings import FOLDINGS, REACTING
from corong.replay.log_tables import fill_log
from corong.replay.logs import Log
from corong.replay.place import Place
from corong.runtime import tables
from corong.runtime.arrivals import Arrived
from corong.runtime.clock import moment
from corong.runtime.database import Database
from corong.runtime.rows import write_many
from corong_contracts.audit import AuditStateHashed
from corong_contracts.base import SERVICES, writer_name
from corong_contracts.catalogue import decode

BATCH = 2000


class CannotRestore(RuntimeError):
    """The log is not enough to go on from, or there is something in the way; the message says what to do."""


@dataclass
class Known:
    """What the log, and the broker beyond it, know of a service."""

    own: dict[str, int] = field(default_factory=dict)
    """Each of its writers → the last number."""
    others: dict[str, int] = field(default_factory=dict)
    """Each other writer → the last number in the log."""
    recorded: dict[str, str] = field(default_factory=dict)
    """Each writer → when its last number was recorded."""
    decided: dict[str, int] = field(default_factory=dict)
    """Each other writer → the last number that the service surely brought in."""
    size: int = 0
    """How many entries of the log were looked at. Others go on and it grows: no more than these are folded."""

    def after(self, service: str, partitions: int) -> dict[int, tuple[int, datetime | None]]:
        """Partition of any service → its last number, and when that was recorded."""
        found: dict[int, tuple[int, datetime | None]] = dict.fromkeys(range(partitions), (0, None))
        for writer, number in (self.own | self.others).items():
            name, _, partition = writer.partition(".")
            if name == service:
                found[int(partition)] = (number, moment(self.recorded[writer]))
        return found


def look(service: str, log: Log) -> Known:
    """What the log knows. Two passes: causes stand behind their effects' writers in no order. Raises `BadEvent`."""
    known = Known()
    causes: set[str] = set()
    for position, body in log.entries():
        known.size = position + 1
        head = envelope(body)
        if head.service == service:
            if head.number > known.own.get(head.writer, 0):
                known.own[head.writer], known.recorded[head.writer] = head.number, head.recorded
            causes.add(cause(body).cause)
        elif head.number > known.others.get(head.writer, 0):
            known.others[head.writer], known.recorded[head.writer] = head.number, head.recorded
        if head.type == AuditStateHashed.type:
            _hashed(known, service, body)
    _mark(known, islice(log.entries(), known.size), causes, service)
    return known


def _hashed(known: Known, service: str, body: bytes) -> None:
    said = decode(body).data
    if isinstance(said, AuditStateHashed) and said.of_service == service:
        for writer, number in said.reached.items():
            if writer.partition(".")[0] != service:
                known.decided[writer] = max(number, known.decided.get(writer, 0))


def _mark(known: Known, entries: Iterable[tuple[int, bytes]], causes: set[str], service: str) -> None:
    for _, body in entries:
        head = envelope(body)
        if head.id in causes and head.service != service:
            known.decided[head.writer] = max(head.number, known.decided.get(head.writer, 0))


def add_tail(known: Known, service: str, tail: Sequence[Arrived], others: Sequence[Arrived], log: Log) -> None:
    """Take what the broker has beyond the log into account: of the service, and of those whose events it reads.

    What it decided last may hang on an event that the log has not got either.
    """
    for item in tail:
        known.own[item.writer] = item.number
    causes = {cause(item.body).cause for item in tail}
    if causes:
        _mark(known, islice(log.entries(), known.size), causes, service)
        _mark(known, ((known.size, item.body) for item in others), causes, service)


def check_others(url: str, service: str, known: Known) -> list[str]:
    """Look whether another service has read more of this one than is known; the names of those not looked at.

    Raises `CannotRestore`: going on would give those numbers to other events.
    """
    unseen = []
    for name in SERVICES:
        if name == service:
            continue
        database = Database(url, name)
        try:
            if database.is_sqlite and not Place(url, name).exists():
                unseen.append(name)
                continue
            with database.read() as connection:
                inbox = tables.inbox.c
                marks = connection.execute(select(inbox.writer, inbox.taken)).all()
        except SQLAlchemyError:
            unseen.append(name)
            continue
        finally:
            database.close()
        for writer, taken in marks:
            if writer.partition(".")[0] == service and taken > known.own.get(writer, 0):
                raise CannotRestore(
                    f"{name} has read {writer} up to {taken}, the log has it up to {known.own.get(writer, 0)}: start "
                    f"the other services without {service}, wait until auditing has read everything, and try again"
                )
    return unseen


@dataclass(frozen=True)
class Restored:
    """What was made."""

    service: str
    events: int
    """Own events: numbers go on behind them."""
    taken: dict[str, int]
    """Each other writer → where reading goes on."""
    aside: str | None
    """Where the database is that was there before."""


def restore(
    service: str,
    url: str,
    log: Log,
    known: Known,
    tail: Sequence[Arrived],
    partitions: int,
    *,
    replace: bool,
    told: Callable[[int], None] = lambda count: None,
    meanwhile: Callable[[], None] = lambda: None,
) -> Restored:
    """Make the database; it is there as a whole or not at all.

    `tail` is what the broker has beyond the log of the service's own events and of those that it decides on.
    `meanwhile` is called before it is put into its place. Raises `CannotRestore`, and `AlreadyRunning` where the
    service runs.
    """
    place = Place(url, service)
    with place.held(partitions):
        if place.exists() and not (replace or place.broken_off()):
            raise CannotRestore(f"{place.name} is there already: say --replace, and it is kept aside")
        taken = _place_in_others(service, known)
        with place.fresh() as connection:
            _fill(connection, service, log, known, taken, tail, partitions, told)
            meanwhile()
        return Restored(service, sum(known.own.values()), taken, place.aside)


def _place_in_others(service: str, known: Known) -> dict[str, int]:
    reads = FOLDINGS[service].writers | ({*SERVICES} if service == "auditing" else set())
    marks = known.decided if service in REACTING else known.others
    found = {writer: number for writer, number in marks.items() if writer.partition(".")[0] in reads - {service}}
    if service == "auditing":  # it reads itself, too
        found |= known.own
    return dict(sorted(found.items()))


def _fill(
    connection: Connection,
    service: str,
    log: Log,
    known: Known,
    taken: Mapping[str, int],
    tail: Sequence[Arrived],
    partitions: int,
    told: Callable[[int], None],
) -> None:
    fold = Fold(FOLDINGS[service], connection)
    upto = {**taken, **known.own}
    entries = _and_tail(log, known.size, tail)
    fold.take(_kept(entries, connection, service), upto, told)
    lacking = fold.finish()
    own_lacking = {writer: numbers for writer, numbers in lacking.items() if writer.startswith(f"{service}.")}
    if own_lacking or fold.broken or fold.unknown:
        what = own_lacking or fold.broken or dict(fold.unknown)
        raise CannotRestore(f"the log can't be folded whole: {what}")
    rows = []
    for partition in range(partitions):
        last = known.own.get(writer_name(service, partition), 0)
        rows.append({"partition": partition, "last": last, "relayed": last})
    if any(int(writer[-2:]) >= partitions for writer in known.own):
        raise CannotRestore("the log has more partitions than CORONG_PARTITIONS says")
    connection.execute(insert(tables.writer), rows)
    marks = dict(taken)
    if service == "auditing":
        marks = fill_log(connection, log)  # a folder: it does not grow, or not beyond what was checked
    if marks:
        connection.execute(insert(tables.inbox), [{"writer": name, "taken": number} for name, number in marks.items()])


def _and_tail(log: Log, size: int, tail: Sequence[Arrived]) -> Iterator[tuple[int, bytes]]:
    """The first `size` entries, and behind them what the broker had beyond these: the log may have it too by now."""
    yield from islice(log.entries(), size)
    for number, item in enumerate(tail, size):
        yield number, item.body


def _kept(entries: Iterator[tuple[int, bytes]], connection: Connection, service: str) -> Iterator[tuple[int, bytes]]:
    """Pass entries on; the service's own go into its outbox beside."""
    into = insert(tables.outbox)
    waiting: list[dict[str, object]] = []
    for position, body in entries:
        head = envelope(body)
        if head.service == service:
            waiting.append(outbox_row(head, body))
            if len(waiting) == BATCH:
                write_many(connection, into, waiting)
                waiting = []
        yield position, body
    if waiting:
        write_many(connection, into, waiting)


def outbox_row(head: Envelope, body: bytes) -> dict[str, object]:
    """An event as its writer keeps it."""
    return {
        "partition": int(head.writer.partition(".")[2]),
        "number": head.number,
        "id": head.id,
        "cause": cause(body).cause,
        "type": head.type,
        "body": body,
    }
