"""What is alone goes at once; what comes in quick succession goes together. On a clock that the test moves."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from corong.runtime import pull as pull_module
from corong.runtime import together as together_module
from corong.runtime.pull import Pull
from corong.runtime.together import Together


class Clock:
    """`time` and `asyncio.sleep` of a module; a sleep lets others work and moves the clock."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []
        self.meanwhile: list[Any] = []

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        while self.meanwhile:
            await self.meanwhile.pop(0)()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    found = Clock()
    real = asyncio.sleep
    for module in (pull_module, together_module):
        monkeypatch.setattr(module, "time", found)
    monkeypatch.setattr(asyncio, "sleep", found.sleep)
    yield found
    monkeypatch.setattr(asyncio, "sleep", real)


class Connection:
    """Takes requests; the test brings the messages."""

    async def publish(self, subject: str, payload: bytes, reply: str) -> None:
        """Nothing to do."""


class Message:
    """One that has no headers."""

    headers = None


async def test_a_pull_gives_the_first_message_at_once_and_gathers_the_next(clock: Clock) -> None:
    pull = Pull(Connection(), "EVENTS", "desk", 500, gather=0.02)  # type: ignore[arg-type]
    bring: Any = pull._on_message
    await bring(Message())
    assert len(await pull.next()) == 1
    assert clock.slept == []
    clock.now += 0.005
    await bring(Message())
    clock.meanwhile = [lambda: bring(Message()), lambda: bring(Message())]
    assert len(await pull.next()) == 3
    assert clock.slept == [pytest.approx(0.015)]
    clock.now += 1
    await bring(Message())
    assert len(await pull.next()) == 1
    assert len(clock.slept) == 1


async def test_who_asks_alone_is_served_at_once_and_the_next_ones_together(clock: Clock) -> None:
    calls: list[list[int]] = []

    def serve(items: list[int]) -> list[int]:
        calls.append(items)
        return items

    together = Together(serve, gather=0.02)
    assert await together.ask(1) == 1
    assert clock.slept == []
    more: list[asyncio.Task[int]] = []

    async def another() -> None:
        more.extend(asyncio.create_task(together.ask(number)) for number in (3, 4))
        for _ in range(3):
            await asyncio.wait({asyncio.create_task(_nothing())})

    clock.meanwhile = [another]
    assert await together.ask(2) == 2
    assert await asyncio.gather(*more) == [3, 4]
    assert calls == [[1], [2, 3, 4]]
    assert clock.slept == [pytest.approx(0.02)]


async def _nothing() -> None:
    """A turn of the loop."""
