"""Folds a log into the tables of one service, in a fresh SQLite file: without network, clock or keys."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, create_engine, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateTable

from corong.replay.envelope import Envelope, envelope, opened
from corong.replay.foldings import Folding
from corong.replay.fresh_rows import FreshRows
from corong.replay.logs import NotALog
from corong.runtime.reach import LeftOut, Vector
from corong.runtime.rebuild import state_hash
from corong_contracts.audit import AuditConflictFound, AuditEntryRefused
from corong_contracts.base import AnyEvent
from corong_contracts.catalogue import CATALOGUE, BadEvent

BATCH = 5000
"""Events whose changed rows go to the database together."""
TOLD = 1000
"""Events between two words about the progress."""
PUT_ASIDE = (AuditEntryRefused.type, AuditConflictFound.type)
"""What the log says of a number that it lacks: its bytes can't stand there, or claim another entry's id."""

Keep = Callable[[Envelope, bytes], bool]
Progress = Callable[[int], None]
Entries = Iterable[tuple[int, bytes]]


class Entry:
    """An entry of a log, opened once for all who fold it."""

    __slots__ = ("body", "event", "head", "position", "wrong")

    def __init__(self, position: int, body: bytes) -> None:
        self.position = position
        self.body = body
        self.wrong = ""
        """Why it has no head."""
        self.event: AnyEvent | None = None
        """What it says, once it was `opened`."""
        try:
            self.head: Envelope | None = envelope(body)
        except BadEvent as error:
            self.head, self.wrong = None, str(error)

    def opened(self, head: Envelope) -> AnyEvent:
        """What it says; `head` is its own. Raises `BadEvent`."""
        if self.event is None:
            self.event = opened(self.body, head.type)
        return self.event


class Fold:
    """Events of many writers brought into one service's tables, each writer's in the order of its numbers.

    What comes early waits: a number that had been put aside as a dead letter may stand later in the log than its
    neighbours.
    """

    def __init__(
        self,
        folding: Folding,
        connection: Connection,
        *,
        left_out: LeftOut = frozenset(),
        keep: Keep | None = None,
    ) -> None:
        """`left_out` are numbers that the service did not bring in; `keep` says of others whether they are wanted."""
        self._keep = keep
        self._folding = folding
        self._apply = folding.apply
        self._types = folding.types
        self._writers = folding.writers
        self._known_writers: dict[str, bool] = {}
        self._connection = connection
        self._rows = FreshRows(connection)
        self._since = 0
        self._left_out = left_out
        self._early: dict[str, dict[int, tuple[Entry, Envelope]]] = {}
        self.reached: dict[str, int] = {}
        """Writer → the last number brought in, of the writers that the service reads."""
        self.unknown: Counter[str] = Counter()
        """Types that this version does not know → how many events of each; nothing of them is in the tables."""
        self.broken: dict[int, str] = {}
        """Position → what is wrong with the entry there."""
        self._refused: set[tuple[str, int]] = set()
        self.next = 0
        """From this position on there may be something to bring in."""
        self._furthest = -1
        self.aim({})

    def take(self, entries: Entries, upto: Vector, told: Progress = lambda count: None, *, stop: bool = False) -> None:
        """Bring in what `entries` hold, each writer up to `upto`; `told` hears how many entries were looked at.

        `stop`: look no further than needed. Otherwise what stands there for nobody is found too.
        """
        take_together([(self, upto)], entries, told, stop=stop)

    def aim(self, upto: Vector) -> None:
        """Bring in no more than this from now on."""
        self._upto = upto
        self._left = {writer for writer, last in upto.items() if self.reached.get(writer, 0) < last}
        self._awaited: dict[str, int] = {}
        for writer in filter(self._reads, upto):
            self._await(writer)
        self._first_left: int | None = None

    @property
    def there(self) -> bool:
        """Whether everything that was aimed at is in."""
        return not self._left

    def put_off(self, position: int) -> None:
        """The entry there, and what comes after it, is for another time."""
        if self._first_left is None:
            self._first_left = position

    def see(self, entry: Entry) -> None:
        """Bring an entry in, where it is wanted; those of the log in their order."""
        position, head = entry.position, entry.head
        self.next = position + 1
        if head is None:
            self.broken[position] = entry.wrong
            return
        new = position > self._furthest
        if new:
            self._furthest = position
        writer, number, kind = head.writer, head.number, head.type
        if kind in PUT_ASIDE and new:
            self._refuse(entry, head)
        if self._awaited.get(writer) == number:
            self._bring(position, entry, head)
            if number < self._upto[writer] and writer not in self._early and not self._refused:
                self._awaited[writer] = number + 1
                return
        elif not self._placed(position, entry, head, new=new):
            return
        if writer in self._early:
            self._promote(position, writer)
        self._await(writer)

    def _placed(self, position: int, entry: Entry, head: Envelope, *, new: bool) -> bool:
        """Find out what is with an entry that was not the one that its writer's others wait for; True: brought in."""
        writer, number = head.writer, head.number
        if not self._reads(writer):
            if new and head.type not in CATALOGUE:
                self.unknown[head.type] += 1
            return False
        if number > self._upto.get(writer, 0):
            self.put_off(position)
            return False
        following = self.reached.get(writer, 0) + 1
        if number < following:
            if new:
                self.broken[position] = f"{writer}: {number} comes again"
            return False
        if number > following:
            self._early.setdefault(writer, {})[number] = (entry, head)
            return False
        self._bring(position, entry, head)
        return True

    def _await(self, writer: str) -> None:
        """Know which number of a writer is next, so that it is brought in without another question."""
        following, last = self.reached.get(writer, 0) + 1, self._upto.get(writer, 0)
        if following <= last:
            self._awaited[writer] = following
        else:
            self._awaited.pop(writer, None)
            self._left.discard(writer)

    def _reads(self, writer: str) -> bool:
        known = self._known_writers.get(writer)
        if known is None:
            known = self._known_writers[writer] = writer.partition(".")[0] in self._writers
        return known

    def rest(self) -> None:
        """No more entries now."""
        if self._first_left is not None:
            self.next = self._first_left

    def finish(self) -> dict[str, list[int]]:
        """Write everything; writer → numbers that the log lacks. What comes after them is brought in all the same."""
        lacking: dict[str, list[int]] = {}
        for writer in sorted(self._early):
            while self._early.get(writer):
                following = self.reached.get(writer, 0) + 1
                first = min(self._early[writer])
                lacking.setdefault(writer, []).extend(
                    number for number in range(following, first) if (writer, number) not in self._refused
                )
                self.reached[writer] = first - 1
                self._promote(self.next, writer)
        self._flush()
        return {writer: numbers for writer, numbers in lacking.items() if numbers}

    def _refuse(self, entry: Entry, head: Envelope) -> None:
        event = self._opened(entry.position, entry, head)
        if event is None:
            return
        if isinstance(event.data, AuditEntryRefused) or (
            isinstance(event.data, AuditConflictFound) and event.data.contradicts == "id"
        ):
            writer, number = event.data.of_writer, event.data.number
            self._refused.add((writer, number))
            if self._reads(writer) and number == self.reached.get(writer, 0) + 1:
                self._pass(writer)
                self._promote(entry.position, writer)
                self._await(writer)

    def _pass(self, writer: str) -> None:
        """What was refused for the log has no place in it: nobody waits for it."""
        while (writer, self.reached.get(writer, 0) + 1) in self._refused:
            self.reached[writer] = self.reached.get(writer, 0) + 1

    def _promote(self, position: int, writer: str) -> None:
        early = self._early.get(writer, {})
        while waiting := early.pop(self.reached[writer] + 1, None):
            self._bring(position, *waiting)
        if not early:
            self._early.pop(writer, None)

    def _bring(self, position: int, entry: Entry, head: Envelope) -> None:
        self.reached[head.writer] = head.number
        if self._refused:
            self._pass(head.writer)
        if head.type not in self._types:
            if head.type not in CATALOGUE:
                self.unknown[head.type] += 1
            return
        if self._left_out and (head.writer, head.number) in self._left_out:
            return
        if self._keep is not None and not self._keep(head, entry.body):
            return
        event = entry.event or self._opened(position, entry, head)
        if event is None:
            return
        self._apply(event, self._rows)
        self._since += 1
        if self._since >= BATCH:
            self._flush()

    def _opened(self, position: int, entry: Entry, head: Envelope) -> AnyEvent | None:
        try:
            return entry.opened(head)
        except BadEvent as error:
            self.broken[position] = str(error)
            return None

    def _flush(self) -> None:
        try:
            self._rows.flush()
        except IntegrityError as error:
            kind = type(error.orig).__name__
            raise NotALog(
                f"{self._folding.name}: events contradict each other, no tables come of them ({kind})"
            ) from None
        self._since = 0

    def hash(self) -> str:
        """The state hash of what was brought in so far."""
        self._flush()
        return state_hash(self._connection, self._folding.metadata)


def take_together(
    folds: Sequence[tuple[Fold, Vector]], entries: Entries, told: Progress = lambda count: None, *, stop: bool = False
) -> None:
    """`Fold.take` for several services in one pass; `told` hears of every entry once for each of them.

    `entries` begin no later than the first of them has to go on.
    """
    for fold, upto in folds:
        fold.aim(upto)
    seeing = [(fold.see, fold.next) for fold, _ in folds]
    count = 0
    for position, body in entries:
        if stop and all(fold.there for fold, _ in folds):
            for fold, _ in folds:
                fold.put_off(position)
            break
        count += 1
        if count % TOLD == 0:
            told(TOLD * len(folds))
        entry = Entry(position, body)
        for see, first in seeing:
            if position >= first:
                see(entry)
    told(count % TOLD * len(folds))
    for fold, _ in folds:
        fold.rest()


def make_tables(connection: Connection, metadata: MetaData) -> None:
    """Tables with what makes their rows unique; the other indexes serve who looks for rows, and a fold does not."""
    for table in metadata.sorted_tables:
        connection.execute(CreateTable(table))
        for index in table.indexes:
            if index.unique:
                index.create(connection)


@contextmanager
def scratch(path: Path) -> Iterator[Connection]:
    """A fresh SQLite file that nobody waits for: written without care for power cuts."""
    engine = create_engine(f"sqlite:///{path}", hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _configure(dbapi: Any, _record: object) -> None:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-64000"):
            dbapi.execute(f"PRAGMA {pragma}")

    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()
