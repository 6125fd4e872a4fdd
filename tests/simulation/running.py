"""One year, run: the town and the services side by side, and what both have at its end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from corong.runtime.settling import settle_memory
from corong_contracts.command import StateHash
from tests.simulation import regency as regencies
from tests.simulation.book import Book
from tests.simulation.fates import lives
from tests.simulation.hub import DECIDING, EVERY, Clock, Hub
from tests.simulation.posts import Post
from tests.simulation.press import Posts, Press, Printed
from tests.simulation.readers import readers
from tests.simulation.reckoning import DAY, YEAR, version_on
from tests.simulation.regency import Regency
from tests.simulation.town import MIDNIGHT, Town, chance, moment

APART_FROM = 2000
"""Cases from which on other processes bring more than their start costs."""
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
    """Live through it; `told` hears of each day. Raises `BesideDied`."""
    return asyncio.run(_run(folder, size, told))


async def _run(folder: Path, size: Size, told: Callable[[int], None]) -> Year:
    regency = regencies.write(folder / "config", size.units)
    work = _apart if size.cases >= APART_FROM else _together
    return await work(folder, regency, size, told)


async def _together(folder: Path, regency: Regency, size: Size, told: Callable[[int], None]) -> Year:
    """In this process alone."""
    hub = Hub(folder / "data", regency.folder, _clock(size))
    await hub.start()
    town = Town(hub, Book(size.first), regency, size.seed, busy=False)
    posts = _posts(size)
    async for day in _days(town, size, told):
        for name in posts.get(day, ()):
            town.lives(Post(town, name).lives(day))
    await town.ends()
    await hub.reads(*EVERY)
    hashes = hub.hashes()
    await hub.records(hashes)
    await hub.stop()
    return _year(folder, town, size, hashes)


async def _apart(folder: Path, regency: Regency, size: Size, told: Callable[[int], None]) -> Year:
    """Those who decide in this process, publishing in a second one, those who only read in a third."""
    data = folder / "data"
    hub = Hub(data, regency.folder, _clock(size), DECIDING)
    with Press(data, regency, size.seed, _posts(size)) as press, readers(data, regency.folder, press.onward) as others:
        await hub.start()
        settle_memory()
        town = Town(hub, Book(size.first), regency, size.seed, busy=True)
        hub.listeners += (press.hear, others.hear)

        def tell(now: datetime) -> None:
            press.moment(now)
            others.moment(now)

        town.told = tell
        async for _ in _days(town, size, told):
            for service, items in press.news():
                hub.hears(service, items)
        await town.ends()
        await hub.settled()
        tell(town.now)
        printed: Printed = press.ends(None)
        for service, items in press.news(last=True):
            hub.hears(service, items)
        await hub.reads(*DECIDING)
        hashes = [*hub.hashes(), *printed.hashes]
        hashes += others.ends(hashes)
        await hub.stop()
    town.book.others |= printed.others
    town.troubles += printed.troubles
    return _year(folder, town, size, hashes)


async def _days(town: Town, size: Size, told: Callable[[int], None]) -> AsyncIterator[date]:
    """Each day: yielded before it is lived through."""
    written = _spread(size, "cases", size.cases)
    for day in size.days:
        town.today = day
        for name in written.get(day, ()):
            town.lives(lives(town, name, day))
        yield day
        await town.lives_through(day)
        await town.hub.reads_if_much()
        told(1)


def _year(folder: Path, town: Town, size: Size, hashes: list[StateHash]) -> Year:
    calendars = len({version_on(day) for day in size.days})
    return Year(folder, town.book, {one.service: one for one in hashes}, town.troubles, calendars)


def _clock(size: Size) -> Clock:
    return Clock(moment(size.first, MIDNIGHT))


def _posts(size: Size) -> Posts:
    return _spread(size, "posts", -(-size.cases // CASES_FOR_A_POST))


def _spread(size: Size, what: str, count: int) -> Posts:
    """Over the year, by chance: day → names."""
    rng = chance(size.seed, what)
    found: Posts = {}
    for number, day in enumerate(sorted(rng.choices(size.days, k=count)), 1):
        found.setdefault(day, []).append(f"{what}-{number}")
    return found
