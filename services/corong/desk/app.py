"""The desk's wiring: it reads everybody's events into its own tables, and words into the search's.

Its HTTP side is in `api.py` and `pages`.
"""

import asyncio

from corong.desk import state
from corong.desk.context import Desk
from corong.desk.drafts.drafts import Drafts
from corong.desk.live.changes import Changes
from corong.desk.live.presence import Presence
from corong.desk.live.queue_view import QueuePages
from corong.desk.live.streams import Streams
from corong.desk.search.forgetting import Forgetting
from corong.desk.search.index import Indexing
from corong.desk.tables import officer, unit_edition
from corong.runtime.broker import Broker
from corong.runtime.installation import Installation
from corong.runtime.officers_kept import KeptOfficers
from corong.runtime.service import Service
from corong.runtime.units_kept import KeptUnits

PRUNE_SECONDS = 60.0
SWEEP_SECONDS = 5.0


class DeskService(Service):
    """The desk, with what its open pages hear of."""

    def __init__(self, installation: Installation, broker: Broker) -> None:
        super().__init__(
            "desk", installation, broker, state=state.metadata, apply=state.apply, folds=state.FOLDS, asked=state.asked
        )  # fmt: skip
        KeptUnits(self, unit_edition)
        self._desk = Desk(self)
        self._drafts = Drafts(self._desk)
        Forgetting(Indexing(self._desk))
        self.changes = Changes(self)
        self.presence = Presence(self.changes.tell)
        self.streams = Streams(self.changes)
        # Whoever was shut out hears nothing more, also on a page that lies open.
        KeptOfficers(self, officer).listeners.append(self.streams.doubt_soon)
        self.queue_pages = QueuePages(self._desk, self.changes)
        self.loop(self._prune)
        self.loop(self._sweep)
        self.at_parting(self.streams.close)

    async def _prune(self) -> None:
        while True:
            await asyncio.sleep(PRUNE_SECONDS)
            await self._drafts.prune()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self.presence.sweep()


def build(installation: Installation, broker: Broker) -> DeskService:
    """The service."""
    return DeskService(installation, broker)
