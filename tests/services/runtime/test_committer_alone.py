"""Commits of a process that alone writes: jobs run in the event loop, and only the commit is in a thread."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import Connection, text
from sqlalchemy import event as sqlalchemy_event

from corong.runtime.committer import Closed, Committer
from corong.runtime.refusal import Refused
from corong.runtime.unit import Unit
from tests.services.stores import NOW, Store, Works, gapless, make_keys, prioritised

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])
CASE = UUID(int=0x50)


@pytest.fixture
def works(store: Store, tmp_path: Path) -> Works:
    return Works(store, make_keys(tmp_path))


@pytest_asyncio.fixture
async def committer(works: Works) -> AsyncIterator[Committer]:
    """Not started: what is asked for before waits together."""
    made = Committer(works.database, works.numbering, works.sealer, lambda: NOW, alone=True)
    yield made
    await made.close()


def counts(case: UUID = CASE) -> Callable[[Unit], int]:
    def job(unit: Unit) -> int:
        return unit.record(uuid4(), [prioritised(case)])[0].number

    return job


def refuses(unit: Unit) -> None:
    raise Refused(409, "closed", "Sudah ditutup.", "Closed.")


def spoils(unit: Unit) -> None:
    unit.record(uuid4(), [prioritised(CASE)])
    raise ZeroDivisionError


def breaks(unit: Unit) -> None:
    unit.connection.execute(text("SELECT no_such_column FROM tally"))


async def together(committer: Committer, jobs: list[Callable[[Unit], Any]]) -> list[Any]:
    begun = [asyncio.create_task(committer.run(job)) for job in jobs]
    await asyncio.sleep(0)  # they are queued now
    committer.start()
    return await asyncio.gather(*begun, return_exceptions=True)


async def test_jobs_run_in_the_loop_and_share_a_commit_that_does_not(committer: Committer, works: Works) -> None:
    units: set[int] = set()
    threads: dict[str, set[int]] = {"jobs": set(), "commits": set()}

    def job(unit: Unit) -> None:
        units.add(id(unit))
        threads["jobs"].add(threading.get_ident())
        unit.record(uuid4(), [prioritised(CASE)])

    def commit(connection: Connection) -> None:
        threads["commits"].add(threading.get_ident())

    sqlalchemy_event.listen(works.database.writing, "commit", commit)
    await together(committer, [job] * 20)
    assert len(units) == 1
    assert threads["jobs"] == {threading.get_ident()}
    assert threads["commits"].isdisjoint(threads["jobs"])
    assert works.tallied() == {str(CASE): 20}


@pytest.mark.parametrize("bad", [refuses, spoils, breaks])
async def test_a_bad_job_hurts_nobody(committer: Committer, works: Works, bad: Callable[[Unit], Any]) -> None:
    answers = await together(committer, [*[counts()] * 4, bad, *[counts()] * 4])
    assert isinstance(answers.pop(4), Exception)
    assert answers == list(range(1, 9))
    assert gapless(works.numbers())
    assert works.tallied() == {str(CASE): 8}
    assert await committer.run(counts()) == 9, "the connection was given back"


async def test_doors_go_first(committer: Committer) -> None:
    order: list[str] = []
    later = [
        asyncio.create_task(committer.run(lambda unit, n=n: order.append(f"later {n}"), later=True))  # type: ignore[misc]
        for n in range(6)
    ]
    await asyncio.sleep(0)
    await together(committer, [lambda unit, n=n: order.append(f"door {n}") for n in range(4)])  # type: ignore[misc]
    await asyncio.gather(*later)
    assert order == [*(f"door {n}" for n in range(4)), *(f"later {n}" for n in range(6))]


async def test_an_answer_comes_after_the_commit(committer: Committer, works: Works) -> None:
    """A failing commit is told to all; nothing is kept, and the next one finds the connection free."""
    failing = [True]

    def commit(connection: Connection) -> None:
        if failing[0]:
            raise OSError("the disk is full")

    sqlalchemy_event.listen(works.database.writing, "commit", commit)
    answers = await together(committer, [counts()] * 3)
    assert [type(answer) for answer in answers] == [OSError] * 3
    assert (works.numbers(), works.tallied()) == ({}, {})
    failing.clear()
    failing.append(False)
    assert await committer.run(counts()) == 1
    assert works.tallied() == {str(CASE): 1}


async def test_who_is_cancelled_has_committed_all_the_same(committer: Committer, works: Works) -> None:
    gone = asyncio.create_task(committer.run(counts()))
    await asyncio.sleep(0)
    gone.cancel()
    assert await together(committer, [counts()]) != []
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert works.tallied() == {str(CASE): 2}


async def test_close_finishes_what_waits(committer: Committer, works: Works) -> None:
    begun = [asyncio.create_task(committer.run(counts(), later=number % 2 == 0)) for number in range(30)]
    await asyncio.sleep(0)
    committer.start()
    await committer.close()
    assert sorted(await asyncio.gather(*begun)) == list(range(1, 31))
    with pytest.raises(Closed):
        await committer.run(counts())
    assert works.tallied() == {str(CASE): 30}


@pytest.mark.parametrize("alone", [True, False])
async def test_what_fails_after_a_commit_stops_nothing(works: Works, alone: bool) -> None:
    """The commit stands: its jobs are told so, other listeners hear of it, and the next job is done."""
    committer = Committer(works.database, works.numbering, works.sealer, lambda: NOW, alone=alone)
    heard: list[int] = []
    committer.listeners += [lambda unit: 1 // 0, lambda unit: heard.append(len(unit.recorded))]  # type: ignore[list-item]

    def job(unit: Unit) -> int:
        unit.after.append(lambda: 1 // 0)  # type: ignore[arg-type]
        return counts()(unit)

    async with asyncio.timeout(20):
        assert await together(committer, [job]) == [1]
        assert await committer.run(job) == 2
        await committer.close()
    assert heard == [1, 1]


async def test_a_committer_that_is_cancelled_waits_for_the_commit_under_way(committer: Committer, works: Works) -> None:
    entered, go_on = threading.Event(), threading.Event()
    still: list[bool] = []

    def commit(connection: Connection) -> None:
        entered.set()
        assert go_on.wait(20)
        still.append(True)

    def rollback(connection: Connection) -> None:
        still.append(False)

    sqlalchemy_event.listen(works.database.writing, "commit", commit)
    sqlalchemy_event.listen(works.database.writing, "rollback", rollback)
    committer.start()
    caller = asyncio.create_task(committer.run(counts()))
    assert await asyncio.to_thread(entered.wait, 20)
    assert committer._task is not None
    committer._task.cancel()
    for _ in range(3):
        await asyncio.sleep(0)
    assert still == []
    go_on.set()
    await asyncio.wait({committer._task})
    assert still[0]
    caller.cancel()
    committer._task = None
