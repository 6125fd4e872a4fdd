"""Every service as a process of its own, with its own user at the broker and its own role in PostgreSQL."""

import asyncio
import random
from collections.abc import Iterator

import pytest

from tests.installations import RunningProcesses, running_processes
from tests.peers.postgres import PostgresServer, postgres
from tests.pipeline.first_message import from_the_door_to_the_answer
from tests.processes import clean_environment, corong
from tests.traffic import Traffic

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.timeout(300)]

postgres_server = postgres


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> Iterator[RunningProcesses]:
    """One for all tests here, which build on each other's order: an empty one first, a broken one last."""
    with running_processes(tmp_path_factory.mktemp("processes"), postgres_server) as found:
        yield found


async def test_from_the_door_to_the_answer(processes: RunningProcesses) -> None:
    await from_the_door_to_the_answer(processes)
    assert processes.refusals() == []


@pytest.mark.faults
async def test_each_process_killed_once_in_the_middle_loses_nothing(
    processes: RunningProcesses, rng: random.Random
) -> None:
    traffic = Traffic(processes)
    for name, process in processes.processes.items():
        before = traffic.progress.copy()
        stage, count = rng.choice(("taken", "claimed", "answered")), rng.randint(1, 4)
        flow = asyncio.gather(*(traffic.whole(f"{name}-{number}") for number in range(6)))
        await processes.until(lambda: traffic.progress[stage] >= before[stage] + count, 60)  # noqa: B023  # awaited here
        process.kill()
        process.start()
        await flow
        await asyncio.to_thread(process.wait_ready)
    await traffic.all_sent()
    assert traffic.progress == {step: 6 * len(processes.processes) for step in ("taken", "claimed", "answered")}
    traffic.nothing_lost_and_nothing_twice()
    assert [process.starts for process in processes.processes.values()] == [2] * len(processes.processes)
    assert processes.refusals() == []


def test_without_the_key_store_a_process_says_what_to_do(processes: RunningProcesses, free_port: int) -> None:
    with processes.postgres.connect(processes.database) as connection:
        connection.execute("DROP TABLE keys.schema_version")
    settings = processes.environment("routing", CORONG_OWNED="", CORONG_PORT=str(free_port), LANG="en_US.UTF-8")
    processes.processes["routing"].kill()
    started = corong("run", "routing", env=clean_environment(**settings))
    assert started.returncode != 0
    assert "corong migrate keys" in started.stderr
    assert "Traceback" not in started.stderr
