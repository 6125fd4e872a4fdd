"""The broker is away: the HTTP door takes and receipts everything, and afterwards all of it goes through."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from corong_contracts.base import SERVICES
from corong_contracts.case import CaseRegistered
from corong_contracts.catalogue import decode
from tests.hubs import RunningHub, running_hub

pytestmark = pytest.mark.faults

SECONDS = 30.0 if os.environ.get("CORONG_STORM") else 0.0
"""How long it is away, at least: `make storm` takes its time."""
MESSAGES = 40
"""At least, handed in while it is away."""


async def test_the_door_takes_everything_while_the_broker_is_away(tmp_path: Path) -> None:
    async with running_hub(tmp_path / "data") as hub:
        server = hub.hub.server
        assert server is not None
        before = await hand_in(hub, "sebelum")
        await hub.settled()
        server.kill()  # on purpose, so that the hub does not start it again
        away = time.monotonic()
        receipts = [before]
        while len(receipts) <= MESSAGES or time.monotonic() < away + SECONDS:
            receipts += await asyncio.gather(*(hand_in(hub, f"k-{len(receipts)}-{number}") for number in range(8)))
        assert hub.rows("routing", 'SELECT count(*) AS n FROM "case"') == [{"n": 1}], "nothing can have gone through"
        assert (await hub.hub.ready(0))["routing"] == {"broker": "not connected"}
        await asyncio.to_thread(server.start)
        back = time.monotonic()
        await hub.until(lambda: hub.rows("desk", 'SELECT count(*) AS n FROM "case"')[0]["n"] == len(receipts), 60)
        through = time.monotonic() - back
        print(f"broker away {back - away:.1f} s, {len(receipts) - 1} messages taken, through after {through:.1f} s")
        await hub.settled(60)
        events = [decode(row["body"]).data for row in hub.rows("auditing", "SELECT body FROM entry")]
        assert sorted(event.registration for event in events if isinstance(event, CaseRegistered)) == sorted(receipts)
        logged = hub.rows("auditing", "SELECT writer, number FROM entry ORDER BY writer, number")
        for writer in {row["writer"] for row in logged}:
            numbers = [row["number"] for row in logged if row["writer"] == writer]
            assert numbers == list(range(1, len(numbers) + 1)), writer
        for service in SERVICES:
            assert hub.rows(service, "SELECT * FROM parked") == []
        assert await hub.hub.ready() == {}


async def hand_in(hub: RunningHub, key: str) -> str:
    """A message by the door; its registration number, which only a receipt has."""
    body = {"text": "Jalan di depan pasar Kisaran rusak parah.", "sender": {"address": f"warga-{key}"}}
    async with hub.client("account", "api-contoh") as citizen:
        answer = await citizen.post("/api/v1/messages", json=body, headers={"Idempotency-Key": key})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["registration"])
