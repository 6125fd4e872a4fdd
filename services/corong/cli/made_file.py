"""A file that the hub makes while somebody waits: progress where somebody looks; it is whole or not there."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corong.cli.remote import Remote
from corong.cli.trouble import Trouble
from corong.cli.words import say

if TYPE_CHECKING:
    from rich.progress import Progress


def fetched(remote: Remote, path: str, body: Any, out: Path, *, force: bool, quiet: bool) -> dict[str, Any]:
    """Have it made and written to `out`; what the hub says of it. Raises `Trouble`; then an older file stays."""
    if out.exists() and not force:
        raise Trouble(
            say(f"{out} sudah ada", f"{out} is there already"),
            say("pilih nama lain, atau --force", "choose another name, or --force"),
        )
    unfinished = out.with_name(out.name + ".part")
    try:
        with unfinished.open("wb") as file, _Shown(quiet) as shown:
            made = remote.fetch_made(path, body, file, shown.step)
        unfinished.replace(out)
    except OSError as error:
        raise Trouble(say(f"{out} tidak dapat ditulis: {error}", f"{out} can't be written: {error}")) from None
    finally:
        unfinished.unlink(missing_ok=True)
    return made


class _Shown:
    """A progress bar, where somebody looks."""

    def __init__(self, quiet: bool) -> None:
        self._bar: Progress | None = None
        if not quiet and sys.stderr.isatty():
            from rich import progress
            from rich.console import Console

            self._bar = progress.Progress(console=Console(stderr=True), transient=True)

    def __enter__(self) -> "_Shown":
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task(say("Entri", "Entries"), total=None)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def step(self, done: int, size: int) -> None:
        """How far it is."""
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=size)
