"""Every service as a process of its own, with its own user at the broker and its own role in PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installations import RunningProcesses, running_processes
from tests.peers.postgres import PostgresServer, postgres
from tests.pipeline.first_message import from_the_door_to_the_answer

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

postgres_server = postgres


@pytest.fixture
def processes(tmp_path: Path, postgres_server: PostgresServer) -> Iterator[RunningProcesses]:
    with running_processes(tmp_path, postgres_server) as found:
        yield found


async def test_from_the_door_to_the_answer(processes: RunningProcesses) -> None:
    await from_the_door_to_the_answer(processes)
    assert processes.refusals() == []
