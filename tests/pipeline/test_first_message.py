"""A message goes all the way: from the JSON door to the unit's queue, the answer, and the log."""

from pathlib import Path

from corong_contracts.command import AnswerCase, ClaimCase
from tests.hubs import running_hub

BODY = {"text": "Jalan di depan pasar Kisaran rusak parah, mohon diperbaiki.", "sender": {"address": "warga-1"}}


async def test_from_the_door_to_the_answer(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        async with hub.client("account", "api-contoh") as citizen:
            answer = await citizen.post("/api/v1/messages", json=BODY, headers={"Idempotency-Key": "k-1"})
            assert answer.status_code == 202
            receipt = answer.json()["receipt"]
            again = await citizen.post("/api/v1/messages", json=BODY, headers={"Idempotency-Key": "k-1"})
            assert again.status_code == 202
            assert again.json()["receipt"] == {**receipt, "status": "duplicate"}
            other = {**BODY, "text": "lain"}
            reused = await citizen.post("/api/v1/messages", json=other, headers={"Idempotency-Key": "k-1"})
            assert reused.status_code == 422
        await hub.settled()
        case = hub.rows("desk", 'SELECT * FROM "case"')[0]
        assert (case["case_id"], case["unit"], case["state"]) == (receipt["case_id"], "dinas-pupr", "open")
        await hub.command(ClaimCase(case_id=case["case_id"]), "petugas-dinas-pupr")
        text = "Terima kasih, akan kami perbaiki pekan ini."
        await hub.command(AnswerCase(case_id=case["case_id"], text=text, close=True), "petugas-dinas-pupr")
        await hub.until(lambda: hub.rows("desk", "SELECT 1 FROM delivery WHERE state = 'sent' AND kind = 'reply'"))
        await hub.settled()
        types = [row["type"] for row in hub.rows("auditing", "SELECT type FROM entry ORDER BY position")]
        assert [name.removeprefix("id.corong.").removesuffix(".v1") for name in types] == [
            "case.registered",
            "message.received",
            "case.routed",
            "case.claimed",
            "case.answered",
            "case.closed",
            "publication.drafted",
            "publication.released",
            "delivery.started",
            "delivery.sent",
        ]
        for service in ("intake", "routing", "publishing", "auditing", "desk", "portal"):
            assert hub.rows(service, "SELECT * FROM parked") == []
