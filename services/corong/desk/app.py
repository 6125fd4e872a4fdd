"""The desk's wiring: it reads everybody's events into its own tables; its HTTP side is in `api.py` and `pages`."""

import asyncio

from corong.desk import state
from corong.desk.context import Desk
from corong.desk.drafts.drafts import Drafts
from corong.runtime.broker import Broker
from corong.runtime.installation import Installation
from corong.runtime.service import Service

PRUNE_SECONDS = 60.0


def build(installation: Installation, broker: Broker) -> Service:
    """The service."""
    service = Service("desk", installation, broker, state=state.metadata, apply=state.apply, folds=state.FOLDS)
    drafts = Drafts(Desk(service))

    async def prune() -> None:
        while True:
            await asyncio.sleep(PRUNE_SECONDS)
            await drafts.prune()

    service.loop(prune)
    return service
