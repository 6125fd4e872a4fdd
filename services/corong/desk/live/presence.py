"""Who has a case open, and who is writing: in the memory of the process that serves the pages, gone by itself.

An open stream says it for as long as it lasts; a page without a script for a minute after it was loaded.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

PAGE_SECONDS = 60.0
"""How long a page that was loaded counts as open where no stream says so."""
WRITING_SECONDS = 30.0
"""How long after the last kept draft somebody counts as writing."""
AFTER_STREAM_SECONDS = 5.0
"""A page that is loaded again has no stream for a moment."""


@dataclass
class _Seen:
    streams: int = 0
    until: float = 0.0
    writes: dict[str, float] = field(default_factory=dict)
    """Act → until when."""


@dataclass(frozen=True)
class Present:
    """An officer who has a case open."""

    officer: str
    writes: tuple[str, ...] = ()
    """Names of the acts whose forms are being filled in."""


class Presence:
    """Knows them. `tell` is called with the case when that changed; `clock` gives seconds."""

    def __init__(self, tell: Callable[[Iterable[str]], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._tell = tell
        self._clock = clock
        self._cases: dict[str, dict[str, _Seen]] = {}
        self._told: dict[str, list[Present]] = {}

    def stream(self, case: str, officer: str, more: int) -> None:
        """A stream of the case's page begins (1) or ends (-1)."""
        seen = self._seen(case, officer)
        seen.streams = max(0, seen.streams + more)
        seen.until = self._clock() + AFTER_STREAM_SECONDS
        self._look(case)

    def page(self, case: str, officer: str) -> None:
        """A page of the case was loaded."""
        seen = self._seen(case, officer)
        seen.until = max(seen.until, self._clock() + PAGE_SECONDS)
        self._look(case)

    def writing(self, case: str, officer: str, act: str) -> None:
        """Something was typed into the form of an act."""
        self._seen(case, officer).writes[act] = self._clock() + WRITING_SECONDS
        self._look(case)

    def wrote(self, case: str, officer: str, act: str) -> None:
        """It was sent, or thrown away."""
        if case in self._cases:
            self._seen(case, officer).writes.pop(act, None)
            self._look(case)

    def of(self, case: str, but: str = "") -> list[Present]:
        """Who has it open now, all `but` one officer; in the order of their ids. For any thread."""
        now = self._clock()
        found = []
        for officer, seen in sorted(self._cases.get(case, {}).items()):
            writes = tuple(sorted(act for act, until in tuple(seen.writes.items()) if until > now))
            if officer != but and (seen.streams or seen.until > now or writes):
                found.append(Present(officer, writes))
        return found

    def sweep(self) -> None:
        """Let go of who left without a word, and tell of it."""
        for case in tuple(self._told):
            self._look(case)

    def _seen(self, case: str, officer: str) -> _Seen:
        return self._cases.setdefault(case, {}).setdefault(officer, _Seen())

    def _look(self, case: str) -> None:
        present = self.of(case)
        known = self._cases.get(case, {})
        for officer in known.keys() - {one.officer for one in present}:
            del known[officer]
        if not known:
            self._cases.pop(case, None)
        if present != self._told.get(case, []):
            if present:
                self._told[case] = present
            else:
                del self._told[case]
            self._tell((case,))
