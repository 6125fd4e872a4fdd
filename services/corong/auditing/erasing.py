"""Commands on holds and erasures, and the loop that carries out what was decided, until it is done."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID, uuid5

import structlog
from pydantic_core import from_json
from sqlalchemy import Connection, func, literal, select, tuple_

from corong.auditing import entry_keys, state
from corong.auditing import erasure_rules as rules
from corong.auditing.erasure_rules import Subject
from corong.runtime.clock import moment
from corong.runtime.commands import ask, key_of
from corong.runtime.key_erasure import Doomed, KeyEraser
from corong.runtime.logs import where
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.service import Service
from corong.runtime.unit import Draft, Unit
from corong_contracts.base import partition_of
from corong_contracts.case import CaseRegistered
from corong_contracts.command import (
    ErasePerson,
    ForgetPerson,
    ListHolds,
    PlaceHold,
    PlanErasure,
    ReleaseHold,
    UnindexPersons,
)
from corong_contracts.erasure import ErasureCompleted, ErasureRepeated, KeyRotated

log = structlog.get_logger()

LOOK_SECONDS = 0.5
TOGETHER = 50
"""Persons whose files and ways go side by side, and whose completion is one commit."""

Row = dict[str, Any]


class Erasing:
    """Erases for one installation. Every step may be done again; the decision in the log says what is left to do."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._installation = service.installation
        self._eraser = KeyEraser(service.installation.key_database, service.installation.clock)
        service.command(PlaceHold, self.place)
        service.command(ReleaseHold, self.release)
        service.command(ErasePerson, self.erase)
        service.query(ListHolds, self.holds)
        service.query(PlanErasure, self.plan)
        service.before_start(self.erase_again)
        service.loop(self.run)

    # Commands

    def place(self, unit: Unit, officer: Actor, asked: PlaceHold, cause: UUID) -> dict[str, Any]:
        """Command `hold.place`."""
        subject = self._subject(unit, asked.person)
        drafts = rules.place(subject, officer, asked, cause)
        unit.record(cause, drafts)
        return {"hold_id": str(drafts[0].data["hold_id"])}

    def release(self, unit: Unit, officer: Actor, asked: ReleaseHold, cause: UUID) -> None:
        """Command `hold.release`."""
        held = unit.rows.get(state.hold, str(asked.hold_id))
        if held is not None:
            unit.lock_entity(UUID(held["person"]))
            held = unit.rows.get(state.hold, str(asked.hold_id))
        unit.record(cause, rules.release(held, officer, asked))

    def erase(self, unit: Unit, officer: Actor, asked: ErasePerson, cause: UUID) -> dict[str, Any]:
        """Command `person.erase`: the decision; the loop does it."""
        partitions = self._service.settings.partitions
        unit.lock(*(partition_of(entity, partitions) for entity in (UUID(asked.person), *asked.cases)))
        subject = self._subject(unit, asked.person, asked.cases)
        unit.record(cause, rules.erase(subject, officer, asked))
        return {"erasure_id": str(rules.erasure_id(asked.person)), "keys": len(subject.keys), "files": subject.files}

    def holds(self, connection: Connection, officer: Actor, asked: ListHolds) -> dict[str, Any]:
        """Query `hold.list`."""
        authorise(officer, Action.HOLD_READ, Scope())
        table = state.hold
        place = (table.c.placed_at, table.c.hold_id)
        statement = select(table).order_by(*(column.desc() for column in place)).limit(asked.limit)
        if asked.after is not None:
            statement = statement.where(tuple_(*place) < tuple_(*map(literal, key_of(asked.after))))
        if not asked.released:
            statement = statement.where(table.c.released_at.is_(None))
        return {"holds": [dict(row) for row in connection.execute(statement).mappings()]}

    def plan(self, connection: Connection, officer: Actor, asked: PlanErasure) -> dict[str, Any]:
        """Query `person.plan`."""
        authorise(officer, Action.PERSON_ERASE, Scope())
        keys = self._eraser.keys_of(asked.person)
        files = [size for key in keys for _, size in self._installation.objects.listed(key)]
        hold, erasure = state.hold, state.erasure
        held = connection.execute(select(hold).where(hold.c.person == asked.person, hold.c.released_at.is_(None)))
        decided = connection.execute(select(erasure).where(erasure.c.person == asked.person)).mappings().first()
        return {
            "person": asked.person,
            "keys": keys,
            "addresses": self._eraser.pseudonyms_of(asked.person),
            "files": len(files),
            "file_bytes": sum(files),
            "holds": [dict(row) for row in held.mappings()],
            "erasure": dict(decided) if decided else None,
        }

    def _subject(self, unit: Unit, person: str, cases: Sequence[UUID] = ()) -> Subject:
        unit.lock_entity(UUID(person))
        hold, erasure = state.hold.c, state.erasure.c
        held = unit.rows.query(select(hold.hold_id).where(hold.person == person, hold.released_at.is_(None)))
        erased = unit.rows.query(select(erasure.erasure_id).where(erasure.person == person))
        keys = self._eraser.keys_of(person)
        return Subject(
            person=person,
            keys=keys,
            files=sum(len(self._installation.objects.listed(key)) for key in keys),
            cases=[case for case in dict.fromkeys(cases) if self._is_theirs(unit.connection, case, person)],
            holds=sorted(row["hold_id"] for row in held),
            erased=bool(erased),
        )

    def _is_theirs(self, connection: Connection, case: UUID, person: str) -> bool:
        """Whether the log says so."""
        entry = state.entry.c
        body = connection.execute(
            select(entry.body)
            .where(
                entry.position.in_(entry_keys.positions([str(case)])), entry.case_id == str(case),
                entry.type == CaseRegistered.type,
            )
            .limit(1)
        ).scalar()  # fmt: skip
        return body is not None and from_json(body)["data"]["person"] == person

    # Carrying it out

    async def run(self) -> None:
        """Until cancelled: what was decided is done, what an old backup undid is done again."""
        while True:
            try:
                await self.carry_out()
            except Exception as error:  # whatever is away: the decision stands, and it is tried again
                log.warning("erasure goes on later", error=type(error).__name__, where=where(error))
            await asyncio.sleep(LOOK_SECONDS)

    async def carry_out(self) -> None:
        """Every step of what is left to do. Raises what a step raised; it can be done again."""
        pending, count = await asyncio.to_thread(self._pending)
        if pending:
            await self._do(pending, count)
        elif await asyncio.to_thread(self._eraser.erasures) < count:
            await self._service.committer.run(self._repeat, later=True)
        await self._service.committer.run(self._tell_rotations, later=True)

    def step(self, name: str) -> None:
        """Called before each step: where a process may die."""
        log.debug("erasure", step=name)

    async def _do(self, pending: list[Doomed], count: int) -> None:
        objects = self._installation.objects
        self.step("destroy")
        await asyncio.to_thread(self._eraser.destroy, pending, count)
        self._installation.keys.forget()
        self.step("note")
        await asyncio.to_thread(objects.note_erasures, count)
        self.step("scrub")
        if not await asyncio.to_thread(self._eraser.scrub):
            raise TimeoutError("the key store's log could not be cut: somebody reads for long")
        for start in range(0, len(pending), TOGETHER):
            group = pending[start : start + TOGETHER]
            self.step("files")
            files = await asyncio.to_thread(lambda: [sum(map(objects.erase, one.keys)) for one in group])  # noqa: B023  # awaited here
            self.step("forget")
            forgotten = await asyncio.gather(*map(self._forget, group))
            self.step("unindex")
            await ask(self._service.broker, UnindexPersons(), self._asker(group[0]), request_id=None)
            self.step("complete")
            done = list(zip(group, files, forgotten, strict=True))
            await self._service.committer.run(partial(self._complete, done), later=True)

    async def _forget(self, one: Doomed) -> int:
        """How many messages can't be found by their networks' ids any more."""
        told = await ask(self._service.broker, ForgetPerson(person=one.person), self._asker(one), request_id=None)
        return int(told.get("lookups", 0))

    def _complete(self, done: Sequence[tuple[Doomed, int, int]], unit: Unit) -> None:
        """Record it, in one commit: each with the number of files and of messages forgotten."""
        unit.lock(*(partition_of(UUID(one.person), self._service.settings.partitions) for one, _, _ in done))
        for one, files, lookups in done:
            row = unit.rows.get(state.erasure, one.erasure)
            if row is None or row["completed_at"] is not None:
                continue
            data = {
                "erasure_id": UUID(one.erasure), "person": one.person, "keys": len(one.keys), "files": files,
                "lookups": lookups,
            }  # fmt: skip
            unit.record(uuid5(UUID(one.erasure), "completed"), [Draft(ErasureCompleted, UUID(one.person), data)])

    def _pending(self) -> tuple[list[Doomed], int]:
        table = state.erasure
        with self._service.database.read() as connection:
            count = connection.execute(select(func.count()).select_from(table)).scalar() or 0
            rows = connection.execute(
                select(table).where(table.c.completed_at.is_(None)).order_by(table.c.decided_at, table.c.erasure_id)
            ).mappings()
            return [_doomed(row) for row in rows], count

    def _asker(self, one: Doomed) -> str:
        """Who asks intake: the one who decided, while the role is still theirs; else another who may decide it."""
        directory = self._installation.directory
        with self._service.database.read() as connection:
            table = state.erasure.c
            officer = connection.execute(select(table.officer).where(table.erasure_id == one.erasure)).scalar()
        deciders = [one for one in directory.officers if one.role in ("main_officer", "superior")]
        if any(one.id == officer for one in deciders):
            return str(officer)
        return next(one.id for one in sorted(deciders, key=lambda one: not one.active))

    # An old backup

    def erase_again(self) -> None:
        """Before anything is opened: whom the log says was erased is erased, whatever key store is here."""
        with self._service.database.write() as connection:
            unit = Unit(
                connection, self._service.numbering, self._installation.sealer, self._installation.clock()
            )  # fmt: skip
            self._repeat(unit)
            unit.finish()
        unit.committed()

    def _repeat(self, unit: Unit) -> None:
        table = state.erasure
        decided = [_doomed(row) for row in unit.rows.query(select(table).order_by(table.c.decided_at))]
        if not decided:
            return
        self._installation.objects.note_erasures(len(decided))
        again = self._eraser.living(decided)
        if not again:
            if self._eraser.erasures() < len(decided):
                self._eraser.confirm(len(decided))
            return
        self._eraser.destroy(again, len(decided))
        self._installation.keys.forget()
        if not self._eraser.scrub():
            raise TimeoutError("the key store's log could not be cut: somebody reads for long")
        open_ones = {
            row["erasure_id"]
            for row in unit.rows.query(select(table.c.erasure_id).where(table.c.completed_at.is_(None)))
        }
        undone = [one for one in again if one.erasure not in open_ones]
        if not undone:
            return  # only not carried out yet: that is no old backup
        log.warning("the key store is older than the log: erased again", erasures=len(undone))
        first = UUID(undone[0].erasure)
        entity = UUID(undone[0].person)
        data = {"erasure_id": first, "erasures": len(undone)}
        cause = uuid5(first, f"again/{unit.now.isoformat()}")
        unit.record(cause, [Draft(ErasureRepeated, entity, data)])

    def _tell_rotations(self, unit: Unit) -> None:
        for done in self._eraser.rotations():
            if unit.rows.get(state.rotation, done.id) is not None:
                continue
            entity = UUID(done.id)
            unit.lock_entity(entity)
            data = {
                "key_id": entity, "old": done.old, "new": done.new, "keys": done.keys,
                "started_at": moment(done.started_at), "finished_at": moment(done.finished_at),
            }  # fmt: skip
            unit.record(uuid5(entity, "rotated"), [Draft(KeyRotated, entity, data)])


def _doomed(row: Any) -> Doomed:
    return Doomed(
        erasure=row["erasure_id"], person=row["person"], keys=tuple(row["keys"].split()), at=row["decided_at"],
        basis=row["legal_basis"], schedule=row["schedule"],
    )  # fmt: skip
