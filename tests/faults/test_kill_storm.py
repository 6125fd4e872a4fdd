"""The kill storm: whatever is killed, nothing is lost, nothing comes twice, and the log tells it all."""

import random
from pathlib import Path

import pytest

from tests.faults.findings import findings
from tests.faults.places import many_processes, one_process
from tests.faults.storm import Plan, Storm
from tests.peers.postgres import PostgresServer, postgres

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(400)]

postgres_server = postgres


async def test_one_process(tmp_path: Path, rng: random.Random) -> None:
    async with one_process(tmp_path) as (place, peer):
        storm = Storm(place, peer, rng, Plan())
        await storm.blow()
        print(storm.told())
        assert findings(place, storm, peer.counted()) == {}


@pytest.mark.postgres
async def test_many_processes(tmp_path: Path, postgres_server: PostgresServer, rng: random.Random) -> None:
    async with many_processes(tmp_path, postgres_server) as (place, peer):
        storm = Storm(place, peer, rng, Plan())
        await storm.blow()
        print(storm.told())
        assert findings(place, storm, peer.counted()) == {}
