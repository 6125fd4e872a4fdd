"""Open clocks of many cases, and what it costs to find and ring the few that are due.

`python -m tests.bench.clocks [--postgres] COUNT [COUNT …]` prints one line of JSON for each count. The open clocks lie
in routing's own tables, on SQLite or on a PostgreSQL as durable as it comes; 200 more are due. Beside them, in the same
run and the same database: a bare table of the same size and the same index.
"""

import contextlib
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import psycopg
from sqlalchemy import Connection, Table, insert, select

from corong.routing import state
from corong.routing.clockwork import AT_ONCE
from corong.runtime.clock import stamp
from corong.runtime.unit import Unit
from corong_contracts.case import CaseKind
from tests.peers.postgres import PostgresServer
from tests.services.routing.town import NOW, UNIT, Day, Town
from tests.services.stores import Store

SPACE = UUID(int=0xC10C)
CHUNK = 20_000
DUE = NOW + timedelta(days=60)
"""A moment at which every clock of a request that was received at `NOW` has run out."""
FAR = DUE + timedelta(days=365)
LOOKS = 200


def far_away(template: dict[str, Any], index: int) -> dict[str, Any]:
    """A copy of a clock, of another case and due at another moment than every other, none before `FAR`."""
    moment = FAR + timedelta(seconds=index)
    return template | {
        "case_id": str(uuid5(SPACE, str(index))), "due": stamp(moment), "next_at": stamp(moment),
        "last_day": moment.date().isoformat(),
    }  # fmt: skip


def fill(town: Town, count: int) -> None:
    """`count` cases whose clocks are open and far from due, and `AT_ONCE` whose clocks are due at `DUE`."""

    def real(unit: Unit) -> None:
        day = Day(town, unit)
        for _ in range(AT_ONCE):
            day.arrives(CaseKind.INFORMATION_REQUEST, unit=UNIT)

    town.works.commit(real, NOW)
    with town.works.database.write() as connection:
        notices = select(state.clock).where(state.clock.c.rule == "request_notice")
        clock = dict(connection.execute(notices.limit(1)).mappings().one())
        its_case = select(state.case).where(state.case.c.case_id == clock["case_id"])
        case = dict(connection.execute(its_case).mappings().one())
        for start in range(0, count, CHUNK):
            clocks = [far_away(clock, index) for index in range(start, min(start + CHUNK, count))]
            _put(connection, state.case, [case | {"case_id": one["case_id"]} for one in clocks])
            _put(connection, state.clock, clocks)


def _put(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Many rows, the fastest way that each database has."""
    if connection.dialect.name == "sqlite":
        connection.execute(insert(table), rows)
        return
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    driver: Any = connection.connection.driver_connection
    with driver.cursor().copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row([row[column.name] for column in table.columns])


def look_seconds(town: Town) -> float:
    """Seconds for one look whether anything is due, where nothing is."""
    work = town.routing.clockwork
    began = time.perf_counter()
    for _ in range(LOOKS):
        with town.works.database.read() as connection:
            assert connection.execute(work._due(stamp(NOW)).limit(1)).first() is None
    return (time.perf_counter() - began) / LOOKS


def ring_seconds(town: Town) -> tuple[float, int]:
    """Seconds from the moment until all that is due was acted on and committed; the events of it."""
    before = _written(town)
    began = time.perf_counter()
    while town.works.commit(town.routing.clockwork.ring_due, DUE):
        pass
    return time.perf_counter() - began, _written(town) - before


def _written(town: Town) -> int:
    return sum(len(numbers) for numbers in town.works.numbers().values())


def bare_look(url: str, count: int) -> float:
    """Seconds for the same question to a bare table of that size, by the database's own driver."""
    far = ((stamp(FAR + timedelta(seconds=one)),) for one in range(count))
    if url.startswith("sqlite"):
        with sqlite3.connect(Path(url.removeprefix("sqlite:///")) / "bare.sqlite") as lite:
            lite.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, next_at TEXT)")
            lite.executemany("INSERT INTO bare (next_at) VALUES (?)", far)
            lite.execute("CREATE INDEX bare_next ON bare (next_at)")
            question = "SELECT id FROM bare WHERE next_at <= ? ORDER BY next_at LIMIT 1"
            return _looks(lambda: lite.execute(question, (stamp(NOW),)).fetchone())
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True) as full:
        full.execute("CREATE TABLE bare (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, next_at VARCHAR(27))")
        with full.cursor().copy("COPY bare (next_at) FROM STDIN") as copy:
            for row in far:
                copy.write_row(row)
        full.execute("CREATE INDEX bare_next ON bare (next_at)")
        full.execute("ANALYZE bare")
        asked = "SELECT id FROM bare WHERE next_at <= %s ORDER BY next_at LIMIT 1"
        return _looks(lambda: full.execute(asked, (stamp(NOW),)).fetchone())


def _looks(look: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(LOOKS):
        assert look() is None
    return (time.perf_counter() - began) / LOOKS


def measure(count: int, server: PostgresServer | None) -> dict[str, float]:
    """One size."""
    with tempfile.TemporaryDirectory(prefix="corong-bench-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder}" if server is None else server.make_database("clocks")
        store = Store(url)
        town = Town(store, folder)
        try:
            fill(town, count)
            look = look_seconds(town)
            seconds, events = ring_seconds(town)
        finally:
            town.close()
            store.close()
        bare = bare_look(url, count)
    return {
        "open": count, "look_us": look * 1e6, "bare_look_us": bare * 1e6, "due": AT_ONCE, "events": events,
        "ring_seconds": seconds, "ms_for_each_due": seconds * 1e3 / AT_ONCE,
    }  # fmt: skip


def main() -> None:
    """Measure each size."""
    words = sys.argv[1:]
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(PostgresServer()) if "--postgres" in words else None
        for count in (int(word) for word in words if word.isdecimal()):
            print(json.dumps(measure(count, server)), flush=True)


if __name__ == "__main__":
    main()
