"""Any commands of any officers on one case: one holder, closed is the end, and the log alone tells all of it."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from corong.routing import loading, rules, state
from corong.routing.case_guards import Asked
from corong.routing.rules import Case
from corong.runtime.clock import stamp
from corong.runtime.policy import Actor, Forbidden
from corong.runtime.refusal import Refused
from corong.runtime.rows import Rows
from corong.runtime.unit import Draft, Unit
from corong_contracts.base import AnyEvent
from corong_contracts.case import (
    CaseAnswered,
    CaseAssigned,
    CaseClaimed,
    CaseClosed,
    CaseKind,
    CaseRegistered,
    CaseReleased,
    CaseReturned,
    CaseRouted,
    CaseState,
    Priority,
)
from corong_contracts.catalogue import decode, encode
from tests.contracts.golden import event_examples
from tests.services.routing.cases import BOTH_UNITS, CASE, CONVERSATION, LEASE, MAIN, NOW, OTHER, UNIT
from tests.services.stores import Store, Works, make_keys

OFFICERS = st.sampled_from(
    [BOTH_UNITS[name] for name in ("unit", "colleague", "operator", "main", "stranger", "superior")]
)
UNITS = st.sampled_from([UNIT, OTHER, MAIN])


class Desk:
    """Routing's tables, for all examples."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="corong-routing-")
        path = Path(self.folder.name)
        keyring = make_keys(path)
        self.key = keyring.ensure(["warga"])["warga"]
        self.works = Works(Store(f"sqlite:///{path}"), keyring, state.apply)
        with self.works.database.write() as connection:
            state.metadata.create_all(connection)


@cache
def desk() -> Desk:
    return Desk()


@pytest.fixture(autouse=True, scope="module")
def _close() -> Iterator[None]:
    yield
    desk().works.database.close()
    desk().folder.cleanup()


KNOWN = {
    "conversation_id": str(CONVERSATION), "person": "warga", "message_id": str(CASE), "received_at": stamp(NOW),
}  # fmt: skip


def case_of(row: dict[str, Any], key: str) -> Case:
    """A row as the rules know it."""
    return loading.case_of(row, KNOWN, key, {}, None)


class Officers(RuleBasedStateMachine):
    """Commands as they come; each in the transaction of the example, which is never committed."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = contextlib.ExitStack()
        connection = self.stack.enter_context(desk().works.database.writing.connect())
        connection.begin()
        self.stack.callback(connection.rollback)
        self.now: datetime = NOW
        self.unit = Unit(connection, desk().works.numbering, desk().works.sealer, NOW)
        self.events: list[AnyEvent] = []

    def teardown(self) -> None:
        try:
            self.the_log_tells_it_all()
        finally:
            self.stack.close()

    @property
    def case(self) -> Case:
        row = self.unit.rows.get(state.case, str(CASE))
        assert row is not None
        return case_of(row, desk().key)

    def record(self, drafts: list[Draft]) -> list[AnyEvent]:
        self.unit.now = self.now
        recorded = self.unit.record(uuid4(), drafts)
        self.events += recorded
        return recorded

    def command(self, officer: Actor, drafts: Any) -> tuple[Case, list[AnyEvent]]:
        """The case before, and what came of the command; nothing where it was refused."""
        before = self.case
        try:
            found = drafts(before)
        except (Refused, Forbidden):
            assert self.case == before
            return before, []
        recorded = self.record(found)
        assert all(event.actor in ("system", str(officer)) for event in recorded)
        return before, recorded

    @initialize(kind=st.sampled_from(CaseKind), unit=UNITS)
    def arrives(self, kind: CaseKind, unit: str) -> None:
        data = {"case_id": CASE, "unit": unit, "kind": kind, "priority": "normal", "rule": "r"}
        self.record([Draft(CaseRouted, CASE, data)])

    @rule(minutes=st.sampled_from([0, 1, 29, 30, 31]))
    def time_goes_by(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def leases_are_looked_at(self) -> None:
        before = self.case
        released = self.record(rules.expire(before, self.now))
        assert bool(released) == (before.holder is not None and before.held_by(self.now) is None)

    @rule(officer=OFFICERS)
    def claim(self, officer: Actor) -> None:
        before, events = self.command(officer, lambda case: rules.claim(case, officer, self.now, LEASE))
        if events:
            assert before.held_by(self.now) in (None, officer.id)
            assert self.case.held_by(self.now) == officer.id
            assert self.case.lease_until == self.now + LEASE

    @rule(officer=OFFICERS)
    def hand_back(self, officer: Actor) -> None:
        before, events = self.command(officer, lambda case: rules.hand_back(case, officer, self.now))
        if events:
            assert before.held_by(self.now) == officer.id
            assert self.case.holder is None

    @rule(officer=OFFICERS, unit=UNITS, to=st.none() | st.just("colleague"))
    def assign(self, officer: Actor, unit: str, to: str | None) -> None:
        _, events = self.command(officer, lambda case: rules.assign(case, officer, self.now, unit, to, "tolong"))
        if events:
            assert (self.case.unit, self.case.holder) == (unit, None)

    @rule(officer=OFFICERS)
    def send_back(self, officer: Actor) -> None:
        _, events = self.command(officer, lambda case: rules.send_back(case, officer, self.now, MAIN, "bukan kami"))
        if events:
            assert (self.case.unit, self.case.holder) == (MAIN, None)

    @rule(officer=OFFICERS, priority=st.sampled_from(Priority))
    def prioritise(self, officer: Actor, priority: Priority) -> None:
        before, events = self.command(officer, lambda case: rules.prioritise(case, officer, self.now, priority))
        if events:
            assert replace(before, priority=priority) == self.case

    @rule(officer=OFFICERS)
    def note(self, officer: Actor) -> None:
        before, _ = self.command(officer, lambda case: rules.note(case, officer, self.now, uuid4(), "catatan"))
        assert self.case == before

    @rule(officer=OFFICERS, too=st.booleans())
    def answer(self, officer: Actor, too: bool) -> None:
        before, events = self.command(
            officer, lambda case: rules.answer(case, officer, self.now, uuid4(), "jawaban", too)
        )
        if events:
            assert before.held_by(self.now) == officer.id
            decided = before.kind in (CaseKind.INFORMATION_REQUEST, CaseKind.OBJECTION)
            after = before.state if decided else CaseState.ANSWERED
            assert self.case.state == (CaseState.CLOSED if too else after)

    @rule(officer=OFFICERS, outcome=st.sampled_from(["answered", "no_answer_needed", "duplicate", "spam"]))
    def close(self, officer: Actor, outcome: Any) -> None:
        before, events = self.command(officer, lambda case: rules.close(case, officer, self.now, outcome, Asked()))
        if events:
            assert before.held_by(self.now) in (None, officer.id)
            assert outcome != "answered" or before.state is CaseState.ANSWERED
            assert self.case.closed

    @invariant()
    def a_holder_has_a_lease_and_an_open_case(self) -> None:
        if not self.events:
            return
        case = self.case
        assert (case.holder is None) == (case.lease_until is None)
        assert not (case.closed and case.holder)

    def the_log_tells_it_all(self) -> None:
        """From the events alone: one holder at a time, nothing after the end but notes, numbers in a row."""
        holder: str | None = None
        closed, lease = False, NOW
        for event in self.events:
            assert not closed or event.data.verb == "noted"
            match event.data:
                case CaseClaimed(officer=officer, lease_until=until):
                    assert holder in (None, officer), "released before another one claims"
                    holder, lease = officer, until
                case CaseReleased(officer=officer):
                    assert holder == officer
                    holder = None
                case CaseAssigned() | CaseReturned():
                    holder = None
                case CaseAnswered(officer=officer):
                    assert holder == officer
                    assert event.time < lease
                case CaseClosed(officer=officer):
                    assert holder in (None, officer) or event.time >= lease
                    holder, closed = None, True
        assert [event.number for event in self.events] == list(range(1, len(self.events) + 1))
        replay = Rows(self.unit.connection)
        replay.remove(state.case, str(CASE))
        for event in self.events:
            state.apply(decode(encode(event)), replay)
        assert replay.get(state.case, str(CASE)) == self.unit.rows.get(state.case, str(CASE))


Officers.TestCase.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestOfficers = Officers.TestCase


def test_an_event_of_a_case_that_is_not_there_changes_nothing() -> None:
    works = desk().works
    with works.database.writing.connect() as connection:
        connection.begin()
        unit = Unit(connection, works.numbering, works.sealer, NOW)
        data = {"case_id": CASE, "unit": UNIT, "officer": "unit", "lease_until": NOW}
        unit.record(uuid4(), [Draft(CaseClaimed, CASE, data)])
        assert unit.rows.query(select(state.case)) == []
        connection.rollback()


def test_what_routing_keeps_of_others() -> None:
    """A registration is kept as intake told it; what else others say changes nothing here."""
    events = [decode(file.read_bytes()) for file in event_examples()]
    with desk().works.database.writing.connect() as connection:
        connection.begin()
        rows = Rows(connection)
        for event in events:
            if event.service != "routing":
                state.apply(event, rows)
        kept = {row["case_id"] for row in rows.query(select(state.registered))}
        assert kept == {str(event.data.case_id) for event in events if isinstance(event.data, CaseRegistered)}
        assert rows.query(select(state.case)) == []
        connection.rollback()
