"""What each of the desk's lists asks its database, timed among many cases and among few; no page is made of it.

`python -m tests.bench.questions [FEW MANY]` fills the desk's tables on SQLite and on PostgreSQL with so many cases
(1,000 and 100,000 by default), in which what is rare stays as rare, and prints p50 and p95 in milliseconds of each
question that `tests/services/desk/test_queue_plan.py` holds. `python -m tests.bench desk` takes whole pages.
"""

import os
import sys
import tempfile
import time

from corong.desk.preferences.tables import preference_metadata
from corong.desk.tables import metadata
from tests.bench.__main__ import percentile
from tests.peers.postgres import PostgresServer
from tests.services.desk.test_queue_plan import fill, lists
from tests.services.stores import Store

TRIES, FIRST = 30, 5
"""Times that each is asked; the first ones are not counted."""
CHUNK = 10_000


def measure(url: str, few: int, many: int) -> dict[str, list[list[float]]]:
    """Question → milliseconds of each try among the few, and among the many."""
    database = Store(url).make(metadata, preference_metadata)
    took: dict[str, list[list[float]]] = {}
    for begin, end in ((0, few), (few, many)):
        for start in range(begin, end, CHUNK):
            fill(database, start, min(end, start + CHUNK))
        for name, ask in lists().items():
            tries = []
            for _ in range(TRIES):
                with database.read() as connection:
                    began = time.perf_counter()
                    ask(connection)
                    tries.append((time.perf_counter() - began) * 1e3)
            took.setdefault(name, []).append(tries[FIRST:])
    database.close()
    return took


def main() -> None:
    """Print the table of each database."""
    few, many = map(int, sys.argv[1:3] or ("1000", "100000"))
    with tempfile.TemporaryDirectory(prefix="corong-bench-questions-") as folder, PostgresServer() as server:
        for kind, url in (("SQLite", f"sqlite:///{folder}"), ("PostgreSQL", server.make_database("questions"))):
            took = measure(url, few, many)
            print(f"{kind}, load {os.getloadavg()[0]:.0f}: p50 and p95 in ms of {few} cases, of {many}, ratio of p50")
            for name, (less, more) in sorted(took.items(), key=lambda one: -percentile(one[1][1], 0.95)):
                parts = [percentile(tries, share) for tries in (less, more) for share in (0.5, 0.95)]
                print("".join(f"{part:8.1f}" for part in parts), f"{parts[2] / parts[0]:7.2f}  {name}")


if __name__ == "__main__":
    main()
