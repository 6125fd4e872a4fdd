"""Which cases changed, for pages that are open: a hint after each commit, and no more than that.

Whoever hears of it asks the tables again, by the same policy as the page itself did. So nothing has to be kept for who
was away, and nothing is told that may not be read.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from sqlalchemy import select

from corong.desk import state
from corong.desk.tables import case as cases
from corong.runtime import tables
from corong.runtime.service import Service
from corong.runtime.unit import Unit
from corong_contracts.base import AnyEvent
from corong_contracts.case import CaseAssigned, CaseReturned, CaseRouted
from corong_contracts.message import MessageMoved

_COMES = (CaseRouted, CaseAssigned, CaseReturned)
LOOK_SECONDS = 1.0
"""How often a process that shares the desk looks whether another one took something."""


@dataclass(frozen=True)
class Hint:
    """What changed: cases by id, and the units in whose queues they are or were."""

    cases: frozenset[str]
    units: frozenset[str]
    came: frozenset[str] = frozenset()
    """Those of the cases that came anew into one of the units."""
    facts: bool = True
    """Whether the tables changed, and not only who has what open."""


Hear = Callable[[Hint | None], None]
"""Called in the event loop; None is "something, somewhere"."""


class Changes:
    """Tells them to who listens; costs nothing while nobody does."""

    def __init__(self, service: Service) -> None:
        """Before the service starts."""
        self._service = service
        self._heard: list[Hear] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        for payload in state.FOLDS:
            service.reacts(payload)(self._folded)
        if not service.whole:
            service.loop(self._look)

    def listen(self, hear: Hear) -> None:
        """From now on."""
        self._loop = asyncio.get_running_loop()
        self._heard.append(hear)

    def tell(self, case_ids: Iterable[str]) -> None:
        """Something beside the tables changed: who has a case open."""
        hint = Hint(frozenset(case_ids), frozenset(), facts=False)
        for hear in tuple(self._heard):
            hear(hint)

    def _folded(self, unit: Unit, event: AnyEvent) -> None:
        if not self._heard:
            return
        ids = {str(event.correlationid)}
        if isinstance(event.data, MessageMoved):
            ids |= {str(event.data.case_id), str(event.data.from_case)}
        units = {row["unit"] for case_id in ids if (row := unit.rows.get(cases, case_id)) is not None}
        if before := getattr(event.data, "from_unit", None):
            units.add(before)
        came = frozenset(ids) if isinstance(event.data, _COMES) else frozenset()
        unit.after.append(partial(self._committed, Hint(frozenset(ids), frozenset(units), came)))

    def _committed(self, hint: Hint | None) -> None:
        """In the committing thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._tell, hint)

    def soon(self, call: Callable[[], None]) -> None:
        """Call it in the event loop, where anybody listens there; for other threads."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(call)

    def _tell(self, hint: Hint | None) -> None:
        for hear in tuple(self._heard):
            hear(hint)

    async def _look(self) -> None:
        """Where another process reads some of the partitions, its marks tell that something came."""
        before: dict[str, int] = {}
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if not self._heard:
                continue
            marks = await asyncio.to_thread(self._marks)
            if before and marks != before:
                self._tell(None)
            before = marks

    def _marks(self) -> dict[str, int]:
        with self._service.database.read() as connection:
            return {row.writer: row.taken for row in connection.execute(select(tables.inbox))}
