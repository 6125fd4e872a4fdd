"""Any acts by anybody, in any order and at any time: never off the table, never answered twice, no clock lost."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from corong.routing import state
from corong.routing.case_life import allowed_acts
from corong.routing.cases import Case
from corong.routing.life_table import FORWARDED, RECEIVED, life
from corong.runtime.policy import Forbidden
from corong.runtime.refusal import Refused
from corong.runtime.rows import Rows
from corong_contracts.base import AnyEvent
from corong_contracts.case import CaseKind, CaseState
from corong_contracts.catalogue import decode, encode
from tests.services.routing.town import OFFICERS, UNIT, Town

KINDS = [CaseKind.INFORMATION_REQUEST, CaseKind.OBJECTION, CaseKind.COMPLAINT, CaseKind.QUESTION]
CASES = [*KINDS, CaseKind.INFORMATION_REQUEST, CaseKind.COMPLAINT]
WHO = st.sampled_from([*["unit", "main", "superior"] * 3, *OFFICERS])
TEST = {"number": "UK/1", "held_on": "2026-03-01", "exempt_until": "2031-01-01"}
REFUSAL: dict[str, Any] = {"finding": {"grounds": ["h"], "test": TEST}, "weighing": "w", "text": "tidak"}
COMMANDS: dict[str, list[dict[str, Any]]] = {
    "case.claim": [{}],
    "case.hand_back": [{}],
    "case.assign": [{"unit": UNIT, "instruction": "i"}, {"unit": "dinas-kesehatan", "instruction": "i"}],
    "case.return": [{"reason": "r"}],
    "case.note": [{"note": "n"}],
    "case.prioritise": [{"priority": "high"}],
    "case.detail": [{"particulars": {"occupation": "nelayan"}}],
    "case.answer": [{"text": "t"}, {"text": "t", "close": True}],
    "case.close": [{"outcome": "answered"}, {"outcome": "spam"}],
    "case.reclassify": [{"kind": kind, "reason": "r"} for kind in KINDS] + [
        {"kind": "complaint", "tier": "normative", "reason": "r"}
    ],
    "case.ask_completion": [{"text": "t"}],
    "case.complete": [{}],
    "case.extend": [{"reasons": "r"}],
    "case.plan": [{"text": "t"}],
    "case.grant": [{"text": "t"}, {"outcome": "not_held", "finding": {"held_by": "BPKAD"}, "text": "t"}],
    "case.refuse": [REFUSAL, {**REFUSAL, "outcome": "partly_granted", "redactions": ["NIK"]}],
    "case.disapprove": [{"reason": "r"}],
    "case.decide": [{"outcome": "upheld", "text": "t"}],
    "case.withdraw": [{"reason": "r"}],
    "case.reopen": [{"reason": "r"}],
    "case.dispute": [{"reference": "1", "filed_on": "2026-04-01"}],
    "case.settle": [{"result": "mediated", "settled_on": "2026-05-01"}],
    "case.publish_answer": [{"question": "t", "answer": "j"}],
    "case.withdraw_answer": [{"because": "wrong"}],
    "case.ungroup": [{}],
    "case.answer_group": [{"text": "t"}, {"text": "t", "close": True}],
}  # fmt: skip
STEPS = st.sampled_from([(name, body) for name, bodies in COMMANDS.items() for body in bodies])
MOST_CASES = 9
UNDECIDED = (CaseState.REGISTERED, CaseState.IN_PROGRESS, CaseState.INCOMPLETE, CaseState.APPROVAL_PENDING)
SPANS = st.sampled_from([timedelta(minutes=1), timedelta(minutes=31), timedelta(days=1), timedelta(days=9)])


@cache
def town() -> Town:
    return Town()


@pytest.fixture(autouse=True, scope="module")
def _close() -> Iterator[None]:
    yield
    town().close()


class Lives(RuleBasedStateMachine):
    """Six cases of two citizens, in one transaction that is never committed."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = contextlib.ExitStack()
        connection = self.stack.enter_context(town().works.database.writing.connect())
        connection.begin()
        self.stack.callback(connection.rollback)
        self.day = town().day(connection)
        self.cases: list[UUID] = []
        self.messages: list[UUID] = []

    def teardown(self) -> None:
        try:
            if self.cases:
                self.the_log_alone_tells_it()
        finally:
            self.stack.close()

    @initialize()
    def they_arrive(self) -> None:
        for number, kind in enumerate(CASES):
            self.cases.append(self.day.arrives(kind, person=f"warga-{number % 2}", unit=UNIT))
            self.day.passes(timedelta(minutes=1))

    def attempt(self, who: str, command: str, case_id: UUID | None, body: dict[str, Any]) -> None:
        before = {one: self.day.case(one) for one in self.cases}
        changes = self.day.unit.changes
        told: Refused | None
        try:
            events = self.day.does(who, command, case_id, **body)
        except Forbidden:
            told = None
        except Refused as error:
            told = error
        else:
            self.follows_the_table(before, events)
            return
        assert self.day.unit.changes == changes
        self.says_what_may_be_done(told, before.get(case_id) if case_id else None, who)

    def says_what_may_be_done(self, told: Refused | None, case: Case | None, who: str) -> None:
        """Which rule refused, and what would be allowed: exactly what the table has."""
        if told is None:
            return
        assert told.code
        assert told.indonesian
        assert told.english
        if case is not None and told.allowed:
            assert set(told.allowed) == {row.act for row in allowed_acts(case, town().actor(who), self.day.now)}

    def follows_the_table(self, before: dict[UUID, Case], events: list[AnyEvent]) -> None:
        for case_id, was in before.items():
            now = self.day.case(case_id)
            if was.state is now.state or any(event.data.verb == "reopened" for event in events):
                continue
            # An answer that closes as well goes two steps.
            steps = {row.to for row in life().acts if was.kind in row.kinds and was.state in row.states}
            further = {row.to for row in life().acts for step in steps if was.kind in row.kinds and step in row.states}
            assert now.state in steps | further

    @rule(who=WHO, which=st.integers(0, 5), step=STEPS)
    def somebody_does_something(self, who: str, which: int, step: tuple[str, dict[str, Any]]) -> None:
        self.attempt(who, step[0], self.cases[which], step[1])

    @rule(which=st.integers(0, 5), step=STEPS)
    def who_holds_it_does_something(self, which: int, step: tuple[str, dict[str, Any]]) -> None:
        self.attempt("unit", "case.claim", self.cases[which], {})
        self.attempt("unit", step[0], self.cases[which], step[1])

    @rule(which=st.integers(0, 5), same=st.booleans())
    def the_superior_approves(self, which: int, same: bool) -> None:
        text_hash = self.day.case(self.cases[which]).text_hash or "nothing"
        self.attempt("superior", "case.approve", self.cases[which], {"text_hash": text_hash if same else "other"})

    @rule(one=st.integers(0, 5), other=st.integers(0, 5), who=WHO)
    def they_are_merged(self, one: int, other: int, who: str) -> None:
        self.attempt(who, "case.merge", self.cases[one], {"into": self.cases[other], "reason": "r"})

    @rule(one=st.integers(0, 5), other=st.integers(0, 5), who=WHO)
    def they_are_grouped(self, one: int, other: int, who: str) -> None:
        self.attempt(who, "case.group", None, {"case_ids": [self.cases[one], self.cases[other]]})

    @rule(one=st.integers(0, 5), other=st.integers(0, 5), who=WHO)
    def one_objects(self, one: int, other: int, who: str) -> None:
        self.attempt(who, "case.object", self.cases[one], {"request_id": self.cases[other], "ground": "c"})

    @rule(one=st.integers(0, 5), other=st.integers(0, 5), newest=st.integers(1, 3), who=WHO)
    def a_message_is_moved(self, one: int, other: int, newest: int, who: str) -> None:
        if len(self.messages) >= newest:
            body = {"message_id": self.messages[-newest], "into": self.cases[other], "reason": "r"}
            self.attempt(who, "case.move_message", self.cases[one], body)

    @rule(one=st.integers(0, 5), newest=st.integers(1, 3), kind=st.sampled_from(KINDS), who=WHO, back=st.booleans())
    def a_message_is_split_off_and_may_be_put_back(
        self, one: int, newest: int, kind: CaseKind, who: str, back: bool
    ) -> None:
        if len(self.messages) < newest or len(self.cases) > MOST_CASES:
            return
        case = self.day.case(self.cases[one])
        try:
            split = self.day.splits(who, case.case_id, self.messages[-newest], kind)
        except Forbidden:
            return
        except Refused as told:
            self.says_what_may_be_done(told, case, who)
            return
        assert self.day.case(split).conversation_id == case.conversation_id
        self.cases.append(split)
        if back:
            self.attempt(who, "case.merge", split, {"into": case.case_id, "reason": "r"})

    @rule(which=st.integers(0, 5))
    def the_citizen_writes(self, which: int) -> None:
        self.messages.append(self.day.replies(self.cases[which]))

    @rule(span=SPANS)
    def time_goes_by(self, span: timedelta) -> None:
        self.day.passes(span)
        town().routing.expire_leases(self.day.unit)
        while town().routing.clockwork.ring_due(self.day.unit):
            pass

    @invariant()
    def no_clock_is_lost(self) -> None:
        for case_id in self.cases:
            case = self.day.case(case_id)
            main = [
                use.rule
                for use in life().clocks_of(case.kind, case.tier)
                if use.escalates and RECEIVED in use.starts and FORWARDED not in use.met_by
            ]
            owed = [rule for rule in main if rule in case.clocks and case.clocks[rule].owed]
            waits = case.kind is CaseKind.COMPLAINT and case.state is CaseState.INCOMPLETE
            if case.state in UNDECIDED and main and not waits:
                assert owed == main, f"{case.kind} {case.state}: {case.clocks}"
            else:
                assert not owed
            if case.kind is CaseKind.INFORMATION_REQUEST and case.state is CaseState.INCOMPLETE:
                assert case.clocks["request_notice"].state != "running", "it waits for the applicant"
            for clock in case.clocks.values():
                assert clock.state != "running" or clock.due > self.day.now - timedelta(days=30)
                assert clock.state != "paused" or case.state is CaseState.INCOMPLETE

    @invariant()
    def none_is_answered_twice(self) -> None:
        for case_id in self.cases:
            events = [event.data for event in self.day.unit.recorded if event.correlationid == case_id]
            given = [data for data in events if data.verb == "given"]
            assert len(given) <= 1
            met = [data.rule for data in events if data.verb == "met" and data.by in ("answer", "answer_group")]  # type: ignore[attr-defined]
            assert len(met) == len(set(met))

    @invariant()
    def words_go_to_the_own_conversation(self) -> None:
        for event in self.day.unit.recorded:
            conversation = getattr(event.data, "conversation_id", None)
            if conversation is not None and event.data.noun == "case" and event.service == "routing":
                known = self.day.town.load.registered(self.day.unit, event.correlationid)
                assert str(conversation) == known["conversation_id"]

    def the_log_alone_tells_it(self) -> None:
        replay = Rows(self.day.unit.connection)
        for table in (state.case, state.clock, state.proposal, state.moved):
            for row in self.day.rows(table):
                replay.remove(table, *(row[column.name] for column in table.primary_key))
        for event in self.day.unit.recorded:
            if event.data.writer == "routing":
                state.apply(decode(encode(event)), replay)
        for table in (state.case, state.clock, state.proposal, state.moved):
            for row in self.day.rows(table):
                assert replay.get(table, *(row[column.name] for column in table.primary_key)) == row


Lives.TestCase.settings = settings(
    max_examples=15, stateful_step_count=25, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)  # fmt: skip
TestLives = Lives.TestCase
