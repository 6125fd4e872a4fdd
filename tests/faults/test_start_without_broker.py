"""A broker that dies while the hub starts is started again, and the start goes on."""

from pathlib import Path
from typing import Any

import pytest

from corong import embedded
from corong.runtime.broker import Broker
from tests.hubs import running_hub

pytestmark = pytest.mark.faults


@pytest.mark.parametrize("when", ["before the topology", "after the topology"])
async def test_the_start_outlives_its_broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    deaths: list[str] = []
    apply = embedded.apply

    async def dying(broker: Broker, partitions: int, *more: Any) -> None:
        if when == "after the topology":
            await apply(broker, partitions)
        if not deaths:
            deaths.append(when)
            kill_broker()
        if when == "before the topology":
            await apply(broker, partitions)

    def kill_broker() -> None:
        servers[0]._process.kill()  # type: ignore[union-attr]
        servers[0]._process.wait()  # type: ignore[union-attr]

    servers: list[embedded.NatsServer] = []
    make = embedded.Hub._server

    def made(hub: embedded.Hub) -> embedded.NatsServer:
        servers.append(make(hub))
        return servers[0]

    monkeypatch.setattr(embedded, "apply", dying)
    monkeypatch.setattr(embedded.Hub, "_server", made)
    async with running_hub(tmp_path / "data") as running:
        assert deaths == [when]
        assert await running.hub.ready() == {}
