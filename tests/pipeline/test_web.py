"""The citizen's way by the pages, on a whole hub: the form, the receipt, the case and its answer."""

import asyncio
import io
import re
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio
from pypdf import PdfReader
from sqlalchemy import update

from corong.runtime.formats import weekday
from corong.runtime.keys import key_table
from corong.runtime.wrong_tries import WrongTries
from tests.hubs import RunningHub, running_hub
from tests.peers.pictures import PIXEL
from tests.services.portal.citizen import WORDS, Citizen, answer_case, receipt_of, text_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

FILES = [("attachments", ("bukti foto.png", PIXEL, "image/png"))]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHub]:
    async with running_hub(tmp_path_factory.mktemp("web")) as running:
        yield running


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


async def test_the_lawful_day_on_the_page_and_on_the_paper(hub: RunningHub) -> None:
    async with Citizen(hub) as citizen:
        words = {"kind": "information_request", "subject": "", "text": "Mohon salinan APBD.", "purpose": "penelitian"}
        number, secret = await citizen.receipt(**words)
        plain = await citizen.receipt(kind="question", text="Jam buka kantor camat?", subject="Jam buka")
        await hub.settled()
        query = "SELECT last_day FROM clock JOIN registered USING (case_id) WHERE registration = :n AND rule = :rule"
        kept = hub.rows("portal", query, n=number, rule="request_notice")[0]["last_day"]
        day = weekday(date.fromisoformat(kept), "id")
        assert f"Pemberitahuan tertulis paling lambat {day}" in text_of((await citizen.check(number, secret)).text)
        papers = []
        await hub.until(lambda: hub.rows("portal", "SELECT key FROM receipt JOIN registered USING (case_id)"
                                         " WHERE registration = :n", n=number))  # fmt: skip
        for given in ((number, secret), plain):
            answer = await citizen.client.post("/cek/tanda-terima", data={"number": given[0], "secret": given[1]})
            assert answer.headers["content-type"] == "application/pdf"
            assert answer.headers["cache-control"] == "no-store"
            assert given[0].replace("/", "-") in answer.headers["content-disposition"]
            papers.append(" ".join(PdfReader(io.BytesIO(answer.content)).pages[0].extract_text().split()))
        for expected in (number, secret, day, "Mohon salinan APBD.", "penelitian", "Pasal 22"):
            assert expected in papers[0]
        for expected in (*plain, "Jam buka", "Tanda Terima Pesan"):
            assert expected in papers[1]
        assert "Pasal 22" not in papers[1]
        wrong = await citizen.client.post("/cek/tanda-terima", data={"number": number, "secret": "A" * 16})
        assert wrong.status_code == 404
        assert (await citizen.client.get("/cek/tanda-terima")).status_code == 303


async def test_a_units_figures_are_there_for_everybody(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub, Citizen(hub) as citizen:
        number, _ = await citizen.receipt()
        await answer_case(hub, number, "Sudah dijadwalkan.")
        await hub.settled()
        page = text_of((await citizen.client.get("/layanan")).text)
        assert "Dinas Pekerjaan Umum dan Penataan Ruang 1 1 0 0" in page
        unit = (await citizen.client.get("/layanan/dinas-pupr")).text
        assert "<rect" in unit
        assert "Dua belas bulan 1 1 0 0" in text_of(unit)
        assert "Dua belas bulan 0 0" in text_of((await citizen.client.get("/layanan/dinas-sosial")).text)
        assert (await citizen.client.get("/layanan/tidak-ada")).status_code == 404
        told = (await citizen.client.get("/layanan.json")).json()
        assert told["government"]["whole"] == {
            "month": None, "received": 1, "answered": 1, "late": 0, "median_days": 0.0
        }  # fmt: skip
        assert [one["unit"] for one in told["units"]] == ["dinas-pupr"]
        assert len(told["units"][0]["months"]) == 12


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


async def test_words_that_do_not_open_are_not_said_to_be_erased(hub: RunningHub) -> None:
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
        # Nobody decided that: a lost key is not an erasure (that one is in test_erasure.py).
        assert page.text.count("Isi tidak dapat dibuka saat ini.") == 2


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
