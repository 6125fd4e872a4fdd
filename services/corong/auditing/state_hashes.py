"""Hashes of every service's tables become events: whoever has the log can fold it and compare."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import structlog
from sqlalchemy import select

from corong.auditing import state
from corong.auditing.findings import NAMESPACE
from corong.runtime import tables
from corong.runtime.clock import moment, stamp
from corong.runtime.commands import officer_of, told
from corong.runtime.policy import Action, Scope, authorise
from corong.runtime.service import Service, cause_of
from corong.runtime.state_hashes import NoAnswer, ask_hash
from corong.runtime.unit import Draft, Unit
from corong_contracts.audit import AuditStateHashed
from corong_contracts.base import SERVICES
from corong_contracts.command import HashStates, Reply, Request, StateHash

log = structlog.get_logger()

LOOK_SECONDS = 60.0
COVERED_SECONDS = 20.0
"""How long to wait until the log holds all that a hash stands for, so that the log up to it is enough to compare."""
POLL_SECONDS = 0.1
MOST_LEFT_OUT = 500


class StateHashes:
    """One for each auditing process."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._one = asyncio.Lock()
        service.subscribe(HashStates.nats_subject(), self.command)
        if service.settings.state_hash_hours:
            service.loop(self.run)

    async def command(self, body: bytes) -> bytes:
        """Command `state.record`."""
        try:
            request = Request.model_validate_json(body)
            officer = officer_of(self._service.installation.directory, request.officer)
            authorise(officer, Action.AUDIT_READ, Scope())
            reply = Reply(result=await self.record(request.id, str(officer)))
        except Exception as error:  # whoever asked must get an answer
            reply = Reply(problem=told(error, HashStates))
        return reply.model_dump_json().encode()

    async def run(self) -> None:
        """Until cancelled: record the hashes whenever they are due."""
        while True:
            cause = await asyncio.to_thread(self._due)
            if cause is not None:
                await self.record(cause, "system")
            await asyncio.sleep(LOOK_SECONDS)

    def _due(self) -> UUID | None:
        """The cause of the hashes that are due: the same until they are recorded."""
        with self._service.database.read() as connection:
            row = connection.execute(
                select(state.state_hash.c.hashed_at).order_by(state.state_hash.c.hashed_at.desc()).limit(1)
            ).first()
        every = timedelta(hours=self._service.settings.state_hash_hours)
        if row is not None and moment(row.hashed_at) + every > self._service.installation.clock():
            return None
        if row is None and not self._has_entries():
            return None
        return cause_of(NAMESPACE, f"state/{row.hashed_at if row is not None else 'first'}")

    def _has_entries(self) -> bool:
        """Whether the log is old enough for a first hash: an empty hub has nothing to tell."""
        every = timedelta(hours=self._service.settings.state_hash_hours)
        with self._service.database.read() as connection:
            first = connection.execute(select(state.entry.c.time).order_by(state.entry.c.position).limit(1)).first()
        return first is not None and first.time <= stamp(self._service.installation.clock() - every)

    async def record(self, cause: UUID, actor: str) -> dict[str, Any]:
        """Ask every service, and record what each answers; the names of those that did not answer are told too."""
        async with self._one:
            hashes: list[StateHash] = []
            silent: list[str] = []
            for name in SERVICES:
                try:
                    hashes.append(await ask_hash(self._service.broker, name))
                except NoAnswer as error:
                    log.warning("no state hash", reason=str(error))
                    silent.append(name)
            await self._covered(hashes)
            events = await self._service.committer.run(lambda unit: self._write(unit, cause, actor, hashes), later=True)
        return {"hashes": events, "silent": silent}

    def _write(self, unit: Unit, cause: UUID, actor: str, hashes: list[StateHash]) -> list[dict[str, Any]]:
        events = []
        for found in hashes:
            own = uuid5(cause, found.service)
            if len(found.left_out) > MOST_LEFT_OUT:
                log.error("too many dead letters for a state hash", service=found.service)
                continue
            earlier = unit.answered(own)
            draft = Draft(AuditStateHashed, own, _data(own, found), actor=actor)
            events += earlier or unit.record(own, [draft])
        return [
            {"service": event.data.of_service, "hash": event.data.hash, "writer": event.writer, "number": event.number}
            for event in events
            if isinstance(event.data, AuditStateHashed)
        ]

    async def _covered(self, hashes: list[StateHash]) -> None:
        wanted: dict[str, int] = {}
        for found in hashes:
            for writer, number in found.reached.items():
                wanted[writer] = max(number, wanted.get(writer, 0))
        for _ in range(round(COVERED_SECONDS / POLL_SECONDS)):
            if await asyncio.to_thread(self._holds, wanted):
                return
            await asyncio.sleep(POLL_SECONDS)
        log.warning("the log does not hold all that the state hashes stand for")

    def _holds(self, wanted: dict[str, int]) -> bool:
        with self._service.database.read() as connection:
            rows = connection.execute(select(tables.inbox.c.writer, tables.inbox.c.taken))
            taken = {row.writer: row.taken for row in rows}
        return all(taken.get(writer, 0) >= number for writer, number in wanted.items())


def _data(audit_id: UUID, found: StateHash) -> dict[str, Any]:
    return {
        "audit_id": audit_id,
        "of_service": found.service,
        "reached": found.reached,
        "left_out": found.left_out,
        "hash": found.hash,
        "tables": found.tables,
    }
