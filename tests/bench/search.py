"""How long a search takes among many cases, beside one among few.

`python -m tests.bench.search [--postgres] COUNT [COUNT …]` prints one line of JSON for each count: cases of 25 stems,
drawn as words are (the n-th most frequent as often as 1/n), in 89 units. Each kind of question is asked 60 times;
`p95` is in milliseconds, and `bare` is one row read by its key in the same run and database.
"""

import bisect
import itertools
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, text

from corong.desk.search import asking
from corong.desk.search.asking import Reach, Wanted
from corong.desk.search.tables import search_case, search_metadata, search_term
from corong.desk.search.words import Terms, packed
from corong.desk.tables import case, metadata, registered
from corong.runtime.database import Database
from corong.runtime.deployment_key import DeploymentKey
from tests.peers.postgres import PostgresServer
from tests.services.desk.search.rows import case_row, registered_row
from tests.services.stores import Store, put_many

VOCABULARY, STEMS, UNITS, CHUNK, ASKED = 20_000, 25, 89, 10_000, 60
TERMS = sorted(Terms(DeploymentKey(b"k" * 32)).of(f"kata-{number}" for number in range(VOCABULARY)))
random.Random(1).shuffle(TERMS)
_SUMS = list(itertools.accumulate(1 / (rank + 1) for rank in range(VOCABULARY)))


def drawn(chance: random.Random, many: int) -> set[int]:
    """So many of the vocabulary's terms, the frequent ones more often."""
    return {TERMS[bisect.bisect_left(_SUMS, chance.uniform(0, _SUMS[-1]))] for _ in range(many)}


def fill(database: Database, count: int) -> None:
    """The desk's tables and the search's."""
    chance = random.Random(2)
    for start in range(0, count, CHUNK):
        cases, terms = [], []
        for number in range(start, min(start + CHUNK, count)):
            found = drawn(chance, STEMS)
            cases.append(
                {
                    "case_id": f"00000000-0000-4000-8000-{number:012d}", "place": (number * 7919 % 1_000_003) << 10,
                    "unit": f"unit-{chance.randrange(UNITS)}", "state": chance.choice(("open", "answered", "closed")),
                    "kind": chance.choice(("complaint", "question", "suggestion")), "terms": packed(found), "key": "k",
                    "registered_at": f"2026-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}T00:00:00.000000Z",
                }
            )  # fmt: skip
            terms += [{"term": term, "place": cases[-1]["place"]} for term in found]
        with database.write() as connection:
            put_many(connection, case, [case_row(one) for one in cases])
            put_many(connection, registered, [registered_row(one) for one in cases])
            names = ("case_id", "place", "key", "terms")
            put_many(connection, search_case, [{name: one[name] for name in names} for one in cases])
            put_many(connection, search_term, terms)
    if not database.is_sqlite:
        with database.write() as connection:
            connection.execute(text("ANALYZE"))


def questions(chance: random.Random) -> dict[str, Wanted]:
    """One of each kind."""
    unit = Reach([f"unit-{chance.randrange(UNITS)}"])
    frequent = frozenset(chance.sample(TERMS[:20], 2))
    return {
        "one frequent": Wanted(frozenset({chance.choice(TERMS[:20])}), Reach(None)),
        "two frequent": Wanted(frequent, Reach(None)),
        "three drawn": Wanted(frozenset(list(drawn(chance, 3))), Reach(None)),
        "two middling": Wanted(frozenset(chance.sample(TERMS[100:1000], 2)), Reach(None)),
        "two frequent in a unit": Wanted(frequent, unit),
        "two frequent, open ones of a month": Wanted(
            frequent, Reach(None), states=["open"], since="2026-03-01T00:00:00.000000Z",
            before="2026-04-01T00:00:00.000000Z",
        ),
        "three frequent in a unit, closed": Wanted(frozenset(chance.sample(TERMS[:20], 3)), unit, states=["closed"]),
    }  # fmt: skip


def p95(database: Database, asks: Sequence[Callable[[Connection], Any]]) -> float:
    """Of all, in milliseconds."""
    took = []
    for ask in asks:
        with database.read() as connection:
            began = time.perf_counter()
            ask(connection)
            took.append((time.perf_counter() - began) * 1000)
    return sorted(took)[int(len(took) * 0.95)]


def _ask(wanted: Wanted, connection: Connection) -> list[tuple[int, str]]:
    return asking.places(connection, wanted, None, 21)


def measure(url: str, count: int) -> dict[str, Any]:
    """All kinds among `count` cases."""
    database = Store(url).make(metadata, search_metadata)
    fill(database, count)
    chance = random.Random(3)
    asked = [questions(chance) for _ in range(ASKED)]
    found = {
        kind: round(p95(database, [partial(_ask, one[kind]) for one in asked]), 1) for kind in asked[0]
    }  # fmt: skip
    bare = select(case).where(case.c.case_id == f"00000000-0000-4000-8000-{count // 2:012d}")
    lookup = round(p95(database, [lambda connection: connection.execute(bare).all()] * ASKED), 2)
    database.close()
    return {"database": "sqlite" if database.is_sqlite else "postgresql", "cases": count, "bare": lookup, "p95": found}


def main(arguments: list[str]) -> None:
    """Print the lines."""
    counts = [int(argument) for argument in arguments if argument != "--postgres"]
    with tempfile.TemporaryDirectory() as folder:
        if "--postgres" in arguments:
            with PostgresServer() as server:
                for count in counts:
                    print(json.dumps(measure(server.make_database("search"), count)), flush=True)
        else:
            for count in counts:
                place = Path(folder) / str(count)
                print(json.dumps(measure(f"sqlite:///{place}", count)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
