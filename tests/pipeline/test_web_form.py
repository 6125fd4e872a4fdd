"""The public form on a whole hub: one message however often it is sent, and no words lost whatever is wrong with it."""

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.hubs import RunningHub, running_hub
from tests.peers.pictures import PIXEL
from tests.services.portal.citizen import WORDS, Citizen, hidden_key, receipt_of, text_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

FILES = [("attachments", ("bukti foto.png", PIXEL, "image/png"))]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHub]:
    async with running_hub(tmp_path_factory.mktemp("web")) as running:
        yield running


def cases(hub: RunningHub) -> int:
    return int(hub.rows("intake", 'SELECT count(*) AS n FROM "case"')[0]["n"])


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


async def ask(citizen: Citizen, **fields: Any) -> httpx.Response:
    """Press a button of one of the form's pages."""
    return await citizen.client.post("/tulis", data={"key": await citizen.key(), **fields})


async def test_an_objection_names_its_request_by_number_and_secret(hub: RunningHub) -> None:
    async with Citizen(hub) as citizen, Citizen(hub) as other:
        number, secret = await citizen.receipt(kind="information_request", text="Mohon salinan APBD.")
        before = cases(hub)
        for wrong in ({"number": number, "secret": "AAAA-AAAA-AAAA-AAAA"}, {"number": "PI/2026/999999"}, {}):
            refused = await ask(citizen, kind="objection", step="request", **wrong)
            assert refused.status_code == 422
            assert 'id="number-error"' in refused.text
        named = await ask(citizen, kind="objection", step="request", number=number.lower(), secret=secret.lower())
        assert named.status_code == 200
        assert secret not in named.text
        about = re.findall(r'name="about" value="([^"]+)"', named.text)[0]
        words = {"kind": "objection", "text": "Sudah lewat sebulan.", "subject": ""}
        # Not without the request, nor with another browser's, nor without a ground.
        for sender, given in (
            (citizen, {"grounds": "c"}),
            (other, {"grounds": "c", "about": about}),
            (citizen, {"grounds": "z", "about": about}),
            (citizen, {"grounds": "c", "about": about.replace(number, "PI/2026/000777")}),
        ):
            assert (await sender.send(**words, **given)).status_code == 422
        assert cases(hub) == before
        taken = receipt_of((await citizen.send(**words, about=about, grounds="g")).text)[0]
        assert taken.startswith("KB/")
        await hub.settled()
        found = {row["registration"]: row for row in hub.rows("desk", "SELECT * FROM registered")}
        assert found[taken]["related_case"] == found[number]["case_id"]
        async with hub.client("officer", "ppid-utama") as officer:
            case = (await officer.get(f"/api/v1/cases/{found[taken]['case_id']}")).json()
        assert case["related_case"]["registration"] == number
        said = next(step for step in case["thread"] if step["kind"] == "message.received")
        assert said["objection"] == {"request": number, "grounds": ["g"]}


async def test_guessing_a_requests_secret_is_stopped(hub: RunningHub) -> None:
    async with Citizen(hub) as citizen:
        for _ in range(20):
            refused = await ask(citizen, kind="objection", step="request", number="PI/2026/000001", secret="A" * 16)
        refused = await ask(citizen, kind="objection", step="request", number="PI/2026/000001", secret="A" * 16)
        assert "Terlalu banyak percobaan" in refused.text


async def test_what_the_register_asks_for_comes_sealed_with_the_request(hub: RunningHub) -> None:
    given = {"purpose": 'Penelitian "skripsi"', "obtain": "copy", "send": "email", "occupation": "guru"}
    async with Citizen(hub) as citizen:
        wrong = await citizen.send(kind="information_request", obtain="steal", purpose="x" * 501)
        assert {'id="obtain-error"', 'id="purpose-error"'} <= set(re.findall(r'id="[a-z]+-error"', wrong.text))
        words = {"kind": "information_request", "postal": "Jalan Contoh 1", **given}
        number, _ = await citizen.receipt(**words)
        complaint, _ = await citizen.receipt(**{**words, "kind": "complaint"})
        await hub.settled()
        async with hub.client("officer", "ppid-utama") as officer:
            for registration, expected in ((number, {**given, "address": "Jalan Contoh 1"}), (complaint, None)):
                query = "SELECT case_id FROM registered WHERE registration = :number"
                case_id = hub.rows("desk", query, number=registration)[0]["case_id"]
                thread = (await officer.get(f"/api/v1/cases/{case_id}")).json()["thread"]
                said = next(step for step in thread if step["kind"] == "message.received")
                assert said["particulars"] == expected
            made = await officer.post(
                "/api/v1/reports/register", json={"year": int(number[3:7]), "format": "csv"}, timeout=60
            )
        rows = csv.DictReader(io.StringIO(made.content.decode("utf-8-sig"), newline=""))
        row = next(row for row in rows if row["Nomor"] == number)
        assert (row["Tujuan penggunaan"], row["Pekerjaan"], row["Alamat"]) == (
            given["purpose"], given["occupation"], "Jalan Contoh 1",
        )  # fmt: skip


@pytest.mark.parametrize("digits", ["1209011234567890", "1209 0112 3456 7890", "12.09.01.123456.7890"])
async def test_a_number_of_sixteen_digits_is_pointed_out(hub: RunningHub, digits: str) -> None:
    async with Citizen(hub) as citizen:
        text = f"NIK saya {digits}, mohon dicek."
        told = await citizen.send(text=text)
        assert told.status_code == 422
        assert "nomor 16 angka" in told.text
        assert 'name="digits"' in told.text
        assert (await citizen.send(text=text, digits="1")).status_code == 201
        for field in ("subject", "name"):
            refused = await citizen.send(**{field: digits, "digits": "1"})
            assert f'id="{field}-error"' in refused.text


async def test_each_question_has_its_page_and_carries_the_others(hub: RunningHub) -> None:
    async with Citizen(hub) as citizen:
        first = await ask(citizen, step="kind", kind="")
        assert first.status_code == 422
        assert "Pilih jenis pesan Anda." in first.text
        second = await ask(citizen, step="kind", kind="complaint", name='Nama "<b>"')
        assert 'name="name" value="Nama &#34;&lt;b&gt;&#34;"' in second.text
        assert "Langkah 2 dari 4" in second.text
        empty = await ask(citizen, step="text", kind="complaint", text=" ")
        assert "Tuliskan pesan Anda." in empty.text
        # Whatever is wrong elsewhere is told where it is asked.
        third = await ask(citizen, step="text", kind="complaint", text="Isi.", contact="salah")
        assert third.status_code == 200
        check = await ask(citizen, step="contact", kind="complaint", text="Baris satu\n\nBaris dua", contact="a@b.id")
        assert 'action="/tanda-terima"' in check.text
        assert "<p>Baris dua</p>" in check.text
        back = await ask(citizen, step="check", go="text", kind="complaint", text="Isi.")
        assert ">\nIsi.</textarea>" in back.text
        begun = (await ask(citizen, step="tidak-ada")).text
        assert "Langkah 1" in begun
        assert "Langkah 1 dari" not in begun, "how many there are hangs on the answer"
        # A page that this kind of message does not have is not gone to.
        assert "Apa yang terjadi?" in (await ask(citizen, step="kind", kind="complaint", go="purpose")).text


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
