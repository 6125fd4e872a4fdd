"""Shares of a log that are folded apart give what the whole gives, or are not taken for it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Connection, Integer, MetaData, String, Table

from corong.replay import side_by_side
from corong.replay.fold import make_tables, scratch
from corong.replay.foldings import FOLDINGS
from corong.replay.joining import joined
from corong.replay.share_rows import ShareRows, Touched
from corong.replay.shares import NotShared
from corong.replay.side_by_side import Processes
from corong.replay.survey import WHOLE, look_over, survey
from corong.replay.survey import joined as joined_parts
from corong.replay.work import Job, run
from corong.runtime.migrate import newest_version
from corong.runtime.rebuild import rows_in_order
from corong.runtime.rows import Rows
from corong_contracts.base import AnyEvent
from tests.bench.replay import history
from tests.replay.runs import by_shares
from tests.replay.test_fold import OFFICERS, History, interleaved

metadata = MetaData()
plain = Table("plain", metadata, Column("key", String, primary_key=True), Column("value", Integer))
pair = Table(
    "pair", metadata, Column("key", String, primary_key=True), Column("number", Integer, primary_key=True),
    Column("value", Integer),
)  # fmt: skip
highest = Table(
    "highest", metadata, Column("key", String, primary_key=True), Column("value", Integer),
    info={"joined": {"value": "max"}},
)  # fmt: skip
sums = Table("sums", metadata, Column("key", String, primary_key=True), Column("amount", Integer, nullable=False))

Op = tuple[str, str, int]
OPS = st.lists(
    st.tuples(
        st.sampled_from(["put", "change", "remove", "count", "pair", "group", "highest", "add", "flush"]),
        st.sampled_from("abcdef"), st.integers(0, 3),
    ),
    max_size=14,
)  # fmt: skip


@dataclass(frozen=True)
class Entries:
    """A log that is at hand."""

    bodies: tuple[bytes, ...]

    def size(self) -> int:
        return len(self.bodies)

    def entries(self, start: int = 0) -> Iterator[tuple[int, bytes]]:
        yield from list(enumerate(self.bodies))[start:]


def do(op: Op, rows: Rows) -> None:
    """What an `apply` may do."""
    what, key, value = op
    if what == "put":
        rows.put(plain, {"key": key, "value": value})
    elif what == "change":
        rows.change(plain, key, value=value)
    elif what == "remove":
        rows.remove(plain, key)
    elif what == "count":
        row = rows.get(plain, key)
        rows.put(pair, {"key": key, "number": value, "value": row["value"] if row else -1})
    elif what == "pair":
        rows.put(pair, {"key": key, "number": value, "value": 0})
    elif what == "group":
        rows.put(plain, {"key": key, "value": len(rows.group(pair, key))})
    elif what == "highest":
        row = rows.get(highest, key)
        if row is None or row["value"] < value:
            rows.put(highest, {"key": key, "value": value})
    elif what == "add":
        rows.add(sums, (key,), {"amount": value - 1})
    else:
        rows.flush()


def contents(connection: Connection) -> list[dict[str, Any]]:
    """All rows; sums of nothing hang on the order."""
    found = [row for table in metadata.sorted_tables for row in rows_in_order(connection, table)]
    return [row for row in found if row.get("amount") != 0]


def in_one(ops: list[Op], folder: Path) -> list[dict[str, Any]]:
    """What comes of all of them, one after the other."""
    path = folder / "whole.sqlite"
    path.unlink(missing_ok=True)
    with scratch(path) as connection:
        make_tables(connection, metadata)
        rows = Rows(connection)
        for op in ops:
            do(op, rows)
        rows.flush()
        return contents(connection)


def shared_out(shares: list[list[Op]], folder: Path) -> tuple[list[Path], Touched]:
    """Each folded apart."""
    files, touched = [], Touched()
    for place, ops in enumerate(shares):
        files.append(folder / f"{place}.sqlite")
        with scratch(files[-1]) as connection:
            make_tables(connection, metadata)
            rows = ShareRows(connection)
            for op in ops:
                do(op, rows)
            rows.flush()
            touched |= rows.touched
    return files, touched


FOLDING: Any = SimpleNamespace(metadata=metadata)


@given(shares=st.lists(OPS, min_size=2, max_size=3), rng=st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_what_is_joined_is_what_comes_of_all_in_any_order(shares: list[list[Op]], rng: random.Random) -> None:
    with TemporaryDirectory() as name:
        files, touched = shared_out(shares, Path(name))
        try:
            with joined(FOLDING, files, touched) as connection:
                found = contents(connection)
        except NotShared:
            return
        queues = [list(ops) for ops in shares]
        mixed = []
        while any(queues):
            mixed.append(rng.choice([queue for queue in queues if queue]).pop(0))
        assert in_one(mixed, Path(name)) == found


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ([("put", "a", 1)], [("put", "b", 1)], True),
        ([("put", "a", 1)], [("put", "a", 1)], True),
        ([("put", "a", 1)], [("put", "a", 2)], False),
        ([("put", "a", 1)], [("change", "a", 1)], False),
        ([("put", "a", 1)], [("remove", "a", 1)], False),
        ([("put", "a", 1), ("remove", "a", 1)], [("change", "a", 1)], False),
        ([("change", "a", 1)], [("change", "a", 2)], True),
        ([("count", "a", 1)], [("put", "a", 2)], False),
        ([("pair", "a", 1)], [("group", "a", 2)], False),
        ([("pair", "a", 1)], [("group", "b", 2)], True),
        ([("highest", "a", 1)], [("highest", "a", 2)], True),
        ([("add", "a", 0)], [("add", "b", 2)], True),
        ([("add", "a", 2)], [("add", "a", 3)], True),
    ],
)
def test_what_two_shares_may_both_touch(one: list[Op], other: list[Op], shared: bool, tmp_path: Path) -> None:
    files, touched = shared_out([one, other], tmp_path)
    if shared:
        with joined(FOLDING, files, touched) as connection:
            assert contents(connection) == in_one([*one, *other], tmp_path) == in_one([*other, *one], tmp_path)
    else:
        with pytest.raises(NotShared), joined(FOLDING, files, touched):
            pass


def whole(bodies: list[bytes]) -> tuple[list[Job], dict[str, Any]]:
    log = Entries(tuple(bodies))
    jobs = [Job(name, log, survey(log).vector) for name in FOLDINGS]
    return jobs, {job.service: run(job) for job in jobs}


def moved(record: History, message: UUID, left: UUID, case: UUID, told_by: UUID, before: UUID | None) -> AnyEvent:
    data = {"message_id": message, "conversation_id": left, "from_case": left, "case_id": case, "before": before}
    return record.write("id.corong.message.moved.v1", told_by, data | {"received": record.now})


@pytest.fixture
def worked() -> Iterator[History]:
    record = History()
    for index in range(6):
        case = record.comes_in(index)
        record.step(case, "claim", OFFICERS[0], 1)
        record.step(case, "answer", OFFICERS[0], 1)
    yield record
    record.folder.cleanup()


def test_a_message_that_went_to_a_case_of_another_share_counts_in_both(worked: History) -> None:
    cases = [uuid5(UUID(int=9), str(index)) for index in range(6)]
    places = {case.int % 2: case for case in cases}
    left, came = places[0], places[1]
    message = uuid5(left, "message")
    moved(worked, message, left, came, left, left)
    moved(worked, message, left, cases[5], left, came)
    moved(worked, uuid5(came, "split"), came, cases[4], cases[4], None)
    for bodies in (worked.bodies, interleaved(worked.bodies, random.Random(4))):
        jobs, wanted = whole(bodies)
        found = survey(jobs[0].log)
        assert {str(left), str(came)} <= found.crossed
        assert by_shares(jobs, found, 2) == wanted
        # Not kept together, they are found out.
        assert "desk" not in by_shares(jobs, replace(found, crossed=set()), 2)


def test_a_hash_in_the_log_is_compared_with_the_tables_as_they_were(worked: History) -> None:
    jobs, then = whole(worked.bodies)
    case = worked.comes_in(7)
    worked.step(case, "claim", OFFICERS[0], 1)
    for service, outcome in then.items():
        told = {
            "audit_id": uuid5(case, service), "of_service": service, "reached": outcome.reached,
            "hash": outcome.hash if service != "portal" else f"sha256-{'0' * 64}", "tables": newest_version(service),
        }  # fmt: skip
        worked.write("id.corong.audit.state_hashed.v1", case, told)
    worked.step(case, "answer", OFFICERS[0], 1)
    log = Entries(tuple(worked.bodies))
    half = len(jobs[0].log.bodies) // 2  # type: ignore[attr-defined]  # `Entries` has them
    for found in (survey(log), joined_parts([look_over(log, 0, half, WHOLE), look_over(log, half, None, WHOLE)])):
        last = {name: tuple(one for one in found.hashes if one.said.of_service == name) for name in FOLDINGS}
        jobs = [Job(name, log, found.vector, last[name]) for name in FOLDINGS]
        outcomes = by_shares(jobs, found)
        assert outcomes == {job.service: run(job) for job in jobs}
        assert [name for name, outcome in outcomes.items() if outcome.wrong] == ["portal"]
        assert all(outcome.compared for name, outcome in outcomes.items() if name != "portal")


def test_a_log_that_is_not_in_order_is_not_shared_out(worked: History) -> None:
    bodies = worked.bodies
    for spoilt in (
        [*bodies[1:], bodies[0]], bodies[1:], [*bodies, bodies[3]], [*bodies, b"{}"],
        [bodies[0].replace(b',"datacontenttype"', b', "datacontenttype"'), *bodies[1:]],
        [bodies[0].replace(b"case.registered.v1", b"case.celebrated.v1"), *bodies[1:]],
    ):  # fmt: skip
        log = Entries(tuple(spoilt))
        found = survey(log)
        assert not found.orderly
        assert by_shares([Job(name, log, found.vector) for name in FOLDINGS], found) == {}
    # What can't be opened is found when it is folded, and told by the fold of the whole.
    jobs, wanted = whole([bodies[0].replace(b'"demo":false', b'"demo":"perhaps"'), *bodies[1:]])
    found = survey(jobs[0].log)
    assert (found.orderly, list(wanted["desk"].broken)) == (True, [0])
    assert by_shares(jobs, found) == {}


def test_two_cases_with_one_number_are_contradictory_in_shares_too(worked: History) -> None:
    again = History()
    again.comes_in(0)
    again.comes_in(1)
    bodies = [body.replace(b'"registration":"', b'"registration":"X/1","was":"') for body in again.bodies]
    log = Entries(tuple(bodies))
    found = survey(log)
    outcomes = by_shares([Job(name, log, found.vector) for name in FOLDINGS], found, 2)
    assert {"desk", "portal"}.isdisjoint(outcomes)
    again.folder.cleanup()


def test_processes_side_by_side_share_a_log_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "ALONE", 1)
    monkeypatch.setattr(side_by_side, "STRETCH", 100)
    jobs, wanted = whole(list(history(300)))
    told: list[int] = []
    with Processes(300, 2) as processes:
        found = processes.survey(jobs[0].log)
        outcomes = processes.replay(jobs, told.append)
        assert processes.by_shares == [job.service for job in jobs]
    assert found == survey(jobs[0].log)
    assert {outcome.service: outcome for outcome in outcomes} == wanted
