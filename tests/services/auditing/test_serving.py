"""The log over HTTP on a whole hub: strangers check it without a secret, auditors read it whole."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from corong.auditing import tiles, tlog
from corong.auditing.note import COSIGNATURE, SigningKey, open_checkpoint, parse_note, sign
from corong.auditing.tiles import ENTRIES, Tile, TileNodes, new_tiles
from tests.services.desk.office import PUPR, Office, open_office
from tests.services.desk.visitor import signed_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNIT, OPERATOR, SUPERIOR, AUDITOR = f"petugas-{PUPR}", f"operator-{PUPR}", "atasan-ppid", "auditor-inspektorat"
WITNESS = SigningKey("saksi.example/w1", b"w" * 32, COSIGNATURE)
SECRET = "Jalan RAHASIA-77 rusak"
POST = "Jembatan PUBLIK-5 dibuka Senin."
DRAFT = "Rancangan SIMPAN-9 belum disetujui."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with open_office(tmp_path_factory.mktemp("log"), log_witnesses=str(WITNESS.verifier)) as opened:
        await opened.write(sender="warga-log", text=SECRET)
        for text in (POST, DRAFT):
            words = {"title": "Kabar", "text": text, "unit": PUPR, "label": "layanan", "accounts": ["feed"]}
            post = (await opened.post(OPERATOR, "posts", words, status=201))["post"]
            if text == POST:
                path = f"posts/{post['publication_id']}"
                await opened.post(SUPERIOR, f"{path}/approve", {"text_hash": post["text_hash"]})
                await opened.post(OPERATOR, f"{path}/publish", {})
        await opened.hub.settled()
        await opened.hub.until(
            lambda: opened.hub.rows("auditing", "SELECT 1 FROM entry WHERE type LIKE '%delivery.sent%'")
        )
        await opened.hub.settled()
        yield opened


async def files(office: Office, officer: str | None = None) -> tuple[Any, dict[Tile, httpx.Response]]:
    """Everything that a log of the size of its checkpoint has."""
    kind: Any = None if officer is None else "officer"
    async with office.hub.client(kind, officer or "") as client:
        head = await client.get("/log/checkpoint")
        assert head.headers["content-type"] == "text/plain; charset=utf-8"
        assert "max-age=2" in head.headers["cache-control"]
        tree = office.hub.service("auditing").tree
        checkpoint, _ = open_checkpoint(head.content, tree.key.verifier)
        found = {}
        for tile in new_tiles(0, checkpoint.size):
            response = await client.get(f"/log/{tile.path}")
            assert response.status_code == 200
            assert response.headers["content-type"] == "application/octet-stream"
            assert response.headers["vary"] == "Authorization"
            found[tile] = response
    return checkpoint, found


def entries_of(found: dict[Tile, httpx.Response]) -> list[bytes]:
    return [
        entry
        for tile in sorted(found)
        if tile.level == ENTRIES
        for entry in tiles.decode_bundle(found[tile].content, tile.width)
    ]


async def test_an_auditor_reads_it_whole_and_the_tree_fits(office: Office) -> None:
    checkpoint, found = await files(office, AUDITOR)
    entries = entries_of(found)
    assert b"" not in entries
    assert tlog.root_of([tlog.leaf_hash(entry) for entry in entries]) == checkpoint.root
    nodes = TileNodes(checkpoint.size, lambda tile: found[tile].content)
    assert tlog.root_from(checkpoint.size, nodes) == checkpoint.root
    assert {"no-store", "private"} & set(found[min(found)].headers["cache-control"].replace(",", " ").split())
    assert all("immutable" in response.headers["cache-control"] for response in found.values())


async def test_a_stranger_checks_it_and_reads_released_posts_alone(office: Office) -> None:
    checkpoint, found = await files(office)
    entries = entries_of(found)
    leaves = [
        item for tile in sorted(found) if tile.level == 0 for item in tiles.decode_tile(found[tile].content, tile.width)
    ]
    assert tlog.root_of(leaves) == checkpoint.root
    given = {place: entry for place, entry in enumerate(entries) if entry}
    assert all(tlog.leaf_hash(entry) == leaves[place] for place, entry in given.items())
    kinds = {json.loads(entry)["type"].removeprefix("id.corong.").removesuffix(".v1") for entry in given.values()}
    assert kinds == {"publication.drafted", "publication.approved", "publication.released", "delivery.sent"}
    whole = b"".join(entries)
    assert POST.encode() in whole
    assert DRAFT.encode() not in whole
    assert b'"box"' not in whole, "nothing sealed goes out either"
    assert len(given) < len(entries)
    bundle = found[min(found)]
    assert bundle.headers["cache-control"] == "public, max-age=300", "what is withheld may be given later"
    hashes = next(response for tile, response in found.items() if tile.level == 0)
    assert hashes.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_only_those_who_may_read_the_log_get_it_whole(office: Office) -> None:
    async with office.hub.client("officer", UNIT) as client:
        response = await client.get("/log/tile/entries/000.p/1")
        assert (response.status_code, response.headers["content-type"]) == (403, "application/problem+json")
    async with office.hub.client() as client:
        response = await client.get("/log/tile/entries/000.p/1", headers={"Authorization": "Bearer x"})
        assert response.status_code == 401


@pytest.mark.parametrize(
    "path",
    ["tile/0/000.p/256", "tile/0/000", "tile/entries/000", "tile/0/x001/000", "tile/9/000.p/1", "tile/64/000", "tile/x",
     "tile/entries/000.p/255", "tile/0/000.p/01", "tile/1/x999/x999/x999/x999/x999/999.p/1", "tile/", "head", ""],
)  # fmt: skip
async def test_what_is_not_there(office: Office, path: str) -> None:
    async with office.hub.client() as client:
        assert (await client.get(f"/log/{path}")).status_code == 404


async def test_the_folder_holds_the_same(office: Office) -> None:
    checkpoint, found = await files(office, AUDITOR)
    folder: Path = office.hub.hub.settings.data / "log"
    await office.hub.until(lambda: f"\n{checkpoint.size}\n".encode() in (folder / "checkpoint").read_bytes())
    for tile, response in found.items():
        assert (folder / tile.path).read_bytes() == response.content


async def test_what_a_witness_signed_is_handed_in_by_anybody(office: Office) -> None:
    async with office.hub.client() as client:
        assert (await client.get("/log/checkpoint.witnessed")).status_code == 404
        bare = (await client.get("/log/checkpoint")).content
        parsed = parse_note(bare)
        cosigned = sign(parsed.text, [WITNESS], 1_700_000_000, parsed.signatures).data
        for data, status in [(bare, 422), (b"", 422), (b"\xff", 422), (b"x" * 100_001, 413)]:
            refused = await client.post("/log/cosignatures", content=data)
            assert (refused.status_code, refused.headers["content-type"]) == (status, "application/problem+json")
        answer = await client.post("/log/cosignatures", content=cosigned)
        assert answer.status_code == 200
        size = int(bare.split(b"\n")[1])
        assert answer.json()["size"] == size
        assert answer.json()["witnesses"] == [{"name": WITNESS.name, "time": 1_700_000_000}]
        witnessed = await client.get("/log/checkpoint.witnessed")
        assert witnessed.content == cosigned
        assert witnessed.headers["content-type"] == "text/plain; charset=utf-8"
        now = (await client.get("/log/checkpoint")).content
        assert now == cosigned or int(now.split(b"\n")[1]) > size
    folder: Path = office.hub.hub.settings.data / "log"
    await office.hub.until(lambda: (folder / "checkpoint.witnessed").exists())
    assert (folder / "checkpoint.witnessed").read_bytes() == cosigned
    shown = await office.get(AUDITOR, "audit/proof", position=0)
    assert (shown["size"], shown["proof"].endswith(cosigned.decode())) == (size, True)
    async with await signed_in(office.hub, AUDITOR, "en") as visitor:
        assert f"{WITNESS.name}" in await visitor.get("/desk/audit/log")
        await office.write(sender="warga-sesudahnya")
        await office.hub.settled()
        page = await visitor.get("/desk/audit/log")
        assert f"The first {size} entries." in " ".join(page.split())
        assert WITNESS.name in page
