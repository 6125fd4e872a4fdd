"""A receipt's proof: kept, checked in the browser and by the stand-alone verifier, and refused when it was bent."""

import base64
import json
import random
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from corong.auditing.note import Checkpoint, SigningKey, sign
from corong.auditing.proof import LogProof
from corong.auditing.serving import VERIFIER
from corong.auditing.standalone import corong_verify
from corong.auditing.tlog import root_of
from tests.browser.chromium import WIDTHS, chromium, page_of
from tests.hubs import RunningHub, running_hub
from tests.services.auditing.trees import entry, leaf, path
from tests.services.portal.citizen import Citizen

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser]

KEY = SigningKey("log.asahan.test/log", bytes(range(32)))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHub]:
    async with running_hub(tmp_path_factory.mktemp("proof")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as opened:
        yield opened


async def registered(hub: RunningHub, citizen: Citizen) -> tuple[str, str]:
    """A message whose registration is in the signed log."""
    number, secret = await citizen.receipt()
    await hub.settled()
    return number, secret


async def judged(page: Page, proof: bytes, tmp_path: Path, key: str | None = None) -> str:
    """What the page says of a file."""
    file = tmp_path / "bukti.tlog-proof"
    file.write_bytes(proof)
    await page.goto("/bukti")
    await page.set_input_files("#proof", file)
    if key is not None:
        await page.fill("#key", key)
    await page.get_by_role("button", name="Periksa").click()
    await expect(page.locator("#verdict")).to_be_visible()
    return await page.inner_text("#verdict")


@pytest.mark.parametrize("width", WIDTHS)
async def test_a_receipt_is_kept_and_checked(hub: RunningHub, browser: Browser, tmp_path: Path, width: int) -> None:
    async with page_of(browser, hub.url, width=width) as page, Citizen(hub) as citizen:
        number, secret = await registered(hub, citizen)
        await page.goto(f"/cek?nomor={number}")
        await page.fill("#secret", secret)
        await page.get_by_role("button", name="Lihat pesan").click()
        async with page.expect_download() as begun:
            await page.get_by_role("button", name="Simpan bukti").click()
        kept = await begun.value
        assert kept.suggested_filename == f"bukti-{number.replace('/', '-')}.tlog-proof"
        await kept.save_as(tmp_path / "kept")
        proof = (tmp_path / "kept").read_bytes()
        said = await judged(page, proof, tmp_path)
        assert "Bukti sah" in said
        assert number in said
        assert hub.hub.installation.directory.hub.mail_domain in said
        assert await page.evaluate("document.activeElement.id") == "verdict"


async def test_the_receipts_own_button_gives_it_and_the_verifier_agrees(hub: RunningHub) -> None:
    async with Citizen(hub) as citizen:
        number, secret = await registered(hub, citizen)
        words = {"number": number, "secret": secret}
        answer = await citizen.client.post("/cek/bukti", data=words)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        event = json.loads(corong_verify.event_in(answer.content))
        assert event["data"]["registration"] == number
        page = await citizen.client.get("/bukti")
        key = corong_verify.Key.parse(re.findall(r'id="key"[^>]*>([^<]+)<', page.text)[0])
        _, head = corong_verify.verify_proof(answer.content, corong_verify.event_in(answer.content), [key])
        assert head.origin == key.name
        download = await citizen.client.get("/log/corong_verify.py")
        assert download.content == VERIFIER
        # The words are not in it, and strangers get nothing.
        assert "jalan" not in answer.text.casefold()
        for wrong in ({**words, "secret": "AAAA-AAAA-AAAA-AAAA"}, {**words, "number": "PD/2026/999999"}):
            assert (await citizen.client.post("/cek/bukti", data=wrong)).status_code == 404
        assert (await citizen.client.get("/cek/bukti")).status_code == 303


def made(index: int, size: int, body: bytes | None = None, key: SigningKey = KEY) -> LogProof:
    """A proof of the tests' own tree."""
    root = root_of([leaf(place) for place in range(size)])
    note = sign(Checkpoint(KEY.name, size, root).text, [key]).data
    return LogProof(index, tuple(path(index, 0, size)), note, entry(index) if body is None else body)


async def outcome(page: Page, text: str, key: str) -> str:
    """What the module itself says: `ok`, or the name of what is wrong."""
    return str(
        await page.evaluate(
            """async ([text, key]) => {
              const module = await import(document.querySelector('script[src*=proof]').src);
              const { rootOf, readKey, readProof, signedBy } = module;
              try {
                const proof = readProof(text);
                const root = await rootOf(proof.event, proof.index, proof.size, proof.path);
                if (root.some((byte, place) => byte !== proof.root[place])) return 'notIncluded';
                await signedBy(proof, readKey(key));
                return 'ok';
              } catch (error) { return error.message; }
            }""",
            [text, key],
        )
    )


async def test_every_leaf_of_every_small_tree(hub: RunningHub, browser: Browser) -> None:
    async with page_of(browser, hub.url) as page:
        await page.goto("/bukti")
        key = str(KEY.verifier)
        for size in (*range(1, 18), 31, 32, 33, 255, 256, 257):
            for index in range(size) if size < 18 else (0, 1, size // 2, size - 2, size - 1):
                assert await outcome(page, made(index, size).data.decode(), key) == "ok", (index, size)


async def test_what_was_bent_is_refused(hub: RunningHub, browser: Browser, rng: random.Random) -> None:
    good = made(4, 13)
    text = good.data.decode()
    other = SigningKey(KEY.name, bytes(32))
    cases = {
        "noKey": [(text, "kunci"), (text, str(KEY.verifier)[:-4] + "AAA=")],
        "notSigned": [
            (made(4, 13, key=other).data.decode(), str(KEY.verifier)),
            (text, str(other.verifier)),
            (text, str(SigningKey("lain", bytes(32)).verifier)),
        ],
        "notIncluded": [
            (made(4, 13, b"lain").data.decode(), str(KEY.verifier)),
            (LogProof(5, good.hashes, good.checkpoint, good.extra).data.decode(), str(KEY.verifier)),
            (LogProof(4, good.hashes[:-1], good.checkpoint, good.extra).data.decode(), str(KEY.verifier)),
            (LogProof(4, (*good.hashes, bytes(32)), good.checkpoint, good.extra).data.decode(), str(KEY.verifier)),
            (LogProof(13, good.hashes, good.checkpoint, good.extra).data.decode(), str(KEY.verifier)),
        ],
        "noEvent": [(LogProof(4, good.hashes, good.checkpoint).data.decode(), str(KEY.verifier))],
        "unreadable": [
            ("", str(KEY.verifier)),
            (text.replace("v1", "v2"), str(KEY.verifier)),
            (text[:-1], str(KEY.verifier)),
        ],
    }
    async with page_of(browser, hub.url) as page:
        await page.goto("/bukti")
        assert await outcome(page, text, str(KEY.verifier)) == "ok"
        for expected, tries in cases.items():
            for bent, key in tries:
                assert await outcome(page, bent, key) == expected, bent
        # One changed byte anywhere, and the proof is another one or none.
        data = bytearray(text.encode())
        for place in rng.sample(range(len(data)), 150):
            data[place] ^= 1 << rng.randrange(7)
            assert await outcome(page, data.decode("latin-1"), str(KEY.verifier)) != "ok", place
            data[:] = text.encode()


async def test_the_page_says_what_is_wrong_in_words(hub: RunningHub, browser: Browser, tmp_path: Path) -> None:
    async with page_of(browser, hub.url) as page, Citizen(hub) as citizen:
        number, secret = await registered(hub, citizen)
        proof = (await citizen.client.post("/cek/bukti", data={"number": number, "secret": secret})).content
        event = corong_verify.event_in(proof)
        forged = base64.b64encode(event.replace(number.encode(), b"PD/2026/000999"))
        assert "TIDAK cocok" in await judged(page, proof.replace(base64.b64encode(event), forged), tmp_path)
        said = await judged(page, proof, tmp_path, str(KEY.verifier))
        assert "tidak disahkan" in said
        assert number not in said
        assert "bukan berkas bukti" in await judged(page, b"\xff\xfe", tmp_path)


async def test_without_scripts_the_page_says_another_way(hub: RunningHub, browser: Browser) -> None:
    async with page_of(browser, hub.url, java_script_enabled=False) as page:
        await page.goto("/bukti")
        assert not await page.locator("form[data-proof]").is_visible()
        assert "corong_verify.py" in await page.inner_text("main")
