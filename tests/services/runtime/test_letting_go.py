"""An outbox row leaves when the log has it to the byte, under its signature, and it is old enough; never before."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from corong.runtime import tables
from corong.runtime.coverage import START, BadStatement, Mark, chained, leaf_of, read_statement, statement
from corong.runtime.lent import MOST_BYTES, read_lent, write_lent
from corong.runtime.letting_go import LettingGo
from tests.services.auditing.logs import KEY
from tests.services.stores import BACKENDS, NOW, PARTITIONS, Store, Works, make_keys, prioritised

both = pytest.mark.parametrize("backend", BACKENDS)
VERIFIER = str(KEY.verifier)
CAUSE = UUID(int=99)


class Writer:
    """A writer with an outbox, and what the log tells it."""

    def __init__(self, store: Store, folder: Path, keep_days: float = 0) -> None:
        self.works = Works(store, make_keys(folder))
        nobody: Any = None
        self.going = LettingGo("routing", nobody, nobody, range(PARTITIONS), VERIFIER, keep_days)

    def write(self, count: int, partition: int = 1, relayed: bool = True) -> None:
        for _ in range(count):
            self.works.commit(lambda unit: unit.record(uuid4(), [prioritised(UUID(int=PARTITIONS + partition))]))
        if relayed:
            with self.works.database.write() as connection:
                connection.execute(update(tables.writer).values(relayed=tables.writer.c.last))

    def bodies(self, partition: int = 1) -> list[bytes]:
        box = tables.outbox.c
        with self.works.database.read() as connection:
            found = connection.execute(select(box.body).where(box.partition == partition).order_by(box.number))
            return [bytes(body) for body in found.scalars()]

    def hear(self, bodies: list[bytes], size: int = 1000, partition: int = 1) -> None:
        """The log has these, from the first number on."""
        mark = Mark(len(bodies), chained(START, map(leaf_of, bodies)))
        self.going.hear(statement(KEY.seed, size, {f"routing.{partition:02d}": mark}))

    def run(self, later: timedelta = timedelta(seconds=1)) -> None:
        for partition in range(PARTITIONS):
            while self.works.commit(lambda unit, which=partition: self.going.step(which, unit), NOW + later):  # type: ignore[misc]
                pass


@pytest.fixture
def writer(store: Store, tmp_path: Path) -> Writer:
    return Writer(store, tmp_path)


@both
def test_what_the_log_has_is_let_go_and_no_more(writer: Writer) -> None:
    writer.write(5)
    writer.write(2, partition=2)
    bodies = writer.bodies()
    writer.run()
    assert writer.bodies() == bodies, "nothing was told"
    writer.hear(bodies[:3])
    writer.run()
    assert writer.bodies() == bodies[3:]
    assert len(writer.bodies(2)) == 2
    writer.hear(bodies, size=1001)
    writer.run()
    assert writer.bodies() == []
    assert writer.works.last() == {1: 5, 2: 2}, "numbers go on"
    writer.write(1)
    assert writer.works.numbers()[1] == [6]


@both
def test_more_than_one_step(writer: Writer) -> None:
    writer.write(3)
    with writer.works.database.write() as connection:
        row = dict(connection.execute(select(tables.outbox)).mappings().first() or {})
        many = []
        for number in range(4, 1204):
            event = json.loads(bytes(row["body"])) | {"number": number}
            body = json.dumps(event).encode()
            many.append({**row, "number": number, "id": str(uuid4()), "cause": str(uuid4()), "body": body})
        connection.execute(tables.outbox.insert(), many)
        connection.execute(update(tables.writer).values(relayed=1203, last=1203))
    bodies = writer.bodies()
    writer.hear(bodies[:1100])
    writer.run()
    assert writer.bodies() == bodies[1100:]


@both
@pytest.mark.parametrize("place", [0, 1, 2])
def test_other_bytes_in_the_log_let_nothing_go(writer: Writer, place: int) -> None:
    writer.write(3)
    bodies = writer.bodies()
    told = list(bodies)
    told[place] = told[place].replace(b"petugas", b"penyusup")
    writer.hear(told)
    writer.run()
    assert writer.bodies() == bodies


@both
def test_a_log_that_has_more_than_was_written_lets_nothing_go(writer: Writer) -> None:
    """As after an old backup of the writer's database."""
    writer.write(3)
    bodies = writer.bodies()
    writer.hear([*bodies, b"more"])
    writer.run()
    assert writer.bodies() == bodies


@both
def test_young_rows_stay(store: Store, tmp_path: Path) -> None:
    writer = Writer(store, tmp_path, keep_days=14)
    writer.write(3)
    bodies = writer.bodies()
    writer.hear(bodies)
    writer.run(timedelta(days=13, hours=23))
    assert writer.bodies() == bodies
    writer.run(timedelta(days=14, seconds=1))
    assert writer.bodies() == []


@both
def test_what_the_broker_has_not_stored_stays(writer: Writer) -> None:
    writer.write(2)
    writer.write(2, relayed=False)
    bodies = writer.bodies()
    writer.hear(bodies)
    writer.run()
    assert writer.bodies() == bodies[2:]


@both
def test_a_repeated_command_still_finds_its_answer(writer: Writer) -> None:
    (event,) = writer.works.commit(lambda unit: unit.record(CAUSE, [prioritised(UUID(int=PARTITIONS + 1))]))
    writer.write(0)
    assert writer.works.commit(lambda unit: unit.let_go_of(CAUSE)) == []
    writer.hear(writer.bodies())
    writer.run()
    assert writer.works.commit(lambda unit: unit.answered(CAUSE)) == []
    (kept,) = writer.works.commit(lambda unit: unit.let_go_of(CAUSE))
    assert (kept["id"], kept["type"], kept["subject"]) == (str(event.id), event.type, event.subject)
    assert (kept["partition"], kept["number"]) == (1, 1)


@both
def test_an_older_statement_is_passed_over(writer: Writer) -> None:
    writer.write(3)
    bodies = writer.bodies()
    writer.hear(bodies, size=20)
    writer.hear([b"another"], size=19)
    writer.run()
    assert writer.bodies() == []


def test_statements_are_read_only_from_the_log() -> None:
    marks = {"routing.07": Mark(12, "ab" * 32)}
    good = statement(KEY.seed, 7, marks)
    assert read_statement(good, VERIFIER) == (7, marks)
    other = str(type(KEY)(KEY.name, b"z" * 32).verifier)
    told = json.loads(good)
    bad = [b"", b"?", b"[]", b"{}", b"null", b"\xff", good[:-1], json.dumps({**told, "signature": "?"}).encode(),
           json.dumps({**told, "words": told["words"].replace("12", "13")}).encode(),
           json.dumps({**told, "words": None}).encode(), json.dumps({**told, "signature": None}).encode()]  # fmt: skip
    for data in bad:
        with pytest.raises(BadStatement):
            read_statement(data, VERIFIER)
    for verifier in (other, "", "a", "a+b+c", "a+b+AAAA", "+++"):
        with pytest.raises(BadStatement):
            read_statement(good, verifier)


def test_what_is_lent_fits_into_an_answer() -> None:
    bodies = [bytes([number]) * 60_000 for number in range(40)]
    data = write_lent(bodies)
    assert len(data) <= MOST_BYTES
    found = read_lent(data)
    assert 5 < len(found) < 40
    assert found == bodies[: len(found)]
    assert read_lent(write_lent([])) == []
    assert read_lent(data[:-1]) == found[:-1]
