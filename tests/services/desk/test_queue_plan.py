"""A page of a queue is read by an index in the list's own order: it costs what it shows, whatever there is."""

import re
from pathlib import Path

import pytest
from sqlalchemy import event

from corong.desk import queue
from corong.desk.paging import Key
from corong.desk.tables import metadata
from tests.services.stores import Store

NOW = "2026-11-08T00:00:00.000000Z"


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({}, "case_state"),
        ({"states": ("closed",)}, "case_state"),
        ({"units": ["dinas-pupr"]}, "case_queue"),
        ({"held": "me"}, "case_holder"),
        ({"kind": "objection"}, "case_kind"),
    ],
    ids=str,
)
@pytest.mark.parametrize("after", [None, (2, "2026-10-01T00:00:00.000000Z", "0" * 36)], ids=["first", "next"])
def test_no_state_is_sorted_whole(tmp_path: Path, asked: dict[str, object], index: str, after: Key | None) -> None:
    store = Store(f"sqlite:///{tmp_path}")
    database = store.make(metadata)
    said: list[tuple[str, object]] = []
    event.listen(
        database.reading, "before_cursor_execute",
        lambda _connection, _cursor, statement, parameters, _context, _many: said.append((statement, parameters)),
    )  # fmt: skip
    wanted = queue.Wanted(now=NOW, officer="ppid-utama", **asked)  # type: ignore[arg-type]  # as the table above says
    with database.read() as connection:
        assert queue.page(connection, wanted, after, 30) == []
        ((statement, parameters),) = said
        plan = [
            row[3]
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]  # as they were given
        ]
    searched = [line for line in plan if re.search(rf"SEARCH case USING (COVERING )?INDEX {index} ", line)]
    assert len(searched) == len(wanted.states), plan
    # One sort is left: of what the states' first ones are together.
    assert sum("TEMP B-TREE FOR ORDER BY" in line for line in plan) == 1, plan
    store.close()
