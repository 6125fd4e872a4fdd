"""A page of the log costs what it shows, by whatever it is narrowed: an index passes by all other entries."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert

from corong.auditing import ledger, state
from corong.runtime.clock import stamp
from corong_contracts.command import ReadLog
from tests.services.auditing.facts import body
from tests.services.stores import Store

AT = datetime(2026, 7, 1, 3, 4, 5, tzinfo=UTC)
TYPE = "id.corong.case.prioritised.v1"


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
    assert not any("TEMP B-TREE" in line or line.startswith("SCAN") for line in plan), plan
    store.close()


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
