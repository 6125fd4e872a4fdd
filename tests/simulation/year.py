"""A year of a regency in one run: `python -m tests.simulation`.

Citizens write, officers claim, answer, ask, extend, refuse and stay silent, a decree comes in August. Then the log, the
tables, the register, the yearly report and a replay are held against the book that the town kept itself.

Example: `python -m tests.simulation --cases 2000 --units 20 --seed 7 --json`. Exit code 1 where anything differs.
"""

import argparse
import contextlib
import json
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from corong.replay.foldings import FOLDINGS
from corong.replay.logs import DatabaseLog
from tests.simulation import reconcile, replaying
from tests.simulation.running import Size, Year, run

CASES, UNITS, SEED = 20_000, 60, 2026
DAYS = 365
SHOWN = 20
"""So many differences are printed."""
Told = Callable[[int], None]


def main(arguments: list[str] | None = None) -> int:
    """Run it; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulation", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--cases", type=_positive, default=CASES, help=f"that citizens write ({CASES})")
    parser.add_argument("--units", type=_positive, default=UNITS, help=f"that they write to ({UNITS})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"the same one gives the same year ({SEED})")
    parser.add_argument("--json", action="store_true", help="one object instead of lines")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="corong-year-") as folder:
        found = measure(Path(folder), Size(asked.cases, asked.units, asked.seed))
    if asked.json:
        print(json.dumps(found, indent=2))
    else:
        _print(found)
    return 1 if found["problems"] else 0


def measure(folder: Path, size: Size) -> dict[str, Any]:
    """Live through the year and hold it against its book."""
    began = time.monotonic()
    with _bar() as bar:
        with _part(bar, "year", DAYS) as told:
            year = run(folder, size, told)
        lived = time.monotonic() - began
        entries = DatabaseLog(year.url).size()
        # The one reads in this process, the other folds in processes of its own.
        with (
            _part(bar, "reconciling", entries) as read, _part(bar, "replay", entries * len(FOLDINGS)) as folded,
            ThreadPoolExecutor(1) as beside,
        ):  # fmt: skip
            reconciled = beside.submit(reconcile.problems, year, read)
            replayed = replaying.problems(year, folded)
            problems = reconciled.result() + replayed
    return {
        **_counts(year), "events": entries, "problems": problems, "seconds": round(time.monotonic() - began, 1),
        "seconds_of_the_year": round(lived, 1), "cpu_seconds": round(_cpu(), 1),
    }  # fmt: skip


def _counts(year: Year) -> dict[str, Any]:
    cases = year.book.cases.values()
    return {
        "cases": len(cases),
        "kinds": dict(Counter(entry.kind for entry in cases).most_common()),
        "units": len({entry.unit for entry in cases}),
        "extended": sum(entry.events["case.extended"] for entry in cases),
        "silences": sum(len(entry.silences) for entry in cases),
        "overdue": sum(entry.events["clock.escalated"] for entry in cases),
        "objections": sum(entry.kind == "objection" for entry in cases),
        "moved_by_decree": len(year.book.moved),
        "hashes": {name: one.hash for name, one in sorted(year.hashes.items())},
    }


def _cpu() -> float:
    """Seconds, of this process and of those that it started and that have ended."""
    spent = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def _bar() -> Progress:
    columns = (TextColumn("{task.description:>12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True))


@contextlib.contextmanager
def _part(bar: Progress, name: str, whole: int) -> Iterator[Told]:
    task = bar.add_task(name, total=whole)
    yield lambda count: bar.advance(task, count)


def _print(found: dict[str, Any]) -> None:
    for name, value in found.items():
        if name not in ("problems", "hashes"):
            print(f"{name.replace('_', ' '):>20}  {value}")
    for problem in found["problems"][:SHOWN]:
        print(problem)
    count = len(found["problems"])
    print("everything reconciles, to the last case" if not count else f"{count} differences")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
