"""What a question costs a database, in work and not in time: the same on any machine, whatever else it does."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from corong.runtime.database import Database

__all__ = ["Ask", "questions_of", "work_of"]

Ask = Callable[[Connection], object]


def work_of(database: Database, ask: Ask) -> int:
    """Steps of SQLite's machine, or rows that pass through the nodes of PostgreSQL's plans."""
    return _steps(database, ask) if database.is_sqlite else _rows(database, ask)


def _steps(database: Database, ask: Ask) -> int:
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    with database.read() as connection:
        driver: Any = connection.connection.driver_connection
        driver.set_progress_handler(step, 1)
        try:
            ask(connection)
        finally:
            driver.set_progress_handler(None, 0)
    return steps


def questions_of(database: Database, ask: Ask) -> int:
    """Statements that it takes."""
    with database.read() as connection, _heard(database) as said:
        ask(connection)
    return len(said)


def _rows(database: Database, ask: Ask) -> int:
    with database.read() as connection:
        with _heard(database) as said:
            ask(connection)
        connection.exec_driver_sql("SET LOCAL random_page_cost = 1.1")  # as on a disk without heads
        return sum(_passed(connection, statement, parameters) for statement, parameters in said)


@contextmanager
def _heard(database: Database) -> Iterator[list[tuple[str, Any]]]:
    said: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        said.append((statement, parameters))

    event.listen(database.reading, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(database.reading, "before_cursor_execute", hear)


def _passed(connection: Connection, statement: str, parameters: Any) -> int:
    found = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", parameters).scalar()
    plans: list[dict[str, Any]] = json.loads(found) if isinstance(found, str) else found or []
    return sum(_of_node(plan["Plan"]) for plan in plans)


def _of_node(node: dict[str, Any]) -> int:
    removed = sum(many for name, many in node.items() if name.startswith("Rows Removed by"))
    own = (node["Actual Rows"] + removed) * node["Actual Loops"]
    return int(own) + sum(map(_of_node, node.get("Plans", ())))
