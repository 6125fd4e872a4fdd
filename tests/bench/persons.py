"""What a random id for each person costs at the door: `python -m tests.bench.persons` prints one line of JSON.

Batches of those who wait together, on SQLite FULL: a key alone for a person whose id is known (as it would be if the
keyed pseudonym stood in events), the random id with its key, and persons who wrote before, in memory and read again.
"""

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from corong.runtime.clock import utc_now
from corong.runtime.database import Database
from corong.runtime.keys import Keys
from corong.runtime.migrate import migrate

BATCH, ROUNDS = 32, 60


def rate(serve: Callable[[int], object]) -> float:
    """Persons a second."""
    began = time.monotonic()
    for number in range(ROUNDS):
        serve(number)
    return BATCH * ROUNDS / (time.monotonic() - began)


def main() -> None:
    """Measure."""
    with tempfile.TemporaryDirectory(prefix="corong-bench-") as folder:
        database = Database(f"sqlite:///{Path(folder)}", "keys")
        database.create_schema()
        migrate(database)
        keys = Keys(database, b"w" * 32, utc_now)

        def names(number: int) -> list[str]:
            return [f"{number * BATCH + place:032x}" for place in range(BATCH)]

        def again(number: int) -> object:
            keys.forget()
            return keys.identify(names(number))

        key_alone = rate(lambda number: keys.ensure([f"x{name[1:]}" for name in names(number)]))
        identified = rate(lambda number: keys.identify(names(number)))
        known = rate(lambda number: keys.identify(names(number)))
        read_again = rate(again)
        database.close()
    print(json.dumps({
        "key_alone_per_second": key_alone, "identified_per_second": identified, "ratio": identified / key_alone,
        "known_per_second": known, "read_again_per_second": read_again,
    }))  # fmt: skip


if __name__ == "__main__":
    main()
