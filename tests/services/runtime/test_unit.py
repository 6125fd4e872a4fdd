"""One transaction of one service: numbers without holes, ids that are derived, seals that are bound, all or nothing."""

import concurrent.futures
import contextlib
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import select, update

from corong.runtime import tables
from corong.runtime.keys import Keys
from corong.runtime.rows import Rows
from corong.runtime.sealing import BadSeal, Erased, SealedAt, sealed_field
from corong.runtime.unit import Draft, Unit
from corong_contracts.base import AnyEvent, event_id, partition_of
from corong_contracts.canonical import canonical, check_canonical
from corong_contracts.case import CasePrioritised
from corong_contracts.catalogue import EventTooBig, decode
from tests.programs import ROOT
from tests.services.runtime import dying_writer
from tests.services.stores import (
    BACKENDS,
    NOW,
    PARTITIONS,
    Store,
    Works,
    gapless,
    make_keys,
    noted,
    prioritised,
    tally,
)

CASE, CAUSE = UUID(int=0x50), UUID(int=0x99)
both = pytest.mark.parametrize("backend", BACKENDS)
sqlite_alone = pytest.mark.parametrize("backend", ["sqlite"])
postgres_alone = pytest.mark.parametrize("backend", BACKENDS[1:])


def in_partition(number: int, salt: int = 1) -> UUID:
    """An id of a case whose events are numbered in this partition."""
    return UUID(int=salt * PARTITIONS * 1000 + number)


@pytest.fixture
def keyring(tmp_path: Path) -> Keys:
    return make_keys(tmp_path)


@pytest.fixture
def works(store: Store, keyring: Keys) -> Works:
    return Works(store, keyring)


@both
def test_numbers_run_on_over_commits_in_each_partition(works: Works) -> None:
    rng = random.Random(5)
    cases = [uuid4() for _ in range(20)]
    for _ in range(8):
        drafts = [prioritised(case) for case in rng.choices(cases, k=rng.randrange(1, 6))]
        works.commit(partial(Unit.record, cause=uuid4(), drafts=drafts))
    numbers = works.numbers()
    assert gapless(numbers)
    assert {partition: len(found) for partition, found in numbers.items()} == works.last()
    for body in works.bodies():
        event = decode(body)
        assert event.writer == f"routing.{partition_of(event.correlationid, PARTITIONS):02d}"


@both
def test_the_same_cause_gives_the_same_events(works: Works, store: Store, keyring: Keys) -> None:
    key = keyring.ensure(["warga"])["warga"]
    drafts = [noted(CASE, key, "rahasia"), prioritised(CASE), noted(CASE, key, "rahasia")]

    def decide(unit: Unit) -> list[AnyEvent]:
        return unit.record(CAUSE, drafts)

    class Undone(Exception):
        pass

    def decide_and_fail(unit: Unit) -> None:
        undone.extend(decide(unit))
        raise Undone

    undone: list[AnyEvent] = []
    with pytest.raises(Undone):
        works.commit(decide_and_fail)
    first = works.commit(decide)
    assert first == undone
    assert [event.id for event in first] == [event_id(CAUSE, draft.payload.type, i) for i, draft in enumerate(drafts)]
    assert len({event.id for event in first}) == 3
    assert works.tallied() == {str(CASE): 3}


@both
def test_the_index_goes_on_within_one_commit(works: Works) -> None:
    def job(unit: Unit) -> list[AnyEvent]:
        return [*unit.record(CAUSE, [prioritised(CASE)]), *unit.record(CAUSE, [prioritised(CASE)])]

    assert [event.id for event in works.commit(job)] == [event_id(CAUSE, CasePrioritised.type, i) for i in (0, 1)]


@both
def test_the_outbox_holds_canonical_bytes_of_the_events(works: Works, keyring: Keys) -> None:
    key = keyring.ensure(["warga"])["warga"]
    earlier = NOW - timedelta(days=3)

    def job(unit: Unit) -> list[AnyEvent]:
        unit.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        return unit.record(CAUSE, [noted(CASE, key), prioritised(CASE)], earlier)

    events = works.commit(job)
    bodies = works.bodies()
    assert [decode(body) for body in bodies] == events
    for body, event in zip(bodies, events, strict=True):
        raw = event.model_dump(mode="json", exclude_none=True)
        check_canonical(raw)
        assert canonical(raw) == body
        assert (event.time, event.recordedtime, event.causationid) == (earlier, NOW, CAUSE)
        assert event.subject == f"case/{CASE}"
        assert event.actor == "officer:petugas"


@both
def test_a_seal_opens_for_its_own_field_of_its_own_event(works: Works, keyring: Keys) -> None:
    key = keyring.ensure(["warga"])["warga"]
    (event,) = works.commit(lambda unit: unit.record(CAUSE, [noted(CASE, key, "Ibu Sri")]))
    kept = sealed_field(event, "note")
    assert works.sealer.open_text(kept) == "Ibu Sri"
    found = SealedAt.of(kept)
    for other in (
        SealedAt(str(CASE), found.type, found.field, found.key, found.box),
        SealedAt(found.event, CasePrioritised.type, found.field, found.key, found.box),
        SealedAt(found.event, found.type, "text", found.key, found.box),
    ):
        with pytest.raises(BadSeal):
            works.sealer.open(other)
    assert b"Ibu Sri" not in works.bodies()[0]


@both
def test_an_event_too_big_undoes_the_whole_commit(works: Works, keyring: Keys) -> None:
    key = keyring.ensure(["warga"])["warga"]

    def job(unit: Unit) -> None:
        unit.record(CAUSE, [prioritised(CASE)])
        unit.take("intake.00", 1)
        unit.record(uuid4(), [noted(CASE, key, "x" * 60_000)])

    with pytest.raises(EventTooBig):
        works.commit(job)
    assert (works.numbers(), works.tallied(), works.last()) == ({}, {}, {})
    assert works.commit(lambda unit: unit.taken("intake.00")) == 0


def bad_draft() -> Draft:
    return Draft(CasePrioritised, CASE, {"case_id": CASE, "officer": "o", "before": "normal", "priority": "whatever"})


@both
@pytest.mark.parametrize("what", ["invalid", "too big", "erased", "fold"])
def test_a_draft_that_fails_leaves_no_hole(store: Store, keyring: Keys, what: str) -> None:
    """The committer goes on with a unit whose job changed nothing: then a number may not be gone."""

    def fold(event: AnyEvent, rows: Rows) -> None:
        if event.actor == "officer:gagal":
            raise LookupError("a row that is not there")

    works = Works(store, keyring, fold)
    key = keyring.ensure(["warga"])["warga"]
    draft, error = {
        "invalid": (bad_draft(), ValidationError),
        "too big": (noted(CASE, key, "x" * 60_000), EventTooBig),
        "erased": (noted(CASE, "0" * 32), Erased),
        "fold": (prioritised(CASE, "gagal"), LookupError),
    }[what]

    def job(unit: Unit) -> list[AnyEvent]:
        before = unit.changes
        with pytest.raises(error):
            unit.record(CAUSE, [draft])
        assert unit.changes == before
        return unit.record(CAUSE, [prioritised(CASE)])

    (event,) = works.commit(job)
    assert event.number == 1
    assert event.id == event_id(CAUSE, CasePrioritised.type, 0)
    assert works.numbers() == {event.partition: [1]}


@both
def test_a_repeat_finds_its_answer_beside_it_and_after_the_commit(works: Works) -> None:
    other = uuid4()

    def job(unit: Unit) -> list[AnyEvent]:
        unit.record(other, [prioritised(CASE)])
        assert unit.answered(CAUSE) == []
        recorded = unit.record(CAUSE, [prioritised(CASE), prioritised(in_partition(1))])
        assert unit.answered(CAUSE) == recorded
        return recorded

    recorded = works.commit(job)
    again = works.commit(lambda unit: unit.answered(CAUSE))
    assert sorted(event.id for event in again) == sorted(event.id for event in recorded)
    assert works.commit(lambda unit: unit.answered(uuid4())) == []


@both
def test_the_watermark_moves_by_one(works: Works) -> None:
    def job(unit: Unit) -> None:
        assert unit.taken("intake.01") == 0
        for jump in (0, 2, 5):
            with pytest.raises(ValueError, match="does not follow"):
                unit.take("intake.01", jump)
        unit.take("intake.01", 1)
        unit.take("intake.01", 2)
        with pytest.raises(ValueError, match="does not follow"):
            unit.take("intake.01", 2)

    works.commit(job)

    def later(unit: Unit) -> tuple[int, int]:
        with pytest.raises(ValueError, match="does not follow"):
            unit.take("intake.01", 4)
        return unit.taken("intake.01"), unit.taken("intake.02")

    assert works.commit(later) == (2, 0)


@both
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.sampled_from(["intake.00", "intake.01"]), st.integers(-1, 4)), max_size=12))
def test_a_watermark_never_jumps(works: Works, moves: list[tuple[str, int]]) -> None:
    def job(unit: Unit) -> None:
        for writer, ahead in moves:
            before = unit.taken(writer)
            if ahead == 1:
                unit.take(writer, before + 1)
                assert unit.taken(writer) == before + 1
            else:
                with pytest.raises(ValueError, match="does not follow"):
                    unit.take(writer, before + ahead)
                assert unit.taken(writer) == before

    works.commit(job)


@both
def test_one_commit_for_a_batch(works: Works) -> None:
    """What the jobs of a batch did is there together, or not at all."""

    def job(unit: Unit) -> None:
        for number in range(1, 41):
            unit.take("intake.00", number)
            unit.record(uuid5(CAUSE, str(number)), [prioritised(in_partition(number % PARTITIONS))])
        with works.database.read() as connection:  # nothing yet, for all others
            assert connection.execute(select(tables.outbox.c.number)).first() is None
            assert connection.execute(select(tally.c.count)).first() is None

    works.commit(job)
    assert gapless(works.numbers())
    assert sum(works.tallied().values()) == 40


@both
def test_rows_read_before_a_lock_are_read_again_after_it(works: Works, store: Store, keyring: Keys) -> None:
    """What another process committed while this one waited for the lock is seen: rows are locked, never a cache."""
    works.commit(lambda unit: unit.record(uuid4(), [prioritised(CASE)]))
    other = Works(store, keyring)
    holding, waiting = threading.Event(), threading.Event()

    def first(unit: Unit) -> None:
        unit.lock_entity(CASE)
        holding.set()
        assert waiting.wait(20)
        unit.record(uuid4(), [prioritised(CASE)])

    def second(unit: Unit) -> int:
        unit.rows.get(tally, str(CASE))
        unit.rows.expect(tally, [str(CASE)])
        waiting.set()
        unit.lock_entity(CASE)
        unit.record(uuid4(), [prioritised(CASE)])
        row = unit.rows.get(tally, str(CASE))
        assert row is not None
        return int(row["count"])

    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        begun = threads.submit(works.commit, first)
        assert holding.wait(20)
        if works.database.is_sqlite:
            waiting.set()  # there a second transaction that writes does not even begin
        assert threads.submit(other.commit, second).result(30) == 3
        begun.result(30)
    assert works.tallied() == {str(CASE): 3}
    assert gapless(works.numbers())


def run_together(work: list[Callable[[], None]]) -> None:
    """All at the same time; raises what one of them raised."""
    with concurrent.futures.ThreadPoolExecutor(len(work)) as threads:
        for begun in [threads.submit(job) for job in work]:
            begun.result(60)


@both
def test_several_writers_on_one_database_number_without_holes(store: Store, keyring: Keys) -> None:
    processes = [Works(store, keyring) for _ in range(3)]
    cases = [in_partition(number % PARTITIONS, salt=1 + number) for number in range(12)]

    def commits(works: Works, seed: int) -> Callable[[], None]:
        rng = random.Random(seed)

        def job(unit: Unit) -> None:
            chosen = rng.sample(cases, 5)
            unit.lock(*(partition_of(case, PARTITIONS) for case in chosen))
            unit.record(uuid4(), [prioritised(case) for case in chosen])

        def run() -> None:
            for _ in range(15):
                works.commit(job)

        return run

    run_together([commits(works, seed) for seed, works in enumerate(processes)])
    assert gapless(processes[0].numbers())
    assert sum(processes[0].tallied().values()) == 3 * 15 * 5
    assert sum(len(found) for found in processes[0].numbers().values()) == 3 * 15 * 5


@postgres_alone
def test_locks_are_taken_in_rising_order(works: Works) -> None:
    asked: list[list[int]] = []

    def job(unit: Unit) -> None:
        unit.lock(3, 1, 2, 1)
        asked.append(list(unit._last))
        unit.lock(1, 3)
        unit.lock(0)
        asked.append(list(unit._last))

    works.commit(job)
    assert asked == [[1, 2, 3], [1, 2, 3, 0]]


@sqlite_alone
def test_a_number_is_the_databases_word_not_memory(works: Works, store: Store, keyring: Keys) -> None:
    """A process that was away goes on where the others are."""
    other = Works(store, keyring)
    for turn in range(6):
        (works if turn % 2 else other).commit(lambda unit: unit.record(uuid4(), [prioritised(CASE)]))
    assert works.numbers() == {partition_of(CASE, PARTITIONS): [1, 2, 3, 4, 5, 6]}


def test_secrets_are_not_shown(keyring: Keys) -> None:
    key = keyring.ensure(["warga"])["warga"]
    draft = noted(CASE, key, "Ibu Sri 0812")
    assert "Ibu Sri" not in repr(draft)
    assert "Ibu Sri" not in repr(draft.sealed["note"])
    assert "Ibu Sri" not in str(draft)


@both
def test_the_same_event_is_never_written_under_two_numbers(works: Works) -> None:
    """Two processes that decide on one cause at the same moment: the second one's commit fails, nothing is doubled."""
    works.commit(lambda unit: unit.record(CAUSE, [prioritised(CASE)]))
    with pytest.raises(Exception, match=r"(?i)unique"):
        works.commit(lambda unit: unit.record(CAUSE, [prioritised(CASE)]))
    assert works.numbers() == {partition_of(CASE, PARTITIONS): [1]}
    assert works.last() == {partition_of(CASE, PARTITIONS): 1}


def test_a_kill_in_the_middle_of_commits_leaves_no_half_unit(tmp_path: Path, seed: int) -> None:
    command = [sys.executable, "-m", "tests.services.runtime.dying_writer", str(tmp_path), str(seed), "25"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=90, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    with contextlib.closing(dying_writer.open_database(tmp_path)) as database, database.read() as connection:
        assert connection.execute(select(tables.inbox.c.taken)).scalar_one() > 10


@both
def test_a_lost_writer_row_is_told(works: Works) -> None:
    with works.database.write() as connection:
        connection.execute(update(tables.writer).values(partition=tables.writer.c.partition + 50))
    with pytest.raises(KeyError):
        works.commit(lambda unit: unit.record(CAUSE, [prioritised(CASE)]))
    assert works.numbers() == {}
