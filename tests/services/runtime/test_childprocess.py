"""A second process of ours: asked and answering, ended, killed and started again, gone with its parent."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from functools import partial

import psutil
import pytest
import pytest_asyncio

from corong.runtime.childprocess import LIVES, Child, ChildFailed, ChildGone
from corong.runtime.ending import end
from tests.hubs import until
from tests.peers.waiting import wait_for
from tests.programs import ROOT

MODULE = "tests.services.runtime.answering"


@pytest_asyncio.fixture
async def child() -> AsyncIterator[Child]:
    found = Child(MODULE)
    await found.start()
    try:
        yield found
    finally:
        await found.stop()


async def test_answers_come_to_who_asked_in_whichever_order(child: Child) -> None:
    slow = asyncio.create_task(child.ask("late", 0.3))
    assert await child.ask("double", "ab") == "abab"
    assert not slow.done()
    assert await slow == "late"


async def test_one_that_asks_no_longer_disturbs_nobody(child: Child) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(child.ask("late", 0.2), 0.01)
    assert [await child.ask("double", number) for number in (1, 2, 3)] == [2, 4, 6]


async def test_what_goes_wrong_there_is_told_here(child: Child) -> None:
    with pytest.raises(ChildFailed, match="no cake") as found:
        await child.ask("fail", "cake")
    assert found.value.kinds[:2] == ("builtins.LookupError", "builtins.Exception")
    assert await child.ask("double", 4) == 8


async def test_who_waits_for_one_that_dies_is_told(child: Child) -> None:
    with pytest.raises(ChildGone):
        await child.ask("vanish")
    with pytest.raises(ChildGone):
        await child.ask("double", 1)


async def test_it_stops_when_it_is_told(child: Child) -> None:
    pid = child.pid
    assert pid is not None
    process = psutil.Process(pid)
    await child.stop()
    assert not process.is_running()
    assert child.pid is None


def has(found: list[int], count: int) -> bool:
    return len(found) == count


async def test_killed_it_is_started_again(child: Child) -> None:
    begun: list[int] = []

    async def begin() -> None:
        begun.append(await child.ask("double", len(begun)))

    keeping = asyncio.create_task(child.keep(begin))
    try:
        for deaths in (1, 2):
            pid = child.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            await until(partial(has, begun, deaths), 30)
            assert child.pid not in (None, pid)
        assert await child.ask("double", 4) == 8
    finally:
        await end([keeping])


async def test_one_that_does_not_begin_is_started_again(child: Child) -> None:
    tries: list[int] = []

    async def begin() -> None:
        tries.append(len(tries))
        await child.ask("fail" if len(tries) == 1 else "double", 1)

    keeping = asyncio.create_task(child.keep(begin))
    try:
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        await until(lambda: len(tries) == 2, 30)
        assert await child.ask("double", 4) == 8
    finally:
        await end([keeping])


@pytest.mark.parametrize("deaths", [1, LIVES - 1, LIVES])
async def test_one_that_dies_before_it_has_begun_is_started_again(child: Child, deaths: int) -> None:
    left = [signal.SIGKILL] * deaths

    async def begin() -> None:
        if left:
            assert child.pid is not None
            os.kill(child.pid, left.pop())
        await child.ask("late", 0.2)

    if deaths == LIVES:
        with pytest.raises(ChildGone):
            await child.begin(begin)
    else:
        await child.begin(begin)
        assert await child.ask("double", 4) == 8
    assert left == []


async def test_one_that_fails_before_it_has_begun_is_not(child: Child) -> None:
    with pytest.raises(ChildFailed, match="no cake"):
        await child.begin(partial(child.ask, "fail", "cake"))


def test_it_dies_with_its_parent() -> None:
    script = f"""
import asyncio
from corong.runtime.childprocess import Child

async def main():
    child = Child("{MODULE}")
    await child.start()
    await child.ask("double", 1)
    print(child.pid, flush=True)
    await asyncio.sleep(3600)

asyncio.run(main())
"""
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert parent.stdout is not None
        process = psutil.Process(int(parent.stdout.readline()))
    finally:
        parent.kill()
        parent.wait()
        assert parent.stdout is not None
        parent.stdout.close()
    wait_for("the child's end", lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)
