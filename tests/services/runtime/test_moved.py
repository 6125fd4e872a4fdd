"""Where a message is: the same row in whatever order two writers' events come."""

from collections.abc import Iterator
from uuid import UUID, uuid5

import pytest
from sqlalchemy import Column, MetaData, String, Table, select

from corong.runtime.moved import fold_moved, own_case
from corong.runtime.rows import Rows
from corong_contracts.message import MessageMoved
from tests.services.stores import Store

SPACE = UUID(int=7)
MESSAGE, HOME, OTHER, THIRD, CONVERSATION = (uuid5(SPACE, str(number)) for number in range(5))
NOW = "2026-03-09T03:20:00Z"
metadata = MetaData()
moved = Table(
    "moved",
    metadata,
    Column("message_id", String(36), primary_key=True),
    Column("from_case", String(36), nullable=False),
    Column("case_id", String(36), nullable=False),
)


def _moved(before: UUID | None, into: UUID) -> MessageMoved:
    data = {"message_id": MESSAGE, "conversation_id": CONVERSATION, "from_case": HOME, "case_id": into}
    return MessageMoved.model_validate({**data, "before": before, "received": NOW})


SPLIT = _moved(None, own_case(MESSAGE))
MOVES = [_moved(HOME, OTHER), _moved(OTHER, THIRD), _moved(THIRD, HOME)]
"""The last one brings it back."""


@pytest.fixture
def rows(tmp_path: object) -> Iterator[Rows]:
    store = Store(f"sqlite:///{tmp_path}")
    with store.make(metadata).write() as connection:
        yield Rows(connection)
    store.close()


def folded(rows: Rows, events: list[MessageMoved]) -> list[tuple[str, str]]:
    for row in rows.query(select(moved)):
        rows.remove(moved, row["message_id"])
    for event in events:
        fold_moved(event, moved, rows)
    return [(row["from_case"], row["case_id"]) for row in rows.query(select(moved))]


def test_the_latest_move_counts_and_back_home_there_is_no_row(rows: Rows) -> None:
    assert folded(rows, MOVES[:1]) == [(str(HOME), str(OTHER))]
    assert folded(rows, MOVES[:2]) == [(str(HOME), str(THIRD))]
    assert folded(rows, MOVES) == []


def test_a_split_wins_whenever_it_comes(rows: Rows) -> None:
    for place in range(len(MOVES) + 1):
        events = [*MOVES[:place], SPLIT, *MOVES[place:]]
        assert folded(rows, events) == [(str(HOME), str(own_case(MESSAGE)))]
