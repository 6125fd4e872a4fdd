"""A page of a queue is read by an index in the list's own order: it costs what it shows, whatever there is."""

import random
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, insert

from corong.desk import queue
from corong.desk.paging import Key
from corong.desk.tables import case, metadata
from tests.services.stores import BACKENDS, Store

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


@pytest.mark.parametrize("backend", BACKENDS)
def test_those_that_are_held_are_so_at_this_moment(store: Store, seed: int) -> None:
    database, rng = store.make(metadata), random.Random(seed)
    units, moments = ["dinas-pupr", "dinas-kesehatan"], ["2026-11-07T00:00:00.000000Z", "2026-11-09T00:00:00.000000Z"]
    rows: list[dict[str, Any]] = [
        {
            "case_id": str(UUID(int=number)), "unit": rng.choice(units), "kind": "complaint",
            "urgency": rng.choice([0, 2]), "priority": "normal", "state": rng.choice(["open", "answered", "closed"]),
            "holder": rng.choice([None, "petugas"]), "lease_until": rng.choice(moments), "rule": "r", "reasons": "[]",
            "routed_at": NOW, "answered_at": rng.choice([None, NOW]),
        }
        for number in range(200)
    ]  # fmt: skip
    with database.write() as connection:
        connection.execute(insert(case), rows)
    with database.read() as connection:
        held = queue.Wanted(now=NOW, officer="ppid-utama", held="any", priority="urgent")
        found = {row["case_id"] for row in queue.page(connection, held, None, 200)}
    assert found == {
        row["case_id"] for row in rows
        if row["state"] != "closed" and row["holder"] and row["lease_until"] > NOW and row["urgency"] == 0
    }  # fmt: skip
