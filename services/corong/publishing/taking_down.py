"""Posts that are taken down: each network is asked to take its own back, and what came of it is recorded.

Taking back twice does no harm, so there is no fence: what was under way when a process died is simply asked again.
"""

import asyncio
from uuid import UUID

import structlog
from sqlalchemy import select

from corong.publishing import rules, state
from corong.publishing.outlets import NoSink, Outlets
from corong.publishing.rows import delivery_of
from corong.runtime.database import may_pass
from corong.runtime.rows import Row
from corong.runtime.service import Service, cause_of
from corong.runtime.unit import Unit
from corong_contracts.channel import Deleting, Permanent, SendError

log = structlog.get_logger()

LOOK_SECONDS = 1.0
AT_ONCE = 50
TRIES = 4
FIRST_PAUSE = 0.5
"""Seconds before asking again; doubles each time."""


class TakingDown:
    """One for each publishing process."""

    def __init__(self, service: Service, outlets: Outlets) -> None:
        self._service = service
        self._outlets = outlets
        self._patience = service.settings.send_timeout_seconds
        service.loop(self.run)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                for row in await asyncio.to_thread(self._due):
                    await self._one(row)
            except Exception as error:
                if not may_pass(error):
                    raise
                log.warning("taking down waits for the database", error=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    def _due(self) -> list[Row]:
        table = state.delivery
        chosen = select(table).where(table.c.state == "removing", table.c.partition.in_(list(self._service.owned)))
        with self._service.database.read() as connection:
            found = connection.execute(chosen.order_by(table.c.due_at).limit(AT_ONCE)).mappings()
            return [dict(row) for row in found]

    async def _one(self, asked: Row) -> None:
        code = await self._removed(asked["account"], asked["native_id"])

        def record(unit: Unit) -> None:
            unit.lock(asked["partition"])
            row = unit.rows.get(state.delivery, asked["delivery_id"])
            assert row is not None  # deliveries are never deleted
            cause = cause_of(UUID(asked["delivery_id"]), f"taken-down/{asked['due_at']}")
            unit.record(cause, rules.taken_down(delivery_of(unit, row), code))

        await self._service.committer.run(record)

    async def _removed(self, account: str, native_id: str | None) -> str | None:
        """None where it is gone now; else a short word for why it stays."""
        try:
            sink = self._outlets.sink(account)
        except NoSink:
            return "no_account"
        if not (sink.capabilities.can_delete and isinstance(sink, Deleting)):
            return "cannot_delete"
        if not native_id:
            return "no_id"
        code, pause = "", FIRST_PAUSE
        for again in range(TRIES):
            if again:
                await asyncio.sleep(pause)
                pause *= 2
            try:
                await asyncio.wait_for(sink.delete(native_id), self._patience)
            except Permanent as error:
                return error.code or "refused"
            except SendError as error:
                code = error.code
            except Exception as error:  # whatever a third party's sink raises, the post may still stand
                code = type(error).__name__.lower()
            else:
                return None
        return code.replace("\0", "") or "unnamed"
