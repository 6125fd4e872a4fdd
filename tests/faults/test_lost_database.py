"""A service is killed under traffic and its database is gone; it is made again from the log while the others go on.

Nothing is lost, nothing happens twice, and state equals log. What a door or a command has told in the last milliseconds
before the end may be nowhere but in the lost database (docs/restore.md): so the process is stopped at a moment when the
broker has what it committed, and killed there.
"""

import asyncio
import json
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.brokers import running_broker
from tests.faults.places import OneProcess
from tests.hubs import is_quiet, until
from tests.installations import RunningProcesses
from tests.peers.postgres import PostgresServer, postgres
from tests.pipeline.first_message import AnyHub
from tests.processes import CorongProcess, HubProcess, clean_environment, corong
from tests.traffic import Traffic

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(400)]

postgres_server = postgres
LOST = ("routing", "publishing", "intake")


class Hub(OneProcess):
    """`corong up`, asked as any other."""

    async def until(self, condition: Callable[[], Any], wait: float = 15.0) -> Any:
        return await until(condition, wait)

    async def settled(self, wait: float = 30.0) -> None:
        await until(lambda: is_quiet(self.rows), wait)


async def kill_when_told(hub: AnyHub, process: CorongProcess, service: str) -> None:
    """Stop the process at a moment when the broker has everything that it committed, and kill it."""
    behind = "SELECT 1 FROM writer WHERE last <> relayed"
    while True:
        process.send(signal.SIGSTOP)
        if not hub.rows(service, behind):
            break
        process.send(signal.SIGCONT)
        await asyncio.sleep(0.005)
    process.kill()


async def equal_to_the_log(environment: dict[str, str]) -> None:
    """Every service's live state is what its fold says."""
    done = await asyncio.to_thread(corong, "audit", "replay", "--json", env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert all("live" in found["equal_to"] for found in json.loads(done.stdout)["services"])


def administrator(processes: RunningProcesses, **more: str) -> dict[str, str]:
    """The settings of somebody who may do everything in PostgreSQL, and asks the broker as `deploy`."""
    url = processes.postgres.url(processes.database)
    return clean_environment(**processes.environment("topology", CORONG_DATABASE_URL=url, CORONG_LANG="en", **more))


def log_key(processes: RunningProcesses) -> str:
    """The log's public key, as its keeper gives it out: the administrator's place has none."""
    done = corong("audit", "key", env=clean_environment(**processes.environment("auditing")))
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


async def restored(processes: RunningProcesses, service: str) -> None:
    """By the database's administrator, from auditing's own database, checked."""
    key = await asyncio.to_thread(log_key, processes)
    words = ("audit", "restore", service, "--key", key)
    done = await asyncio.to_thread(corong, *words, env=administrator(processes))
    assert done.returncode == 0, done.stdout + done.stderr


def drop(processes: RunningProcesses, service: str) -> None:
    with processes.postgres.connect(processes.database) as connection:
        connection.execute(f'DROP SCHEMA "{service}" CASCADE')


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> Iterator[RunningProcesses]:
    folder = tmp_path_factory.mktemp("lost")
    with running_broker(folder / "broker") as server:
        found = RunningProcesses(folder, postgres_server, server, {})
        try:
            found.start()
            yield found
        finally:
            found.kill()


@pytest.mark.postgres
async def test_while_the_others_go_on(processes: RunningProcesses) -> None:
    """Each in turn, with its own role in PostgreSQL before and after, restored by the database's administrator."""
    traffic = Traffic(processes)
    for service in LOST:
        process, before = processes.processes[service], traffic.progress.copy()
        flow = asyncio.gather(*(traffic.whole(f"{service}-{number}") for number in range(5)))
        await processes.until(lambda: traffic.progress["claimed"] > before["claimed"], 60)  # noqa: B023  # awaited here
        await kill_when_told(processes, process, service)
        drop(processes, service)
        if service != "intake":  # citizens write on
            late = asyncio.gather(*(traffic.hand_in(f"{service}-late-{number}") for number in range(3)))
            await late
        await restored(processes, service)
        process.start()
        await flow
        await asyncio.to_thread(process.wait_ready)
        if service != "intake":
            await asyncio.gather(*(traffic.answer(case) for case in _cases(traffic, f"{service}-late")))
    await traffic.all_sent()
    traffic.nothing_lost_and_nothing_twice()
    assert processes.refusals() == []
    await equal_to_the_log(administrator(processes))
    owners = processes.rows("public", "SELECT DISTINCT nspname, pg_get_userbyid(relowner) AS owner FROM pg_class"
                            " JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r'")  # fmt: skip
    assert {row["owner"] for row in owners if row["nspname"] in LOST} == {f"corong_{service}" for service in LOST}


def _cases(traffic: Traffic, prefix: str) -> list[str]:
    return [str(told["receipt"]["case_id"]) for key, told in traffic.receipts.items() if key.startswith(prefix)]


@pytest.mark.postgres
async def test_by_its_own_role_from_a_checked_folder(processes: RunningProcesses) -> None:
    """Who may use nothing but the service's own schema, made empty again by deploy/postgres.sql."""
    process = processes.processes["portal"]
    await processes.settled()
    await kill_when_told(processes, process, "portal")
    drop(processes, "portal")
    with processes.postgres.connect(processes.database) as connection:
        connection.execute("CREATE SCHEMA portal AUTHORIZATION corong_portal")
    data = processes.folder / "data" / "auditing"
    size = processes.rows("auditing", "SELECT size FROM head")[0]["size"]
    await until(lambda: int((data / "log" / "checkpoint").read_text().split("\n")[1]) >= size)
    key = await asyncio.to_thread(log_key, processes)
    own = processes.environment("portal", CORONG_NATS_PASSWORD=processes.server.known["deploy"], CORONG_LANG="en")
    words = ("audit", "restore", "portal", "--from", str(data / "log"))
    done = await asyncio.to_thread(corong, *words, env=clean_environment(**own))
    assert done.returncode == 1, "no key, nothing checked, nothing done"
    done = await asyncio.to_thread(corong, *words, "--key", key, env=clean_environment(**own))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Log checked" in done.stdout
    process.start()
    await asyncio.to_thread(process.wait_ready)
    await processes.settled()
    await equal_to_the_log(administrator(processes))


@pytest.mark.postgres
async def test_a_service_that_goes_on_at_the_logs_end_has_lost_what_came_meanwhile(processes: RunningProcesses) -> None:
    """The twin: where reading goes on is what keeps work from being lost."""
    traffic = Traffic(processes)
    process = processes.processes["routing"]
    await kill_when_told(processes, process, "routing")
    case = await traffic.hand_in("nobody-routes-it")
    written = "SELECT 1 FROM entry WHERE case_id = :case AND type = 'id.corong.message.received.v1'"
    await processes.until(lambda: processes.rows("auditing", written, case=case), 30)
    drop(processes, "routing")
    await restored(processes, "routing")
    with processes.postgres.connect(processes.database) as connection:
        connection.execute(
            "INSERT INTO routing.inbox SELECT writer, max(number) FROM auditing.entry WHERE writer LIKE 'intake.%'"
            " GROUP BY writer ON CONFLICT (writer) DO UPDATE SET taken = excluded.taken"
        )
    process.start()
    await asyncio.to_thread(process.wait_ready)
    await processes.settled()
    routed = "SELECT 1 FROM entry WHERE case_id = :case AND type = 'id.corong.case.routed.v1'"
    assert not processes.rows("auditing", routed, case=case)


@pytest.mark.parametrize("service", ["routing", "publishing"])
async def test_in_one_process(tmp_path: Path, service: str) -> None:
    with HubProcess(tmp_path / "data", CORONG_SETTLE_SECONDS="1") as hub:
        place = Hub(hub)
        await asyncio.to_thread(hub.wait_ready)
        traffic = Traffic(place)
        flow = asyncio.gather(*(traffic.whole(f"w-{number}") for number in range(6)))
        await place.until(lambda: traffic.progress["claimed"] > 0, 60)
        await kill_when_told(place, hub, service)
        place.lose(service)
        store = hub.data / "nats"
        store.rename(hub.data / "nats-aside")
        done = await asyncio.to_thread(corong, "audit", "restore", service, env=hub.env)
        assert (done.returncode, "--without-broker" in done.stderr) == (1, True), "an empty broker has not nothing more"
        shutil.rmtree(store)
        store.with_name("nats-aside").rename(store)
        done = await asyncio.to_thread(corong, "audit", "restore", service, env=hub.env)
        assert done.returncode == 0, done.stdout + done.stderr
        hub.start()
        await flow
        await traffic.all_sent()
        traffic.nothing_lost_and_nothing_twice()
        await equal_to_the_log(hub.env)
