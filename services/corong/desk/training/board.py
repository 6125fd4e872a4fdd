"""Which drills were started and which cases are theirs: a file of the training hub's data folder.

The desk writes that one is wanted; who feeds the hub (`corong demo`) hands the messages in and writes their numbers.
"""

import fcntl
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

from pydantic import BaseModel, Field

__all__ = ["Board", "Run"]

FILE = "drills.json"
KEPT = 20
T = TypeVar("T")


class Run(BaseModel):
    """One drill that was started."""

    id: UUID = Field(default_factory=uuid4)
    drill: str
    officer: str
    began: datetime
    taken: bool = False
    """Its messages are being handed in, or were."""
    numbers: list[str] = Field(default_factory=list)
    """The registration number of each message, in order."""


class _Runs(BaseModel):
    runs: list[Run] = Field(default_factory=list)


class Board:
    """Read and changed by two tasks, or two processes."""

    def __init__(self, data: Path) -> None:
        self._path = data / FILE
        self._lock = data / f"{FILE}.lock"

    def runs(self) -> list[Run]:
        """The newest first."""
        try:
            return _Runs.model_validate_json(self._path.read_bytes()).runs
        except FileNotFoundError:
            return []

    def start(self, drill: str, officer: str, now: datetime) -> Run:
        """Ask for a drill's messages."""
        run = Run(drill=drill, officer=officer, began=now)

        def begin(runs: list[Run]) -> Run:
            runs[:] = [run, *runs][:KEPT]
            return run

        return self._change(begin)

    def take(self) -> Run | None:
        """The oldest that waits for its messages; nobody else gets it."""

        def take(runs: list[Run]) -> Run | None:
            found = next((run for run in reversed(runs) if not run.taken), None)
            if found is not None:
                found.taken = True
            return found

        return self._change(take)

    def handed_in(self, run: UUID, number: str) -> None:
        """A message got its number."""

        def add(runs: list[Run]) -> None:
            for one in runs:
                if one.id == run:
                    one.numbers.append(number)

        self._change(add)

    def _change(self, change: Callable[[list[Run]], T]) -> T:
        with open(self._lock, "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            runs = self.runs()
            result = change(runs)
            fresh = self._path.with_suffix(".new")
            fresh.write_text(_Runs(runs=runs).model_dump_json(indent=1), encoding="utf-8")
            os.replace(fresh, self._path)
            return result
