"""`corong up` in two processes: what it promises holds, whichever of them dies."""

import signal
from pathlib import Path

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from corong.second import SERVICES
from tests.peers.waiting import wait_for
from tests.processes import HubProcess

TEXT = "Jalan di depan pasar Kisaran rusak parah, mohon diperbaiki."


class TwoProcesses(HubProcess):
    """A hub in two processes."""

    def __init__(self, data: Path) -> None:
        super().__init__(data, CORONG_PROCESSES="2")

    def second(self) -> psutil.Process | None:
        """The second one."""
        return next((child for child in self.children() if "corong.cli.second" in child.cmdline()), None)

    def waiting(self) -> list[str]:
        """The registrations in all queues."""
        return sorted(case["registration"] for case in self.call("/api/v1/queue", officer="ppid-utama")["cases"])

    def write(self, *keys: str) -> list[str]:
        """Hand messages in."""
        return [self.message(TEXT, sender=f"warga-{key}", key=key)["registration"] for key in keys]


def is_dead(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_whichever_dies_nothing_is_lost(tmp_path: Path) -> None:
    with TwoProcesses(tmp_path / "data") as hub:
        hub.wait_ready()
        sent = hub.write("1")
        wait_for("the case in its queue", lambda: hub.waiting() == sent)

        first = hub.second()
        assert first is not None
        first.suspend()  # what comes now waits for it
        sent += hub.write("2", "3")
        answer = hub.ask("/readyz")
        assert answer is not None
        assert answer[0] == 503
        assert all(f'"{service}"' in answer[1] for service in SERVICES)
        first.kill()
        wait_for("all cases in their queues", lambda: hub.waiting() == sent, seconds=60)
        hub.wait_ready()
        again = hub.second()
        assert again is not None
        assert again.pid != first.pid

        answer = hub.ask("/metrics")
        assert answer is not None
        families = {family.name: family for family in text_string_to_metric_families(answer[1])}
        told = {sample.labels["service"] for sample in families["corong_taken_events"].samples}
        assert told >= {"desk", *SERVICES}

        sent += hub.write("4")
        hub.kill()
        wait_for("the second process's end", lambda: is_dead(again))
        hub.start()
        hub.wait_ready()
        wait_for("all cases in their queues", lambda: hub.waiting() == sent)
        assert hub.write("4") == sent[-1:], "the same message once more opens no second case"


def test_killed_during_the_start_it_is_started_again(tmp_path: Path) -> None:
    with TwoProcesses(tmp_path / "data") as hub:
        wait_for("the second process", lambda: hub.second() is not None)
        first = hub.second()
        assert first is not None
        first.kill()
        hub.wait_ready()
        sent = hub.write("1")
        wait_for("the case in its queue", lambda: hub.waiting() == sent)
        assert "ended before it had begun" in hub.logs()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_both_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    with TwoProcesses(tmp_path / "data") as hub:
        hub.wait_ready()
        second = hub.second()
        assert second is not None
        assert hub.stop(number) == 0
        assert is_dead(second)
        assert "Traceback" not in hub.logs()


def test_what_only_the_second_one_finds_wrong_ends_the_start_in_words(tmp_path: Path) -> None:
    config = tmp_path / "config"
    example = Path(__file__).resolve().parents[2] / "examples" / "asahan"
    config.mkdir()
    for file in example.iterdir():
        if file.is_file():
            (config / file.name).write_bytes(file.read_bytes())
    with (config / "rules.toml").open("a") as rules:
        rules.write('\n[[rule]]\nunit = "tidak-ada"\n')
    hub = TwoProcesses(tmp_path / "data")
    hub.env["CORONG_CONFIG"] = str(config)
    with hub:
        assert hub.wait_end() == 1
        assert "rules.toml" in hub.logs()
        assert "Traceback" not in hub.logs()
