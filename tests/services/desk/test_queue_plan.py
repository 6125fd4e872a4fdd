"""A page of each of the desk's lists costs what it shows, whatever there is: it is found by an index in its order."""

import random
import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Table, event, insert, select

from corong.desk import deliveries, figure_cases, mentions, posts, queue
from corong.desk.paging import Key
from corong.desk.preferences.tables import preference_metadata
from corong.desk.tables import case, delivery, entry, mention, metadata, publication, registered, written
from corong.runtime.clock import stamp
from corong.runtime.database import Database
from tests.services.costs import Ask, work_of
from tests.services.stores import BACKENDS, Store, put_many

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


FIRST, RARE = 500, 20
"""Cases at first; and so many are late, held, objections, drafts: as many among few as among many."""
ALL = {"sqlite": 3_000, "postgres": 12_000}
"""Cases at last. PostgreSQL reads tables whole as long as they are small."""
START = datetime(2026, 1, 1, tzinfo=UTC)
LATER = "2026-12-01T00:00:00.000000Z"
OFFICER = "ppid-utama"


def pick(row: dict[str, Any], *names: str) -> dict[str, Any]:
    """Some of a row's columns."""
    return {name: row[name] for name in names}


def fill(database: Database, begin: int, end: int) -> None:
    """Cases from one number to another. What is rare among them stays as rare as it is, however many there are."""
    rows: dict[Table, list[dict[str, Any]]] = defaultdict(list)
    for number in range(begin, end):
        at = stamp(START + timedelta(minutes=number))
        case_id = str(UUID(int=number))
        same = {"case_id": case_id, "channel": "web", "account": "web", "at": at}
        rare = number < RARE
        rows[registered].append(
            {**pick(same, "case_id", "channel", "account"), "registration": f"PM/2026/{number:06d}",
             "visibility": "private", "person": f"p{number // 4}", "registered_at": at, "demo": False}
        )  # fmt: skip
        rows[written].append({"case_id": case_id, "messages": 1, "last_at": at})
        rows[case].append(
            {
                "case_id": case_id, "unit": "diskominfo" if rare else f"unit-{number % 5}", "priority": "normal",
                "kind": "objection" if rare else "complaint", "urgency": 2, "holder": "petugas" if rare else None,
                "lease_until": LATER if rare else None, "state": ("open", "answered", "closed")[number % 3],
                "rule": "r", "reasons": "[]", "routed_at": at, "answered_at": at if number % 3 else None,
                "due_at": at if rare else LATER, "first_answer": at if number % 3 else None, "ran_out": rare,
                "life": "registered",
            }
        )  # fmt: skip
        note = {**pick(same, "case_id", "at"), "service": "routing", "number": number, "kind": "case.noted",
                "actor": "x", "event_id": case_id, "data": "{}"}  # fmt: skip
        rows[entry].append(note)
        rows[mention].append({"officer": OFFICER, "event_id": case_id, "case_id": case_id, "by": "x", "at": at})
        rows[publication].append(
            {
                "publication_id": case_id, "kind": "post", "unit": "diskominfo" if rare else "unit-1", "case_id": None,
                "cause": case_id, "author": "x", "label": "layanan", "immediate": False, "title": "t", "text": "t",
                "text_hash": "h", "state": "draft" if rare else "released", "drafted_at": at, "deliveries": "",
            }
        )  # fmt: skip
        rows[delivery].append(
            {**pick(same, "channel", "account"), "delivery_id": case_id, "publication_id": case_id, "case_id": None,
             "kind": "post", "unit": "diskominfo" if rare else "unit-1", "state": "held" if rare else "sent",
             "fence": 1, "changed_at": at}
        )  # fmt: skip
    with database.write() as connection:
        for table, some in rows.items():
            put_many(connection, table, some)
    if not database.is_sqlite:
        with database.write() as connection:
            connection.exec_driver_sql("ANALYZE")


def lists() -> dict[str, Ask]:
    """Every list of the desk, with each filter that is found in its own way."""

    def queued(**asked: Any) -> Ask:
        wanted = queue.Wanted(now=NOW, officer=OFFICER, **asked)
        return lambda connection: queue.page(connection, wanted, None, 30)

    def figured(figure: str, **asked: Any) -> Ask:
        wanted = figure_cases.Wanted("2026", "2027", figure, **asked)
        return lambda connection: figure_cases.page(connection, wanted, None, 30)

    def delivered(unit: str | None, state: str | None) -> Ask:
        return lambda connection: deliveries.page_of(connection, unit, state, None, 30)

    after = (2, stamp(START), str(UUID(int=3)))
    next_page = queue.Wanted(now=NOW, officer=OFFICER)
    view = queue.Wanted(now=NOW, officer=OFFICER, states=("closed",))
    return {
        "queue": queued(),
        "queue, next page": lambda connection: queue.page(connection, next_page, after, 30),
        "queue of a unit": queued(units=["diskominfo"]),
        "closed": queued(states=("closed",)),
        "of a kind": queued(kind="objection"),
        "held": queued(held="any"),
        "held by me": queued(held="me"),
        "held by nobody": queued(held="nobody"),
        "late": queued(late=True),
        "late in a unit": queued(late=True, units=["unit-1"]),
        "number of a saved view": lambda connection: queue.count(connection, view, 100),
        "number of late ones": lambda connection: queue.late(connection, ["unit-1"], NOW, 1_000),
        "overview of queues": lambda connection: queue.counts(connection, None, NOW),
        "other cases of a citizen": lambda connection: queue.of_person(connection, "p2", str(UUID(int=8))),
        "deliveries": delivered(None, None),
        "deliveries of a unit": delivered("diskominfo", None),
        "held deliveries": delivered(None, "held"),
        "held deliveries of a unit": delivered("unit-1", "held"),
        "mentions": lambda connection: mentions.page(connection, OFFICER, None, 30),
        "mentions, next page": lambda connection: mentions.page(connection, OFFICER, (stamp(START), ""), 30),
        "unread mentions": lambda connection: mentions.unread(connection, OFFICER),
        "posts": lambda connection: posts.rows_of(connection, None, None, None, None, 30),
        "posts of a unit": lambda connection: posts.rows_of(connection, "diskominfo", None, None, None, 30),
        "drafts of posts": lambda connection: posts.rows_of(connection, None, "draft", None, None, 30),
        "received": figured("received"),
        "received by a unit": figured("received", unit="diskominfo"),
        "objections": figured("received", kind="objection"),
        "waiting in a unit": figured("waiting", unit="diskominfo"),
        "overdue": figured("overdue"),
        "overdue in a unit": figured("overdue", unit="unit-1"),
        "answered": figured("answered"),
        "answered at once": figured("band0"),
    }


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_list_costs_the_same_among_many_cases(store: Store, backend: str) -> None:
    database = store.make(metadata, preference_metadata)
    fill(database, 0, FIRST)
    asked = lists()
    few = {name: work_of(database, ask) for name, ask in asked.items()}
    fill(database, FIRST, ALL[backend])
    many = {name: work_of(database, ask) for name, ask in asked.items()}
    grown = {name: (few[name], many[name]) for name in asked if many[name] > 1.5 * few[name] + 50}
    assert not grown, "(work among few cases, among many)"
    # A list that is read whole is seen.
    whole = work_of(database, lambda connection: connection.execute(select(case)).all())
    assert whole > max(many.values())


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
