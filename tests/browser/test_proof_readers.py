"""The page's proof reader and the Python ones take and refuse the same, the good and the malformed by the hundred.

They share no code: the module runs in Chromium, and one page judges all of them.
"""

import base64
import random
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page

from corong.auditing import note, proof, tlog
from corong.auditing.standalone import corong_verify as verifier
from corong.runtime.pages import STATIC
from tests.browser.chromium import chromium, page_of
from tests.services.auditing import malformed
from tests.services.auditing.handmade import COSIGNER, LOG, Signer, audit_path, leaf, mth
from tests.services.auditing.malformed import BODIES, INDEX, TEXT

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser]

REFUSED = "refused"
EVENT = f"extra {base64.b64encode(BODIES[INDEX]).decode()}"
Case = tuple[str, bytes, str]
"""Its name, the proof, the log's key."""
ORIGIN = "http://localhost"
"""A page of this machine, where WebCrypto is at hand; the test itself serves it."""
JUDGE = """async (cases) => {
  const { verified, Invalid } = await import("/proof.js");
  const judged = async ([proof, key]) => {
    const bytes = Uint8Array.from(atob(proof), (letter) => letter.charCodeAt(0));
    try {
      const found = await verified(bytes, key);
      return [found.index, found.size, btoa(String.fromCharCode(...found.root))].map(String);
    } catch (error) {
      return error instanceof Invalid ? "refused" : `crashed: ${error}`;
    }
  };
  return Promise.all(cases.map(judged));
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page() -> AsyncIterator[Page]:
    async with chromium() as browser, page_of(browser, ORIGIN) as opened:
        kinds = {"/": ("text/html", "<!doctype html><title>bukti</title>")}
        kinds["/proof.js"] = ("text/javascript", (STATIC / "proof.js").read_text())

        async def served(route: Any) -> None:
            kind, body = kinds.get(route.request.url.removeprefix(ORIGIN), ("text/plain", ""))
            await route.fulfill(content_type=kind, body=body)

        await opened.route("**/*", served)
        await opened.goto("/")
        yield opened


def told(index: int, size: int, root: bytes) -> list[str]:
    return [str(index), str(size), base64.b64encode(root).decode()]


def hub_says(data: bytes, key: str) -> Any:
    try:
        read = proof.parse_proof(data)
        if not read.extra:
            return REFUSED
        head, _ = proof.verify_proof(read, tlog.leaf_hash(read.extra), note.VerifierKey.parse(key))
    except (proof.BadProof, tlog.ProofError, note.NoteError, note.BadKey):
        return REFUSED
    return told(read.index, head.size, head.root)


def file_says(data: bytes, key: str) -> Any:
    """As `corong_verify.py proof FILE --key KEY`."""
    try:
        index, head = verifier.verify_proof(data, verifier.event_in(data), [verifier.Key.parse(key)], 0)
    except verifier.Trouble:
        return REFUSED
    return told(index, head.size, head.root)


async def compared(page: Page, cases: Iterable[Case]) -> list[Any]:
    """What all three say of each; they must say the same."""
    given = list(cases)
    asked = [[base64.b64encode(data).decode(), key] for _, data, key in given]
    found = await page.evaluate(JUDGE, asked)
    for (name, data, key), said in zip(given, found, strict=True):
        assert said == file_says(data, key) == hub_says(data, key), f"{name}: {data[:3000]!r} {key!r}"
    return list(found)


def stranger(name: str) -> bytes:
    """A signature line by somebody whom nobody knows."""
    return Signer(name, 5).line(b"x\n")


def whole(**parts: Any) -> bytes:
    return malformed.proof(**{"extra": EVENT, **parts})


async def test_the_good_are_taken(page: Page) -> None:
    cases: list[Case] = [
        ("with a witness", whole(), LOG.vkey),
        ("alone", whole(note=malformed.signed(TEXT)), LOG.vkey),
        ("with an extension line", whole(note=malformed.signed(TEXT + "lebih\n")), LOG.vkey),
        ("with a stranger's line", whole(note=malformed.signed(TEXT, stranger("orang.example"))), LOG.vkey),
    ]  # fmt: skip
    for size in (*range(1, 20), 31, 32, 33, 64, 65, 255, 256, 257):
        leaves = [leaf(b"{}") if place == size // 2 else leaf(b"%d" % place) for place in range(size)]
        index = size // 2
        text = f"{LOG.name}\n{size}\n{base64.b64encode(mth(leaves)).decode()}\n"
        path = [base64.b64encode(step).decode() for step in audit_path(index, leaves)]
        data = whole(index=f"index {index}", path=path, note=malformed.signed(text), extra="extra e30=")
        cases.append((f"leaf {index} of {size}", data, LOG.vkey))
    for index, size in ((2**53 + 1, 2**53 + 2), (2**62, 2**63 - 1), (2**63 - 2, 2**63 - 1)):
        cases.append((f"leaf {index} of {size}", _huge(index, size), LOG.vkey))
    assert REFUSED not in await compared(page, cases)


def _huge(index: int, size: int) -> bytes:
    """A proof in a tree of any size: RFC 9162 section 2.1.3.2 forwards, with made-up siblings."""
    path: list[bytes] = []
    found, place, last = leaf(b"{}"), index, size - 1
    while last:
        step = bytes([len(path)]) * 32
        if place % 2 or place == last:
            while place % 2 == 0:
                place, last = place // 2, last // 2
            found = verifier.node(step, found)
        else:
            found = verifier.node(found, step)
        path.append(step)
        place, last = place // 2, last // 2
    text = f"{LOG.name}\n{size}\n{base64.b64encode(found).decode()}\n"
    lines = [base64.b64encode(step).decode() for step in path]
    return whole(index=f"index {index}", path=lines, note=malformed.signed(text), extra="extra e30=")


def with_event(data: bytes) -> bytes:
    """The proof with the event behind its first line, as receipts have it."""
    first, gap, rest = data.partition(b"\n")
    return first + gap + EVENT.encode() + b"\n" + rest


def malformed_ones() -> Iterator[Case]:
    for name, data in malformed.proofs():
        yield name, data, LOG.vkey
        yield f"{name}, with the event", with_event(data), LOG.vkey
    for name, data in (*malformed.checkpoints(), *malformed.notes()):
        yield f"checkpoint: {name}", whole(note=data), LOG.vkey
    for name, key in list(malformed.keys()):
        if "\udcff" not in key:  # no text field holds it
            yield f"key: {name}", whole(), key
    yield "a witness's key", whole(), COSIGNER.vkey
    yield "another's key", whole(), Signer(LOG.name, seed=9).vkey
    for name in ("\x1c", "\x1f", "\x7f", "\u00ad", "\u180e", "\u200b", "\u2060", "\ufeff"):
        yield (
            f"{name!r} in a stranger's name",
            whole(note=malformed.signed(TEXT, Signer(f"a{name}b", 5).line(b"x\n"))),
            LOG.vkey,
        )


async def test_the_malformed_are_refused_alike(page: Page) -> None:
    cases = list(malformed_ones())
    assert len(cases) >= 1500
    found = await compared(page, cases)
    # Of what is malformed without its event some is whole with it; and strangers may have odd names.
    assert sum(said == REFUSED for said in found) >= len(cases) - 30


async def test_the_good_one_bent_anywhere(page: Page, rng: random.Random) -> None:
    data = whole()
    cases: list[Case] = []
    for place in sorted(rng.sample(range(len(data)), 400)):
        flipped = bytes([data[place] ^ 1 << rng.randrange(8)])
        letter = rng.choice([b"", b" ", b"\n", b"\r", b"0", b"A", b"=", b"\xef\xbb\xbf", b"\xff", "\u2028".encode()])
        cases += [
            ("flipped", data[:place] + flipped + data[place + 1 :], LOG.vkey),
            ("replaced", data[:place] + letter + data[place + 1 :], LOG.vkey),
            ("put in", data[:place] + letter + data[place:], LOG.vkey),
        ]
        key = LOG.vkey
        at = place % len(key)
        cases.append(("key", data, key[:at] + rng.choice("A+= \u00a0\ufeffé") + key[at + 1 :]))
    cases += [("a byte order mark", b"\xef\xbb\xbf" + data, LOG.vkey), ("nothing", b"", LOG.vkey)]
    right = told(INDEX, malformed.SIZE, base64.b64decode(TEXT.split("\n")[2]))
    for (name, _, _), said in zip(cases, await compared(page, cases), strict=True):
        # Only a witness's line can change: then it is a stranger's.
        assert said in (REFUSED, right), name
