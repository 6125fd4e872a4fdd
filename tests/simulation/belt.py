"""In the broker's place: what a service committed goes straight to those who read it."""

import asyncio
from collections.abc import Callable, Sequence

from corong.runtime.arrivals import Arrived
from corong.runtime.broker import Broker
from corong.runtime.unit import Unit


class NoBroker(Broker):
    """Handlers may be declared on it. It says that it is there, and nothing is ever asked of it."""

    def __init__(self, user: str) -> None:
        super().__init__("nats://127.0.0.1:1", user, "")

    @property
    def connected(self) -> bool:
        """What is to be sent may be sent."""
        return True


class Belt:
    """The source of one service's reader."""

    def __init__(self, rested: Callable[[], None]) -> None:
        """`rested` is called when the reader has nothing to do."""
        self._rested = rested
        self._items: list[Arrived] = []
        self._come = asyncio.Event()
        self.resting = False

    def put(self, items: Sequence[Arrived]) -> None:
        """More has come."""
        if items:
            self.resting = False
            self._items += items
            self._come.set()

    async def open(self) -> None:
        """It is open."""

    async def next(self, patience: float | None) -> Sequence[Arrived]:
        """What has come."""
        if not self._items:
            self.resting = patience is None  # else it waits for another writer
            self._rested()
            try:
                await asyncio.wait_for(self._come.wait(), patience)
            except TimeoutError:
                return ()
        items, self._items = self._items, []
        self._come.clear()
        return items

    async def done(self) -> None:
        """Nobody has to be told."""

    async def close(self) -> None:
        """It stays as it is."""

    def leave(self) -> None:
        """Nobody else waits."""

    @property
    def holds(self) -> bool:
        """Whether something has come that was not given."""
        return bool(self._items)

    async def pending(self) -> int:
        """There is no broker that has more."""
        return 0


def sent(unit: Unit) -> list[Arrived]:
    """What a unit committed, as its readers get it."""
    found = []
    for event, row in zip(unit.recorded, unit.outbox, strict=True):
        name = f"{event.data.noun}.{event.data.verb}"
        found.append(Arrived(event.writer, event.number, name, f"corong.event.{event.writer}.{name}", row["body"]))
    return found
