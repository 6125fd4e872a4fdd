"""`corong topology`: writes the broker's configuration, applies streams and consumers, finds what is unsafe."""

from collections.abc import Iterator
from pathlib import Path

import nats
import pytest

from corong.runtime.permissions import server_config
from corong_contracts.topology import inbox_of
from tests.cli.brokers import Deployment, deployment
from tests.peers.waiting import wait_for
from tests.processes import CorongProcess, corong


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Deployment]:
    with deployment(tmp_path) as found:
        yield found


def test_config_is_what_the_permissions_say(tmp_path: Path) -> None:
    assert corong("topology", "config").stdout == server_config()
    output = tmp_path / "nats.conf"
    done = corong("topology", "config", "-o", str(output), "--name", "satu", "--ranges", "routing=0-7,8-15")
    assert done.returncode == 0
    assert output.read_text(encoding="utf-8") == server_config("satu", {"routing": [(0, 7), (8, 15)]})
    assert corong("topology", "config", "--ranges", "routing=0-3").returncode == 2
    assert corong("topology", "config", "-o", str(tmp_path)).returncode == 1


def test_check_tells_what_is_missing_and_apply_makes_it(place: Deployment) -> None:
    assert "corong topology apply" in place.deploy("topology", "check", code=1)
    place.deploy("topology", "apply")
    assert "aman" in place.deploy("topology", "check")
    assert "sync_interval" in place.deploy("topology", "check", CORONG_NATS_MONITOR_URL="")
    place.deploy("topology", "apply", "--ranges", "routing=0-7,8-15")
    place.deploy("topology", "check", "--ranges", "routing=0-7,8-15")
    assert "routing-00-03" in place.deploy("topology", "check", "--ranges", "routing=0-3,4-15", code=1)


def test_an_unsafe_server_is_refused(tmp_path: Path) -> None:
    text = server_config().replace("sync_interval: always", 'sync_interval: "10s"')
    with deployment(tmp_path, text=text) as place:
        assert "sync_interval" in place.deploy("topology", "apply", code=1)


def test_who_may_not_or_cannot_is_told(place: Deployment, free_port: int) -> None:
    assert "CORONG_NATS_PASSWORD" in place.deploy("topology", "check", code=4, CORONG_NATS_PASSWORD="wrong")
    away = place.deploy("topology", "check", "--wait", "0.5", code=3, CORONG_NATS_URL=f"nats://127.0.0.1:{free_port}")
    assert "CORONG_NATS_URL" in away
    monitor = f"http://127.0.0.1:{free_port}"
    assert "CORONG_NATS_MONITOR_URL" in place.deploy("topology", "check", code=3, CORONG_NATS_MONITOR_URL=monitor)


async def test_watch_applies_it_again(place: Deployment) -> None:
    settings = place.environment("deploy")
    with CorongProcess(("topology", "apply", "--watch"), place.folder / "logs", port=None, **settings) as watching:
        wait_for("the first time", lambda: "siap" in watching.logs())
        client = await nats.connect(
            place.server.url, user="deploy", password=place.server.known["deploy"], inbox_prefix=inbox_of("deploy")
        )
        await client.jetstream().delete_stream("INBOUND")
        await client.close()
        wait_for("the second time", lambda: watching.logs().count("siap") == 2)
    assert "aman" in place.deploy("topology", "check")
