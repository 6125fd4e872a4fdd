"""Who can wait lets those at a door pass, and not for ever."""

import asyncio

import pytest

from corong.runtime.doors import Doors


async def test_nobody_waits_nobody_is_let_pass() -> None:
    passing = Doors().let_pass()
    with pytest.raises(StopIteration):
        passing.send(None)  # it ends without giving the loop away


async def test_work_goes_on_when_the_last_one_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corong.runtime.doors.PATIENCE", 60)
    doors = Doors()
    order: list[str] = []

    async def work() -> None:
        await doors.let_pass()
        order.append("work")

    async with asyncio.timeout(20):
        with doors.somebody_waits():
            with doors.somebody_waits():
                working = [asyncio.create_task(work()) for _ in range(3)]
                await asyncio.sleep(0)
            for _ in range(5):
                await asyncio.sleep(0)
            order.append("door")
        await asyncio.gather(*working)
    assert order == ["door", "work", "work", "work"]


async def test_patience_ends_and_nothing_of_it_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corong.runtime.doors.PATIENCE", 0.001)
    doors = Doors()
    async with asyncio.timeout(20):
        with doors.somebody_waits():
            for _ in range(5):
                await doors.let_pass()
            assert doors._patient == []
