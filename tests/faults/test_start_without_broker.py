"""A broker that dies while a process starts is waited for, and the start goes on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from corong.embedded import Hub
from corong.runtime import broker_check
from corong.runtime.broker import Broker
from corong.runtime.monitor import MonitorAway, read_varz
from corong.runtime.natsserver import NatsServer
from corong.runtime.streams import check_streams
from corong_contracts.topology import EVENTS
from tests.hubs import running_hub
from tests.services.runtime.spine import running_spine

pytestmark = pytest.mark.faults


async def test_the_hub_starts_its_broker_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    servers: list[NatsServer] = []
    deaths: list[int] = []
    make = Hub._server

    def made(hub: Hub) -> NatsServer:
        servers.append(make(hub))
        return servers[0]

    async def dying(*arguments: Any) -> None:
        await check_streams(*arguments)
        if not deaths:
            process = servers[0]._process
            assert process is not None
            process.kill()
            deaths.append(process.wait())

    monkeypatch.setattr(Hub, "_server", made)
    monkeypatch.setattr(broker_check, "check_streams", dying)
    async with running_hub(tmp_path / "data") as running:
        assert deaths == [-9]
        assert await running.hub.ready() == {}


@pytest.mark.parametrize("misses", [1, 3])
async def test_a_page_that_dies_with_its_broker_ends_no_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, misses: int
) -> None:
    left = [misses]

    def missing(page: str) -> Mapping[str, Any]:
        if left[0]:
            left[0] -= 1
            raise MonitorAway("nobody there")
        return read_varz(page)

    monkeypatch.setattr(broker_check, "read_varz", missing)
    monkeypatch.setattr(broker_check, "ASK_AGAIN_SECONDS", 0.0)
    async with running_spine(tmp_path) as spine:
        broker: Broker = spine.connection("desk")
        page = f"http://127.0.0.1:{spine.server.monitor_port}"
        try:
            if misses == 1:
                await broker_check.check_patiently(broker, [EVENTS], (), page)
            else:  # the broker is there and its page is not: that is a setting
                with pytest.raises(MonitorAway):
                    await broker_check.check_patiently(broker, [EVENTS], (), page)
        finally:
            await broker.stop()
