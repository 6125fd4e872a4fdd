"""Statements that are compiled once: the same rows, types and errors as SQLAlchemy's own execution."""

from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, ProgrammingError, StatementError

from corong.runtime.migrations.generate import metadata_of
from corong.runtime.rows import Rows, write_many
from corong.runtime.statements import as_rows, in_keys, run, run_many
from corong_contracts.base import SERVICES
from tests.services.stores import BACKENDS, Store

both = pytest.mark.parametrize("backend", BACKENDS)
odd = MetaData()
case = Table(
    "case",
    odd,
    Column("key", String(36), primary_key=True),
    Column("order", Boolean),
    Column("user", LargeBinary),
    Column("group", BigInteger),
    Column("select", Text),
)
ODD: list[dict[str, Any]] = [
    {"key": "a", "order": True, "user": b"\0\xff", "group": 2**62, "select": "x' OR ''='"},
    {"key": "b'c", "order": False, "user": b"", "group": -(2**62), "select": "%s %(key)s ? :key"},
    {"key": "%", "order": None, "user": None, "group": None, "select": None},
]
CHANGE = update(case).where(case.c.key == bindparam("which")).values(order=bindparam("to"))
ALL = select(case).order_by(case.c.key)


def value(column: Column[Any], number: int) -> Any:
    """The `number`-th value of a column; of one that may be empty, each third is."""
    if column.nullable and not column.primary_key and number % 3 == 2:
        return None
    if isinstance(column.type, Boolean):
        return number % 2 == 0
    if isinstance(column.type, BigInteger):
        return 2**62 + number
    if isinstance(column.type, Integer):
        return number
    if isinstance(column.type, LargeBinary):
        return bytes([0, 255, number])
    assert isinstance(column.type, String), f"{column}: rows hold text, numbers, booleans and bytes alone"
    return f"%{number}'"[: column.type.length]


def every_table() -> list[Any]:
    found = []
    for service in SERVICES:
        for metadata in metadata_of(service):
            found += [pytest.param(table, id=f"{service}.{table.name}") for table in metadata.tables.values()]
    return found


def exact(rows: list[dict[str, Any]]) -> list[dict[str, tuple[type, Any]]]:
    """With types: 1 is not True here."""
    return [{name: (type(value), value) for name, value in row.items()} for row in rows]


@both
@pytest.mark.parametrize("table", every_table())
def test_rows_of_every_table_are_those_of_sqlalchemy(store: Store, table: Table) -> None:
    database = store.make(table.metadata)
    rows = [{column.name: value(column, number) for column in table.columns} for number in range(4)]
    with database.write() as connection:
        connection.execute(table.delete())
        write_many(connection, insert(table), rows)
        theirs = [dict(row) for row in connection.execute(select(table)).mappings()]
        key = [column.name for column in table.primary_key]
        ours = as_rows(table, run(connection, select(table)))
        assert exact(ours) == exact(theirs)
        assert sorted(map(str, exact(ours))) == sorted(map(str, exact(rows)))
        for row in rows:
            got = Rows(connection).get(table, *(row[name] for name in key))
            assert got is not None
            assert exact([got]) == exact([row])
        if len(key) == 1:
            found = in_keys(connection, table, [row[key[0]] for row in rows[:2]])
            assert sorted(map(str, exact(found))) == sorted(map(str, exact(rows[:2])))


@both
def test_odd_names_and_values(store: Store) -> None:
    database = store.make(odd)
    with database.write() as connection:
        connection.execute(insert(case), ODD)
        assert exact(as_rows(case, run(connection, ALL))) == exact(sorted(ODD, key=lambda row: str(row["key"])))
        found = in_keys(connection, case, ["b'c", "%", "nobody"])
        assert {str(row["key"]): row for row in found} == {str(row["key"]): row for row in ODD[1:]}
        assert in_keys(connection, case, []) == []
        run_many(connection, CHANGE, [])
        run_many(connection, CHANGE, [{"which": "a", "to": None}, {"which": "%", "to": True}])
        assert [row["order"] for row in as_rows(case, run(connection, ALL))] == [True, None, False]


@both
def test_errors_are_sqlalchemys(store: Store) -> None:
    database = store.make(odd)
    into = insert(case)
    with pytest.raises(IntegrityError), database.write() as connection:
        run_many(connection, into, [ODD[0], ODD[0]])
    with pytest.raises(IntegrityError), database.write() as connection:
        write_many(connection, into, [ODD[0], ODD[0]])
    with pytest.raises(StatementError) as caught, database.write() as connection:
        run(connection, select(Table("nowhere", MetaData(), Column("id", Integer))))
    assert isinstance(caught.value.orig, Exception)
    assert caught.type.__name__ in ("OperationalError", ProgrammingError.__name__)
