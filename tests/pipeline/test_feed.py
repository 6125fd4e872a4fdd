"""Posts as Atom on a whole hub: what readers of feeds get, and that it stays the same."""

import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import feedparser
import httpx
import pytest
import pytest_asyncio

from corong.runtime.installation import example_folder
from corong_contracts.command import DraftPost, EditPost, PublishPost
from corong_contracts.publication import Label
from tests.hubs import RunningHub, running_hub
from tests.services.portal.citizen import publish

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECOND = """
[[account]]
id = "feed-pupr"
channel = "feed"
unit = "dinas-pupr"
name = "Kabar PUPR"
receipts = false

[account.settings]
entries = 2
title = "Kabar jalan & jembatan"
"""
PUBLIC = "https://corong.asahan.example"
TEXT = "Perekaman KTP dibuka pukul 08.00 <gratis> & cepat.\n\nBawa KK.\nInfo: https://asahan.example/ktp."


def config(folder: Path) -> Path:
    """The example regency with a second feed."""
    shutil.copytree(example_folder(), folder)
    with (folder / "accounts.toml").open("a") as file:
        file.write(SECOND)
    return folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHub]:
    folder = tmp_path_factory.mktemp("feed")
    async with running_hub(folder / "data", config=config(folder / "config"), public_url=PUBLIC) as running:
        yield running


async def get(hub: RunningHub, path: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=hub.url) as client:
        return await client.get(path, headers=headers)


async def read(hub: RunningHub, path: str = "/umpan.atom") -> feedparser.FeedParserDict:
    answer = await get(hub, path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    parsed = feedparser.parse(answer.content)
    assert not parsed.bozo, parsed.get("bozo_exception")
    assert parsed.version == "atom10"
    return parsed


async def test_an_empty_feed_is_a_feed_and_stays_the_same(hub: RunningHub) -> None:
    parsed = await read(hub, "/umpan/feed-pupr.atom")
    assert parsed.entries == []
    assert parsed.feed.title == "Kabar jalan & jembatan"
    assert parsed.feed.updated
    first, second = await get(hub, "/umpan/feed-pupr.atom"), await get(hub, "/umpan/feed-pupr.atom")
    assert first.headers["etag"] == second.headers["etag"]


async def test_a_post_is_an_entry(hub: RunningHub) -> None:
    post = await publish(hub, TEXT, "Layanan KTP <keliling> & cepat")
    parsed = await read(hub)
    entry = parsed.entries[0]
    delivery = hub.rows("portal", "SELECT * FROM feed_target WHERE publication_id = :post", post=post)[0]
    assert entry.id == f"urn:uuid:{delivery['delivery_id']}"
    assert entry.link == f"{PUBLIC}/unggahan/{post}"
    assert entry.title == "Layanan KTP <keliling> & cepat"
    assert entry.author == "Dinas Komunikasi dan Informatika (PPID Utama)"
    assert entry.updated == entry.published
    assert entry.updated.startswith(delivery["sent_at"][:19])
    content = entry.content[0].value
    assert "&lt;gratis&gt; &amp; cepat." in content
    assert content.count("<p>") == 2
    assert 'href="https://asahan.example/ktp"' in content
    assert entry.tags[0].term == "layanan"
    assert parsed.feed.author == "Pemerintah Kabupaten Asahan (contoh)"
    page = await get(hub, f"/unggahan/{post}")
    assert page.status_code == 200
    assert "Layanan KTP &lt;keliling&gt; &amp; cepat" in page.text
    assert "Layanan KTP" in (await get(hub, "/unggahan")).text
    assert "Layanan KTP" in (await get(hub, "/")).text


async def test_a_reader_who_has_it_is_told_so(hub: RunningHub) -> None:
    await publish(hub, "Satu lagi.")
    first = await get(hub, "/umpan.atom")
    etag, modified = first.headers["etag"], first.headers["last-modified"]
    for headers in (
        {"If-None-Match": etag},
        {"If-None-Match": f'"lain", W/{etag}'},
        {"If-Modified-Since": modified},
        {"If-None-Match": etag, "If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
    ):
        answer = await get(hub, "/umpan.atom", **headers)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag
    for headers in (
        {"If-None-Match": '"lain"', "If-Modified-Since": modified},
        {"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"If-Modified-Since": "kemarin"},
    ):
        assert (await get(hub, "/umpan.atom", **headers)).status_code == 200
    await publish(hub, "Dan satu lagi.")
    fresh = await get(hub, "/umpan.atom", **{"If-None-Match": etag})
    assert fresh.status_code == 200
    assert fresh.headers["etag"] != etag


async def test_two_feeds_show_a_post_each_with_its_own_text_and_all_posts_shows_it_once(hub: RunningHub) -> None:
    before = len((await read(hub)).entries)
    own = "Jembatan dibuka kembali, kata PUPR."
    post = await publish(
        hub, "Jembatan dibuka kembali.", "Jembatan", accounts=("feed", "feed-pupr"), texts={"feed-pupr": own}
    )
    assert own in (await read(hub, "/umpan/feed-pupr.atom")).entries[0].content[0].value
    assert own not in (await read(hub, "/umpan/feed.atom")).entries[0].content[0].value
    parsed = await read(hub)
    assert len(parsed.entries) == before + 1
    assert [entry.link for entry in parsed.entries].count(f"{PUBLIC}/unggahan/{post}") == 1


async def test_a_feed_shows_as_many_entries_as_it_is_set_to_the_newest_first(hub: RunningHub) -> None:
    for number in range(3):
        await publish(hub, f"Kabar {number}", f"Kabar {number}", accounts=("feed-pupr",))
    parsed = await read(hub, "/umpan/feed-pupr.atom")
    assert [entry.title for entry in parsed.entries] == ["Kabar 2", "Kabar 1"]


async def test_what_was_edited_before_it_went_out(hub: RunningHub) -> None:
    draft = DraftPost(
        unit="diskominfo", title="Awal", text="Teks awal.", label=Label.SERVICE, accounts=["feed", "feed-pupr"],
        texts={"feed": "Versi umpan awal."}, immediate=True,
    )  # fmt: skip
    made = await hub.command(draft, "ppid-utama")
    edit = EditPost(
        publication_id=made["publication_id"], title="Baru", text="Teks baru.", texts={"feed-pupr": "Versi PUPR baru."}
    )
    await hub.command(edit, "ppid-utama")
    assert "Awal" not in [entry.title for entry in (await read(hub)).entries]
    await hub.command(PublishPost(publication_id=made["publication_id"]), "ppid-utama")
    query = "SELECT 1 FROM feed_target WHERE publication_id = :post AND sent_at IS NULL"
    await hub.until(lambda: not hub.rows("portal", query, post=made["publication_id"]))
    for account, words in (("feed", "Teks baru."), ("feed-pupr", "Versi PUPR baru.")):
        entry = (await read(hub, f"/umpan/{account}.atom")).entries[0]
        assert entry.title == "Baru"
        assert words in entry.content[0].value
    assert "Serta-merta" in (await get(hub, f"/unggahan/{made['publication_id']}")).text


async def test_letters_that_xml_can_not_write(hub: RunningHub) -> None:
    await publish(hub, "Dengan \x0b\x1b tanda \ufffe aneh 🙏", "Judul\x07 aneh")
    assert "aneh 🙏" in (await read(hub)).entries[0].content[0].value


async def test_pages_of_posts_go_on(hub: RunningHub) -> None:
    have = int(hub.rows("portal", "SELECT count(DISTINCT publication_id) AS n FROM feed_target")[0]["n"])
    for number in range(max(0, 21 - have)):
        await publish(hub, f"Pengisi {number}")
    first, second = await get(hub, "/unggahan"), await get(hub, "/unggahan?halaman=2")
    assert "halaman=2" in first.text
    assert 'rel="prev"' in second.text
    assert "Layanan KTP" in second.text
    assert first.text.count("<h2") == 20


async def test_a_rebuilt_portal_gives_the_same_feed(tmp_path: Path) -> None:
    async with running_hub(tmp_path / "data", public_url=PUBLIC) as hub:
        for number in range(3):
            await publish(hub, f"Kabar {number}", f"Kabar {number}")
        before = await get(hub, "/umpan.atom")
        await hub.settled()
    database = tmp_path / "data" / "db" / "portal.sqlite"
    with sqlite3.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM post").fetchone() == (3,)
    connection.close()
    for file in database.parent.glob("portal.sqlite*"):
        file.unlink()
    async with running_hub(tmp_path / "data", public_url=PUBLIC) as hub:
        await hub.settled()
        after = await get(hub, "/umpan.atom")
        assert after.content == before.content
        assert after.headers["etag"] == before.headers["etag"]
