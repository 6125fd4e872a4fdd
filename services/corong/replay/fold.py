"""Folds a log into the tables of one service, in a fresh SQLite file: without network, clock or keys."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, create_engine, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateTable

from corong.replay.envelope import Envelope, Readers, envelope, opened
from corong.replay.foldings import Folding
from corong.replay.fresh_rows import FreshRows
from corong.replay.logs import NotALog
from corong.runtime.reach import LeftOut, Vector
from corong.runtime.rebuild import state_hash
from corong_contracts.audit import AuditConflictFound, AuditEntryRefused
from corong_contracts.base import AnyEvent
from corong_contracts.catalogue import CATALOGUE, BadEvent

BATCH = 5000
"""Entries after which changed rows go to the database."""
TOLD = 1000
"""Events between two words about the progress."""
MAPPED = f"mmap_size={2**32}"
"""Of a scratch file so many bytes are read without a call for each page."""
PUT_ASIDE = (AuditEntryRefused.type, AuditConflictFound.type)
"""What the log says of a number that it lacks: its bytes can't stand there, or claim another entry's id."""

Keep = Callable[[Envelope, bytes], bool]
Progress = Callable[[int], None]
Entries = Iterable[tuple[int, bytes]]


class Entry:
    """An entry of a log, opened once for all who fold it."""

    __slots__ = ("aside", "body", "event", "kind", "number", "position", "writer", "wrong")

    def __init__(self, position: int, body: bytes, readers: Readers | None = None) -> None:
        """`readers` open what is wanted in any case."""
        self.position = position
        self.body = body
        self.wrong = ""
        """Why it has no envelope."""
        self.event: AnyEvent | None = readers.opened(body) if readers is not None else None
        """What it says, once it was `opened`."""
        event = self.event
        if event is not None:
            self.writer, self.number, self.kind = event.writer, event.number, event.type
            self.aside = self.kind in PUT_ASIDE
            return
        try:
            head = envelope(body)
        except BadEvent as error:
            self.writer, self.number, self.kind, self.aside = "", 0, "", False
            self.wrong = str(error)
        else:
            self.writer, self.number, self.kind = head.writer, head.number, head.type
            self.aside = self.kind in PUT_ASIDE

    def opened(self) -> AnyEvent:
        """What it says. Raises `BadEvent`."""
        if self.event is None:
            self.event = opened(self.body, self.kind)
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
        self._left_out = left_out
        self._picks = bool(left_out) or keep is not None
        self._early: dict[str, dict[int, Entry]] = {}
        self.reached: dict[str, int] = {}
        """Writer → the last number brought in, of the writers that the service reads."""
        self.unknown: Counter[str] = Counter()
        """Types that this version does not know → how many events of each; nothing of them is in the tables."""
        self.broken: dict[int, str] = {}
        """Position → what is wrong with the entry there."""
        self._refused: set[tuple[str, int]] = set()
        self.next = 0
        """From this position on there may be something to bring in."""
        self._seen = 0
        """From this position on nothing was looked at before this pass."""
        self._straight = True
        """Whether nobody waits for anything out of its order."""
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
        for writer in filter(self.reads, upto):
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
        writer = entry.writer
        number = entry.number
        if self._awaited.get(writer) != number or entry.aside or not self._straight:
            self._look(entry)
            return
        # Nearly all of them: the one that was awaited.
        self.reached[writer] = number
        if number < self._upto[writer]:
            self._awaited[writer] = number + 1
        else:
            self._await(writer)
        if entry.kind in self._types and not self._picks and entry.event is not None:
            self._apply(entry.event, self._rows)
        else:
            self._fold(entry)

    def _look(self, entry: Entry) -> None:
        """Find out what is with an entry, and bring in what follows from it."""
        if entry.wrong:
            self.broken[entry.position] = entry.wrong
            return
        writer = entry.writer
        if entry.aside and entry.position >= self._seen:
            self._refuse(entry)
        if self._awaited.get(writer) == entry.number:
            self._bring(entry)
        elif not self._placed(entry):
            return
        if writer in self._early:
            self._promote(writer)
        self._await(writer)
        self._straight = not self._early and not self._refused

    def _placed(self, entry: Entry) -> bool:
        """Find out what is with an entry that was not the one that its writer's others wait for; True: brought in."""
        writer, number, new = entry.writer, entry.number, entry.position >= self._seen
        if not self.reads(writer):
            if new and entry.kind not in CATALOGUE:
                self.unknown[entry.kind] += 1
            return False
        if number > self._upto.get(writer, 0):
            self.put_off(entry.position)
            return False
        following = self.reached.get(writer, 0) + 1
        if number < following:
            if new:
                self.broken[entry.position] = f"{writer}: {number} comes again"
            return False
        if number > following:
            self._early.setdefault(writer, {})[number] = entry
            self._straight = False
            return False
        self._bring(entry)
        return True

    def _await(self, writer: str) -> None:
        """Know which number of a writer is next, so that it is brought in without another question."""
        following, last = self.reached.get(writer, 0) + 1, self._upto.get(writer, 0)
        if following <= last:
            self._awaited[writer] = following
        else:
            self._awaited.pop(writer, None)
            self._left.discard(writer)

    def reads(self, writer: str) -> bool:
        """Whether the service's state stands for what that writer wrote."""
        known = self._known_writers.get(writer)
        if known is None:
            known = self._known_writers[writer] = writer.partition(".")[0] in self._writers
        return known

    def rest(self, end: int) -> None:
        """No more entries now; those before `end` were looked at, where they had to be."""
        self._seen = max(self._seen, end)
        self.next = max(self.next, end) if self._first_left is None else self._first_left

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
                self._promote(writer)
        self.flush()
        return {writer: numbers for writer, numbers in lacking.items() if numbers}

    def _refuse(self, entry: Entry) -> None:
        event = self._opened(entry)
        if event is None:
            return
        if isinstance(event.data, AuditEntryRefused) or (
            isinstance(event.data, AuditConflictFound) and event.data.contradicts == "id"
        ):
            writer, number = event.data.of_writer, event.data.number
            self._refused.add((writer, number))
            self._straight = False
            if self.reads(writer) and number == self.reached.get(writer, 0) + 1:
                self._pass(writer)
                self._promote(writer)
                self._await(writer)

    def _pass(self, writer: str) -> None:
        """What was refused for the log has no place in it: nobody waits for it."""
        while (writer, self.reached.get(writer, 0) + 1) in self._refused:
            self.reached[writer] = self.reached.get(writer, 0) + 1

    def _promote(self, writer: str) -> None:
        early = self._early.get(writer, {})
        while waiting := early.pop(self.reached[writer] + 1, None):
            self._bring(waiting)
        if not early:
            self._early.pop(writer, None)

    def _bring(self, entry: Entry) -> None:
        self.reached[entry.writer] = entry.number
        if self._refused:
            self._pass(entry.writer)
        self._fold(entry)

    def _fold(self, entry: Entry) -> None:
        if entry.kind not in self._types:
            if entry.kind not in CATALOGUE:
                self.unknown[entry.kind] += 1
            return
        if self._left_out and (entry.writer, entry.number) in self._left_out:
            return
        if self._keep is not None and not self._keep(envelope(entry.body), entry.body):
            return
        event = entry.event or self._opened(entry)
        if event is not None:
            self._apply(event, self._rows)

    def _opened(self, entry: Entry) -> AnyEvent | None:
        try:
            return entry.opened()
        except BadEvent as error:
            self.broken[entry.position] = str(error)
            return None

    def flush(self) -> None:
        """Write what changed. Raises `NotALog`."""
        try:
            self._rows.flush()
        except IntegrityError as error:
            kind = type(error.orig).__name__
            raise NotALog(
                f"{self._folding.name}: events contradict each other, no tables come of them ({kind})"
            ) from None

    @property
    def opens(self) -> frozenset[str]:
        """The types that it opens in any case; none, where it looks at envelopes first."""
        return frozenset() if self._keep is not None else self._types

    def hash(self) -> str:
        """The state hash of what was brought in so far."""
        self.flush()
        return state_hash(self._connection, self._folding.metadata)


def take_together(
    folds: Sequence[tuple[Fold, Vector]], entries: Entries, told: Progress = lambda count: None, *, stop: bool = False
) -> None:
    """`Fold.take` for several services in one pass; `told` hears of every entry once for each of them.

    `entries` begin no later than the first of them has to go on.
    """
    for fold, upto in folds:
        fold.aim(upto)
    seeing: list[tuple[Callable[[Entry], None], int]] = [(fold.see, fold.next) for fold, _ in folds]
    of_writer: dict[str, list[tuple[Callable[[Entry], None], int]]] = {}
    kinds = frozenset[str]().union(*(fold.opens for fold, _ in folds))
    readers = Readers(kinds) if kinds else None
    count = end = 0
    for position, body in entries:
        if stop and all(fold.there for fold, _ in folds):
            for fold, _ in folds:
                fold.put_off(position)
            break
        count += 1
        if count % TOLD == 0:
            told(TOLD * len(folds))
            if count % BATCH == 0:
                for fold, _ in folds:
                    fold.flush()
        entry = Entry(position, body, readers)
        concerned = seeing
        if entry.event is not None and not entry.aside:  # as it should be: it concerns nobody who does not read it
            if entry.writer not in of_writer:
                of_writer[entry.writer] = [(fold.see, fold.next) for fold, _ in folds if fold.reads(entry.writer)]
            concerned = of_writer[entry.writer]
        for see, first in concerned:
            if position >= first:
                see(entry)
        end = position + 1
    told(count % TOLD * len(folds))
    for fold, _ in folds:
        fold.rest(end)


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
        for pragma in ("page_size=16384", "journal_mode=OFF", "synchronous=OFF", "cache_size=-64000", MAPPED):
            dbapi.execute(f"PRAGMA {pragma}")

    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()
