"""A post goes out to the feed and to the fediverse; what people of another server answer comes back as cases.

The office's account is on one snac2, the citizens' are on another; rss2email is the feed's subscriber.
"""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from corong.channels.mastodon.status_text import plain_text
from corong.runtime.refusal import Refused
from corong_contracts.command import ApprovePost, DraftPost, PublishPost
from corong_contracts.publication import Label
from tests.hubs import RunningHub, running_hub
from tests.peers.rss2email import Rss2Email
from tests.peers.snac import SnacServer, SnacUser, fresh_name
from tests.peers.snac import snacs as snacs
from tests.pipeline.fediverse import (
    ACCOUNT,
    OPERATOR,
    SUPERIOR,
    answer,
    case,
    delivered,
    nothing_parked,
    queue,
    regency,
    words,
)

pytestmark = [pytest.mark.peers, pytest.mark.slow]

TITLE = "Pasar Kisaran buka lebih awal"
NEWS = "Mulai Senin Pasar Kisaran dibuka pukul lima pagi."
ROAD, ROAD_OFFICER = "Jalan di depan pasar Kisaran rusak parah, kapan diperbaiki?", "petugas-dinas-pupr"
CARD, CARD_OFFICER = "KTP saya hilang, bagaimana mengurus KTP baru?", "petugas-dinas-dukcapil"
ANSWER = "Terima kasih. Jalan itu kami perbaiki mulai pekan depan."


async def test_a_post_its_comments_and_the_answers(snacs: tuple[SnacServer, SnacServer], tmp_path: Path) -> None:
    office = snacs[0].create_user(fresh_name("asahan"))
    wati, joko = (snacs[1].create_user(fresh_name(name)) for name in ("wati", "joko"))
    await asyncio.to_thread(wati.follow, office)
    data, config = tmp_path / "data", regency(tmp_path, office.base_url, office.token)
    with Rss2Email() as subscriber:
        async with running_hub(data, config=config) as hub:
            port = hub.hub.port
            await asyncio.to_thread(subscriber.add, f"{hub.url}/umpan.atom")
            assert await asyncio.to_thread(subscriber.run) == 0
            post = await _post(hub)
            await _subscribers_have_it_once(hub, post, subscriber)
            seen = await asyncio.to_thread(wati.sees, NEWS)
            assert seen["uri"] == post["native_id"]
            assert plain_text(seen["content"]) == f"{TITLE}\n\n{NEWS}"

            comment = await asyncio.to_thread(_write, wati, f"@{office.address} {ROAD}", in_reply_to_id=seen["id"])
            await asyncio.to_thread(_write, joko, f"@{office.address} {CARD}", visibility="direct")
            road, card = await _two_cases(hub)
            public = await answer(hub, road["case_id"], ROAD_OFFICER, ANSWER)
            private = await answer(hub, card["case_id"], CARD_OFFICER, "Bawa kartu keluarga ke kantor kami.")
            await _receipts_are_private(office, {wati: road, joko: card}, comment)
            told = await _told_in_the_thread(wati, comment, public)
            letter = await asyncio.to_thread(joko.notified, "Bawa kartu keluarga")
            assert (letter["uri"], letter["visibility"]) == (private["native_id"], "private")

            await _more_in_the_thread(hub, office, wati, joko, road, told)
            assert nothing_parked(hub)

        async with running_hub(data, config=config, port=port) as hub:
            await asyncio.to_thread(
                _write, joko, f"@{office.address} Baik, terima kasih.", in_reply_to_id=letter["id"], visibility="direct"
            )
            await hub.until(lambda: _messages(hub, card["case_id"]) == 2, 30)
            await hub.settled()
            assert (len(hub.rows("desk", "SELECT * FROM registered")), nothing_parked(hub)) == (3, True)
            assert await asyncio.to_thread(subscriber.run) == 0
            assert len(subscriber.mails()) == 1
            me = office.client.account_verify_credentials()["id"]
            shown = [plain_text(status["content"]) for status in office.client.account_statuses(me)]
            assert [sum(words in text for text in shown) for words in (NEWS, ANSWER)] == [1, 1]
            notes = [note["status"]["content"] for note in wati.client.notifications() if note["type"] == "mention"]
            assert [sum(words in text for text in notes) for words in (road["registration"], ANSWER)] == [1, 1]


async def _post(hub: RunningHub) -> dict[str, Any]:
    """Nothing goes out before exactly this text is approved. The delivery to the fediverse."""
    draft = DraftPost(unit="diskominfo", title=TITLE, text=NEWS, label=Label.SERVICE, accounts=["feed", ACCOUNT])
    drafted = await hub.command(draft, OPERATOR)
    post, seen = drafted["publication_id"], drafted["text_hash"]
    with pytest.raises(Refused, match="not_approved"):
        await hub.command(PublishPost(publication_id=post), OPERATOR)
    with pytest.raises(Refused, match="text_changed"):
        await hub.command(ApprovePost(publication_id=post, text_hash=f"{seen}0"), SUPERIOR)
    await hub.command(ApprovePost(publication_id=post, text_hash=seen), SUPERIOR)
    await hub.command(PublishPost(publication_id=post), OPERATOR)
    return await delivered(hub, post)


async def _subscribers_have_it_once(hub: RunningHub, post: dict[str, Any], subscriber: Rss2Email) -> None:
    await delivered(hub, post["publication_id"], account="feed")
    await hub.settled()
    assert await asyncio.to_thread(subscriber.run) == 1
    assert await asyncio.to_thread(subscriber.run) == 0
    mail = subscriber.mails()[0]
    assert mail["Subject"] == TITLE
    body = mail.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert NEWS in " ".join(body.decode().split())


def _write(citizen: SnacUser, text: str, **more: Any) -> Any:
    return citizen.client.status_post(text, **more)


def _messages(hub: RunningHub, case_id: str) -> int:
    found = hub.rows("desk", "SELECT messages FROM written WHERE case_id = :id", id=case_id)
    return found[0]["messages"] if found else 0


async def _two_cases(hub: RunningHub) -> tuple[dict[str, Any], dict[str, Any]]:
    """A public comment and a direct message, each in the queue of the unit that it concerns."""

    async def both() -> list[list[dict[str, Any]]]:
        queues = [await queue(hub, officer) for officer in (ROAD_OFFICER, CARD_OFFICER)]
        return queues if all(queues) else []

    (road,), (card,) = await hub.until(both, 30)
    assert (road["visibility"], card["visibility"]) == ("public", "private")
    assert (road["channel"], road["account"]) == ("mastodon", ACCOUNT)
    assert await words(hub, ROAD_OFFICER, road["case_id"]) == [ROAD]
    assert await words(hub, CARD_OFFICER, card["case_id"]) == [CARD]
    return road, card


async def _receipts_are_private(office: SnacUser, cases: dict[SnacUser, dict[str, Any]], comment: Any) -> None:
    for citizen, opened in cases.items():
        number = opened["registration"]
        receipt = await asyncio.to_thread(citizen.notified, number)
        assert (receipt["visibility"], receipt["account"]["acct"]) == ("private", office.address)
        for stranger in cases.keys() - {citizen}:
            thread = stranger.client.status_context(comment["id"])["descendants"]
            assert not any(number in status["content"] for status in thread)
        profile = (await asyncio.to_thread(httpx.get, f"{office.base_url}/{office.name}", timeout=30)).text
        assert (NEWS in profile, number in profile) == (True, False)


async def _told_in_the_thread(wati: SnacUser, comment: Any, sent: dict[str, Any]) -> Any:
    """The answer as it came to the citizen's server: once, in public, under her comment, with her name before it."""
    told = await asyncio.to_thread(wati.notified, ANSWER)
    assert (told["uri"], told["visibility"]) == (sent["native_id"], "public")
    assert told["in_reply_to_id"] == comment["id"]
    assert plain_text(told["content"]).startswith(f"@{wati.name}")
    thread = wati.client.status_context(comment["id"])["descendants"]
    assert [ANSWER in status["content"] for status in thread].count(True) == 1
    return told


async def _more_in_the_thread(
    hub: RunningHub, office: SnacUser, wati: SnacUser, joko: SnacUser, road: dict[str, Any], told: Any
) -> None:
    """The same citizen's next words follow up; another's open a case of their own that points to the first."""
    below = told["id"]
    again, other = "Baik. Lampunya juga mati.", "Di depan rumah saya jalan juga rusak parah."
    await asyncio.to_thread(_write, wati, f"@{office.address} {again}", in_reply_to_id=below)
    await asyncio.to_thread(_write, joko, f"@{office.address} {other}", in_reply_to_id=below)

    async def second() -> list[dict[str, Any]]:
        return [item for item in await queue(hub, ROAD_OFFICER) if item["case_id"] != road["case_id"]]

    (own,) = await hub.until(second, 30)
    await hub.until(lambda: _messages(hub, road["case_id"]) == 2, 30)
    shown = await case(hub, ROAD_OFFICER, own["case_id"])
    assert shown["related_case"]["case_id"] == road["case_id"]
    assert await words(hub, ROAD_OFFICER, own["case_id"]) == [other]
    assert await words(hub, ROAD_OFFICER, road["case_id"]) == [ROAD, again]
    assert (await case(hub, ROAD_OFFICER, road["case_id"]))["unanswered"] is True
