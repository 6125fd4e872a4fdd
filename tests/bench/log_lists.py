"""Pages of the log among many events, as auditors ask for them: by type, actor, time and case."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from corong.auditing import entry_keys, ledger, state
from corong.runtime.clock import stamp
from corong.runtime.database import Database
from corong_contracts.canonical import canonical
from corong_contracts.catalogue import CATALOGUE
from corong_contracts.command import ReadLog
from tests.bench.replay import STEPS, example
from tests.bench.times import Times
from tests.services.stores import put_many

CHUNK = 20_000
SPACE = UUID(int=0xA0D17)
TYPES = [example(name)["type"] for name in STEPS]
ACTORS = ("citizen", "system", "officer:ppid-utama", "officer:petugas-dinas-pupr")
RARE = next(name for name in sorted(CATALOGUE) if name not in TYPES)
"""A type of which there are a few."""


def fill(database: Database, count: int, now: datetime) -> None:
    """So many entries over the last year, a type after the other; one of some thousand is of a rare type."""
    apart = timedelta(days=365) / count
    body = canonical(example("case.routed"))
    with database.write() as connection:
        for start in range(0, count, CHUNK):
            rows: list[dict[str, Any]] = []
            named: list[tuple[int, str, str]] = []
            for position in range(start, min(start + CHUNK, count)):
                case_id = str(uuid5(SPACE, str(position // len(TYPES))))
                rows.append(
                    {
                        "position": position, "id": str(uuid5(SPACE, f"event {position}")),
                        "writer": "routing.00", "number": position + 1,
                        "type": RARE if position % 7_919 == 0 else TYPES[position % len(TYPES)], "case_id": case_id,
                        "actor": ACTORS[position % len(ACTORS)], "time": stamp(now - apart * (count - position)),
                        "body": body,
                    }
                )  # fmt: skip
                named.append((position, str(rows[-1]["id"]), case_id))
            put_many(connection, state.entry, rows)
            entry_keys.add(connection, named, tier=2)
    if not database.is_sqlite:
        with database.write() as connection:
            connection.exec_driver_sql("ANALYZE")


def _asked(count: int, now: datetime) -> dict[str, ReadLog]:
    month = {"since": now - timedelta(days=60), "until": now - timedelta(days=30)}
    filters: dict[str, dict[str, Any]] = {
        "": {}, "type=case.routed": {"type": TYPES[2]}, "type, a rare one": {"type": RARE},
        "type, a part of it": {"type": "answered"}, "type, a part of a rare one": {"type": RARE[16:-3]},
        "type, a part of none": {"type": "no such type"}, "actor": {"actor": ACTORS[2]},
        "actor, who did nothing": {"actor": "officer:nobody"},
        "actor and a rare type": {"actor": ACTORS[2], "type": RARE},
        "a month": month, "since half a year": {"since": now - timedelta(days=182)},
        "a month and an actor": {**month, "actor": ACTORS[2]}, "a month and a rare type": {**month, "type": RARE},
        "case": {"case": uuid5(SPACE, str(count // 20))},
    }  # fmt: skip
    return {
        f"auditor  log {'newest' if newest else 'oldest'} {name}": ReadLog(newest=newest, limit=50, **asked)
        for newest in (True, False)
        for name, asked in filters.items()
    }


def ask(database: Database, count: int, times: Times, tries: int, now: datetime) -> None:
    """Time each list, among so many entries."""
    for name, asked in _asked(count, now).items():
        for attempt in range(tries + 1):
            with database.read() as connection, times.of(name, counted=attempt > 0):
                ledger.page(connection, asked)
