"""The citizen's way by the pages, on a whole hub: the form, the receipt, the case and its answer."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import update

from corong.portal.wrong_tries import WrongTries
from corong.runtime.keys import key_table
from tests.hubs import RunningHub, running_hub
from tests.peers.pictures import PIXEL
from tests.services.portal.citizen import WORDS, Citizen, answer_case, hidden_key, receipt_of, text_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

FILES = [("attachments", ("bukti foto.png", PIXEL, "image/png"))]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHub]:
    async with running_hub(tmp_path_factory.mktemp("web")) as running:
        yield running


def cases(hub: RunningHub) -> int:
    return int(hub.rows("intake", 'SELECT count(*) AS n FROM "case"')[0]["n"])


async def test_from_the_form_to_the_answer(hub: RunningHub) -> None:
    async with Citizen(hub) as citizen:
        number, secret = await citizen.receipt(name="Siti Contoh", contact="siti@contoh.example")
        assert re.fullmatch(r"PD/\d{4}/\d{6}", number)
        await hub.settled()
        waiting = text_of((await citizen.check(number, secret)).text)
        assert WORDS["text"] in waiting
        assert "Belum ada jawaban" in waiting
        assert "Dinas Pekerjaan Umum dan Penataan Ruang" in waiting
        await answer_case(hub, number, "Terima kasih.\n\nJalan itu ditambal pekan ini.", close=False)
        answered = text_of((await citizen.check(number, secret)).text)
        assert "Jawaban Dinas Pekerjaan Umum dan Penataan Ruang" in answered
        assert "Jalan itu ditambal pekan ini." in answered
        assert "Selesai : belum" in answered
        await answer_case(hub, number, "Sudah selesai ditambal.")
        closed = text_of((await citizen.check(number, secret)).text)
        assert "Jalan itu ditambal pekan ini." in closed
        assert "Sudah selesai ditambal." in closed
        assert "Selesai sudah dijawab" in closed
    english = Citizen(hub, "en")
    async with english:
        assert "Messages and answers" in (await english.check(number, secret)).text


async def test_without_a_name_or_a_way_to_reach_somebody(hub: RunningHub) -> None:
    async with Citizen(hub) as citizen:
        number, secret = await citizen.receipt(kind="question", subject="", text="Jam buka kantor camat?")
        assert number.startswith("UM/")
        await hub.settled()
        page = await citizen.check(number, secret)
        assert "Jam buka kantor camat?" in page.text


async def test_number_and_secret_as_people_copy_them(hub: RunningHub) -> None:
    async with Citizen(hub) as citizen:
        number, secret = await citizen.receipt()
        await hub.settled()
        slips = secret.lower().replace("-", " ").replace("o", "0").replace("i", "1").replace("b", "8")
        for written, code in ((number.lower().replace("/", " - "), slips), (f" {number} ", secret.replace("-", ""))):
            assert (await citizen.check(written, code)).status_code == 200


async def test_the_same_form_sent_again_is_the_same_message(hub: RunningHub) -> None:
    before = cases(hub)
    async with Citizen(hub) as citizen:
        key = await citizen.key()
        answers = await asyncio.gather(*(citizen.send(key) for _ in range(6)))
        assert [answer.status_code for answer in answers] == [201] * 6
        assert len({receipt_of(answer.text) for answer in answers}) == 1
    assert cases(hub) == before + 1


async def test_other_words_from_a_page_that_was_sent_already_are_not_lost(hub: RunningHub) -> None:
    """Who goes back and writes something else must not think that the first receipt is for it."""
    before = cases(hub)
    async with Citizen(hub) as citizen:
        key = await citizen.key()
        first = await citizen.send(key)
        other = await citizen.send(key, text="Kali ini isi yang lain.")
        assert other.status_code == 409
        assert "Kali ini isi yang lain." in other.text
        assert cases(hub) == before + 1
        again = await citizen.send(hidden_key(other.text), text="Kali ini isi yang lain.")
        assert receipt_of(again.text) != receipt_of(first.text)
    assert cases(hub) == before + 2


async def test_a_key_is_of_no_use_in_another_browser(hub: RunningHub) -> None:
    """Neither for sending the form from another site nor for fetching the receipt that it gave."""
    before = cases(hub)
    async with Citizen(hub) as citizen, Citizen(hub) as other, Citizen(hub) as without_cookies:
        key = await citizen.key()
        await citizen.send(key)
        await other.key()
        for stranger in (other, without_cookies):
            for attempt in (key, key[:-1] + ("0" if key[-1] != "0" else "1"), "", "x.y.z", "ffffffffffffffffffff.a.b"):
                refused = await stranger.send(attempt)
                assert refused.status_code == 422
                assert "tekan Kirim sekali lagi" in text_of(refused.text)
                assert WORDS["text"] in refused.text
                assert hidden_key(refused.text) != attempt
        again = await without_cookies.send(hidden_key(refused.text))
        assert again.status_code == 201
    assert cases(hub) == before + 2


async def test_the_forms_cookie_stays_with_this_site(hub: RunningHub) -> None:
    async with Citizen(hub) as citizen:
        cookie = (await citizen.client.get("/tulis")).headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=lax" in cookie.lower()
        first = citizen.client.cookies["corong_form"]
        await citizen.key()
        assert citizen.client.cookies["corong_form"] == first


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("id", ["Pilih jenis pesan Anda.", "Tuliskan pesan Anda.", "Tulis alamat surel"]),
        ("en", ["Choose what kind of message this is.", "Write your message.", "Give an e-mail address"]),
    ],
)
async def test_what_is_wrong_is_told_field_by_field_and_nothing_is_lost(
    hub: RunningHub, language: str, expected: list[str]
) -> None:
    before = cases(hub)
    async with Citizen(hub, language) as citizen:
        answer = await citizen.send(
            kind="sesuatu", subject='Perihal "kutip" & <b>', text="  \r\n ", name="Siti", contact="1234567890123456"
        )
        assert answer.status_code == 422
        page = answer.text
        for words in expected:
            assert words in page
        assert 'value="Perihal &#34;kutip&#34; &amp; &lt;b&gt;"' in page
        assert 'value="Siti"' in page
        assert 'value="1234567890123456"' in page
        for field in ("kind-information_request", "text", "contact"):
            assert f'href="#{field}"' in page
            assert f'id="{field}"' in page
    assert cases(hub) == before


@pytest.mark.parametrize(
    "contact", ["nama@contoh.id", "0812 3456 7890", "+62 812-3456-7890", "(0623) 41234", "Nama@Contoh.ID"]
)
async def test_ways_to_reach_somebody(hub: RunningHub, contact: str) -> None:
    async with Citizen(hub) as citizen:
        assert (await citizen.send(contact=contact)).status_code == 201


async def test_limits_of_the_fields(hub: RunningHub) -> None:
    async with Citizen(hub) as citizen:
        for field in ("subject", "name", "contact", "text"):
            answer = await citizen.send(**{field: "a" * 20_001})
            assert answer.status_code == 422
            assert f'id="{field}-error"' in answer.text
        assert (await citizen.send(text="é" * 20_000)).status_code == 201


async def test_the_field_that_only_programs_fill(hub: RunningHub) -> None:
    before = cases(hub)
    async with Citizen(hub) as citizen:
        answer = await citizen.send(website="https://spam.example")
        assert answer.status_code == 422
        assert WORDS["text"] in answer.text
        assert "spam.example" not in answer.text
    assert cases(hub) == before


async def test_an_attachment_is_sealed_and_shows_with_the_case(hub: RunningHub) -> None:
    async with Citizen(hub) as citizen:
        number, secret = await citizen.receipt(files=FILES)
        await hub.settled()
        page = text_of((await citizen.check(number, secret)).text)
    assert f"bukti foto.png ({len(PIXEL)} byte)" in page
    stored = [path.read_bytes() for path in (hub.hub.settings.data / "objects").rglob("*") if path.is_file()]
    assert stored
    assert not [content for content in stored if PIXEL in content or b"IHDR" in content]
    assert any(len(content) == len(PIXEL) + 28 for content in stored)  # nonce and tag


@pytest.mark.parametrize(
    ("files", "status", "words"),
    [
        ([("besar.bin", 10 * 1_048_576 + 1)], 413, "paling besar 10 MB"),
        ([("a.bin", 7_500_000), ("b.bin", 7_500_000), ("c.bin", 7_500_000)], 422, "bersama paling besar 20 MB"),
        ([(f"{n}.txt", 10) for n in range(6)], 422, "Paling banyak 5 berkas"),
    ],
)
async def test_attachments_over_the_limits(
    hub: RunningHub, files: list[tuple[str, int]], status: int, words: str
) -> None:
    before = cases(hub)
    async with Citizen(hub) as citizen:
        sent = [("attachments", (name, b"x" * size, "application/octet-stream")) for name, size in files]
        answer = await citizen.send(files=sent, text="Isi yang tidak boleh hilang.")
        assert answer.status_code == status
        assert words in text_of(answer.text)
        assert "Isi yang tidak boleh hilang." in answer.text
    assert cases(hub) == before


async def test_more_than_the_door_takes_at_all_is_a_page_for_people(hub: RunningHub) -> None:
    async with Citizen(hub) as citizen:
        key = await citizen.key()
        most = hub.hub.settings.max_body_bytes
        answer = await citizen.send(key, files=[("attachments", ("besar.bin", b"x" * most, "image/png"))])
        assert answer.status_code == 413
        assert "Tidak ada yang tersimpan" in text_of(answer.text)


async def test_odd_names_and_bytes_do_no_harm(hub: RunningHub) -> None:
    files = [("attachments", ("C:\\foto\\a\x01<b>.png", b"", "text/html; charset=x"))]
    async with Citizen(hub) as citizen:
        number, secret = await citizen.receipt(files=files, text="nul \0 dan lonceng \x07 \ud7ff \U0010ffff")
        await hub.settled()
        page = await citizen.check(number, secret)
        assert "a%01&lt;b&gt;.png (0 byte)" in page.text
        raw = b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xff\xfe\x00\r\n--b--\r\n'
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        assert (await citizen.client.post("/tanda-terima", content=raw, headers=headers)).status_code == 422
        for content, kind in ((b"", "multipart/form-data"), (b"text=%ff", "application/x-www-form-urlencoded")):
            answer = await citizen.client.post("/tanda-terima", content=content, headers={"Content-Type": kind})
            assert answer.status_code == 422


async def test_markup_in_the_words_is_text(hub: RunningHub) -> None:
    payload = "<script>alert(1)</script> <img src=x onerror=alert(1)> {{ 7*7 }} \"'>"
    async with Citizen(hub) as citizen:
        number, secret = await citizen.receipt(text=payload, subject=payload, files=[
            ("attachments", ("<script>x</script>.png", PIXEL, "image/png"))
        ])  # fmt: skip
        await answer_case(hub, number, f"{payload} https://contoh.id/?a=1&b=<x> javascript:alert(1)")
        page = (await citizen.check(number, secret)).text
        wrong = (await citizen.client.get("/cek", params={"nomor": '"><script>x</script>'})).text
    for text in (page, wrong):
        assert "<script>alert" not in text
        assert "<script>x" not in text
        assert "<img src=x" not in text
    assert payload in text_of(page)
    assert 'href="https://contoh.id/?a=1&amp;b="' in page
    assert "href=&#34;javascript" not in page
    assert 'href="javascript' not in page


async def test_a_wrong_pair_tells_nothing(hub: RunningHub) -> None:
    async with Citizen(hub) as citizen:
        number, secret = await citizen.receipt()
        other, _ = await citizen.receipt()
        await hub.settled()
        pages = set()
        for tried, code in ((number, "AAAA-AAAA-AAAA-AAAA"), (other, secret), ("PD/2026/999999", secret), (number, "")):
            answer = await citizen.check(tried, code)
            assert answer.status_code == 404
            pages.add(answer.text.replace(f'value="{tried}"', 'value=""'))
        assert len(pages) == 1
        assert WORDS["text"] not in pages.pop()


async def test_pages_with_secrets_are_kept_nowhere(hub: RunningHub, capfd: pytest.CaptureFixture[str]) -> None:
    async with Citizen(hub) as citizen:
        words = "Kata yang hanya untuk petugas."
        sent = await citizen.send(text=words, name="Nama Rahasia", contact="rahasia@contoh.example")
        number, secret = receipt_of(sent.text)
        await hub.settled()
        for answer in (sent, await citizen.check(number, secret), await citizen.check(number, "salah")):
            assert answer.headers["cache-control"] == "no-store"
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert secret not in str(answer.url)
            assert secret not in str(answer.headers)
        # The address on the receipt and in its QR code has the number, never the secret.
        assert not re.search(rf'(href|src)="[^"]*{secret[:4]}', sent.text)
    told = "".join(capfd.readouterr())
    for word in (words, secret, "Nama Rahasia", "rahasia@contoh.example"):
        assert word not in told


async def test_erased_words_are_said_to_be_erased(hub: RunningHub) -> None:
    async with Citizen(hub) as citizen:
        number, secret = await citizen.receipt(text="Yang harus dilupakan.", contact="lupakan@contoh.example")
        await answer_case(hub, number, "Jawaban yang juga dilupakan.")
        keys = hub.hub.installation.keys
        case = hub.rows("portal", "SELECT case_id FROM registered WHERE registration = :number", number=number)[0]
        content = hub.rows("portal", "SELECT content FROM message WHERE case_id = :case", case=case["case_id"])[0]
        key = content["content"].split('"')[7]
        with hub.hub.installation.key_database.write() as connection:
            done = connection.execute(update(key_table).where(key_table.c.id == key).values(wrapped=None))
            assert done.rowcount == 1
        keys._known.clear()
        page = await citizen.check(number, secret)
        assert page.status_code == 200
        assert "dilupakan" not in page.text
        assert page.text.count("Isi telah dihapus berdasarkan keputusan yang tercatat.") == 2


async def test_people_get_pages_and_programs_get_problems(hub: RunningHub) -> None:
    async with Citizen(hub, "en") as citizen, hub.client() as program:
        for method, address, status in (
            ("GET", "/tidak-ada", 404),
            ("GET", "/unggahan/00000000-0000-0000-0000-000000000000", 404),
            ("GET", "/unggahan/bukan-uuid", 404),
            ("GET", "/umpan/tidak-ada.atom", 404),
            ("DELETE", "/tulis", 405),
            ("GET", "/unggahan?halaman=0", 422),
        ):
            page = await citizen.client.request(method, address)
            assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
            assert '<html lang="en">' in page.text
            assert page.headers["x-content-type-options"] == "nosniff"
            problem = await program.request(method, address)
            assert (problem.status_code, problem.headers["content-type"]) == (status, "application/problem+json")
            assert problem.json()["status"] == status
        assert "GET" in (await program.delete("/cek")).headers["allow"]
        api = await citizen.client.get("/api/v1/tidak-ada")
        assert api.headers["content-type"] == "application/problem+json"


async def test_the_language_is_remembered(hub: RunningHub) -> None:
    async with Citizen(hub) as citizen:
        assert '<html lang="id">' in (await citizen.client.get("/")).text
        chosen = await citizen.client.get("/tulis?lang=en")
        assert '<html lang="en">' in chosen.text
        assert 'href="/tulis?lang=id"' in chosen.text
        assert '<html lang="en">' in (await citizen.client.get("/")).text
        assert "has been received" in (await citizen.send()).text
        await citizen.client.get("/?lang=id")
        assert "sudah diterima" in (await citizen.send()).text
        assert '<html lang="id">' in (await citizen.client.get("/?lang=xx")).text
    async with Citizen(hub, "fr;q=0.9, en-GB;q=0.5, id;q=0.4") as other:
        page = await other.client.get("/")
        assert page.headers["content-language"] == "en"
        assert "Cookie" in page.headers["vary"]


async def test_pages_are_light(hub: RunningHub) -> None:
    async with Citizen(hub) as citizen:
        number, secret = await citizen.receipt(text="Kata " * 500)
        await hub.settled()
        pages = [await citizen.client.get(path) for path in ("/", "/tulis", "/cek", "/unggahan", "/tidak-ada")]
        pages += [await citizen.check(number, secret), await citizen.send(), await citizen.send(text="")]
        for page in pages:
            files = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))
            assert len(files) >= 3
            weight = len(page.content)
            for file in files:
                answer = await citizen.client.get(file)
                assert answer.status_code == 200
                assert "immutable" in answer.headers["cache-control"]
                weight += len(answer.content)
            motif = await citizen.client.get("/static/motif.svg")
            assert weight + len(motif.content) < 50_000, page.url


async def test_files_of_the_pages_are_fetched_once(hub: RunningHub) -> None:
    async with Citizen(hub) as citizen:
        first = await citizen.client.get("/static/corong.css")
        again = await citizen.client.get("/static/corong.css", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        for name in ("tidak-ada.css", "..%2fpages.py", "%2e%2e%2fpages.py"):
            assert (await citizen.client.get(f"/static/{name}")).status_code == 404


async def test_a_receipt_is_shown_only_to_who_sent_the_form(hub: RunningHub) -> None:
    async with Citizen(hub) as citizen:
        answer = await citizen.client.get("/tanda-terima")
        assert (answer.status_code, answer.headers["location"]) == (303, "/cek")


async def test_when_the_database_is_away_the_words_stay_in_the_form(
    hub: RunningHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = cases(hub)
    async with Citizen(hub) as citizen:
        key = await citizen.key()
        folder = hub.hub.settings.data / "objects"
        put_away = folder.with_name("objects-away")
        folder.rename(put_away)
        folder.touch()  # a file where the store was: an attachment can't be kept
        try:
            answer = await citizen.send(key, files=FILES)
        finally:
            folder.unlink()
            put_away.rename(folder)
        assert answer.status_code == 503
        assert WORDS["text"] in answer.text
        assert hidden_key(answer.text) == key
        assert (await citizen.send(key, files=FILES)).status_code == 201
    assert cases(hub) == before + 1


async def test_guessing_is_stopped_for_who_guesses_alone(hub: RunningHub, tmp_path: Path) -> None:
    async with running_hub(tmp_path) as fresh, Citizen(fresh) as citizen, Citizen(fresh) as neighbour:
        number, secret = await citizen.receipt()
        await fresh.settled()
        neighbour.client.headers["X-Forwarded-For"] = "203.0.113.7"
        statuses = [(await neighbour.check(number, f"AAAA-{n}")).status_code for n in range(21)]
        assert statuses == [404] * 20 + [429]
        stopped = await neighbour.check(number, secret)
        assert (stopped.status_code, stopped.headers["retry-after"]) == (429, str(WrongTries.SECONDS))
        assert (await citizen.check(number, secret)).status_code == 200


async def test_the_form_takes_messages_while_the_broker_is_away(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub, Citizen(hub) as citizen:
        server, tasks = hub.hub.server, hub.hub._tasks
        assert server is not None
        watching = next(task for task in tasks if task.get_name() == "nats-server")
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        server.kill()
        await hub.until(lambda: not hub.service("intake").broker.connected)
        receipts = [await citizen.receipt(text=f"Pesan ke-{number}", files=FILES) for number in range(5)]
        assert [number[-2:] for number, _ in receipts] == ["01", "02", "03", "04", "05"]
        page = await citizen.check(*receipts[0])
        assert page.status_code == 404  # not told to the portal yet, and the page says that it can take a while
        await asyncio.to_thread(server.start)
        tasks.append(asyncio.create_task(server.watch(), name="nats-server"))
        await hub.settled(60)
        for number, (registration, secret) in enumerate(receipts):
            assert f"Pesan ke-{number}" in (await citizen.check(registration, secret)).text
