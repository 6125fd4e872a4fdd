"""`corong up` as a process: how it starts, stops, is killed and comes back."""

import json
import signal
from pathlib import Path

import psutil
import pytest

from corong.runtime.cores import usable_cores
from tests.peers.waiting import wait_for
from tests.processes import HubProcess, cold, corong

TEXT = "Jalan di depan pasar Kisaran rusak parah, mohon diperbaiki."
OTHER = "Lampu jalan di Kisaran padam."


def _send(hub: HubProcess, text: str = TEXT, key: str = "pesan-1") -> str:
    registration: str = hub.message(text, key=key)["registration"]
    return registration


def _waiting(hub: HubProcess) -> list[str]:
    """In all queues: a case is there when routing has decided and the desk knows."""
    return [case["registration"] for case in hub.call("/api/v1/queue", officer="ppid-utama")["cases"]]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    with HubProcess(tmp_path / "data") as hub:
        hub.wait_ready()
        broker = hub.broker()
        assert broker is not None
        assert hub.stop(number) == 0
        assert not broker.is_running()
        assert "Traceback" not in hub.logs()


def test_a_signal_while_it_starts_stops_it_cleanly(tmp_path: Path) -> None:
    with cold(HubProcess(tmp_path / "data")) as hub:
        wait_for("the data folder", (tmp_path / "data" / "corong.lock").exists)
        broker = hub.broker()
        assert hub.stop() == 0
        assert broker is None or not broker.is_running()
        assert "Traceback" not in hub.logs()
        hub.start()
        hub.wait_ready()


def test_a_second_signal_stops_it_at_once(tmp_path: Path) -> None:
    with HubProcess(tmp_path / "data") as hub:
        hub.wait_ready()
        broker = hub.broker()
        assert broker is not None
        broker.suspend()  # a clean stop would wait for it
        hub.send(signal.SIGINT)
        wait_for("the port to be let go", lambda: not hub.answers())
        hub.send(signal.SIGINT)
        assert hub.wait_end() == 130
        wait_for("the broker's end", lambda: not broker.is_running())


def test_after_a_kill_the_same_case_is_there(tmp_path: Path) -> None:
    with HubProcess(tmp_path / "data") as hub:
        hub.wait_ready()
        registration = _send(hub)
        wait_for("the case in its queue", lambda: registration in _waiting(hub))
        broker = hub.broker()
        assert broker is not None
        hub.kill()
        wait_for("the broker's end", lambda: not broker.is_running())
        hub.start()
        hub.wait_ready()
        assert _waiting(hub) == [registration]
        assert _send(hub) == registration, "the same message once more opens no second case"
        other = _send(hub, OTHER, "pesan-2")
        assert int(other.rsplit("/", 1)[1]) == int(registration.rsplit("/", 1)[1]) + 1


@pytest.mark.timeout(400)
def test_killed_again_and_again_while_it_starts_it_comes_back(tmp_path: Path) -> None:
    """At each of these moments: nothing made yet, the folder taken, the broker up, the port open, a database there."""
    data = tmp_path / "data"
    moments = ("corong.lock", "secrets/deployment.key", "nats/ports/*.ports", "db/keys.sqlite", "db/portal.sqlite")
    hub = HubProcess(data)
    for moment in moments:
        hub.start()

        def reached(moment: str = moment) -> bool:
            assert hub.pid is not None, hub.logs()
            return any(data.glob(moment))

        wait_for(moment, reached, seconds=60)
        hub.kill()
        for name in ("nats/ports/*.ports", "corong.lock"):
            for file in data.glob(name):
                file.unlink()
    with hub:
        hub.wait_ready()
        assert _send(hub)


def test_a_second_hub_on_the_same_data_is_refused(tmp_path: Path) -> None:
    with HubProcess(tmp_path / "data") as hub:
        hub.wait_ready()
        second = HubProcess(tmp_path / "data")
        done = corong("up", env=second.env)
        assert done.returncode == 1
        assert str(tmp_path / "data") in done.stderr
        assert f"proses {hub.pid}" in done.stderr
        assert "CORONG_DATA" in done.stderr
        assert hub.answers()


@pytest.mark.parametrize("number", ["8", "32"])
def test_another_number_of_partitions_is_refused(tmp_path: Path, number: str) -> None:
    with HubProcess(tmp_path / "data") as hub:
        hub.wait_ready()
        assert hub.stop() == 0
        done = corong("up", env={**hub.env, "CORONG_PARTITIONS": number})
        assert done.returncode == 1
        assert "CORONG_PARTITIONS=16" in done.stderr
        assert "Traceback" not in done.stderr
        hub.start()
        hub.wait_ready()


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    with HubProcess(tmp_path / "data") as hub:
        hub.wait_ready()
        second = HubProcess(tmp_path / "other", port=hub.port)
        done = corong("--lang", "en", "up", env=second.env)
        assert done.returncode == 1
        assert "CORONG_PORT" in done.stderr


def test_the_broker_comes_back_by_itself_also_with_an_empty_store(tmp_path: Path) -> None:
    with HubProcess(tmp_path / "data") as hub:
        hub.wait_ready()
        broker = hub.broker()
        assert broker is not None
        first = _send(hub)
        wait_for("the case in its queue", lambda: first in _waiting(hub))
        broker.suspend()
        for path in sorted((tmp_path / "data" / "nats" / "jetstream").rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        broker.kill()
        second = _send(hub, OTHER, "pesan-2")
        wait_for("both cases", lambda: set(_waiting(hub)) >= {first, second}, seconds=60)
        wait_for("readiness", lambda: (answer := hub.ask("/readyz")) is not None and answer[0] == 200)


def test_it_tells_the_addresses_and_how_to_sign_in(tmp_path: Path) -> None:
    with cold(HubProcess(tmp_path / "data")) as hub:
        hub.wait_ready()
        told = wait_for("the greeting", lambda: hub.logs() if "Ctrl-C" in hub.logs() else "")
        assert f"{hub.url}/readyz" in told
        assert "corong token officer ppid-utama" in told
        assert "corong_officer_" not in told, "a token is shown on a terminal only"
        for line in told.splitlines():
            if line.startswith("{"):
                assert json.loads(line)["level"] in ("info", "debug")


def test_by_itself_it_takes_the_cores_that_there_are_and_modest_memory(tmp_path: Path) -> None:
    with cold(HubProcess(tmp_path / "data", CORONG_PROCESSES="")) as hub:
        hub.wait_ready()
        second = [child for child in hub.children() if "corong.cli.second" in child.cmdline()]
        assert len(second) == (1 if usable_cores() >= 2 else 0)
        pid = hub.pid
        assert pid is not None
        total = sum(process.memory_info().rss for process in [psutil.Process(pid), *hub.children()])
        assert total < (550 if second else 400) * 1024 * 1024
