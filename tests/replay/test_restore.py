"""Each service's database lost in turn, made again from the log, and the hub goes on."""

import asyncio
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from corong.replay.foldings import FOLDINGS, REACTING
from corong.replay.logs import DatabaseLog, FolderLog
from corong.replay.restore import CannotRestore, add_tail, check_others, look, restore
from corong.runtime.arrivals import Arrived
from corong.runtime.database import AlreadyRunning, BeingRestored, Database
from corong_contracts.catalogue import encode
from corong_contracts.delivery import DeliverySent, DeliveryStarted
from tests.hubs import RunningHub, running_hub
from tests.pipeline.first_message import from_the_door_to_the_answer
from tests.processes import clean_environment, corong
from tests.programs import ROOT
from tests.replay.runs import bodies, database_url, events, execute, finished, publish, replayed, url_of, work

BACKENDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


def environment(data: Path, url: str | None) -> dict[str, str]:
    return clean_environment(CORONG_DATA=str(data), CORONG_LANG="en", **({"CORONG_DATABASE_URL": url} if url else {}))


def lose(data: Path, url: str | None, service: str) -> None:
    if url is None:
        for part in ("", "-wal", "-shm"):
            (data / "db" / f"{service}.sqlite{part}").unlink(missing_ok=True)
        return
    database = Database(url, service)
    with database.write() as connection:
        connection.exec_driver_sql(f'DROP SCHEMA "{service}" CASCADE')
    database.close()


async def check(hub: RunningHub, data: Path, url: str | None) -> None:
    await hub.settled()
    assert hub.rows("auditing", "SELECT * FROM conflict") == []
    for service in FOLDINGS:
        assert hub.rows(service, "SELECT reason FROM parked") == []
    live = url_of(data, url)
    found = replayed(DatabaseLog(live), live)
    assert {name: (outcome.wrong, outcome.not_compared) for name, outcome in found.items()} == {
        name: ({}, {}) for name in FOLDINGS
    }
    written = events(live)
    numbers: dict[str, list[int]] = {}
    for event in written:
        numbers.setdefault(event.writer, []).append(event.number)
    assert all(sorted(found) == list(range(1, len(found) + 1)) for found in numbers.values())
    sent = [event.data.delivery_id for event in written if isinstance(event.data, DeliverySent)]
    assert len(sent) == len(set(sent))


def published(data: Path) -> int:
    """How many entries the folder has."""
    checkpoint = data / "log" / "checkpoint"
    return FolderLog(data / "log").size() if checkpoint.exists() else 0


SERVICES_LOST = {
    "sqlite": ("routing", "publishing", "intake", "desk", "portal", "auditing"),
    "postgres": ("publishing", "auditing"),
}


@pytest.mark.parametrize("backend", BACKENDS)
async def test_each_service_is_lost_in_turn_and_goes_on(
    backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = database_url(backend, tmp_path, request)
    data = tmp_path / "data"
    settings: dict[str, Any] = {"database_url": url} if url else {}
    async with running_hub(data, **settings) as hub:
        await from_the_door_to_the_answer(hub)
    for number, service in enumerate(SERVICES_LOST[backend]):
        before = bodies(url_of(data, url))
        lose(data, url, service)
        words = ["audit", "restore", service, *(("--from", str(data / "log")) if service == "auditing" else ())]
        done = corong(*words, env=environment(data, url))
        assert done.returncode == 0, done.stdout + done.stderr
        again = corong(*words, env=environment(data, url))
        assert "Log checked" in done.stdout, "a folder and auditing's own database alike"
        assert again.returncode == 1, "what is there is not written over"
        assert "--replace" in again.stderr
        assert bodies(url_of(data, url)) == before
        async with running_hub(data, **settings) as hub:
            await work(hub, 10 * number + 10, 10 * number + 12)
            await check(hub, data, url)
            await hub.until(lambda: published(data) == len(bodies(url_of(data, url))))


def dying(url: str, service: str, step: str, *more: str, at: int = 0) -> int:
    """The exit code of a restore that may kill itself."""
    command = [sys.executable, "-m", "tests.replay.dying_restore", url, service, step, *more]
    return subprocess.run(command, env=clean_environment(AT=str(at)), cwd=ROOT, timeout=60, check=False).returncode


async def test_a_restore_that_is_killed_is_done_again(tmp_path: Path) -> None:
    data = await finished(tmp_path, None)
    url = url_of(data, None)
    log = DatabaseLog(url)
    file = data / "db" / "routing.sqlite"
    lose(data, None, "routing")
    assert dying(url, "routing", "filled") == -signal.SIGKILL
    assert not file.exists(), "what is not whole is not there"
    assert dying(url, "routing", "put", at=0) == -signal.SIGKILL
    database = Database(url, "routing")
    with pytest.raises(BeingRestored):  # a start would begin at number 1 again
        database.create_schema()
    database.close()
    assert dying(url, "routing", "none") == 0
    assert replayed(log, url)["routing"].compared == ["live"]

    execute(url, "routing", "UPDATE \"case\" SET unit = 'lain'")
    for at in range(2):
        assert dying(url, "routing", "put", "--replace", at=at) == -signal.SIGKILL
    assert dying(url, "routing", "none", "--replace") == 0
    assert replayed(log, url)["routing"].compared == ["live"]
    assert list(file.parent.glob("routing.sqlite.aside-*")), "the old one is kept"
    database = Database(url, "routing")
    database.create_schema()
    database.close()


async def test_what_another_service_has_read_and_the_log_has_not_stands_in_the_way(tmp_path: Path) -> None:
    data = await finished(tmp_path, None)
    url = url_of(data, None)
    known = look("routing", DatabaseLog(url))
    assert check_others(url, "routing", known) == []
    writer = next(iter(known.own))
    execute(url, "desk", "UPDATE inbox SET taken = taken + 1 WHERE writer = :writer", writer=writer)
    with pytest.raises(CannotRestore, match=f"desk has read {writer}"):
        check_others(url, "routing", known)
    with Database(url, "routing").reading.connect():
        database = Database(url, "routing")
        database.own("0-15")
        with pytest.raises(AlreadyRunning):
            restore("routing", url, DatabaseLog(url), known, [], 16, replace=True)
        database.close()
    with pytest.raises(CannotRestore, match="--replace"):
        restore("routing", url, DatabaseLog(url), known, [], 16, replace=False)


async def test_a_log_that_grows_while_it_is_restored_from_changes_nothing(tmp_path: Path) -> None:
    """What auditing lacked at the first look comes from the broker; it stands in the log when that is folded."""
    data = await finished(tmp_path, None)
    url = url_of(data, None)
    log = DatabaseLog(url)
    written = events(url)
    place = {(event.writer, event.number): position for position, event in enumerate(written)}
    blinded = 0
    for service in REACTING:
        whole = look(service, log)
        decisive = min((place[mark] for mark in whole.decided.items()), default=None)
        for cut in (len(written) // 3, len(written) - 1 if decisive is None else decisive, len(written) - 1):
            early = look(service, FolderLog(publish(tmp_path / "early", bodies(url)[:cut])))
            beyond = sorted(written[cut:], key=lambda event: (event.writer, event.number))
            arrived = [Arrived(event.writer, event.number, "", "", encode(event)) for event in beyond]
            own = [item for item in arrived if item.writer.startswith(f"{service}.")]
            others = [item for item in arrived if item not in own]
            if cut == decisive:  # the twin: nobody tells what the last decisions hung on
                blind = look(service, FolderLog(tmp_path / "early"))
                add_tail(blind, service, own, [], FolderLog(tmp_path / "early"))
                assert blind.decided != whole.decided
                blinded += 1
            add_tail(early, service, own, others, log)
            assert (early.own, early.decided) == (whole.own, whole.decided)
            restore(service, url, log, early, [*own, *others], 16, replace=True)
            found = replayed(log, url)[service]
            assert (found.wrong, found.not_compared) == ({}, {})
    assert blinded, "some service decided on what another wrote"


async def test_a_lost_stream_is_filled_from_the_log_where_the_writers_have_let_go(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with running_hub(data) as hub:
        await from_the_door_to_the_answer(hub)
        await work(hub)
    shutil.rmtree(data / "nats")
    url = url_of(data, None)
    # The portal has to read all of it again, and the writers have let it go.
    lose(data, None, "portal")
    for service in ("intake", "routing", "publishing"):
        execute(url, service, "DELETE FROM outbox")
    done = corong("audit", "restore", "--stream", env=environment(data, None))
    assert done.returncode == 0, done.stderr
    assert "routing:" in done.stdout
    async with running_hub(data) as hub:
        await hub.settled()
        assert hub.rows("portal", "SELECT * FROM registered") != []
        await check(hub, data, None)


async def test_a_fence_is_with_the_broker_before_anything_is_sent(tmp_path: Path) -> None:
    """The database is lost right after a send: the log, and the broker beyond it, know that it was begun."""
    data = tmp_path / "data"
    async with running_hub(data) as hub:
        await from_the_door_to_the_answer(hub)
        relay = hub.service("publishing").relay
        started = [event for event in events(url_of(data, None)) if isinstance(event.data, DeliveryStarted)]
        stored = [(event.partition, event.number) for event in started]
        assert stored
        for partition, number in stored:
            await asyncio.wait_for(relay.stored(partition, number), 5)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(relay.stored(stored[0][0], 10_000), 0.1)
