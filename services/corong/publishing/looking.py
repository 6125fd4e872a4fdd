"""Asking the network what became of a delivery whose outcome nobody knows."""

import asyncio

from sqlalchemy import select

from corong.publishing import rules, state
from corong.publishing.rules import Delivery
from corong.runtime.unit import Unit
from corong_contracts.channel import Outgoing, Sent, Sink, Unknown

FIRST_PAUSE = 0.5
"""Seconds before asking again; doubles each time."""


async def ask(sink: Sink, outgoing: Outgoing, patience: float) -> Sent | None:
    """What the network says: there, or None where sending (again) does no harm. `patience` in seconds for each try.

    Asked some times: the network may be away at the very moment after a crash. Raises the last error, `Unknown` where
    the network can't be asked at all.
    """
    if not sink.capabilities.can_look_up:
        if sink.capabilities.idempotent:
            return None
        raise Unknown("cannot_look_up")
    pause = FIRST_PAUSE
    for _ in range(rules.LOOK_UPS - 1):
        try:
            return await asyncio.wait_for(sink.look_up(outgoing), patience)
        except Exception:  # asked again, the last error counts
            await asyncio.sleep(pause)
            pause *= 2
    return await asyncio.wait_for(sink.look_up(outgoing), patience)


def is_another(unit: Unit, delivery: Delivery, native_id: str) -> bool:
    """Whether what was found is known to be another delivery of the account, of the same words perhaps."""
    table = state.delivery.c
    found = unit.rows.query(
        select(table.delivery_id)
        .where(table.channel == delivery.channel, table.account == delivery.account, table.native_id == native_id)
        .where(table.delivery_id != str(delivery.delivery_id))
        .limit(1)
    )
    return bool(found)
