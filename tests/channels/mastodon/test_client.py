"""The client does what the API offers, and tells what became of each request; mastodon-mock answers."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from corong.channels.mastodon.client import MastodonClient
from corong.channels.mastodon.settings import MastodonSettings
from corong.channels.mastodon.sink import MastodonSink
from corong_contracts.channel import Outgoing, OutgoingMedia, Permanent, SendError, Transient, Unknown
from tests.channels.mastodon.line import Line, Trouble, line_to
from tests.peers.mastodon_mock import MastodonMock
from tests.peers.pictures import PIXEL
from tests.ports import find_free_port

pytestmark = pytest.mark.peers

AGES = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[MastodonMock]:
    with MastodonMock(["diskominfo", "budi", "siti", "banyak", "dinas", "humas", "hapus", "kabar"]) as mock:
        yield mock


@pytest.fixture(autouse=True)
def healed(server: MastodonMock) -> None:
    server.heal()


@asynccontextmanager
async def signed_in(server: MastodonMock, name: str, **more: float) -> AsyncIterator[MastodonClient]:
    client = MastodonClient(server.base_url, server.token(name), **more)
    try:
        yield client
    finally:
        await client.close()


async def test_posts_with_a_picture_edits_and_deletes(server: MastodonMock) -> None:
    async with signed_in(server, "diskominfo") as office:
        picture = await office.upload(PIXEL, "peta.png", "image/png", "peta jalan")
        posted = await office.post("Jalan ditutup", visibility="public", media_ids=[picture], language="id")
        assert [(media.kind, media.description) for media in posted.media] == [("image", "peta jalan")]
        assert (posted.language, posted.visibility, posted.text) == ("id", "public", "Jalan ditutup")
        assert (await office.edit(posted.id, "Jalan dibuka")).text == "Jalan dibuka"
        await office.delete(posted.id)
        with pytest.raises(Permanent, match="not_found"):
            await office.status(posted.id)


async def test_the_same_key_is_the_same_status(server: MastodonMock) -> None:
    async with signed_in(server, "diskominfo") as office:
        twice = [await office.post("satu", visibility="public", idempotency_key="kunci") for _ in range(2)]
        assert twice[0].uri == twice[1].uri


async def test_limits_and_account(server: MastodonMock) -> None:
    async with signed_in(server, "diskominfo") as office:
        limits = await office.limits()
        assert (limits.max_characters, limits.max_media, limits.url_length) == (500, 4, 23)
        assert (await office.account()).acct == "diskominfo"
    async with signed_in(server, "salah") as nobody:
        with pytest.raises(Transient, match="unauthorized"):
            await nobody.account()


async def test_mentions_come_in_order_over_many_pages(server: MastodonMock) -> None:
    async with signed_in(server, "banyak") as office, signed_in(server, "siti") as citizen:
        for number in range(95):
            await citizen.post(f"@banyak laporan {number}", visibility="direct" if number % 2 else "public")
        every = await office.mentions(None, AGES)
        assert [note.status.text for note in every if note.status] == [f"@banyak laporan {n}" for n in range(95)]
        later = await office.mentions(every[40].id, datetime.now(UTC))
        assert [note.id for note in later] == [note.id for note in every[41:]]
        assert await office.mentions(every[-1].id, AGES) == []
        assert await office.mentions(None, datetime.now(UTC) + timedelta(days=1)) == []
        latest = every[-2].status, every[-1].status
        conversations = await office.conversations()
        assert conversations[0].last_status is not None
        assert conversations[0].last_status.uri in [status.uri for status in latest if status]


async def test_direct_messages_of_strangers_are_not_filtered_away(server: MastodonMock) -> None:
    async with signed_in(server, "humas") as office, signed_in(server, "budi") as citizen:
        policy = await office._http.patch(
            f"{server.base_url}/api/v2/notifications/policy", data={"for_private_mentions": "filter"}
        )
        assert policy.is_success
        await citizen.post("@humas rahasia", visibility="direct")
        assert [note.type for note in await office.mentions(None, AGES)] == ["mention"]


async def test_own_statuses_end_where_asked(server: MastodonMock) -> None:
    async with signed_in(server, "dinas") as office:
        for number in range(50):
            await office.post(f"kabar {number}", visibility="public")
        me = await office.account()
        own, all_of_them = await office.own_statuses(me.id, AGES)
        assert (len(own), all_of_them) == (50, True)
        own, all_of_them = await office.own_statuses(me.id, AGES, pages=1)
        assert (len(own), all_of_them) == (40, False)
        assert await office.own_statuses(me.id, datetime.now(UTC) + timedelta(hours=1)) == ([], True)


@pytest.mark.parametrize(
    ("status", "kind"), [(422, Permanent), (403, Permanent), (401, Transient), (429, Transient), (503, Unknown)]
)
async def test_refusals(server: MastodonMock, status: int, kind: type[SendError]) -> None:
    server.fault("POST", "/api/v1/statuses", "status", status=status)
    async with signed_in(server, "diskominfo") as office:
        with pytest.raises(kind):
            await office.post("x", visibility="public")


async def test_the_wait_that_a_server_asks_for(server: MastodonMock) -> None:
    server.fault("POST", "/api/v1/statuses", "ratelimit", headers={"Retry-After": "7"})
    async with signed_in(server, "diskominfo") as office:
        with pytest.raises(Transient, match="rate_limited") as caught:
            await office.post("x", visibility="public")
        assert caught.value.retry_after == 7


@pytest.mark.parametrize("trouble", ["silence", "cut", "server_error", "nonsense"])
async def test_what_may_have_gone_out_is_unknown(server: MastodonMock, trouble: Trouble) -> None:
    with line_to(server.port) as line:
        line.trouble = trouble
        office = MastodonClient(f"http://127.0.0.1:{line.port}", server.token("diskominfo"), timeout=0.5)
        with pytest.raises(Unknown):
            await office.post(f"mungkin {trouble}", visibility="public")
        await office.close()
    async with signed_in(server, "diskominfo") as office:
        own, _ = await office.own_statuses((await office.account()).id, AGES)
        assert f"mungkin {trouble}" in [status.text for status in own]


async def test_nobody_there_is_certain() -> None:
    office = MastodonClient(f"http://127.0.0.1:{find_free_port()}", "x")
    with pytest.raises(Transient, match="unreachable"):
        await office.post("x", visibility="public")
    await office.close()


async def test_a_failed_upload_leaves_nothing_unknown(server: MastodonMock) -> None:
    server.fault("POST", "/api/v2/media", "status", status=503)
    server.fault("POST", "/api/v2/media", "malformed")
    async with signed_in(server, "diskominfo") as office:
        for _ in range(2):
            with pytest.raises(Transient):
                await office.upload(PIXEL, "x.png", "image/png", "x")


def sink_for(server: MastodonMock, name: str, line: Line | None = None) -> MastodonSink:
    base_url = f"http://127.0.0.1:{line.port}" if line else server.base_url
    return MastodonSink(
        MastodonSettings.model_validate({"base_url": base_url, "token": server.token(name), "timeout_seconds": 1})
    )


def post(text: str, *, subject: str = "", media: tuple[OutgoingMedia, ...] = ()) -> Outgoing:
    delivery = uuid4()
    return Outgoing(
        delivery, 1, str(delivery), "post", text, subject=subject, visibility="public", media=media,
        started_at=datetime.now(UTC),
    )  # fmt: skip


async def test_the_sink_publishes_posts_and_takes_them_back(server: MastodonMock) -> None:
    sink = sink_for(server, "hapus")
    picture = OutgoingMedia("peta.png", "image/png", PIXEL, "peta jalan")
    sent = await sink.send(post("Jalan Merdeka ditutup", subject="Pengumuman", media=(picture,)))
    async with signed_in(server, "hapus") as office:
        me = await office.account()
        own, _ = await office.own_statuses(me.id, AGES)
        assert [(status.uri, status.text) for status in own] == [
            (sent.native_id, "Pengumuman\n\nJalan Merdeka ditutup")
        ]
        assert own[0].media[0].description == "peta jalan"
        await sink.delete(sent.native_id)
        assert await office.own_statuses(me.id, AGES) == ([], True)
    with pytest.raises(Permanent, match="not_found"):
        await sink.delete(sent.native_id)
    await sink.close()


@pytest.mark.parametrize("sent_before", [True, False])
async def test_posts_are_looked_up(server: MastodonMock, sent_before: bool) -> None:
    outgoing = post(f"Kabar {uuid4()}")
    with line_to(server.port) as line:
        sink = sink_for(server, "diskominfo", line)
        if sent_before:
            line.trouble = "silence"
            with pytest.raises(Unknown, match="time_out"):
                await sink.send(outgoing)
        found = await sink.look_up(outgoing)
        assert (found is not None) is sent_before
        await sink.close()


async def test_a_look_up_does_not_guess(server: MastodonMock) -> None:
    sink = sink_for(server, "diskominfo")
    with pytest.raises(Unknown, match="no_words"):
        await sink.look_up(post("🙏"))
    await sink.close()


@pytest.mark.parametrize(
    ("started", "server_is_ahead", "outcome"),
    [
        (-1, 0, "sent"),  # made after it was begun
        (60, 0, "same_words_before"),  # perhaps the clocks differ
        (3600, 0, "absent"),  # last week's announcement is not this week's
        (-1, -7200, "sent"),  # by the server's own clock
        (3600, 7200, "absent"),
    ],
)
async def test_the_same_words_of_another_time(
    server: MastodonMock, started: float, server_is_ahead: float, outcome: str
) -> None:
    """`started`: seconds after the status was made by the hub's clock."""
    outgoing = post(f"Pasar murah setiap Jumat {uuid4()}")
    first = sink_for(server, "kabar")
    sent = await first.send(outgoing)
    await first.close()
    made = datetime.now(UTC)
    with line_to(server.port) as line:
        line.ahead = server_is_ahead
        by_its_clock = made + timedelta(seconds=server_is_ahead)
        line.rewrites["Pasar murah"] = lambda status: status.update(created_at=by_its_clock.isoformat())
        sink = sink_for(server, "kabar", line)
        asked = replace(outgoing, started_at=made + timedelta(seconds=started))
        if outcome == "same_words_before":
            with pytest.raises(Unknown, match=outcome):
                await sink.look_up(asked)
        else:
            assert await sink.look_up(asked) == (sent if outcome == "sent" else None)
        await sink.close()


async def test_of_two_with_the_same_words_each_finds_its_own(server: MastodonMock) -> None:
    words = f"Banjir, hindari jembatan {uuid4()}"
    with line_to(server.port) as line:
        moments = iter([datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC)])
        first, second = (replace(post(words), started_at=moment) for moment in moments)
        sink = sink_for(server, "kabar", line)
        sent = [await sink.send(first), await sink.send(second)]
        at = {sent[0].native_id: first.started_at, sent[1].native_id: second.started_at}
        line.rewrites["Banjir"] = lambda status: status.update(created_at=str(at[str(status["uri"])]))
        other = sink_for(server, "kabar", line)
        assert [await other.look_up(second), await other.look_up(first)] == [sent[1], sent[0]]
        await sink.close()
        await other.close()
