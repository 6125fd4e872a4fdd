"""The row cache of a transaction against a plain dict, and what both databases take and give back."""

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, MetaData, String, Table, Text, insert, select

from corong.runtime.database import Database
from corong.runtime.rows import Row, Rows, write_many
from tests.services.stores import BACKENDS, Store

metadata = MetaData()
thing = Table(
    "thing",
    metadata,
    Column("area", String(10), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("words", Text),
    Column("count", BigInteger),
    Column("flag", Boolean),
    Column("body", LargeBinary),
)
single = Table("single", metadata, Column("id", String(10), primary_key=True), Column("words", Text))
bare = Table("bare", metadata, Column("id", String(10), primary_key=True))
sums = Table(
    "sums",
    metadata,
    Column("area", String(10), primary_key=True),
    Column("flag", Boolean, primary_key=True),
    Column("one", Integer, nullable=False),
    Column("two", Integer, nullable=False),
)
INTO_THING = insert(thing)

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
VALUES = st.fixed_dictionaries(
    {
        "words": st.none() | WORDS,
        "count": st.none() | st.integers(-(2**63), 2**63 - 1),
        "flag": st.none() | st.booleans(),
        "body": st.none() | st.binary(max_size=20),
    }
)
KEYS = st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 2))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), KEYS, VALUES),
        st.tuples(st.just("change"), KEYS, VALUES),
        st.tuples(st.just("remove"), KEYS, st.none()),
        st.tuples(st.just("get"), KEYS, st.none()),
        st.tuples(st.just("query"), KEYS, st.none()),
        st.tuples(st.just("group"), KEYS, st.none()),
        st.tuples(st.sampled_from(["flush", "forget"]), KEYS, st.none()),
    ),
    max_size=25,
)
PER_EXAMPLE = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # each example is rolled back


@pytest.fixture
def database(store: Store) -> Database:
    return store.make(metadata)


def whole(area: str, number: int, values: dict[str, Any]) -> Row:
    return {"area": area, "number": number, **values}


def everything(rows: Rows) -> dict[tuple[str, int], Row]:
    return {(row["area"], row["number"]): dict(row) for row in rows.query(select(thing))}


def take_step(rows: Rows, model: dict[tuple[str, int], Row], step: tuple[str, tuple[str, int], Any]) -> None:
    """One operation on both, and both say the same."""
    what, key, values = step
    match what:
        case "put":
            model[key] = whole(*key, values)
            rows.put(thing, whole(*key, values))
        case "change":
            assert rows.change(thing, *key, **values) == (key in model)
            if key in model:
                model[key] = whole(*key, values)
        case "remove":
            model.pop(key, None)
            rows.remove(thing, *key)
        case "get":
            assert rows.get(thing, *key) == model.get(key)
        case "query":
            assert everything(rows) == model
        case "group":
            assert rows.group(thing, key[0]) == [model[one] for one in sorted(model) if one[0] == key[0]]
        case "flush":
            rows.flush()
        case "forget":
            rows.forget()


@pytest.mark.parametrize("backend", BACKENDS)
@PER_EXAMPLE
@given(steps=STEPS, before=st.dictionaries(KEYS, VALUES, max_size=4))
@example(
    steps=[("put", ("a", 0), {"words": "100% :area %(words)s ?", "count": 0, "flag": False, "body": b""})], before={}
)
def test_rows_are_a_dict(database: Database, steps: list[Any], before: dict[tuple[str, int], Row]) -> None:
    with database.writing.connect() as connection, connection.begin() as transaction:
        if before:
            connection.execute(insert(thing), [whole(*key, values) for key, values in before.items()])
        model = {key: whole(*key, values) for key, values in before.items()}
        rows = Rows(connection)
        for step in steps:
            take_step(rows, model, step)
        rows.flush()
        assert everything(Rows(connection)) == model
        transaction.rollback()


@pytest.mark.parametrize("backend", BACKENDS)
@PER_EXAMPLE
@given(
    stored=st.dictionaries(st.text("abc", min_size=1, max_size=2), st.none() | WORDS, max_size=6),
    asked=st.lists(st.text("abc", min_size=1, max_size=2), max_size=8),
    put=st.dictionaries(st.text("abc", min_size=1, max_size=2), WORDS, max_size=2),
    lazily=st.booleans(),
)
def test_many_rows_are_read_at_once(
    database: Database, stored: dict[str, Any], asked: list[str], put: dict[str, str], lazily: bool
) -> None:
    with database.writing.connect() as connection, connection.begin() as transaction:
        if stored:
            connection.execute(insert(single), [{"id": key, "words": words} for key, words in stored.items()])
        rows = Rows(connection)
        for key, words in put.items():
            rows.put(single, {"id": key, "words": words})
        (rows.expect if lazily else rows.load)(single, asked)
        for key in asked:
            expected = {**stored, **put}
            assert rows.get(single, key) == ({"id": key, "words": expected[key]} if key in expected else None)
        transaction.rollback()


@pytest.mark.parametrize("backend", BACKENDS)
def test_rows_of_a_query_are_kept_but_for_those_that_changed(database: Database) -> None:
    with database.write() as connection:
        rows = Rows(connection)
        rows.put(single, {"id": "1", "words": "a"})
        rows.put(single, {"id": "2", "words": "b"})
        rows.flush()
        rows = Rows(connection)
        rows.change(single, "1", words="newer")
        rows.keep(single, [{"id": "1", "words": "a"}, {"id": "2", "words": "b"}])
        assert rows.get(single, "1") == {"id": "1", "words": "newer"}
        assert rows.get(single, "2") == {"id": "2", "words": "b"}
        assert rows.changes == 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_expected_rows_cost_one_question(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(single), [{"id": f"k{number}", "words": "x"} for number in range(1200)])
        rows = Rows(connection)
        rows.expect(single, [f"k{number}" for number in range(1200)])
        assert rows.get(single, "k7") == {"id": "k7", "words": "x"}
        connection.exec_driver_sql("DELETE FROM single")
        assert rows.get(single, "k1199") == {"id": "k1199", "words": "x"}
        assert rows.get(single, "other") is None
        rows.forget()
        assert rows.get(single, "k1199") is None


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_table_of_keys_alone(database: Database) -> None:
    with database.write() as connection:
        rows = Rows(connection)
        for _ in range(2):
            rows.put(bare, {"id": "k"})
            rows.flush()
        assert [row["id"] for row in rows.query(select(bare))] == ["k"]
        rows.remove(bare, "k")
        assert rows.query(select(bare)) == []


@pytest.mark.parametrize("backend", BACKENDS)
@PER_EXAMPLE
@given(values=st.lists(VALUES, min_size=1, max_size=5))
def test_what_is_written_in_bulk_comes_back(database: Database, values: list[dict[str, Any]]) -> None:
    given_rows = [whole("z", number, value) for number, value in enumerate(values)]
    with database.writing.connect() as connection, connection.begin() as transaction:
        write_many(connection, INTO_THING, given_rows)
        found = [dict(row) for row in connection.execute(select(thing).order_by(thing.c.number)).mappings()]
        transaction.rollback()
    assert found == given_rows
    kinds = [{name: type(value) for name, value in row.items()} for row in found]
    assert kinds == [{name: type(value) for name, value in row.items()} for row in given_rows]


@pytest.mark.parametrize("backend", BACKENDS)
def test_changes_are_counted_and_reading_is_none(database: Database) -> None:
    with database.write() as connection:
        rows = Rows(connection)
        rows.get(single, "a")
        rows.load(single, ["b"])
        rows.query(select(single))
        assert not rows.change(single, "a", words="x")
        assert rows.changes == 0
        rows.put(single, {"id": "a", "words": None})
        rows.change(single, "a", words="x")
        rows.remove(single, "a")
        assert rows.changes == 3


@pytest.mark.parametrize("backend", BACKENDS)
def test_sums_are_added_by_the_database_and_nothing_is_no_row(database: Database) -> None:
    def added(*steps: tuple[str, bool, dict[str, int]]) -> dict[tuple[str, bool], tuple[int, int]]:
        with database.write() as connection:
            rows = Rows(connection)
            for area, flag, amounts in steps:
                rows.add(sums, (area, flag), amounts)
            assert rows.changes == len(steps)
            found = rows.query(select(sums))
            return {(row["area"], bool(row["flag"])): (row["one"], row["two"]) for row in found}

    assert added(("a", False, {"one": 1}), ("b", True, {"two": 2}), ("a", False, {"one": 1, "two": 1})) == {
        ("a", False): (2, 1), ("b", True): (0, 2),
    }  # fmt: skip
    assert added(("a", False, {"one": -2}), ("b", True, {"two": -2})) == {("a", False): (0, 1)}
    assert added(("c", True, {"one": 1}), ("c", True, {"one": -1})) == {("a", False): (0, 1)}
    assert added(("a", False, {"two": -1}), ("b", True, {"one": 1})) == {("b", True): (1, 0)}
