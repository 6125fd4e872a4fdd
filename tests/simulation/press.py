"""Publishing, and the main office's posts, in a process of their own: what the others wrote comes moment by moment."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import date
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Empty
from typing import Any
from uuid import UUID

from corong.runtime.arrivals import Arrived
from corong.runtime.settling import settle_memory
from corong_contracts.command import StateHash
from tests.simulation.beside import Beside, Ears, arrived, given, queue
from tests.simulation.book import Book
from tests.simulation.hub import PUBLISHING, Clock, Hub
from tests.simulation.posts import Post
from tests.simulation.reckoning import day_of
from tests.simulation.regency import Regency
from tests.simulation.town import Town

Posts = dict[date, list[str]]
"""Day → names of the posts that are drafted on it."""


@dataclass(frozen=True)
class Printed:
    """What the process leaves."""

    hashes: list[StateHash]
    others: dict[UUID, Counter[str]]
    """The book's posts."""
    troubles: list[str]


class Press(Beside):
    """The process, as that of those who decide sees it."""

    def __init__(self, data: Path, regency: Regency, seed: int, posts: Posts) -> None:
        self.onward, self._back = queue(), queue()
        """For the readers: what publishing wrote in each moment; and for those who decide, as it comes."""
        super().__init__(_print, self.onward, self._back, data, regency, seed, posts)

    def news(self, *, last: bool = False) -> list[tuple[str, list[Arrived]]]:
        """What publishing wrote and has come by now; with `last` all of it, after `ends`."""
        found: list[tuple[str, list[Arrived]]] = []
        while True:
            try:
                heard = self._back.get(block=last)
            except Empty:
                return found
            if heard is None:
                return found
            found += arrived(heard)


def _print(
    moments: "Queue[Any]", answer: "Queue[Any]", onward: "Queue[Any]", back: "Queue[Any]", data: Path,
    regency: Regency, seed: int, posts: Posts,
) -> None:  # fmt: skip
    asyncio.run(_printing(moments, answer, onward, back, data, regency, seed, posts))


async def _printing(
    moments: "Queue[Any]", answer: "Queue[Any]", onward: "Queue[Any]", back: "Queue[Any]", data: Path,
    regency: Regency, seed: int, posts: Posts,
) -> None:  # fmt: skip
    said = await given(moments)
    hub = Hub(data, regency.folder, Clock(said[0]), PUBLISHING)
    ears = Ears()
    hub.listeners.append(ears.hear)
    await hub.start()
    settle_memory()
    town = Town(hub, Book(day_of(said[0])), regency, seed, busy=True)

    def tell() -> None:
        heard = ears.heard()
        onward.put(heard)
        back.put(heard)

    while said is not None:
        now, heard = said
        day = day_of(now)
        town.today = day
        for name in posts.pop(day, ()):
            town.lives(Post(town, name).lives(day))
        for service, items in arrived(heard):
            hub.hears(service, items)
        await town.lives_in(now)
        tell()
        said = await given(moments)
    await town.ends()
    await hub.settled()
    hashes = hub.hashes()
    await hub.stop()
    tell()
    back.put(None)
    answer.put(Printed(hashes, dict(town.book.others), town.troubles))
