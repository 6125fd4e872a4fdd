"""The desk's fold: every event of the catalogue, in any order, into columns that are wide enough."""

from collections.abc import Sequence

import pytest
from sqlalchemy import String, select

from corong.desk import state, tables
from corong.desk.thread_rows import SHOWN, shown
from corong.runtime.rows import Rows
from corong_contracts.base import AnyEvent
from corong_contracts.catalogue import decode
from tests.contracts.golden import event_examples
from tests.services.stores import BACKENDS, Store

on_both = pytest.mark.parametrize("backend", BACKENDS)


def examples() -> list[AnyEvent]:
    """The golden examples of what the desk keeps."""
    found = [decode(path.read_bytes()) for path in event_examples()]
    return [event for event in found if type(event.data) in state.FOLDS]


def folded(store: Store, events: Sequence[AnyEvent]) -> dict[str, list[dict[str, object]]]:
    """All rows that the events lead to."""
    database = store.make(tables.metadata)
    with database.write() as connection:
        rows = Rows(connection)
        for event in events:
            state.apply(event, rows)
            rows.flush()
        found = {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in tables.metadata.sorted_tables
        }
        for table in tables.metadata.sorted_tables:  # SQLite takes a longer text in silence, PostgreSQL does not
            for column in table.columns:
                if isinstance(column.type, String) and column.type.length is not None:
                    longest = max((len(str(row[column.name])) for row in found[table.name]), default=0)
                    assert longest <= column.type.length, (table.name, column.name)
    return found


@on_both
def test_every_kind_of_event_fits(store: Store) -> None:
    events = examples()
    assert {type(event.data) for event in events} == state.FOLDS
    posts = [event for event in events if event.data.noun == "publication"]
    drafted = next(
        event for event in posts if event.data.verb == "drafted" and event.data.model_dump()["kind"] == "post"
    )
    one_post = [drafted, *(of_post(event, drafted) for event in posts if event.data.verb != "drafted")]
    found = folded(store, [*events, *one_post])
    assert all(found.values())
    kinds = {row["kind"] for row in found["entry"]}
    assert {f"publication.{event.data.verb}" for event in posts} <= kinds


def of_post(event: AnyEvent, drafted: AnyEvent) -> AnyEvent:
    """The event as if it were about that post."""
    identity = drafted.data.model_dump()["publication_id"]
    data = event.data.model_copy(update={"publication_id": identity})
    return event.model_copy(update={"data": data, "correlationid": drafted.correlationid})


@on_both
def test_what_comes_before_its_beginning_breaks_nothing(store: Store) -> None:
    folded(store, list(reversed(examples())))


def test_rows_are_foreseen_by_the_one_column_that_is_their_key() -> None:
    foreseen = {table.name for event in examples() for table, _ in state.asked(event)}
    assert foreseen == {"case", "registered", "written", "publication", "delivery"}
    assert all(len(tables.metadata.tables[name].primary_key) == 1 for name in foreseen)


def test_what_is_shown_is_written_as_pydantic_writes_it() -> None:
    written = 0
    for event in examples():
        names = SHOWN.get(f"{event.data.noun}.{event.data.verb}")
        if names is not None:
            words = {name: f'"\\/\x00\x1f\x7f\n\té\u2028{name}😀' for name in names if _is_text(event, name)}
            for data in (event.data, event.data.model_copy(update=words)):
                assert shown(data) == data.model_dump_json(include=set(names)), event.type
                written += 1
    assert written >= 2 * len(SHOWN)


def _is_text(event: AnyEvent, name: str) -> bool:
    return type(event.data).model_fields[name].annotation in (str, str | None)
