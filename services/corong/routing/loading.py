"""Cases out of routing's tables, locked for a decision."""

import json
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, not_, or_, select

from corong.routing import state
from corong.routing.case_clocks import clock_id
from corong.routing.cases import Case, Clock
from corong.routing.deadlines import ClockInputs, Pause
from corong.routing.life_table import STATUTORY
from corong.routing.procedure import Message
from corong.runtime.clock import moment
from corong.runtime.keys import Keys
from corong.runtime.refusal import Refused
from corong.runtime.rows import Row
from corong.runtime.unit import Unit
from corong_contracts.case import CaseKind, CaseState, ComplaintTier, Priority
from corong_contracts.case_life import ObjectionGround

__all__ = ["Loader", "clock_of", "read_case"]


class Loader:
    """Reads cases for the rules."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def case(
        self, unit: Unit, case_id: UUID, *, key: bool = False, clocks: bool = False, alone: bool = False
    ) -> Case:  # fmt: skip
        """The case, locked; with the citizen's key and the clocks where a rule needs them. Raises `Refused` (404).

        `alone`: never with its clocks.
        """
        unit.lock_entity(case_id)
        row = unit.rows.get(state.case, str(case_id))
        known = unit.rows.get(state.registered, str(case_id))
        if row is None or known is None:
            raise _no_such_case()
        person = known["person"]
        # What may be done with a request or an objection hangs on its clocks, also where a refusal only tells it.
        clocks = not alone and (clocks or row["kind"] in STATUTORY)
        return case_of(
            row,
            known,
            self.key_of(person) if key else "",
            self._clocks(unit, case_id) if clocks else {},
            self._hash(unit, row),
        )

    def keyed(self, case: Case) -> Case:
        """With the citizen's key. Raises `PersonErased`."""
        return replace(case, key=self.key_of(case.person))

    def key_of(self, person: str) -> str:
        """A citizen's key. Raises `PersonErased`."""
        return self._keys.ensure([person])[person]

    def registered(self, unit: Unit, case_id: UUID) -> Row:
        """What intake said of a case that is known."""
        row = unit.rows.get(state.registered, str(case_id))
        assert row is not None  # a case that was loaded
        return row

    def message(self, unit: Unit, case: Case, message_id: UUID | None) -> Message:
        """A message of the citizen; the case's first where none is named."""
        known = self.registered(unit, case.case_id)
        if message_id is None or str(message_id) == known["message_id"]:
            first = UUID(known["message_id"]) if known["message_id"] else case.case_id
            return Message(first, moment(known["received_at"]), own=True, first=True)
        row = unit.rows.get(state.follow_up, str(message_id))
        if row is None or unit.rows.get(state.split_off, str(message_id)) is not None:
            return Message(message_id, unit.now, own=False, first=False)  # unknown, or a case of its own by now
        moved = unit.rows.get(state.moved, str(message_id))
        own = (moved or row)["case_id"] == str(case.case_id)
        home, received = UUID(row["case_id"]), moment(row["received_at"])
        return Message(message_id, received, own=own, first=False, home=home, moved=moved is not None)

    def latest_since(self, unit: Unit, case: Case, since: str) -> Message | None:
        """The latest message that a person wrote in the case since then."""
        table, moved = state.follow_up.c, state.moved.c
        elsewhere = or_(
            table.message_id.in_(select(moved.message_id)), table.message_id.in_(select(state.split_off.c.message_id))
        )
        here = table.message_id.in_(select(moved.message_id).where(moved.case_id == str(case.case_id)))
        found = unit.rows.query(
            select(table.message_id, table.received_at)
            .where(or_(here, and_(table.case_id == str(case.case_id), not_(elsewhere))))
            .where(table.received_at >= since, table.automatic.is_(False))
            .order_by(table.received_at.desc())
            .limit(1)
        )
        if not found:
            return None
        return Message(UUID(found[0]["message_id"]), moment(found[0]["received_at"]), own=True, first=False)

    def split_from(self, unit: Unit, case_id: UUID) -> UUID | None:
        """The case to which the message came that an officer made a case of its own; None where none did."""
        first = self.registered(unit, case_id)["message_id"]
        split, came = unit.rows.get(state.split_off, first), unit.rows.get(state.follow_up, first)
        if split is None or came is None or split["new_case"] != str(case_id):
            return None
        return UUID(came["case_id"])

    def merged_here(self, unit: Unit, case_id: UUID) -> bool:
        """Whether another case was merged into this one."""
        chosen = select(state.case.c.case_id).where(state.case.c.merged_into == str(case_id)).limit(1)
        return bool(unit.rows.query(chosen))

    def of_group(self, unit: Unit, group_id: UUID) -> list[UUID]:
        """The cases of a group, closed ones too, in the order of their ids."""
        chosen = select(state.case.c.case_id).where(state.case.c.group_id == str(group_id))
        return sorted(UUID(row["case_id"]) for row in unit.rows.query(chosen))

    def _clocks(self, unit: Unit, case_id: UUID) -> dict[str, Clock]:
        return {row["rule"]: clock_of(row) for row in unit.rows.group(state.clock, str(case_id))}

    def _hash(self, unit: Unit, row: Row) -> str | None:
        if row["state"] != CaseState.APPROVAL_PENDING:
            return None
        waiting = unit.rows.get(state.proposal, row["case_id"])
        return waiting["text_hash"] if waiting else None


def read_case(connection: Connection, case_id: UUID) -> Case:
    """The case with its clocks and without a key, for a question: not locked. Raises `Refused` (404)."""
    found = [
        connection.execute(select(table).where(table.c.case_id == str(case_id))).mappings().first()
        for table in (state.case, state.registered)
    ]
    row, known = found
    if row is None or known is None:
        raise _no_such_case()
    rows = connection.execute(
        select(state.clock).where(state.clock.c.case_id == str(case_id)).order_by(state.clock.c.rule)
    )
    clocks = {one["rule"]: clock_of(dict(one)) for one in rows.mappings()}
    waiting = connection.execute(
        select(state.proposal.c.text_hash).where(state.proposal.c.case_id == str(case_id))
    ).scalar()  # fmt: skip
    return case_of(dict(row), dict(known), "", clocks, waiting)


def _no_such_case() -> Refused:
    return Refused(404, "no_such_case", "Perkara itu tidak ada.", "There is no such case.")


def case_of(row: Row, known: Row, key: str, clocks: dict[str, Clock], text_hash: str | None) -> Case:
    """A case's rows as the rules know it."""
    message_id = row["message_id"] or known["message_id"]
    received = row["received_at"] or known["received_at"]
    return Case(
        case_id=UUID(row["case_id"]),
        conversation_id=UUID(known["conversation_id"]),
        unit=row["unit"],
        kind=CaseKind(row["kind"]),
        priority=Priority(row["priority"]),
        holder=row["holder"],
        lease_until=moment(row["lease_until"]) if row["lease_until"] else None,
        state=CaseState(row["state"]),
        key=key,
        person=known["person"],
        message_id=UUID(message_id) if message_id else None,
        received=moment(received) if received else None,
        tier=ComplaintTier(row["tier"]) if row["tier"] else None,
        before=CaseState(row["before"]) if row["before"] else None,
        outcome=row["outcome"],
        decision=row["decision"],
        asked_at=moment(row["asked_at"]) if row["asked_at"] else None,
        text_hash=text_hash,
        request_id=_uuid(row["request_id"]),
        ground=ObjectionGround(row["ground"]) if row["ground"] else None,
        objection_id=_uuid(row["objection_id"]),
        group_id=_uuid(row["group_id"]),
        merged_into=_uuid(row["merged_into"]),
        disputed=row["disputed"] or "no",
        public_answer=row["public_answer"] or "no",
        clocks=clocks,
    )


def clock_of(row: Row) -> Clock:
    """A clock's row as the rules know it."""
    pauses: list[dict[str, Any]] = json.loads(row["pauses"])
    inputs = ClockInputs(
        moment(row["started"]),
        row["zone"],
        tuple(
            Pause(one["reason"], date.fromisoformat(one["asked"]), date.fromisoformat(one["answered"]))
            for one in pauses
        ),
        row["extended"],
    )
    return Clock(
        clock_id=clock_id(UUID(row["case_id"]), row["rule"]),
        rule=row["rule"],
        state=row["state"],
        inputs=inputs,
        calendar=row["calendar"],
        last_day=date.fromisoformat(row["last_day"]),
        due=moment(row["due"]),
        ended_by=row["ended_by"],
        paused_for=row["paused_for"],
        paused_on=date.fromisoformat(row["paused_on"]) if row["paused_on"] else None,
    )


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None
