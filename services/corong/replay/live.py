"""The state of a running or stopped service of this installation, read at one moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, insert

from corong.replay.fold import make_tables, scratch
from corong.replay.foldings import Folding
from corong.runtime.database import Database
from corong.runtime.migrate import missing_version
from corong.runtime.reach import Reach, of_service
from corong.runtime.rebuild import rows_in_order
from corong.runtime.rows import write_many

ROWS = 5000


class NoState(RuntimeError):
    """There is no such database, or not of this version. The message says which and why."""


@contextmanager
def copied(url: str, folding: Folding, path: Path) -> Iterator[tuple[Reach, Connection]]:
    """The service's tables copied to an SQLite file in one read transaction: it goes on, the copy stands still.

    Raises `NoState`.
    """
    database = Database(url, folding.name)
    try:
        lacking = missing_version(database)
        if lacking is not None:
            raise NoState(f"{folding.name}: {lacking}")
        with scratch(path) as connection:
            make_tables(connection, folding.metadata)
            with database.snapshot() as source:
                reach = of_service(source, folding.name)
                for table in folding.metadata.sorted_tables:
                    into = insert(table)
                    waiting = []
                    for row in rows_in_order(source, table):
                        waiting.append(row)
                        if len(waiting) == ROWS:
                            write_many(connection, into, waiting)
                            waiting = []
                    if waiting:
                        write_many(connection, into, waiting)
            yield reach, connection
    finally:
        database.close()
