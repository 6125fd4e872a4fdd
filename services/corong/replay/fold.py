"""Folds a log into the tables of one service, in a fresh SQLite file: without network, clock or keys."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import IntegrityError

from corong.replay.envelope import Envelope, envelope, opened
from corong.replay.foldings import Folding
from corong.replay.logs import NotALog
from corong.runtime.reach import LeftOut, Vector
from corong.runtime.rebuild import state_hash
from corong.runtime.rows import Rows
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
        keep: Keep = lambda head, body: True,
    ) -> None:
        """`left_out` are numbers that the service did not bring in; `keep` says of others whether they are wanted."""
        self._keep = keep
        self._folding = folding
        self._types = folding.types
        self._writers = folding.writers
        self._connection = connection
        self._rows = Rows(connection)
        self._since = 0
        self._left_out = left_out
        self._early: dict[str, dict[int, tuple[Envelope, bytes]]] = {}
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

    def take(self, entries: Entries, upto: Vector, told: Progress = lambda count: None, *, stop: bool = False) -> None:
        """Bring in what `entries` hold, each writer up to `upto`; `told` hears how many entries were looked at.

        `stop`: look no further than needed. Otherwise what stands there for nobody is found too.
        """
        first_left: int | None = None
        left = {writer for writer, last in upto.items() if self.reached.get(writer, 0) < last}
        count = 0
        for position, body in entries:
            if stop and not left:
                first_left = position if first_left is None else first_left
                break
            count += 1
            if count % TOLD == 0:
                told(TOLD)
            self.next = position + 1
            try:
                head = envelope(body)
            except BadEvent as error:
                self.broken[position] = str(error)
                continue
            new = position > self._furthest
            self._furthest = max(position, self._furthest)
            writer, number = head.writer, head.number
            if head.type in PUT_ASIDE and new:
                self._refuse(position, head, body)
            if writer.partition(".")[0] not in self._writers:
                if head.type not in CATALOGUE and new:
                    self.unknown[head.type] += 1
                continue
            if number > upto.get(writer, 0):
                first_left = position if first_left is None else first_left
                continue
            following = self.reached.get(writer, 0) + 1
            if number < following:
                if new:
                    self.broken[position] = f"{writer}: {number} comes again"
                continue
            if number > following:
                self._early.setdefault(writer, {})[number] = (head, body)
                continue
            self._bring(position, head, body)
            if writer in self._early:
                self._promote(position, writer)
            if self.reached[writer] >= upto[writer]:
                left.discard(writer)
        told(count % TOLD)
        if first_left is not None:
            self.next = first_left

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

    def _refuse(self, position: int, head: Envelope, body: bytes) -> None:
        event = self._opened(position, head, body)
        if event is None:
            return
        if isinstance(event.data, AuditEntryRefused) or (
            isinstance(event.data, AuditConflictFound) and event.data.contradicts == "id"
        ):
            writer, number = event.data.of_writer, event.data.number
            self._refused.add((writer, number))
            if writer.partition(".")[0] in self._writers and number == self.reached.get(writer, 0) + 1:
                self._pass(writer)
                self._promote(position, writer)

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

    def _bring(self, position: int, head: Envelope, body: bytes) -> None:
        self.reached[head.writer] = head.number
        self._pass(head.writer)
        if head.type not in self._types:
            if head.type not in CATALOGUE:
                self.unknown[head.type] += 1
            return
        if (head.writer, head.number) in self._left_out or not self._keep(head, body):
            return
        event = self._opened(position, head, body)
        if event is None:
            return
        self._folding.apply(event, self._rows)
        self._since += 1
        if self._since >= BATCH:
            self._flush()

    def _opened(self, position: int, head: Envelope, body: bytes) -> AnyEvent | None:
        try:
            return opened(body, head.type)
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
        self._rows = Rows(self._connection)
        self._since = 0

    def hash(self) -> str:
        """The state hash of what was brought in so far."""
        self._flush()
        return state_hash(self._connection, self._folding.metadata)


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
