"""Many erasures among many events; a thousand among a hundred thousand are in `python -m tests.bench erasure`."""

from pathlib import Path

import pytest

from tests.peers.postgres import PostgresServer
from tests.peers.postgres import postgres as postgres
from tests.pipeline.erasing_many import erase_many


async def test_many_are_erased_and_nothing_else_changes(tmp_path: Path) -> None:
    done = await erase_many(tmp_path / "data", events=900, persons=60, erased=15)
    assert done.events >= 900
    assert (done.same_hashes, done.same_replay, done.same_log, done.found) == (True, True, True, ())


@pytest.mark.postgres
async def test_on_postgresql_too(tmp_path: Path, postgres: PostgresServer) -> None:
    url = postgres.make_database("erasing")
    done = await erase_many(tmp_path / "data", events=150, persons=20, erased=5, database_url=url)
    assert (done.same_hashes, done.same_replay, done.same_log, done.found) == (True, True, True, ())
