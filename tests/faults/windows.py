"""Where a hub stands still to be killed: in the very window that a broken promise would open.

Killed at random, a hub dies there by luck. Here it goes no further once it is there, says so, and waits for its death.
`preparing.py` does it in the new process; the product knows nothing of it.
"""

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

Reached = Callable[[], bool]
"""Whether this life is to end here; True once for each time that the window was opened."""


def _reached(folder: Path) -> bool:
    try:
        (folder / "open").rename(folder / "reached")
    except FileNotFoundError:
        return False
    return True


def before_commit(reached: Reached) -> None:
    """Intake has written what citizens wrote into its transaction, and has not committed it."""
    from corong.runtime import committer

    do = committer.Committer._do
    make = committer.Committer.__init__

    def do_and_stand(batch: Any, done: Any, unit: Any) -> None:
        do(batch, done, unit)
        if unit.numbering.service == "intake" and unit.recorded and reached():
            threading.Event().wait()

    def begin(self: Any, *arguments: Any, **_: Any) -> None:
        make(self, *arguments)  # never alone: in a thread of its own, so that only the commit stands still

    committer.Committer.__init__ = begin  # type: ignore[method-assign]
    committer.Committer._do = staticmethod(do_and_stand)  # type: ignore[method-assign]


def before_ack(reached: Reached) -> None:
    """The desk has committed what came from intake, and the broker has not heard of it."""
    from corong.runtime.reader import Reader

    take = Reader._take

    async def take_and_stand(self: Any, items: Any) -> None:
        await take(self, items)
        if self.service == "desk" and any(item.name == "message.received" for item in items) and reached():
            await asyncio.Event().wait()

    Reader._take = take_and_stand  # type: ignore[method-assign]


KINDS = {"before_commit": before_commit, "before_ack": before_ack}


def install(kind: str, folder: str) -> None:
    """In the hub's process: stand still in this window whenever it is open."""
    KINDS[kind](partial(_reached, Path(folder)))


class Window:
    """The test's side of it."""

    def __init__(self, kind: str, folder: Path, deaths: int) -> None:
        """`deaths` is how many lives end in it; the next one goes on."""
        self.kind = kind
        self.folder = folder
        self.deaths = deaths
        self.died = 0
        folder.mkdir()
        self._open()

    @property
    def environment(self) -> dict[str, str]:
        """For the hub's process."""
        return {"WINDOW": self.kind, "WINDOW_FOLDER": str(self.folder)}

    @property
    def reached(self) -> bool:
        """Whether the hub stands there."""
        return (self.folder / "reached").exists()

    def close(self) -> None:
        """That life has ended."""
        (self.folder / "reached").unlink()
        self.died += 1
        if self.died < self.deaths:
            self._open()

    def _open(self) -> None:
        (self.folder / "open").touch()
