"""Threads of a page's cases are read together, and are the same as one by one."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
from sqlalchemy import Connection

from corong.desk import thread
from corong.desk.tables import entry, metadata, moved
from tests.services.costs import questions_of
from tests.services.stores import BACKENDS, Store, put_many

CASES = [str(UUID(int=number)) for number in range(30)]
SPLIT, ELSEWHERE = CASES[3], str(UUID(int=99))
"""One to which messages came from two others, and one that is on no page."""


def message(case: str, number: int) -> str:
    """The id of a case's message."""
    return str(uuid5(UUID(case), str(number)))


def rows() -> list[dict[str, Any]]:
    """Two messages and a note of each case."""
    kinds = (("intake", "message.received"), ("intake", "message.received"), ("routing", "case.noted"))
    return [
        {"case_id": case, "service": service, "number": number, "at": f"2026-01-0{9 - number}", "kind": kind,
         "actor": "citizen", "event_id": str(UUID(int=number)),
         "data": json.dumps({"message_id": message(case, number)})}
        for case in (*CASES, ELSEWHERE) for number, (service, kind) in enumerate(kinds, 1)
    ]  # fmt: skip


MOVED = [
    {"message_id": message(CASES[2], 1), "from_case": CASES[2], "case_id": SPLIT},
    {"message_id": message(ELSEWHERE, 2), "from_case": ELSEWHERE, "case_id": SPLIT},
    {"message_id": message(CASES[5], 1), "from_case": CASES[5], "case_id": ELSEWHERE},
]


@pytest.mark.parametrize("backend", BACKENDS)
def test_together_as_one_by_one(store: Store) -> None:
    database = store.make(metadata)
    with database.write() as connection:
        put_many(connection, entry, rows())
        put_many(connection, moved, MOVED)
    with database.read() as connection:
        together = thread.rows_of_many(connection, CASES)
        assert together == {case: thread.rows_of(connection, case) for case in CASES}
        split = [json.loads(row["data"])["message_id"] for row in together[SPLIT]]
    assert set(split) == {message(SPLIT, number) for number in (1, 2, 3)} | {
        message(CASES[2], 1),
        message(ELSEWHERE, 2),
    }
    assert [row["number"] for row in together[CASES[2]]] == [3, 2], "in the order of time, without what was moved away"
    assert len(together[CASES[5]]) == 2


def test_a_page_is_read_in_as_many_questions_as_a_case(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}")
    database = store.make(metadata)
    with database.write() as connection:
        put_many(connection, entry, rows())
        put_many(connection, moved, MOVED)

    def asked(cases: list[str]) -> int:
        def ask(connection: Connection) -> object:
            return thread.rows_of_many(connection, cases)

        return questions_of(database, ask)

    assert asked(CASES[:1]) == asked(CASES[10:]) == 2
    assert asked(CASES) == 3, "and one for what came from elsewhere"
    store.close()
