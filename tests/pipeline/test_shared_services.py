"""Two processes of one service, each with half of the partitions: both work, and nothing is done twice."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from corong_contracts.topology import READS
from tests.installations import RunningProcesses, running_processes
from tests.peers.postgres import PostgresServer, postgres
from tests.pipeline.first_message import OFFICER, UNIT
from tests.processes import CorongProcess, clean_environment, corong
from tests.traffic import Traffic

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.timeout(300)]

postgres_server = postgres

HALVES = ("0-7", "8-15")
SHARED = ("intake", "routing", "publishing")


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> Iterator[RunningProcesses]:
    with running_processes(
        tmp_path_factory.mktemp("processes"), postgres_server, **dict.fromkeys(SHARED, HALVES)
    ) as found:
        yield found


async def test_both_halves_work_and_nothing_is_done_twice(processes: RunningProcesses) -> None:
    traffic = Traffic(processes)
    await asyncio.gather(*(traffic.whole(f"k-{number}") for number in range(24)))
    posts = await asyncio.gather(*(_scheduled_post(processes, number) for number in range(8)))
    await traffic.all_sent()
    sent = "SELECT case_id FROM entry WHERE type LIKE '%.delivery.sent.v1'"
    await processes.until(lambda: set(posts) <= {row["case_id"] for row in processes.rows("auditing", sent)})
    await processes.settled()
    traffic.nothing_lost_and_nothing_twice()
    log = processes.rows("auditing", "SELECT writer, type, case_id FROM entry")
    for post in posts:
        types = [row["type"].split(".", 2)[2] for row in log if row["case_id"] == post]
        assert types.count("publication.released.v1") == types.count("delivery.started.v1") == 1
    for service in SHARED:
        halves = [processes.processes[f"{service}/{half}"] for half in HALVES]
        counts = [_taken(process, service) for process in halves]
        assert all(counts), f"a half of {service} did nothing"
        assert sum(counts) == sum(row["writer"].split(".")[0] in READS[service] for row in log)
    partitions = {row["writer"] for row in log if row["writer"].startswith("routing.")}
    assert {int(writer[-2:]) // 8 for writer in partitions} == {0, 1}
    assert processes.refusals() == []


async def _scheduled_post(processes: RunningProcesses, number: int) -> str:
    """A post whose time comes by itself, a moment from now."""
    async with processes.client("officer", OFFICER) as unit, processes.client("officer", "atasan-ppid") as superior:
        words = {"unit": UNIT, "label": "layanan", "accounts": ["feed"], "text": f"Jembatan {number} dibuka."}
        drafted = await unit.post("/api/v1/posts", json={**words, "immediate": True})
        assert drafted.status_code == 201, drafted.text
        post: str = drafted.json()["publication_id"]
        seen = await processes.until(lambda: _text_hash(superior, post))
        approved = await superior.post(f"/api/v1/posts/{post}/approve", json={"text_hash": seen})
        assert approved.status_code == 200, approved.text
        at = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
        scheduled = await unit.post(f"/api/v1/posts/{post}/publish", json={"at": at})
        assert scheduled.status_code == 200, scheduled.text
    return post


async def _text_hash(officer: httpx.AsyncClient, post: str) -> str | None:
    """What the officer has read, as soon as the desk has it."""
    read = await officer.get(f"/api/v1/posts/{post}")
    return str(read.json()["text_hash"]) if read.status_code == 200 else None


def _taken(process: CorongProcess, service: str) -> int:
    """How many events this process took from its writers' partitions."""
    answer = process.ask("/metrics")
    assert answer is not None
    found = re.search(rf'^corong_taken_events_total{{service="{service}"}} ([\d.e+]+)$', answer[1], re.MULTILINE)
    return int(float(found[1])) if found else 0


def test_a_half_that_has_a_process_takes_no_second_one(processes: RunningProcesses) -> None:
    settings = processes.environment("routing", CORONG_OWNED="0-7", CORONG_PORT="0")
    again = corong("run", "routing", env=clean_environment(**settings))
    assert again.returncode != 0
    assert "routing (0-7)" in again.stderr
    assert processes.processes["routing/0-7"].answers()
