"""What a look-up makes of a delivery of unknown outcome, and what the tables keep for it."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from corong.publishing import looking, rules, state
from corong.publishing.rows import delivery_of, publication_of
from corong.publishing.rules import Delivery
from corong.runtime.clock import stamp
from corong.runtime.policy import Actor
from corong.runtime.unit import Unit
from corong_contracts.channel import Capabilities, Outgoing, Sent, Unknown
from corong_contracts.publication import Label
from tests.services.stores import NOW, Store, Works, make_keys

OFFICER = Actor(kind="officer", id="petugas", role="unit_officer", unit="diskominfo")
SETTLE = timedelta(seconds=30)


@pytest.fixture
def works(tmp_path: Path) -> Works:
    store = Store(f"sqlite:///{tmp_path}")
    works = Works(store, make_keys(tmp_path / "keys"), state.apply, "publishing")
    store.make(state.metadata)
    return works


def released(works: Works, account: str = "medsos") -> str:
    """A post on its way to an account; the delivery's id."""
    cause = uuid4()

    def job(unit: Unit) -> str:
        drafted = rules.draft_post(
            cause, OFFICER, "diskominfo", Label.SERVICE, "", "Pasar murah setiap Jumat", {account: "mastodon"}, {},
            immediate=True,
        )  # fmt: skip
        unit.record(cause, drafted)
        identity = str(drafted[0].entity)
        post = publication_of(unit.rows.get(state.publication, identity) or {})
        unit.record(uuid4(), rules.publish_post(post, OFFICER, None, NOW))
        row = unit.rows.get(state.publication, identity)
        assert row is not None
        return str(row["deliveries"])

    return works.commit(job)


def current(unit: Unit, identity: str) -> Delivery:
    row = unit.rows.get(state.delivery, identity)
    assert row is not None
    return delivery_of(unit, row)


def test_the_first_try_is_when_it_was_begun(works: Works) -> None:
    identity = released(works)
    later = NOW + timedelta(minutes=3)

    def first(unit: Unit) -> None:
        unit.record(uuid4(), rules.start(current(unit, identity), identity))
        unit.record(uuid4(), rules.uncertain(current(unit, identity), 1, "time_out", NOW, SETTLE))

    def second(unit: Unit) -> None:
        unit.record(uuid4(), rules.absent(current(unit, identity), 1))
        unit.record(uuid4(), rules.start(current(unit, identity), identity))

    works.commit(first)
    works.commit(second, now=later)
    row = works.commit(lambda unit: unit.rows.get(state.delivery, identity))
    assert row is not None
    assert (row["started_at"], row["due_at"], row["fence"]) == (stamp(NOW), stamp(later), 2)


def test_what_is_known_to_be_another_delivery_is_told(works: Works) -> None:
    first, second, elsewhere = released(works), released(works), released(works, "medsos-lain")

    def job(unit: Unit) -> list[bool]:
        unit.record(uuid4(), rules.start(current(unit, first), first))
        unit.record(uuid4(), rules.sent(current(unit, first), 1, "https://sosial.test/1", None, "answer"))
        asked = [(first, "1"), (second, "1"), (second, "2"), (elsewhere, "1")]
        return [
            looking.is_another(unit, current(unit, identity), f"https://sosial.test/{number}")
            for identity, number in asked
        ]

    assert works.commit(job) == [False, True, False, False]


class Network:
    """A sink that says what it is told to."""

    def __init__(self, capabilities: Capabilities, *answers: Sent | Exception | None) -> None:
        self.capabilities = capabilities
        self.answers = list(answers)

    async def send(self, outgoing: Outgoing) -> Sent:
        raise AssertionError("a look-up sends nothing")

    async def look_up(self, outgoing: Outgoing) -> Sent | None:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self) -> None:
        pass


LISTS = Capabilities(max_text=500, can_look_up=True)
OUTGOING = Outgoing(UUID(int=1), 1, "1", "post", "x")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "FIRST_PAUSE", 0.0)


@pytest.mark.usefixtures("impatient")
async def test_a_network_that_is_away_for_a_moment_is_asked_again() -> None:
    sent = Sent("1")
    assert await looking.ask(Network(LISTS, Unknown("away"), ValueError(), sent), OUTGOING, 1) == sent
    assert await looking.ask(Network(LISTS, Unknown("away"), None), OUTGOING, 1) is None


@pytest.mark.usefixtures("impatient")
async def test_a_network_that_stays_away_leaves_it_open() -> None:
    network = Network(LISTS, *[Unknown(f"away_{number}") for number in range(rules.LOOK_UPS)])
    with pytest.raises(Unknown, match=f"away_{rules.LOOK_UPS - 1}"):
        await looking.ask(network, OUTGOING, 1)
    assert network.answers == []


async def test_where_nobody_can_look() -> None:
    """Sending again does no harm where the network drops repeats; elsewhere an officer is asked."""
    assert await looking.ask(Network(Capabilities(max_text=500, idempotent=True)), OUTGOING, 1) is None
    with pytest.raises(Unknown, match="cannot_look_up"):
        await looking.ask(Network(Capabilities(max_text=500)), OUTGOING, 1)
