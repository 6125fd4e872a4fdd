"""A queue's page while it is open: its cases in their order, a mark of each, and who has which open."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from corong.desk import queue
from corong.desk.context import Desk
from corong.desk.live.case_view import token_of
from corong.desk.live.changes import Changes, Hint
from corong.desk.live.presence import Presence, Present
from corong.desk.live.streams import FRESH_SECONDS, State
from corong.desk.paging import Key
from corong.runtime.clock import stamp

NAME = "antrean"
MOST_CAME = 1000
"""Of new cases that an open page counts."""
MOST_KEPT = 500
"""Different pages of queues that officers have open."""
_FACTS = ("unit", "kind", "priority", "state", "life", "due_at", "messages", "unanswered", "registration")

Row = dict[str, Any]
Say = Callable[[list[Present]], str]


@dataclass(eq=False)
class _Kept:
    units: Sequence[str] | None
    asked: float
    rows: "asyncio.Task[list[Row]]"

    def hears(self, hint: Hint | None) -> bool:
        if hint is None or (hint.facts and self.units is None):
            return True
        if not hint.facts:
            return False
        return not hint.units.isdisjoint(self.units or ()) or self.shows(hint)

    def shows(self, hint: Hint) -> bool:
        """Whether one of the cases is on the page; so it is thought where the page is still being read."""
        if not self.rows.done() or self.rows.cancelled() or self.rows.exception() is not None:
            return True
        return any(row["case_id"] in hint.cases for row in self.rows.result())


class QueuePages:
    """Pages of queues that are open, each read once for all officers who look at it."""

    def __init__(self, desk: Desk, changes: Changes) -> None:
        self._desk = desk
        self._changes = changes
        self._kept: dict[str, _Kept] = {}
        self._listening = False

    def now(self) -> str:
        """The present moment, as rows keep it."""
        return stamp(self._desk.now())

    async def rows(self, wanted: queue.Wanted, after: Key | None, limit: int) -> list[Row]:
        """As `queue.page`, one row less where there are more than `limit`."""
        if not self._listening:
            self._listening = True
            self._changes.listen(self._hear)
        now = time.monotonic()
        # Whose page it is matters only where it shows what is held by its reader.
        asked = replace(wanted, now="", officer=wanted.officer if wanted.held == "me" else "")
        key = repr((asked, after))
        kept = self._kept.get(key)
        if kept is None or now - kept.asked > FRESH_SECONDS / 2:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            reading = asyncio.create_task(self._read(wanted, after, limit))
            kept = self._kept[key] = _Kept(wanted.units, now, reading)
        try:
            return await asyncio.shield(kept.rows)
        except Exception:
            self._kept.pop(key, None)
            raise

    async def _read(self, wanted: queue.Wanted, after: Key | None, limit: int) -> list[Row]:
        now = replace(wanted, now=self.now())
        return (await self._desk.read(lambda connection: queue.page(connection, now, after, limit)))[:limit]

    def _hear(self, hint: Hint | None) -> None:
        for key, kept in tuple(self._kept.items()):
            if kept.hears(hint):
                del self._kept[key]


class QueueView:
    """As one officer sees it."""

    def __init__(
        self, pages: QueuePages, presence: Presence, wanted: queue.Wanted, after: Key | None, limit: int, say: Say
    ) -> None:
        """`wanted` has the units that the officer's rights reach, and no others."""
        self._pages = pages
        self._presence = presence
        self._wanted = wanted
        self._after = after
        self._limit = limit
        self._say = say
        self._shown: frozenset[str] = frozenset()
        self._came: set[str] = set()

    def hears(self, hint: Hint | None) -> bool:
        """Whether a case of these queues changed, or one that is shown."""
        if hint is None:
            return True
        units = self._wanted.units
        if hint.facts and (units is None or not hint.units.isdisjoint(units)):
            if len(self._came) < MOST_CAME:
                self._came |= hint.came
            return True
        return not self._shown.isdisjoint(hint.cases)

    async def now(self) -> State | None:
        """The page as it stands."""
        return self.state(await self._pages.rows(self._wanted, self._after, self._limit))

    def state(self, rows: Sequence[Row]) -> State:
        """With who has which open at this moment."""
        self._shown = frozenset(row["case_id"] for row in rows)
        now = self._pages.now()
        lines = [
            (row["case_id"], mark_of(row, now), self._say(self._presence.of(row["case_id"], self._wanted.officer)))
            for row in rows
        ]
        # The oldest stand first: what came may stand on a page that follows.
        further = len(self._came - self._shown) if self._tells_came else 0
        return State(NAME, token_of(lines, further), {"rows": lines, "further": further})

    @property
    def _tells_came(self) -> bool:
        """Whether what comes into the queue belongs to what is asked for."""
        wanted = self._wanted
        return "open" in wanted.states and not (wanted.kind or wanted.priority or wanted.late) and (
            wanted.held in (None, "nobody")
        )  # fmt: skip


def mark_of(row: Row, now: str) -> str:
    """A mark that changes with what a line of the queue says of a case."""
    held = row["holder"] if row["holder"] is not None and row["lease_until"] > now else None
    late = row["due_at"] is not None and row["due_at"] <= now
    return token_of(*(row[name] for name in _FACTS), held, late)[:10]
