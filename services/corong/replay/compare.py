"""Two states of the same tables side by side: which rows and columns differ."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, MetaData, Table

from corong.runtime.rebuild import rows_in_order


@dataclass(frozen=True)
class Difference:
    """One column of one row; with no column the whole row, which one side lacks."""

    table: str
    key: tuple[Any, ...]
    column: str | None
    replayed: Any
    live: Any


def differences(metadata: MetaData, replayed: Connection, live: Connection) -> Iterator[Difference]:
    """Every difference, table by table, row by row."""
    for table in sorted(metadata.tables.values(), key=lambda item: item.name):
        yield from _of_table(table, replayed, live)


def _of_table(table: Table, replayed: Connection, live: Connection) -> Iterator[Difference]:
    names = [column.name for column in table.primary_key]

    def keyed(connection: Connection) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
        for row in rows_in_order(connection, table):
            yield tuple(row[name] for name in names), row

    ours, theirs = keyed(replayed), keyed(live)
    one, other = next(ours, None), next(theirs, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one[0] < other[0]):
            assert one is not None  # the loop goes on while one of them is there
            yield Difference(table.name, one[0], None, one[1], None)
            one = next(ours, None)
        elif one is None or other[0] < one[0]:
            yield Difference(table.name, other[0], None, None, other[1])
            other = next(theirs, None)
        else:
            for column in table.columns:
                if one[1][column.name] != other[1][column.name]:
                    yield Difference(table.name, one[0], column.name, one[1][column.name], other[1][column.name])
            one, other = next(ours, None), next(theirs, None)
