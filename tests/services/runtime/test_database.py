"""A service's own database: durable, apart from the others, worked on by one process at a time."""

import asyncio
import concurrent.futures
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, func, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from corong.runtime.database import AlreadyRunning, Database, may_pass
from tests.programs import ROOT
from tests.services.stores import BACKENDS, Store

both = pytest.mark.parametrize("backend", BACKENDS)
sqlite_alone = pytest.mark.parametrize("backend", ["sqlite"])
postgres_alone = pytest.mark.parametrize("backend", [pytest.param("postgres", marks=pytest.mark.postgres)])

metadata = MetaData()
line = Table("line", metadata, Column("id", Integer, primary_key=True), Column("words", Text, nullable=False))


class Undone(Exception):
    """What a test raises inside of a transaction."""


def count(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(line)).scalar_one())


@both
def test_a_transaction_is_whole_or_nothing(store: Store) -> None:
    database = store.make(metadata)
    with database.write() as connection:
        connection.execute(insert(line), {"id": 1, "words": "a"})

    def fail() -> None:
        with database.write() as connection:
            connection.execute(insert(line), {"id": 2, "words": "b"})
            raise Undone

    with pytest.raises(Undone):
        fail()
    assert count(database) == count(store.open()) == 1


@both
def test_readers_see_what_is_committed_alone(store: Store) -> None:
    database, other = store.make(metadata), store.open()
    with database.write() as connection:
        connection.execute(insert(line), {"id": 1, "words": "a"})
        assert count(database) == count(other) == 0
    assert count(database) == count(other) == 1


@both
def test_one_service_does_not_see_anothers_tables(store: Store) -> None:
    first, second = store.make(metadata, schema="satu"), store.open("dua")
    with first.write() as connection:
        connection.execute(insert(line), {"id": 1, "words": "a"})
    with pytest.raises((OperationalError, ProgrammingError)):
        count(second)
    store.make(metadata, schema="dua")
    assert (count(first), count(second)) == (1, 0)


@both
def test_a_schema_is_made_once_by_whoever_comes(store: Store) -> None:
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        for made in [threads.submit(store.open) for _ in range(4)]:
            made.result(30).create_schema()


@sqlite_alone
def test_sqlite_is_set_for_durability(store: Store) -> None:
    """NORMAL would lose acknowledged commits when the power is cut: www.sqlite.org/pragma.html#pragma_synchronous."""
    database = store.make(metadata)
    for engine in (database.writing, database.reading):
        with engine.begin() as connection:
            found = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            }
        assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@postgres_alone
def test_postgres_waits_for_the_disk(store: Store) -> None:
    database = store.make(metadata)
    with database.write() as connection:
        found = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in ("synchronous_commit", "fsync")]
    assert found == ["on", "on"]


@both
def test_writers_wait_for_each_other(store: Store) -> None:
    """No "database is locked": a transaction that writes takes its right at the beginning."""
    databases = [store.make(metadata), store.open(), store.open()]
    with databases[0].write() as connection:
        connection.execute(insert(line), {"id": 0, "words": "0"})

    def raise_it(database: Database) -> None:
        for _ in range(20):
            with database.write() as connection:
                statement = select(line.c.words).where(line.c.id == 0).with_for_update()
                before = int(connection.execute(statement).scalar_one())
                connection.execute(line.update().values(words=str(before + 1)))

    with concurrent.futures.ThreadPoolExecutor(3) as threads:
        for begun in [threads.submit(raise_it, database) for database in databases]:
            begun.result(60)
    with databases[0].read() as connection:
        assert connection.execute(select(line.c.words)).scalar_one() == "60"


@both
def test_one_process_owns_a_range(store: Store) -> None:
    first, second = store.make(metadata), store.open()
    first.own("0-7")
    with pytest.raises(AlreadyRunning) as running:
        second.own("0-7")
    assert first.service in str(running.value)
    second.own("8-15")
    first.close()
    third = store.open()
    third.own("0-7")
    fourth = store.open()
    with pytest.raises(AlreadyRunning):
        fourth.own("8-15")


@both
def test_two_services_own_the_same_range(store: Store) -> None:
    store.open("satu").own("0-15")
    store.open("dua").own("0-15")


@both
def test_a_killed_process_owns_nothing(store: Store) -> None:
    program = (
        "import sys, time; from corong.runtime.database import Database\n"
        "database = Database(sys.argv[1], sys.argv[2]); database.create_schema(); database.own('0-15')\n"
        "print('owns', flush=True); time.sleep(120)\n"
    )
    schema = store.make(metadata).service
    command = [sys.executable, "-c", program, store.url, schema]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "owns\n"
        with pytest.raises(AlreadyRunning):
            store.open().own("0-15")
        process.kill()
        process.wait(20)
    taken = threading.Event()
    for _ in range(200):  # PostgreSQL notices a moment later
        database = store.open()
        try:
            database.own("0-15")
        except AlreadyRunning:
            taken.wait(0.05)
        else:
            return
    pytest.fail("still owned by a process that is dead")


@both
def test_an_error_does_not_quote_what_was_written(store: Store) -> None:
    database = store.make(metadata)
    with pytest.raises(IntegrityError) as error, database.write() as connection:
        connection.execute(insert(line), [{"id": 1, "words": "Ibu Sri"}, {"id": 1, "words": "Ibu Sri"}])
    assert "INSERT INTO" in str(error.value)
    assert "Ibu Sri" not in str(error.value)


@both
def test_what_may_pass_with_time_is_told_from_a_fault(store: Store, tmp_path: Path) -> None:
    database = store.make(metadata)
    with pytest.raises(Exception) as fault, database.read() as connection:  # the driver's own kind
        connection.execute(text("SELECT nonsense FROM line"))
    assert not may_pass(fault.value)
    with pytest.raises(IntegrityError) as twice, database.write() as connection:
        connection.execute(insert(line), [{"id": 1, "words": "a"}, {"id": 1, "words": "a"}])
    assert not may_pass(twice.value)
    assert not may_pass(ValueError("x"))
    away = (
        Database(f"sqlite:///{tmp_path / 'not' / 'there'}", "x")
        if database.is_sqlite
        else Database("postgresql+psycopg://corong@127.0.0.1:1/x", "x")
    )
    with pytest.raises(OperationalError) as gone, away.read():
        pass
    assert may_pass(gone.value)
    away.close()


@sqlite_alone
def test_a_writer_that_waits_too_long_is_told_so(store: Store) -> None:
    database, other = store.make(metadata), store.open()
    pooled = other.writing.raw_connection()
    assert pooled.driver_connection is not None
    pooled.driver_connection.execute("PRAGMA busy_timeout=50")
    pooled.close()
    with database.write() as connection:
        connection.execute(insert(line), {"id": 1, "words": "a"})
        with pytest.raises(OperationalError) as busy, other.write():
            pass
    assert may_pass(busy.value)
    with other.write() as connection:
        connection.execute(insert(line), {"id": 2, "words": "b"})


@both
async def test_threads_share_the_engines(store: Store) -> None:
    database = store.make(metadata)

    def write(number: int) -> None:
        with database.write() as connection:
            connection.execute(insert(line), {"id": number, "words": "x"})
        assert count(database) >= 1

    await asyncio.gather(*(asyncio.to_thread(write, number) for number in range(12)))
    assert count(database) == 12
