"""The kill storm: whatever is killed, nothing is lost, nothing comes twice, and the log tells it all.

Its twins run on a hub in which one promise is broken: each has to turn red, by the finding that one expects.
"""

import os
import random
from pathlib import Path
from typing import Any

import pytest

from tests.faults.findings import findings
from tests.faults.places import Place, many_processes, one_process
from tests.faults.storm import Plan, Storm
from tests.faults.windows import Window
from tests.peers.postgres import PostgresServer, postgres

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(400)]

postgres_server = postgres

WHOLE = bool(os.environ.get("CORONG_STORM"))
"""`make storm`: 2,000 messages in each place, and more answers. Otherwise as many kills, among fewer messages."""
DEATHS = 3


async def test_one_process(tmp_path: Path, rng: random.Random) -> None:
    plan = Plan(answered=0.4) if WHOLE else Plan(messages=800)
    async with one_process(tmp_path) as (place, peer):
        storm = Storm(place, peer, rng, plan)
        await storm.blow()
        print(storm.told())
        assert findings(place, storm, peer.counted()) == {}
        assert len(storm.citizens.accepted.messages) == plan.messages
        assert len(storm.killed) >= 60


async def test_two_processes(tmp_path: Path, rng: random.Random) -> None:
    plan = Plan(answered=0.4) if WHOLE else Plan(messages=120, kills=9, answered=0.2)
    async with one_process(tmp_path, processes=2) as (place, peer):
        storm = Storm(place, peer, rng, plan)
        await storm.blow()
        print(storm.told())
        assert findings(place, storm, peer.counted()) == {}


@pytest.mark.postgres
async def test_many_processes(tmp_path: Path, postgres_server: PostgresServer, rng: random.Random) -> None:
    plan = Plan(answered=0.4) if WHOLE else Plan(messages=200, kills=16, answered=0.2)
    async with many_processes(tmp_path, postgres_server) as (place, peer):
        storm = Storm(place, peer, rng, plan)
        await storm.blow()
        print(storm.told())
        assert findings(place, storm, peer.counted()) == {}


def window(kind: str, folder: Path) -> Window:
    return Window(kind, folder / "window", DEATHS)


def writers(**more: Any) -> Plan:
    """Citizens write by HTTP and do not ask again what they have been told; a few in each life."""
    return Plan(messages=6 * DEATHS, kills=DEATHS, answered=0.0, by_http=1.0, again=0.0, between=(0.0, 0.2), **more)


@pytest.mark.parametrize("sabotage", ["", "ack_before_commit"])
async def test_killed_before_intakes_commit(sabotage: str, tmp_path: Path, rng: random.Random) -> None:
    """Nobody was told, so everybody asks again. Told before, they do not, and what they wrote is lost."""
    opened = window("before_commit", tmp_path)
    async with one_process(tmp_path, sabotage=sabotage, window=opened, receipts=False) as (place, peer):
        storm = Storm(place, peer, rng, writers())
        if sabotage:
            place.last_wish = lambda: bool(told_in_vain(place, storm))
        await storm.blow()
        print(sabotage, storm.told())
        found = findings(place, storm, peer.counted())
    assert opened.died == DEATHS
    assert set(found) == ({"lost", "wrongly_told"} if sabotage else set()), found


def told_in_vain(place: Place, storm: Storm) -> set[str]:
    """Messages whose citizens hold a receipt, and that intake does not have."""
    told = {receipt["message_id"] for receipt in storm.citizens.accepted.messages.values() if receipt}
    return told - {row["message_id"] for row in place.rows("intake", "SELECT message_id FROM seen")}


@pytest.mark.parametrize("sabotage", ["", "no_inbox"])
async def test_killed_before_the_broker_is_told(sabotage: str, tmp_path: Path, rng: random.Random) -> None:
    """What was committed comes again: a broker that dies may forget what it was told.

    Where the inbox is not asked it is folded again, and the desk counts too many. Events are not written twice even
    then: the outbox refuses the same one, the second line of defence.
    """
    opened = window("before_ack", tmp_path)
    async with one_process(tmp_path, sabotage=sabotage, window=opened, receipts=False) as (place, peer):
        place.after_death = place.forget_acknowledgements
        storm = Storm(place, peer, rng, writers())
        await storm.blow()
        await place.acknowledged()
        print(sabotage, storm.told())
        found = findings(place, storm, peer.counted())
        if not sabotage:
            assert await place.repeats("desk") > 0
        (counted,) = place.rows("desk", "SELECT sum(messages) AS messages FROM written")
    assert opened.died == DEATHS
    if sabotage:
        assert "desk" in found["state_is_not_log"], sorted(found)
        assert counted["messages"] > len(storm.citizens.accepted.messages)
    else:
        assert found == {}
        assert counted["messages"] == len(storm.citizens.accepted.messages)


async def test_without_settling_answers_go_out_twice(tmp_path: Path, rng: random.Random) -> None:
    troubles = {"fail_after": 0.5}
    plan = Plan(messages=30, kills=1, answered=1.0, by_http=0.0, by_nats=0.0, troubles=troubles)
    async with one_process(tmp_path, sabotage="no_settle", receipts=False) as (place, peer):
        storm = Storm(place, peer, rng, plan)
        await storm.blow()
        print(storm.told())
        found = findings(place, storm, peer.counted())
    assert found["sent_twice"], sorted(found)
