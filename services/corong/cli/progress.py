"""How far a long work is, on one line of a terminal."""

import sys


class Progress:
    """How far a long work is, on one line of a terminal; nothing where the output is no terminal."""

    def __init__(self, whole: int, what: str) -> None:
        self._whole = whole
        self._what = what
        self._done = 0
        self._shown = -1
        self._terminal = sys.stderr.isatty()

    def add(self, count: int) -> None:
        """So many more are done."""
        self._done += count
        percent = min(100, self._done * 100 // self._whole) if self._whole else 100
        if self._terminal and percent != self._shown:
            self._shown = percent
            sys.stderr.write(f"\r{self._what} {percent:3d} % ")
            sys.stderr.flush()

    def reached(self, done: int, whole: int) -> None:
        """So many of so many are done."""
        self._done, self._whole = 0, whole
        self.add(done)

    def __enter__(self) -> "Progress":
        """Begin."""
        return self

    def __exit__(self, *error: object) -> None:
        """Leave the line clean."""
        if self._terminal and self._shown >= 0:
            sys.stderr.write("\r\x1b[K")
