"""A year goes by: who lives there sleeps until their time comes, then writes, or does the work of an office.

What each of them does is told in `fates.py`. The hub and the book hear of it side by side.
"""

import asyncio
import heapq
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import IntEnum
from itertools import count
from typing import Any
from uuid import UUID, uuid5

from corong_contracts.channel import InboundMessage, Party
from tests.simulation.book import Book
from tests.simulation.hub import SPACE, Hub
from tests.simulation.reckoning import OFFICE, WIB, working_day
from tests.simulation.regency import Regency, account_of

MIDNIGHT, MORNING, AFTERNOON, EVENING = time(0, 5), time(10), time(15), time(19)


class Phase(IntEnum):
    """Within a moment citizens write before officers work."""

    MAIL = 0
    OFFICE = 1


@dataclass(frozen=True, order=True)
class When:
    """A moment of the year at which somebody wakes."""

    moment: datetime
    phase: Phase


def moment(day: date, hour: time) -> datetime:
    """That time of that day in Asahan, in UTC."""
    return datetime.combine(day, hour, WIB).astimezone(UTC)


def chance(seed: int, name: str) -> random.Random:
    """Of somebody's own, the same for the same seed."""
    return random.Random(f"{seed}:{name}")


class Town:
    """The time, the mail, and everybody who waits."""

    def __init__(self, hub: Hub, book: Book, regency: Regency, seed: int, *, busy: bool) -> None:
        """`busy`: offices work twice a day, not once."""
        self.hub, self.book, self.regency, self.seed = hub, book, regency, seed
        self._hours = (MORNING, AFTERNOON) if busy else (MORNING,)
        self.today = book.today
        self.told: Callable[[datetime], None] = lambda now: None
        """Called at the end of each moment."""
        self.troubles: list[str] = []
        """What went wrong in somebody's life."""
        self._sleepers: list[tuple[When, int, asyncio.Future[None]]] = []
        self._order = count()
        self._mail: list[tuple[InboundMessage, asyncio.Future[Any]]] = []
        self._awake = 0
        self._all_asleep = asyncio.Event()
        self._lives: set[asyncio.Task[None]] = set()

    @property
    def now(self) -> datetime:
        """The moment."""
        return self.book.now

    def rng(self, name: str) -> random.Random:
        """Chance of somebody's own, the same for the same seed."""
        return chance(self.seed, name)

    def lives(self, life: Coroutine[Any, Any, None]) -> None:
        """Somebody begins: awake until the first time that they sleep."""
        self._awake += 1
        task = asyncio.create_task(self._live(life))
        self._lives.add(task)
        task.add_done_callback(self._lives.discard)

    async def _live(self, life: Coroutine[Any, Any, None]) -> None:
        try:
            await life
        except Exception as error:  # the others live on, and the run tells of it
            self.troubles.append(f"{type(error).__name__}: {error}")
        finally:
            self._rests()

    def _rests(self) -> None:
        self._awake -= 1
        if not self._awake:
            self._all_asleep.set()

    async def sleeps(self, when: When) -> None:
        """Wait for a moment."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (when, next(self._order), future))
        self._rests()
        await future

    async def posts(self, message: InboundMessage) -> Any:
        """Hand a message over; its receipt."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._mail.append((message, future))
        self._rests()
        return await future

    def cause(self, *names: object) -> UUID:
        """The id of something that is asked."""
        return uuid5(SPACE, "/".join(map(str, names)))

    def message(self, unit: str, native: str, sender: str, text: str, **more: Any) -> InboundMessage:
        """As a program hands it over."""
        return InboundMessage(
            channel="api", account=account_of(unit), native_id=native, sender=Party(address=sender), text=text, **more
        )

    # Time

    async def lives_through(self, day: date) -> None:
        """One day, with all who wake in it."""
        self.today = day
        hours = (MIDNIGHT, *(self._hours if OFFICE.working(day) else (EVENING,)))
        for hour in hours:
            now = moment(day, hour)
            if hour is not MIDNIGHT and not self._somebody_wakes(now):
                continue
            await self.lives_in(now)

    async def lives_in(self, now: datetime) -> None:
        """One moment."""
        await self.hub.passes(now)
        self.book.passes(now)
        await self._wakes(When(now, Phase.MAIL))
        await self._wakes(When(now, Phase.OFFICE))
        await self.hub.settled()
        self.told(now)

    def _somebody_wakes(self, now: datetime) -> bool:
        return bool(self._sleepers) and self._sleepers[0][0].moment <= now

    async def _wakes(self, when: When) -> None:
        while self._sleepers and self._sleepers[0][0] <= when:
            _, _, future = heapq.heappop(self._sleepers)
            self._awake += 1
            future.set_result(None)
        while True:
            while self._awake:
                self._all_asleep.clear()
                await self._all_asleep.wait()
            if not self._mail:
                return
            mail, self._mail = self._mail, []
            receipts = await self.hub.accepts([message for message, _ in mail])
            for (_, waiting), receipt in zip(mail, receipts, strict=True):
                self._awake += 1
                waiting.set_result(receipt)

    async def ends(self) -> None:
        """The year is over: who still waits, waits on."""
        for task in tuple(self._lives):
            task.cancel()
        await asyncio.gather(*self._lives, return_exceptions=True)

    # When somebody's time comes

    def mail_on(self, day: date, rng: random.Random) -> When:
        """When a citizen's message of that day arrives."""
        hours = self._hours if OFFICE.working(day) else (EVENING,)
        return When(moment(day, rng.choice(hours)), Phase.MAIL)

    def office_on(self, after: int, rng: random.Random) -> When:
        """An hour of an office so many of its days from today; today's next one for 0."""
        day = working_day(self.today, after)
        later = [moment(day, hour) for hour in self._hours if moment(day, hour) >= self.now]
        return When(rng.choice(later), Phase.OFFICE) if later else self.office_on(after + 1, rng)

    def office_from(self, day: date, rng: random.Random) -> When:
        """An hour of an office on that day, or on the next one on which it is open."""
        return When(moment(working_day(day, 0), rng.choice(self._hours)), Phase.OFFICE)
