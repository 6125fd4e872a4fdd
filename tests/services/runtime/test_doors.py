"""Who can wait lets those at a door pass, and neither side starves."""

import asyncio
import itertools
import time
from collections import Counter

import pytest

from corong.runtime import doors as module
from corong.runtime.doors import Doors


async def test_nobody_waits_nobody_is_let_pass() -> None:
    doors = Doors()
    doors.took(60)
    passing = doors.let_pass("a")
    with pytest.raises(StopIteration):
        passing.send(None)  # it ends without giving the loop away
    assert doors.open_to_others


async def test_work_goes_on_when_the_last_one_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 60)
    doors = Doors()
    order: list[str] = []

    async def work(who: int) -> None:
        await doors.let_pass(who)
        order.append("work")

    async with asyncio.timeout(20):
        doors.took(60)
        with doors.somebody_waits():
            with doors.somebody_waits():
                working = [asyncio.create_task(work(who)) for who in range(3)]
                await asyncio.sleep(0)
            for _ in range(5):
                await asyncio.sleep(0)
            assert not doors.open_to_others
            order.append("door")
        await asyncio.gather(*working)
    assert order == ["door", "work", "work", "work"]


async def test_patience_ends_and_nothing_of_it_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.001)
    doors = Doors()
    async with asyncio.timeout(20):
        doors.took(60)
        with doors.somebody_waits():
            for _ in range(5):
                await doors.let_pass("a")
            assert doors._patient == {}


async def test_the_first_piece_of_work_need_not_wait() -> None:
    doors = Doors()
    with doors.somebody_waits():
        assert doors.open_to_others
        with pytest.raises(StopIteration):
            doors.let_pass("a").send(None)


async def test_who_is_waited_for_lets_nobody_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 60)
    doors = Doors()
    gone: list[str] = []

    async def work(who: str) -> None:
        await doors.let_pass(who)
        gone.append(who)

    async with asyncio.timeout(20):
        doors.took(60)
        with doors.somebody_waits():
            working = [asyncio.create_task(work(who)) for who in "ab"]
            await asyncio.sleep(0)
            doors.hurry("b")
            doors.hurry("c")
            for _ in range(5):
                await asyncio.sleep(0)
            assert gone == ["b"]
        await asyncio.gather(*working)


async def test_with_somebody_always_waiting_the_doors_have_their_part_and_nobody_starves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a clock of its own: each piece of work takes 4, and between two of them the doors have 4."""
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(module, "PATIENCE", 1000.0)
    doors = Doors()
    turns: Counter[str] = Counter()
    times: list[float] = []

    async def wait_for(woken: "asyncio.Future[bool]", left: float) -> bool:
        woken.cancel()
        await asyncio.sleep(0)
        now[0] += 0.25
        raise TimeoutError

    monkeypatch.setattr(asyncio, "wait_for", wait_for)

    async def work(who: str) -> None:
        while now[0] < 400:
            await doors.let_pass(who)
            times.append(now[0])
            turns[who] += 1
            now[0] += 4
            doors.took(4)
            await asyncio.sleep(0)

    with doors.somebody_waits():
        await asyncio.gather(*(work(who) for who in ("a", "b", "c")))
    assert min(later - earlier for earlier, later in itertools.pairwise(times)) >= 8
    assert sum(turns.values()) >= 40
    assert min(turns.values()) >= 5
