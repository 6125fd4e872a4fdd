"""The kill storm: whatever is killed, nothing is lost, nothing comes twice, and the log tells it all.

Its twins run on a hub in which one promise is broken: each has to turn red, by the finding that one expects.
"""

import os
import random
from pathlib import Path
from typing import Any

import pytest

from tests.faults.findings import findings
from tests.faults.places import many_processes, one_process
from tests.faults.storm import Plan, Storm
from tests.peers.postgres import PostgresServer, postgres

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(400)]

postgres_server = postgres

WHOLE = bool(os.environ.get("CORONG_STORM"))
"""`make storm`: both at their whole size, and more answers."""


async def test_one_process(tmp_path: Path, rng: random.Random) -> None:
    plan = Plan(answered=0.4) if WHOLE else Plan(answered=0.1)
    async with one_process(tmp_path) as (place, peer):
        storm = Storm(place, peer, rng, plan)
        await storm.blow()
        print(storm.told())
        assert findings(place, storm, peer.counted()) == {}
        assert len(storm.citizens.accepted.messages) == 2000
        assert len(storm.killed) >= 60


@pytest.mark.postgres
async def test_many_processes(tmp_path: Path, postgres_server: PostgresServer, rng: random.Random) -> None:
    plan = Plan(answered=0.4) if WHOLE else Plan(messages=200, kills=16, answered=0.2)
    async with many_processes(tmp_path, postgres_server) as (place, peer):
        storm = Storm(place, peer, rng, plan)
        await storm.blow()
        print(storm.told())
        assert findings(place, storm, peer.counted()) == {}


async def _found(folder: Path, rng: random.Random, plan: Plan, sabotage: str) -> dict[str, Any]:
    async with one_process(folder, sabotage=sabotage, receipts=False) as (place, peer):
        storm = Storm(place, peer, rng, plan)
        await storm.blow()
        print(sabotage, storm.told())
        return findings(place, storm, peer.counted())


async def test_ack_before_commit_loses_messages(tmp_path: Path, rng: random.Random) -> None:
    plan = Plan(messages=300, kills=6, answered=0.0, by_http=1.0, weights={"broker": 0.0}, between=(0.4, 0.8))
    found = await _found(tmp_path, rng, plan, "ack_before_commit")
    assert found["lost"], sorted(found)


async def test_without_the_inbox_work_is_done_twice(tmp_path: Path, rng: random.Random) -> None:
    plan = Plan(messages=300, kills=8, answered=0.0, weights={"broker": 0.2}, between=(0.2, 0.6), settle=5.0)
    found = await _found(tmp_path, rng, plan, "no_inbox")
    # The outbox refuses the same event twice, the second line of defence; what is folded twice is seen in the tables.
    assert found["state_is_not_log"], sorted(found)


async def test_without_settling_answers_go_out_twice(tmp_path: Path, rng: random.Random) -> None:
    troubles = {"fail_after": 0.5}
    plan = Plan(messages=30, kills=1, answered=1.0, by_http=0.0, by_nats=0.0, troubles=troubles)
    found = await _found(tmp_path, rng, plan, "no_settle")
    assert found["sent_twice"], sorted(found)
