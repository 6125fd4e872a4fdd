"""Persons erased among many events: `python -m tests.bench.erasure EVENTS PERSONS ERASED` prints one line of JSON."""

import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

from tests.pipeline.erasing_many import erase_many


def bare(folder: Path, count: int) -> float:
    """Rows a second of a bare SQLite file with secure_delete and synchronous=FULL.

    Each is deleted in its own commit, and the write-ahead log cut to nothing after it.
    """
    with sqlite3.connect(folder / "bare.sqlite", isolation_level=None) as connection:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, body BLOB)")
        connection.executemany("INSERT INTO row VALUES (?, randomblob(60))", [(number,) for number in range(count)])
        began = time.monotonic()
        for number in range(count):
            connection.execute("DELETE FROM row WHERE id = ?", (number,))
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return count / (time.monotonic() - began)


def main() -> None:
    """Measure."""
    events, persons, erased = (int(word) for word in sys.argv[1:4])
    with tempfile.TemporaryDirectory(prefix="corong-bench-") as name:
        yardstick = bare(Path(name), erased)
        done = asyncio.run(erase_many(Path(name) / "data", events, persons, erased))
    whole = done.decide_seconds + done.destroy_seconds
    sound = done.same_hashes and done.same_replay and done.same_log and not done.found
    print(json.dumps({
        "events": done.events, "erased": done.persons, "per_second": done.persons / whole, "bare_per_second": yardstick,
        "decide_seconds": done.decide_seconds, "destroy_seconds": done.destroy_seconds, "sound": sound,
    }))  # fmt: skip
    if not sound:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
