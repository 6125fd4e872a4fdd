"""A hub whose outboxes are let go of at once: a reader that lost everything still gets it, from the log."""

import asyncio
import shutil
from pathlib import Path
from typing import Any
from uuid import uuid4

from corong_contracts.command import ClaimCase, NoteCase
from tests.hubs import RunningHub, running_hub

WRITERS = ("intake", "routing", "publishing")
OFFICER = "ppid-utama"


async def write(hub: RunningHub, number: int) -> dict[str, Any]:
    async with hub.client("account", "api-contoh") as client:
        answer = await client.post(
            "/api/v1/messages",
            json={"text": f"Lampu jalan {number} mati.", "sender": {"address": f"warga-{number}"}},
            headers={"Idempotency-Key": f"k-{number}"},
        )
        assert answer.status_code == 202, answer.text
        found: dict[str, Any] = answer.json()["receipt"]
        return found


def left(hub: RunningHub) -> int:
    return sum(hub.rows(service, "SELECT count(*) AS n FROM outbox")[0]["n"] for service in WRITERS)


async def test_a_reader_that_lost_everything_gets_it_from_the_log(tmp_path: Path) -> None:
    request = uuid4()
    async with running_hub(tmp_path, keep_days=0.0) as hub:
        receipts = await asyncio.gather(*(write(hub, number) for number in range(12)))
        await hub.settled()
        case = receipts[0]["case_id"]
        first = await hub.command(ClaimCase(case_id=case), OFFICER, request)
        await hub.settled()
        await hub.until(lambda: left(hub) == 0, 40)
        log = hub.rows("auditing", "SELECT writer, number, body FROM entry ORDER BY position")
        repeated = await hub.command(ClaimCase(case_id=case), OFFICER, request)
        assert repeated["repeated"]
        assert repeated["events"] == first["events"]
        seen = hub.rows("desk", "SELECT * FROM inbox ORDER BY writer")
    shutil.rmtree(tmp_path / "nats")
    for file in (tmp_path / "db").glob("desk.sqlite*"):
        file.unlink()
    async with running_hub(tmp_path, keep_days=0.0) as hub:
        await hub.until(lambda: hub.rows("desk", "SELECT * FROM inbox ORDER BY writer") == seen, 40)
        assert hub.rows("auditing", "SELECT writer, number, body FROM entry ORDER BY position")[: len(log)] == log
        await hub.command(NoteCase(case_id=case, note="Lanjut."), OFFICER)
        await hub.settled()
