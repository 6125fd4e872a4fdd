"""Ids and cases find their entries in whichever tier their keys are; a known id is known for ever."""

import sqlite3
from pathlib import Path
from uuid import UUID

import pytest
from alembic import command
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, func, select, text

from corong.auditing import entry_keys, ledger, state
from corong.auditing.rules import read
from corong.runtime import migrate as migrating
from corong.runtime import tables
from corong.runtime.database import Database
from corong_contracts.audit import AuditConflictFound
from corong_contracts.catalogue import decode
from corong_contracts.command import ReadLog
from tests.services.auditing.facts import arrival, body
from tests.services.auditing.logs import Log
from tests.services.stores import BACKENDS, Store

both = pytest.mark.parametrize("backend", BACKENDS)
SMALL = (6, 20)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiers that a few entries fill."""
    monkeypatch.setattr(entry_keys, "MOST", SMALL)


@pytest.fixture
def log(store: Store, tmp_path: Path) -> Log:
    return Log(store, tmp_path)


def tiers(connection: Connection) -> list[int]:
    column = state.entry_key.c.tier
    found = connection.execute(select(column, func.count()).group_by(column)).all()
    counts = {row[0]: row[1] for row in found}
    return [counts.get(tier, 0) for tier in entry_keys.TIERS]


NAMES = st.integers(0, 30).map(str)


@given(st.lists(st.lists(st.tuples(NAMES, NAMES), max_size=5), max_size=12))
@settings(deadline=None)
def test_every_name_is_found_where_it_stands(batches: list[list[tuple[str, str]]]) -> None:
    engine = create_engine("sqlite://")
    where: dict[str, set[int]] = {}
    position = 0
    with engine.begin() as connection:
        state.entry_key.create(connection)
        for batch in batches:
            named = [(position + place, *names) for place, names in enumerate(batch)]
            entry_keys.add(connection, named)
            position += len(batch)
            for place, *names in named:
                for name in names:
                    where.setdefault(name, set()).add(place)
            assert tiers(connection)[0] < SMALL[0]
            assert tiers(connection)[1] < SMALL[1]
        for number in range(31):
            name = str(number)
            found = {row.position for row in connection.execute(entry_keys.positions([name]))}
            assert found == where.get(name, set())
        assert set(entry_keys.known(connection, list(where))) == set().union(*where.values())
    engine.dispose()


@both
def test_an_id_that_was_moved_on_is_still_known(log: Log) -> None:
    first = body(1)
    identity = read(first, "routing.00", 1).id
    for number in range(1, 40):
        log.append(arrival(body(number, correlationid=str(UUID(int=number))), number))
    with log.works.database.read() as connection:
        assert all(tiers(connection)[1:])
        assert [row["event"]["number"] for row in ledger.page(connection, ReadLog(case=UUID(int=3)))["events"]] == [3]
    log.append(arrival(body(40, identity=UUID(identity), actor="officer:lain"), 40))
    (found,) = [decode(row["body"]).data for row in log.rows(tables.outbox)]
    assert isinstance(found, AuditConflictFound)
    assert (found.contradicts, found.position, str(found.event_id)) == ("id", 0, identity)
    assert len(log.bodies()) == 39


def test_the_log_of_an_older_version_gets_its_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(f"sqlite:///{tmp_path}", "auditing")
    database.create_schema()
    with monkeypatch.context() as older:
        older.setattr(command, "upgrade", _up_to("0005"))
        migrating.migrate(database)
    bodies = [body(number, correlationid=str(UUID(int=number))) for number in range(1, 30)]
    with database.write() as connection:
        for position, content in enumerate(bodies):
            entry = read(content, "routing.00", position + 1)
            connection.execute(
                text(
                    "INSERT INTO entry VALUES (:position, :id, :writer, :number, :type, :case_id, :actor, :time, :body)"
                ),
                {"position": position, **entry._asdict(), "body": content},
            )
    migrating.migrate(database)
    with database.read() as connection:
        assert list(ledger.bodies(connection)) == bodies
        page = ledger.page(connection, ReadLog(case=UUID(int=7)))
        assert [row["position"] for row in page["events"]] == [6]
    database.close()
    with sqlite3.connect(str(database.url.database)) as plain:
        plan = plain.execute("EXPLAIN QUERY PLAN SELECT body FROM entry WHERE position = 3").fetchall()
    assert "INTEGER PRIMARY KEY" in plan[0][3]


def _up_to(version: str) -> object:
    upgrade = command.upgrade
    return lambda config, _: upgrade(config, version)
