"""Try the whole OpenAPI of a hub: `python -m tests.openapi [--cases 5000] [--seed 7]`.

It starts a hub of its own in a temporary folder, shows how far it is, and ends with 1 when an answer was a 5xx or
outside of what the document says.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.openapi.trying import Outcome, Town, operations, try_all
from tests.processes import HubProcess


def told(operation: str, cases: int) -> None:
    """How far it is."""
    print(f"\r{cases:>6} cases  {operation:<80.80}", end="", flush=True)


def main() -> int:
    """All cases; 1 when something was found."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.openapi", description=(__doc__ or "").splitlines()[0],
        epilog="example: python -m tests.openapi --cases 5000 --seed 7",
    )  # fmt: skip
    parser.add_argument("--cases", type=int, default=5000, help="how many requests about (default 5000)")
    parser.add_argument("--seed", type=int, default=None, help="the same seed tries the same again")
    asked = parser.parse_args()
    seed = asked.seed if asked.seed is not None else random.randrange(2**32)
    with tempfile.TemporaryDirectory() as folder, HubProcess(Path(folder) / "data", CORONG_SETTLE_SECONDS="1") as hub:
        hub.wait_ready()
        tried = operations(hub)
        number = len(tried)
        print(f"{number} operations, seed {seed}", flush=True)
        start = time.monotonic()
        town, outcome = Town(hub), Outcome()
        while outcome.cases < asked.cases:  # what takes nothing is tried once in a round
            try_all(town, tried, -(-(asked.cases - outcome.cases) // number), seed, outcome, told)
            seed += 1
        print(f"\r{outcome.cases} cases in {time.monotonic() - start:.0f} s{'':<80}")
    for operation, statuses in sorted(outcome.statuses.items()):
        print(f"  {operation:<60} {'  '.join(f'{status}: {count}' for status, count in sorted(statuses.items()))}")
    print("\n".join(outcome.lines()) or "No answer was a 5xx or outside of what the document says.")
    return 1 if outcome.found else 0


if __name__ == "__main__":
    sys.exit(main())
