"""Shared commits: one job's failure is its own, neighbours commit exactly once, and nobody is told what is not so."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from corong.runtime.committer import Closed, Committer
from corong.runtime.refusal import Refused
from corong.runtime.unit import Unit
from corong_contracts.base import partition_of
from tests.services.stores import (
    BACKENDS,
    PARTITIONS,
    Store,
    Works,
    gapless,
    make_keys,
    prioritised,
    tally,
)

both = pytest.mark.parametrize("backend", BACKENDS)
CASE = UUID(int=0x50)


class Fault(Exception):
    """What a test's job raises."""


@pytest.fixture
def works(store: Store, tmp_path: Path) -> Works:
    return Works(store, make_keys(tmp_path))


@pytest_asyncio.fixture
async def committer(works: Works) -> AsyncIterator[Committer]:
    """Started, and closed at the end."""
    made = works.committer()
    made.start()
    yield made
    await made.close()


def counts(case: UUID) -> Callable[[Unit], int]:
    """A job that records one event of a case."""

    def job(unit: Unit) -> int:
        (event,) = unit.record(uuid4(), [prioritised(case)])
        return event.number

    return job


def refuses(unit: Unit) -> None:
    """A job that reads, and refuses before it changed anything."""
    unit.rows.get(tally, str(CASE))
    raise Refused(409, "closed", "Sudah ditutup.", "Closed.")


def spoils(case: UUID) -> Callable[[Unit], None]:
    """A job that fails after it recorded something."""

    def job(unit: Unit) -> None:
        unit.record(uuid4(), [prioritised(case)])
        raise Fault("after a change")

    return job


def breaks_the_transaction(unit: Unit) -> None:
    """A job whose statement the database refuses."""
    unit.connection.execute(text("SELECT no_such_column FROM tally"))


async def together(committer: Committer, jobs: list[Callable[[Unit], Any]]) -> list[Any]:
    """Hand jobs over at one moment, behind a job that holds the thread until all wait: they share a commit."""
    holding, waiting = threading.Event(), threading.Event()

    def hold(unit: Unit) -> None:
        holding.set()
        assert waiting.wait(20)

    first = asyncio.create_task(committer.run(hold))
    await asyncio.to_thread(holding.wait, 20)
    begun = [asyncio.create_task(committer.run(job)) for job in jobs]
    await asyncio.sleep(0)  # they are queued now
    waiting.set()
    await first
    return await asyncio.gather(*begun, return_exceptions=True)


@both
async def test_jobs_that_wait_together_share_one_commit(committer: Committer, works: Works) -> None:
    commits: list[Unit] = []

    def job(unit: Unit) -> None:
        commits.append(unit)
        unit.record(uuid4(), [prioritised(CASE)])

    await together(committer, [job] * 20)
    assert len({id(unit) for unit in commits}) == 1
    assert works.numbers() == {partition_of(CASE, PARTITIONS): list(range(1, 21))}


@both
async def test_a_refused_job_does_not_undo_its_neighbours(committer: Committer, works: Works) -> None:
    runs: list[int] = []

    def counted(unit: Unit) -> int:
        runs.append(1)
        return counts(CASE)(unit)

    answers = await together(committer, [counted, refuses, counted, refuses, counted])
    assert [answer if isinstance(answer, int) else type(answer) for answer in answers] == [1, Refused, 2, Refused, 3]
    assert len(runs) == 3, "nothing had to be done again"
    assert works.tallied() == {str(CASE): 3}


@both
@pytest.mark.parametrize("bad", [spoils(CASE), breaks_the_transaction], ids=["after a change", "bad statement"])
async def test_a_job_that_spoils_the_commit_is_found(
    committer: Committer, works: Works, bad: Callable[[Unit], Any]
) -> None:
    good = [uuid4() for _ in range(9)]
    jobs = [counts(case) for case in good]
    answers = await together(committer, [*jobs[:5], bad, *jobs[5:]])
    assert isinstance(answers.pop(5), Exception)
    assert all(isinstance(answer, int) for answer in answers)
    assert works.tallied() == {str(case): 1 for case in good}
    assert gapless(works.numbers())


@pytest.mark.parametrize("backend", ["sqlite"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kinds=st.lists(st.sampled_from("grsb"), min_size=1, max_size=14))
def test_whatever_fails_the_good_ones_commit_exactly_once(works: Works, kinds: list[str]) -> None:
    cases = [uuid4() for _ in kinds]
    make: dict[str, Callable[[UUID], Callable[[Unit], Any]]] = {
        "g": counts,
        "r": lambda case: refuses,
        "s": spoils,
        "b": lambda case: breaks_the_transaction,
    }

    async def all_at_once() -> list[Any]:
        committer = works.committer()
        committer.start()
        try:
            return await together(committer, [make[kind](case) for kind, case in zip(kinds, cases, strict=True)])
        finally:
            await committer.close()

    answers = asyncio.run(all_at_once())
    good = [case for kind, case in zip(kinds, cases, strict=True) if kind == "g"]
    assert [isinstance(answer, int) for answer in answers] == [kind == "g" for kind in kinds]
    found = works.tallied()
    assert {case: found.get(str(case)) for case in good} == dict.fromkeys(good, 1)
    assert not {str(case) for kind, case in zip(kinds, cases, strict=True) if kind != "g"} & set(found)
    assert gapless(works.numbers())


@both
async def test_what_can_wait_goes_behind_the_doors(committer: Committer) -> None:
    order: list[str] = []
    holding, waiting = threading.Event(), threading.Event()

    def hold(unit: Unit) -> None:
        holding.set()
        assert waiting.wait(20)

    def named(name: str) -> Callable[[Unit], None]:
        return lambda unit: order.append(name)

    first = asyncio.create_task(committer.run(hold))
    await asyncio.to_thread(holding.wait, 20)
    later = [asyncio.create_task(committer.run(named(f"later {n}"), later=True)) for n in range(6)]
    doors = [asyncio.create_task(committer.run(named(f"door {n}"))) for n in range(4)]
    await asyncio.sleep(0)
    waiting.set()
    await asyncio.gather(first, *later, *doors)
    assert order[:4] == [f"door {n}" for n in range(4)]
    assert order[4:] == [f"later {n}" for n in range(6)], "in order among themselves, and none forgotten"


@both
async def test_an_answer_comes_after_the_commit(committer: Committer, works: Works) -> None:
    for number in range(1, 6):
        assert await committer.run(counts(CASE)) == number
        assert works.tallied() == {str(CASE): number}


@both
async def test_who_is_cancelled_has_committed_all_the_same(committer: Committer, works: Works) -> None:
    holding, waiting = threading.Event(), threading.Event()

    def job(unit: Unit) -> None:
        unit.record(uuid4(), [prioritised(CASE)])
        holding.set()
        assert waiting.wait(20)

    caller = asyncio.create_task(committer.run(job))
    await asyncio.to_thread(holding.wait, 20)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    waiting.set()
    assert await committer.run(counts(CASE)) == 2
    assert works.tallied() == {str(CASE): 2}


@both
async def test_close_finishes_what_waits_and_takes_no_more(works: Works) -> None:
    committer = works.committer()
    begun = [asyncio.create_task(committer.run(counts(CASE), later=number % 2 == 0)) for number in range(30)]
    await asyncio.sleep(0)
    committer.start()
    await committer.close()
    assert sorted(await asyncio.gather(*begun)) == list(range(1, 31))
    with pytest.raises(Closed):
        await committer.run(counts(CASE))
    assert works.tallied() == {str(CASE): 30}


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_a_failing_commit_is_told_to_all(committer: Committer, works: Works) -> None:
    """The disk refuses at the commit itself: nobody gets a yes."""

    def refuse_at_commit(unit: Unit) -> None:
        # A deferred foreign key is looked at when the transaction ends.
        unit.connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS parent (id INTEGER PRIMARY KEY)")
        unit.connection.exec_driver_sql(
            "CREATE TABLE IF NOT EXISTS child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)"
        )
        unit.record(uuid4(), [prioritised(CASE)])
        unit.connection.exec_driver_sql("INSERT INTO child VALUES (7)")

    answers = await together(committer, [refuse_at_commit] * 3)
    assert [type(answer).__name__ for answer in answers] == ["IntegrityError"] * 3
    assert (works.numbers(), works.tallied()) == ({}, {})


@pytest.mark.parametrize("backend", [pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_a_connection_lost_before_the_commit_is_told_to_all_and_made_anew(
    committer: Committer, works: Works, store: Store
) -> None:
    def lose_it(unit: Unit) -> None:
        own = unit.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        with works.database.read() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": own})

    other_cases = [uuid4() for _ in range(3)]
    answers = await together(committer, [lose_it, *(counts(case) for case in other_cases)])
    assert isinstance(answers[0], Exception)
    assert all(isinstance(answer, int) for answer in answers[1:])
    assert works.tallied() == {str(case): 1 for case in other_cases}


@both
async def test_listeners_hear_of_events_and_of_nothing_else(committer: Committer) -> None:
    heard: list[int] = []
    committer.listeners.append(lambda unit: heard.append(len(unit.recorded)))
    await committer.run(lambda unit: unit.rows.get(tally, "x"))
    with pytest.raises(Refused):
        await committer.run(refuses)
    with pytest.raises(Fault):
        await committer.run(spoils(CASE))
    await committer.run(counts(CASE))
    await committer.run(lambda unit: None)
    assert heard == [1]


@both
async def test_one_jobs_trace_is_not_its_neighbours(committer: Committer) -> None:
    def traced(unit: Unit) -> str | None:
        unit.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        return unit.record(uuid4(), [prioritised(CASE)])[0].traceparent

    def plain(unit: Unit) -> str | None:
        return unit.record(uuid4(), [prioritised(CASE)])[0].traceparent

    found = await together(committer, [traced, plain])
    assert found[0] is not None
    assert found[1] is None


@both
async def test_two_processes_that_lock_in_any_order_both_get_through(
    store: Store, tmp_path: Path, works: Works
) -> None:
    """Jobs of one batch lock what they meet; whoever the database takes out of a circle is done again."""
    processes = [works, Works(store, make_keys(tmp_path))]
    committers = [each.committer() for each in processes]
    cases = [UUID(int=number + 4 * PARTITIONS) for number in range(PARTITIONS)]

    def job(index: int, unit: Unit) -> None:
        order = cases if index % 2 else cases[::-1]
        for place, case in enumerate(order[index % 3 :][:2]):
            unit.record(uuid5(case, f"{index}/{place}"), [prioritised(case)])

    for committer in committers:
        committer.start()
    answers = await asyncio.gather(
        *(committers[index % 2].run(partial(job, index)) for index in range(40)), return_exceptions=True
    )
    for committer in committers:
        await committer.close()
    assert [answer for answer in answers if answer is not None] == []
    assert gapless(works.numbers())
    assert sum(works.tallied().values()) == 80
