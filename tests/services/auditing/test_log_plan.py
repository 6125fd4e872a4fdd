"""A page of the log costs what it shows, by whatever it is narrowed: an index passes by all other entries."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, event, insert

from corong.auditing import entry_keys, ledger, state
from corong.runtime.clock import stamp
from corong.runtime.database import Database
from corong_contracts.command import ReadLog
from tests.services.auditing.facts import body
from tests.services.costs import work_of
from tests.services.stores import BACKENDS, Store, put_many

AT = datetime(2026, 7, 1, 3, 4, 5, tzinfo=UTC)
TYPE, RARE = "id.corong.case.prioritised.v1", "id.corong.audit.exported.v1"


def plan_of(connection: Connection, said: list[tuple[str, Any]], asked: ReadLog) -> list[str]:
    """How SQLite answers the questions of a page."""
    said.clear()
    ledger.page(connection, asked)
    return [
        row[3]
        for statement, parameters in list(said)
        for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    ]


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({"type": TYPE}, "entry_type"), ({"actor": "citizen"}, "entry_actor"),
        ({"since": AT, "until": AT}, "entry_time"), ({}, "INTEGER PRIMARY KEY"),
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("newest", [True, False], ids=["newest", "oldest"])
def test_by_an_index_in_the_logs_own_order(tmp_path: Path, asked: dict[str, Any], index: str, newest: bool) -> None:
    store = Store(f"sqlite:///{tmp_path}")
    database = store.make(state.log_metadata)
    said: list[tuple[str, Any]] = []
    event.listen(
        database.reading, "before_cursor_execute",
        lambda _connection, _cursor, statement, parameters, _context, _many: said.append((statement, parameters)),
    )  # fmt: skip
    with database.read() as connection:
        plan = plan_of(connection, said, ReadLog(newest=newest, **asked))
    assert any(index in line for line in plan), plan
    assert not any("TEMP B-TREE" in line or line.startswith("SCAN entry") for line in plan), plan
    store.close()


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_page_costs_the_same_in_a_long_log(store: Store, backend: str) -> None:
    """Whatever it is narrowed by: a rare type, a part of its name, a day long ago, somebody who did nothing."""
    database = store.make(state.log_metadata)
    day = {"since": AT + timedelta(hours=1), "until": AT + timedelta(hours=2)}
    asked: list[dict[str, Any]] = [
        {}, {"type": TYPE}, {"type": RARE}, {"type": RARE[10:-3]}, {"type": "prioritised"}, {"type": "nothing"},
        {"actor": "citizen"}, {"actor": "officer:nobody"}, {"type": RARE, "actor": "citizen"},
        {"type": TYPE, "actor": "officer:nobody"}, day, {**day, "type": RARE}, {"case": UUID(int=3)},
    ]  # fmt: skip
    questions = {f"{'newest' if newest else 'oldest'} {more}": ReadLog(newest=newest, limit=20, **more)
                 for more in asked for newest in (True, False)}  # fmt: skip

    def works() -> dict[str, int]:
        return {name: work_of(database, partial(_page, one)) for name, one in questions.items()}

    fill(database, 0, 400)
    few = works()
    fill(database, 400, {"sqlite": 3_000, "postgres": 12_000}[backend])
    grown = {name: (few[name], many) for name, many in works().items() if many > 1.5 * few[name] + 60}
    assert not grown, "(work in a short log, in a long one)"


def _page(asked: ReadLog, connection: Connection) -> object:
    return ledger.page(connection, asked)


def fill(database: Database, begin: int, end: int) -> None:
    """Entries, one a minute; ten of them are of a rare type."""
    rows = [
        {
            "position": number, "id": str(UUID(int=number)), "writer": "routing.00", "number": number + 1,
            "type": RARE if number < 200 and number % 20 == 0 else TYPE, "case_id": str(UUID(int=number // 10)),
            "actor": "citizen" if number % 2 else "system", "time": stamp(AT + timedelta(minutes=number)),
            "body": b"{}",
        }
        for number in range(begin, end)
    ]  # fmt: skip
    with database.write() as connection:
        put_many(connection, state.entry, rows)
        entry_keys.add(connection, [(row["position"], row["id"], row["case_id"]) for row in rows], tier=2)  # type: ignore[misc]  # as they are above
    if not database.is_sqlite:
        with database.write() as connection:
            connection.exec_driver_sql("ANALYZE")


def test_the_newest_first_back_to_the_first(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}")
    database = store.make(state.log_metadata)
    with database.write() as connection:
        for number in range(1, 24):
            content = body(number)
            row = {"position": number - 1, "id": f"e{number}", "writer": "intake.00", "number": number, "type": TYPE,
                   "case_id": "c", "actor": "citizen", "time": stamp(AT.replace(minute=number)),
                   "body": content}  # fmt: skip
            connection.execute(insert(state.entry).values(row))
        found: list[int] = []
        before = None
        while True:
            page = ledger.page(connection, ReadLog(newest=True, limit=5, before=before, type=TYPE))
            found += [item["position"] for item in page["events"]]
            before = page["next"]
            if before is None:
                break
        assert found == list(range(22, -1, -1))
        since, until = AT.replace(minute=4), AT.replace(minute=9)
        page = ledger.page(connection, ReadLog(newest=True, since=since, until=until))
        assert [item["position"] for item in page["events"]] == [7, 6, 5, 4, 3]
        assert ledger.page(connection, ReadLog(since=until, until=since))["events"] == []
        # A part of a type is found as before.
        assert len(ledger.page(connection, ReadLog(type="prioritised"))["events"]) == 23
    store.close()
