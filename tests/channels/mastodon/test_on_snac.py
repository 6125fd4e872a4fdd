"""From one real server to another and back: a post, a comment, the answer in its thread; and the same in private."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from corong.channels.mastodon import channel
from corong_contracts.channel import AccountConfig, InboundMessage, Outgoing, OutgoingMedia, Sink
from corong_contracts.conformance.source_peer import Intake, MemoryCursor
from corong_contracts.conformance.watching import until
from tests.peers.pictures import PIXEL
from tests.peers.snac import SnacServer, SnacUser, fresh_name

pytestmark = pytest.mark.peers


@dataclass
class Town:
    """The office's account here, a citizen there, and the hub's configuration of the account."""

    office: SnacUser
    citizen: SnacUser
    account: AccountConfig

    def sink(self) -> Sink:
        assert channel.sink is not None
        return channel.sink(self.account)

    async def heard(self, words: str, cursor: MemoryCursor) -> InboundMessage:
        """Run the source until it hands over a message with these words."""
        assert channel.source is not None
        intake = Intake()
        running = asyncio.create_task(channel.source(self.account).run(intake.hand_over, cursor))
        try:
            await until(lambda: intake.settled(words)() or running.done(), 30, "the source hands the message over")
            assert not running.done()
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
        return intake.of(words)[0]


@pytest.fixture(scope="module")
def town(snacs: tuple[SnacServer, SnacServer]) -> Town:
    office, citizen = snacs[0].create_user(fresh_name("dinas")), snacs[1].create_user(fresh_name("wati"))
    citizen.follow(office)
    settings = {
        "base_url": office.base_url, "token": office.token, "poll_seconds": 0.2, "media_hosts": [citizen.host],
    }  # fmt: skip
    return Town(office, citizen, AccountConfig(id="medsos", channel="mastodon", settings=settings))


def outgoing(text: str, **more: Any) -> Outgoing:
    delivery = uuid4()
    given: dict[str, Any] = {"kind": "reply", "started_at": datetime.now(UTC)} | more
    return Outgoing(delivery_id=delivery, fence=1, carried=str(delivery), text=text, **given)


async def test_a_comment_on_a_post_is_answered_in_its_thread(town: Town) -> None:
    citizen, sink = town.citizen, town.sink()
    picture = OutgoingMedia("peta.png", "image/png", PIXEL, "peta jalan yang ditutup")
    news = outgoing("Jalan Merdeka ditutup", kind="post", visibility="public", media=(picture,))
    post = await sink.send(news)

    seen = await asyncio.to_thread(citizen.sees, "Jalan Merdeka ditutup")
    assert (seen["uri"], seen["media_attachments"][0]["description"]) == (post.native_id, "peta jalan yang ditutup")
    upload = citizen.client.media_post(PIXEL, mime_type="image/png", description="foto jalan")
    citizen.client.status_post(
        f"@{town.office.address} sampai kapan?", in_reply_to_id=seen["id"], media_ids=[upload["id"]]
    )

    message = await town.heard("sampai kapan?", MemoryCursor())
    assert message.text == "sampai kapan?\n[Lampiran: foto jalan]"
    assert message.thread == [post.native_id]
    assert (message.visibility, message.nature) == ("public", "person")
    assert message.sender.address == citizen.address
    assert [file.content for file in message.attachments] == [PIXEL]

    reply = outgoing("Sampai hari Jumat.", reply_to=message.reply_to, visibility="public")
    assert await sink.look_up(reply) is None
    sent = await sink.send(reply)
    told = await asyncio.to_thread(citizen.notified, "Sampai hari Jumat.")
    assert (told["uri"], told["visibility"]) == (sent.native_id, "public")
    above = citizen.client.status_context(told["id"])["ancestors"]
    assert [status["uri"] for status in above] == [post.native_id, message.native_id]

    other = town.sink()  # one that did not send it, as after a crash
    for delivery, result in ((reply, sent), (news, post)):
        assert await other.look_up(delivery) == result
    for last in (sink, other):
        await last.close()


async def test_a_direct_message_is_answered_in_private(town: Town) -> None:
    citizen, sink = town.citizen, town.sink()
    citizen.client.status_post(f"@{town.office.address} NIK saya salah", visibility="direct")
    cursor = MemoryCursor()
    message = await town.heard("NIK saya salah", cursor)
    assert (message.text, message.visibility, message.thread) == ("NIK saya salah", "private", [])

    reply = outgoing("Sudah kami perbaiki.", reply_to=message.reply_to, visibility="private")
    assert await sink.look_up(reply) is None
    sent = await sink.send(reply)
    other = town.sink()
    assert await other.look_up(reply) == sent
    await other.close()
    told = await asyncio.to_thread(citizen.notified, "Sudah kami perbaiki.")
    assert (told["uri"], told["visibility"]) == (sent.native_id, "private")

    citizen.client.status_post(f"@{town.office.address} terima kasih", in_reply_to_id=told["id"], visibility="direct")
    thanks = await town.heard("terima kasih", cursor)
    assert thanks.thread == [sent.native_id, message.native_id]
    await sink.close()


async def test_a_receipt_of_a_public_comment_goes_to_its_writer_alone(town: Town) -> None:
    citizen, sink = town.citizen, town.sink()
    citizen.client.status_post(f"@{town.office.address} lampu padam di depan SD")
    message = await town.heard("lampu padam di depan SD", MemoryCursor())
    assert message.visibility == "public"
    receipt = outgoing("Nomor PM/2026/000007", kind="receipt", reply_to=message.reply_to, visibility="public")
    sent = await sink.send(receipt)
    told = await asyncio.to_thread(citizen.notified, "PM/2026/000007")
    assert (told["uri"], told["visibility"]) == (sent.native_id, "private")
    await sink.close()
