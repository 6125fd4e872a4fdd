"""The order in which a reader takes what comes: each writer's numbers without a jump, however the broker brings them.

What comes early waits in memory, and the writer is asked to send the missing ones again. So does an event that needs
what another writer wrote before it (an answer needs the message that it answers): each writer's order is kept, nobody
else's is known, and after a lost store or a death the one may come long before the other.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence

from corong.runtime.arrivals import Arrived
from corong.runtime.parking import NO_WRITER, NOT_THE_WRITERS

EARLY_LIMIT = 5_000
"""Of each partition; what comes beyond it is sent again later."""
PATIENCE_SECONDS = 600.0
"""What another writer did not send for so long is not on its way: the event is handled as it is, or parked."""
POLL_SECONDS = 0.2
QUESTIONS = 8

AskAgain = Callable[[str, int, int], None]


class Order:
    """For each writer what comes next, what came early, and what waits for others. Knows no broker and no database."""

    def __init__(self) -> None:
        self.expected: dict[str, int] = {}
        """Writer → the number that comes next, as this process believes; the watermark in the database decides."""
        self._early: dict[str, dict[int, Arrived]] = {}
        self._waiting: dict[str, tuple[int, float]] = {}
        self._asked: dict[str, deque[str]] = {}
        self.ask_again: AskAgain = lambda writer, first, last: None
        """Asks a writer for its numbers from the first to the last."""

    def next_of(self, writer: str) -> int:
        """The number that comes next."""
        return self.expected.get(writer, 1)

    def begin(self, expected: Mapping[str, int]) -> None:
        """Begin (again) at the watermarks; what came early is kept."""
        self.expected = dict(expected)
        self._waiting.clear()
        for writer, early in self._early.items():
            following = self.next_of(writer)
            self._early[writer] = {number: item for number, item in early.items() if number >= following}

    def sort(self, items: Sequence[Arrived]) -> tuple[list[Arrived], list[tuple[Arrived, str]], list[Arrived]]:
        """What can be taken now, in order; what is no writer's, with the reason; and whose number was taken before."""
        ready: list[Arrived] = []
        strays: list[tuple[Arrived, str]] = []
        repeats: list[Arrived] = []
        jumped: set[str] = set()
        expected, kept = self.expected, self._early
        for item in items:
            if item.writer and item.number == expected.get(item.writer, 1) and item.fits:  # nearly always
                ready.append(item)
                expected[item.writer] = item.number + 1
                if kept.get(item.writer):
                    ready.extend(self.promote(item.writer))
            elif not item.writer:
                strays.append((item, f"{NO_WRITER}: subject and headers name none"))
            elif item.number < self.next_of(item.writer):
                repeats.append(item)
            elif not item.fits and item.asked not in self._asked.get(item.writer, ()):
                # Not what this writer writes. Taken for the number it claims, it would shut the true one out: the
                # writer is asked, and what it sends again is believed, whatever it is.
                strays.append((item, f"{NOT_THE_WRITERS}: body, headers and subject differ"))
                self.ask_again(item.writer, self.next_of(item.writer), item.number)
            elif item.number > self.next_of(item.writer):
                self._keep(item)
                jumped.add(item.writer)
            else:
                ready.append(item)
                self.expected[item.writer] = item.number + 1
                ready.extend(self.promote(item.writer))
        for writer in sorted(jumped - self._waiting.keys()):
            early = self._early.get(writer)
            if early:
                self.ask_again(writer, self.next_of(writer), min(early) - 1)
        return ready, strays, repeats

    def _keep(self, item: Arrived) -> None:
        early = self._early.setdefault(item.writer, {})
        if len(early) < EARLY_LIMIT or item.number < max(early):
            early[item.number] = item
        if len(early) > EARLY_LIMIT:
            del early[max(early)]

    def promote(self, writer: str) -> list[Arrived]:
        """What came early and can be taken now."""
        early = self._early.get(writer, {})
        following = self.next_of(writer)
        found: list[Arrived] = []
        while following in early:
            found.append(early.pop(following))
            following += 1
        self.expected[writer] = following
        return found

    # Questions

    def question(self, writer: str, identity: str) -> None:
        """Remember that `writer` was asked: its answer is believed."""
        self._asked.setdefault(writer, deque(maxlen=QUESTIONS)).append(identity)

    # Waiting for other writers

    @property
    def waiting(self) -> list[str]:
        """The partitions that wait for what another writer wrote."""
        return sorted(self._waiting)

    @property
    def patience(self) -> float | None:
        """How long to wait for messages before what waits is tried again, in seconds; None where nothing does."""
        return POLL_SECONDS if self._waiting else None

    def may_wait(self, item: Arrived) -> bool:
        """Whether this event may (still) wait."""
        number, since = self._waiting.get(item.writer, (0, 0.0))
        return number != item.number or time.monotonic() - since < PATIENCE_SECONDS

    def tried(self, batch: Iterable[Arrived], later: Sequence[Arrived]) -> None:
        """Of a batch that was tried, `later` has to wait: it comes again as what came early."""
        first: dict[str, int] = {}
        for item in later:
            first[item.writer] = min(item.number, first.get(item.writer, item.number))
            self._early.setdefault(item.writer, {})[item.number] = item
            self.expected[item.writer] = min(item.number, self.next_of(item.writer))
        for writer in {item.writer for item in batch}:
            if writer not in first:
                self._waiting.pop(writer, None)
            elif self._waiting.get(writer, (0, 0.0))[0] != first[writer]:
                self._waiting[writer] = (first[writer], time.monotonic())
