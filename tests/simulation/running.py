"""One year, run: the town and the services side by side, and what both have at its end."""

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from corong.embedded import settle_memory
from corong_contracts.command import StateHash
from tests.simulation import regency as regencies
from tests.simulation.book import Book
from tests.simulation.fates import lives
from tests.simulation.hub import DECIDING, READING, Clock, Hub
from tests.simulation.posts import Post
from tests.simulation.readers import Readers
from tests.simulation.reckoning import DAY, YEAR, version_on
from tests.simulation.town import MIDNIGHT, Town, moment

APART_FROM = 2000
"""Cases from which on a second process brings more than its start costs."""
CASES_FOR_A_POST = 40


@dataclass(frozen=True)
class Size:
    """How large a year."""

    cases: int
    """That citizens write of their own accord; objections and what is split off come on top."""
    units: int
    seed: int
    first: date = date(YEAR, 1, 1)
    last: date = date(YEAR, 12, 31)

    @property
    def days(self) -> list[date]:
        """All of them: a part of the year is quicker."""
        return [self.first + number * DAY for number in range((self.last - self.first).days + 1)]


@dataclass
class Year:
    """What is left of it."""

    folder: Path
    book: Book
    hashes: dict[str, StateHash]
    """Service → the hash of its tables."""
    troubles: list[str]
    """What went otherwise than the town meant it to."""
    calendars: int
    """So many versions of the days off were in force in it."""

    @property
    def url(self) -> str:
        """Of the services' databases."""
        return f"sqlite:///{self.folder / 'data' / 'db'}"


def run(folder: Path, size: Size, told: Callable[[int], None] = lambda days: None) -> Year:
    """Live through it; `told` hears of each day. Raises `ReadersDied`."""
    return asyncio.run(_run(folder, size, told))


async def _run(folder: Path, size: Size, told: Callable[[int], None]) -> Year:
    regency = regencies.write(folder / "config", size.units)
    days = size.days
    apart = size.cases >= APART_FROM
    names = DECIDING if apart else (*DECIDING, *READING)
    hub = Hub(folder / "data", regency.folder, Clock(moment(days[0], MIDNIGHT)), names)
    with Readers(folder / "data", regency.folder) if apart else nullcontext() as readers:
        await hub.start()
        town = Town(hub, Book(days[0]), regency, size.seed, busy=apart)
        if readers is not None:
            settle_memory()
            hub.listeners.append(readers.hear)
            town.told = readers.moment
        written = _spread(town, "cases", days, size.cases)
        posts = _spread(town, "posts", days, -(-size.cases // CASES_FOR_A_POST))
        for day in days:
            town.today = day
            for name in written.get(day, ()):
                town.lives(lives(town, name, day))
            for name in posts.get(day, ()):
                town.lives(Post(town, name).lives(day))
            await town.lives_through(day)
            await hub.reads_if_much()
            told(1)
        await town.ends()
        await hub.reads(*names)
        hashes = hub.hashes()
        if readers is not None:
            hashes += readers.hashes(hashes)
        else:
            await hub.records(hashes)
        await hub.stop()
    calendars = len({version_on(day) for day in days})
    return Year(folder, town.book, {one.service: one for one in hashes}, town.troubles, calendars)


def _spread(town: Town, what: str, days: list[date], count: int) -> dict[date, list[str]]:
    """Over the year, by chance: day → names."""
    rng = town.rng(what)
    found: dict[date, list[str]] = {}
    for number, day in enumerate(sorted(rng.choices(days, k=count)), 1):
        found.setdefault(day, []).append(f"{what}-{number}")
    return found
