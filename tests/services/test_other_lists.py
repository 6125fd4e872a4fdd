"""Lists of the other services cost what they show as well: the portal's posts, and what intake put into quarantine."""

from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import Connection, MetaData

from corong.intake import app as intake
from corong.intake import state as intake_state
from corong.portal import posts, tables
from corong.runtime.database import Database
from corong.runtime.directory import Directory
from corong.runtime.installation import example_folder
from corong.runtime.policy import Actor
from corong_contracts.command import ListQuarantine
from tests.services.costs import Ask, work_of
from tests.services.stores import BACKENDS, Store, put_many

FEW, MANY = 300, {"sqlite": 2_000, "postgres": 8_000}
"""Rows at first, and at last; PostgreSQL reads tables whole as long as they are small."""


def fill(database: Database, begin: int, end: int) -> None:
    """A post that went to two feeds, and one unreadable message, for each number."""
    numbers = [(number, str(UUID(int=number)), f"2026-01-01T00:{number:08d}.000000Z") for number in range(begin, end)]
    with database.write() as connection:
        put_many(
            connection, tables.post,
            [{"publication_id": identity, "unit": "diskominfo", "label": "layanan", "title": "t", "text": "t",
              "immediate": False, "demo": False, "drafted_at": "", "feed_targets": ""} for _, identity, _ in numbers],
        )  # fmt: skip
        put_many(
            connection, tables.feed_target,
            [{"delivery_id": str(UUID(int=2 * number + feed)), "publication_id": identity, "account": f"feed-{feed}",
              "sent_at": at[:27]} for number, identity, at in numbers for feed in (0, 1)],
        )  # fmt: skip
        put_many(
            connection, intake_state.quarantine,
            [{"quarantine_id": identity, "channel": "web", "account": "web", "reason": "schema", "fields": "",
              "size": 1, "at": at[:27]} for _, identity, at in numbers],
        )  # fmt: skip
    if not database.is_sqlite:
        with database.write() as connection:
            connection.exec_driver_sql("ANALYZE")


@pytest.mark.parametrize("backend", BACKENDS)
def test_they_cost_the_same_however_much_there_is(store: Store, backend: str) -> None:
    only = MetaData()
    for table in (tables.post, tables.feed_target, intake_state.quarantine):
        table.to_metadata(only)
    database = store.make(only)
    directory = Directory.load(example_folder())
    officer = Actor("officer", "ppid-utama", "main_officer")

    def quarantined(connection: Connection) -> object:
        return intake._quarantined(connection, officer, ListQuarantine(limit=20))

    asked: dict[str, Ask] = {
        "posts": lambda connection: posts.latest(connection, directory, most=20),
        "posts of a feed": partial(posts.latest, directory=directory, account="feed-1", most=20),
        "quarantine": quarantined,
    }
    fill(database, 0, FEW)
    few = {name: work_of(database, ask) for name, ask in asked.items()}
    fill(database, FEW, MANY[backend])
    grown = {
        name: (few[name], many)
        for name, ask in asked.items()
        if (many := work_of(database, ask)) > 1.5 * few[name] + 50
    }
    assert not grown, "(work among few rows, among many)"
