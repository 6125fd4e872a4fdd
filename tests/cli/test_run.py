"""`corong run` and `corong migrate`: a process for each service, on SQLite files and a broker of its own."""

import json
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from corong.runtime.natsserver import NatsServer
from corong.runtime.permissions import server_config
from corong.runtime.tokens import issue
from corong_contracts.base import SERVICES
from tests.cli.brokers import Deployment, deployment
from tests.peers.waiting import wait_for
from tests.processes import CorongProcess, clean_environment, cold, corong

PROCESSES = (*SERVICES, "channels")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Deployment]:
    with deployment(tmp_path) as found:
        yield found


def _command(place: Deployment, process: CorongProcess, *words: str, account: str = "", officer: str = "") -> str:
    kind, holder = ("account", account) if account else ("officer", officer)
    token = issue(place.key.tokens, "account" if kind == "account" else "officer", holder)
    done = corong(*words, env=clean_environment(CORONG_URL=process.url, CORONG_TOKEN=token))
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_message_goes_through_the_processes(place: Deployment) -> None:
    place.deploy("topology", "apply")
    told = place.deploy("migrate")
    assert [line.split(":")[0] for line in told.splitlines()] == ["keys", *SERVICES, "channels"]
    assert place.deploy("migrate", "keys").startswith("keys:")
    with ExitStack() as stack:
        processes = {name: stack.enter_context(cold(place.process(name))) for name in PROCESSES}
        for process in processes.values():
            process.wait_ready()
        words = ("send", "Jalan di Kisaran rusak.", "--sender", "w", "--json")
        sent = json.loads(_command(place, processes["intake"], *words, account="api-contoh"))
        case, desk, officer = sent["registration"], processes["desk"], "petugas-dinas-pupr"
        wait_for("the case", lambda: case in _command(place, desk, "queue", "list", officer=officer))
        _command(place, desk, "queue", "claim", case, officer=officer)
        _command(place, desk, "queue", "reply", case, "Terima kasih.", "--close", officer=officer)
        lines = ("audit", "log", "--case", case, "--ndjson")
        wait_for("the log", lambda: "delivery.sent" in _command(place, desk, *lines, officer="ppid-utama"))
        for process in processes.values():
            assert process.ask("/healthz") == (200, "ok\n")
            assert "corong" in (process.ask("/metrics") or (0, ""))[1]
        for process in processes.values():
            process.send(signal.SIGTERM)
        assert {name: process.wait_end() for name, process in processes.items()} == dict.fromkeys(PROCESSES, 0)
        assert not any("Traceback" in process.logs() for process in processes.values())


def test_a_second_process_of_a_service_is_refused(place: Deployment) -> None:
    place.deploy("topology", "apply")
    with place.process("routing") as first:
        first.wait_ready()
        with place.process("routing") as second:
            assert second.wait_end(60) == 1
            assert "another process already runs routing" in second.logs()
        assert first.answers()


def test_a_wrong_password_is_refused(place: Deployment) -> None:
    with place.process("routing", CORONG_NATS_PASSWORD="wrong") as process:
        assert process.wait_end(60) == 4
        assert "CORONG_NATS_PASSWORD" in process.logs()
        assert "Traceback" not in process.logs()


def test_without_a_key_it_does_not_start(place: Deployment) -> None:
    (place.data / "secrets" / "deployment.key").unlink()
    with place.process("routing") as process:
        assert process.wait_end(60) == 1
        assert "CORONG_KEY" in process.logs()


def test_an_unsafe_broker_is_refused(tmp_path: Path) -> None:
    text = server_config().replace("sync_interval: always", 'sync_interval: "10s"')
    with deployment(tmp_path, text=text) as place, place.process("routing") as process:
        assert process.wait_end(60) == 1
        assert "sync_interval" in process.logs()


def test_it_waits_for_the_topology(place: Deployment) -> None:
    with place.process("portal") as process:
        wait_for("its start without streams", process.answers)
        status, page = process.ask("/readyz") or (0, "")
        assert (status, "portal" in json.loads(page)["missing"]) == (503, True)
        place.deploy("topology", "apply")
        process.wait_ready()


def test_it_takes_messages_before_the_broker_comes_and_then_looks_at_it(place: Deployment, free_port: int) -> None:
    place.deploy("topology", "apply")
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", free_port))  # nobody answers there, and nobody else takes it
        settings = {"CORONG_NATS_URL": f"nats://127.0.0.1:{free_port}", "CORONG_NATS_MONITOR_URL": ""}
        with place.process("intake", **settings) as process:
            wait_for("its start without a broker", process.answers)
            words = ("send", "Jalan di Kisaran rusak.", "--sender", "w", "--json")
            assert json.loads(_command(place, process, *words, account="api-contoh"))["registration"]
            unheard.close()
            # The same store, where the process looks for it.
            place.server.stop()
            moved = NatsServer(place.server.config, place.server.data, place.server.known, free_port)
            moved.start()
            try:
                process.wait_ready()
            finally:
                moved.kill()


def test_an_unsafe_broker_that_comes_later_ends_it(place: Deployment, free_port: int) -> None:
    with place.process("intake", CORONG_NATS_URL=f"nats://127.0.0.1:{free_port}") as process:
        wait_for("its start without a broker", process.answers)
        place.server.stop()
        unsafe = place.folder / "unsafe.conf"
        unsafe.write_text(server_config().replace("sync_interval: always", 'sync_interval: "10s"'))
        moved = NatsServer(unsafe, place.server.data, place.server.known, free_port)
        moved.monitor_port = place.server.monitor_port
        moved.start()
        try:
            assert process.wait_end(60) == 1
            assert "sync_interval" in process.logs()
        finally:
            moved.kill()
