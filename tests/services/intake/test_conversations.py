"""Any sequence of messages, repeats, answers and closings, against a plain model of what intake should make of it."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corong.intake.rules import Conflict
from corong_contracts.case import CaseKind, CaseRegistered
from tests.services.intake.doors import Door, message, open_door

PERSONS = ("ani", "budi", "citra")
KINDS = (None, CaseKind.INFORMATION_REQUEST, CaseKind.COMPLAINT)


@dataclass
class Talk:
    """A conversation as the model has it."""

    person: str
    refs: set[str] = field(default_factory=set)
    cases: list[UUID] = field(default_factory=list)


@dataclass
class Model:
    """What intake should know."""

    talks: list[Talk] = field(default_factory=list)
    seen: dict[str, tuple[str, UUID | None, str | None]] = field(default_factory=dict)
    closed: set[UUID] = field(default_factory=set)
    numbers: dict[str, int] = field(default_factory=dict)
    registration: dict[UUID, str] = field(default_factory=dict)

    def thread(self, person: str, thread: list[str]) -> Talk | None:
        """The own conversation that the nearest reference names, else the first one of anybody."""
        named = [talk for ref in thread for talk in self.talks if ref in talk.refs]
        return next((talk for talk in named if talk.person == person), None)

    def latest_open(self, talk: Talk) -> UUID | None:
        return talk.cases[-1] if talk.cases[-1] not in self.closed else None


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("message"),
            st.integers(0, 9),  # native id
            st.sampled_from(PERSONS),
            st.lists(st.integers(0, 11), max_size=3),  # thread: 10 and 11 are ours
            st.sampled_from(["person", "person", "person", "auto_reply", "bounce"]),
            st.sampled_from(["teks", "teks", "lain"]),
            st.booleans(),  # strict
            st.sampled_from(KINDS),
        ),
        st.tuples(st.just("close"), st.integers(0, 5)),
        st.tuples(st.just("ours"), st.integers(10, 11), st.integers(0, 5)),
    ),
    min_size=1,
    max_size=14,
)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, Door]]:
    """One door for all examples: each example's persons and ids are its own."""
    folder: Path = tmp_path_factory.mktemp("intake")
    with asyncio.Runner() as runner:
        context = open_door(folder)
        door = runner.run(context.__aenter__())
        yield runner, door
        runner.run(context.__aexit__(None, None, None))


class Example:
    """One sequence of steps on the door and on the model."""

    count = 0

    def __init__(self, door: Door) -> None:
        Example.count += 1
        self.salt = f"e{Example.count}"
        self.door = door
        self.model = Model()
        self.order: list[UUID] = []

    def ref(self, number: int) -> str:
        return f"{self.salt}-{'ours' if number >= 10 else 'k'}-{number}"

    async def step(self, step: tuple[Any, ...]) -> None:
        self.door.clock.forward(seconds=1)
        match step:
            case ("close", index) if self.order:
                case = self.order[index % len(self.order)]
                self.model.closed.add(case)
                await self.door.closed(case)
            case ("ours", number, index) if self.order:
                case = self.order[index % len(self.order)]
                for talk in self.model.talks:
                    talk.refs.discard(self.ref(number))
                    if case in talk.cases:
                        talk.refs.add(self.ref(number))
                await self.door.sent(self.ref(number), self.door.conversation(case))
            case ("message", native, person, thread, nature, text, strict, kind):
                await self.message(
                    self.ref(native), person, [self.ref(item) for item in thread], nature, text, strict, kind
                )

    async def message(
        self, native: str, person: str, thread: list[str], nature: str, text: str, strict: bool, kind: CaseKind | None
    ) -> None:
        given_ = message(native, f"{self.salt}-{person}", thread=thread, nature=nature, text=text, declared_kind=kind)
        model = self.model
        if native in model.seen:
            content, case, registration = model.seen[native]
            if strict and content != f"{text}/{person}":
                with pytest.raises(Conflict):
                    await self.door.intake.accept(given_, strict=True)
                return
            again = await self.door.intake.accept(given_, strict=strict)
            assert (again.status, again.case_id, again.registration) == ("duplicate", case, registration)
            return
        receipt = await self.door.intake.accept(given_, strict=strict)
        own = model.thread(person, thread)
        if nature != "person":
            expected: tuple[str, UUID | None] = ("follow_up", own.cases[-1]) if own else ("set_aside", None)
        elif own and (open_case := model.latest_open(own)):
            expected = ("follow_up", open_case)
        else:
            expected = ("registered", receipt.case_id)
            assert receipt.case_id not in self.order
        assert (receipt.status, receipt.case_id) == expected
        if receipt.status == "registered":
            assert receipt.case_id is not None
            assert receipt.registration is not None
            self.order.append(receipt.case_id)
            model.registration[receipt.case_id] = receipt.registration
            if own is None:
                own = Talk(person)
                model.talks.append(own)
            own.cases.append(receipt.case_id)
            self.related(receipt.case_id, person, thread)
        if own is not None and receipt.status != "set_aside":
            assert receipt.case_id is not None
            assert receipt.registration == model.registration[receipt.case_id]
            own.refs |= {native, *thread}
        model.seen[native] = (f"{text}/{person}", receipt.case_id, receipt.registration)

    def related(self, case: UUID, person: str, thread: list[str]) -> None:
        """A stranger's thread is pointed at, and only by who does not belong to it."""
        (event,) = [event.data for event in self.door.events(CaseRegistered) if event.correlationid == case]
        assert isinstance(event, CaseRegistered)
        strangers = {
            case
            for talk in self.model.talks
            if talk.person != person and talk.refs & set(thread)
            for case in talk.cases
        }
        own = self.model.thread(person, thread)
        if own is not None and len(own.cases) > 1:
            assert event.related_case is None
        else:
            assert (event.related_case in strangers) if strangers else event.related_case is None


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
def test_every_message_goes_where_it_should(opened: tuple[asyncio.Runner, Door], steps: list[tuple[Any, ...]]) -> None:
    runner, door = opened
    example = Example(door)

    async def all_steps() -> None:
        for step in steps:
            await example.step(step)

    runner.run(all_steps())
    door.no_holes()
    numbers = list(example.model.registration.values())
    assert len(set(numbers)) == len(numbers)
