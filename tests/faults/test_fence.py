"""A send waits until the broker has its fence: losing publishing's database sends nothing twice (decision 0012).

Publishing commits, and nothing of it comes to the broker; then its database is gone, and is made again from the log.
"""

import asyncio
from pathlib import Path

import pytest

from tests.faults.asking import persist
from tests.faults.officers import OFFICER, words
from tests.faults.places import OneProcess, is_settled, one_process
from tests.hubs import until
from tests.processes import corong
from tests.sample_channel.running import PapanPeer, note

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


async def answered(place: OneProcess, peer: PapanPeer) -> str:
    """A citizen writes on the board, an officer answers; the case."""
    peer.add_notes([note(1, "Jalan di Kisaran rusak.")])
    rows = await until(lambda: place.rows("routing", 'SELECT case_id FROM "case"'), 30)
    case: str = rows[0]["case_id"]
    async with place.client("officer", OFFICER) as client:
        await persist(client, f"/api/v1/cases/{case}/claim", None, "claim-1", 200)
        answer = {"text": words(case), "close": False}
        await persist(client, f"/api/v1/cases/{case}/answer", answer, "answer-1", 200)
    return case


async def lost_and_restored(folder: Path, fault: str) -> tuple[int, int]:
    """How often the answer was on the board before publishing's database was lost, and in the end."""
    async with one_process(folder, sabotage=fault, receipts=False) as (place, peer):
        peer.trouble(remembers_keys=False)
        case = await answered(place, peer)
        await until(lambda: place.rows("publishing", "SELECT 1 FROM delivery WHERE state IN ('sending', 'sent')"), 30)
        if fault == "no_fence":
            await until(lambda: peer.counted()["total"], 30)
        before = peer.counted()["by_text"].get(words(case), 0)
        place.hub.kill()
        place.lose("publishing")
        done = await asyncio.to_thread(corong, "audit", "restore", "publishing", env=place.hub.env)
        assert done.returncode == 0, done.stderr
        place.hub.env["SABOTAGE"] = ""
        place.hub.start()
        await place.calm()
        await until(lambda: peer.counted()["by_text"].get(words(case), 0) > before, 30)
        await until(lambda: is_settled(place), 30)
        return before, peer.counted()["by_text"][words(case)]


async def test_what_the_broker_does_not_know_of_was_not_sent(tmp_path: Path) -> None:
    assert await lost_and_restored(tmp_path, "publishing_is_mute") == (0, 1)


async def test_without_waiting_for_the_broker_the_citizen_gets_it_twice(tmp_path: Path) -> None:
    assert await lost_and_restored(tmp_path, "no_fence") == (1, 2)
