"""Search on a running hub: what is written is found by its stems, by those who may read it, on page and API alike."""

import asyncio
import html
import re
from typing import Any

import pytest
from sqlalchemy import delete

from corong.desk.search.tables import search_metadata
from tests.services.desk.office import HEALTH, PUPR, Office
from tests.services.desk.visitor import signed_in
from tests.services.portal.citizen import text_of

pytestmark = pytest.mark.asyncio(loop_scope="package")

UNIT, MAIN, STRANGER, AUDITOR = f"petugas-{PUPR}", "ppid-utama", f"petugas-{HEALTH}", "auditor-inspektorat"


async def read(office: Office, case: str) -> None:
    """Wait until a case's words are in the search's table."""
    waits = "SELECT 1 FROM search_wait WHERE case_id = :case"
    stands = "SELECT 1 FROM search_case WHERE case_id = :case"
    await office.hub.until(
        lambda: office.hub.rows("desk", stands, case=case) and not office.hub.rows("desk", waits, case=case)
    )


async def search(office: Office, officer: str, words: str, **more: Any) -> list[str]:
    """The ids of the cases found."""
    found = await office.get(officer, "search", q=words, **more)
    return [one["case_id"] for one in found["cases"]]


async def test_words_are_found_by_their_stems_and_by_who_may_read_them(office: Office) -> None:
    receipt = await office.write("Trotoar keropos di depan pasar, mohon perbaikannya.", "warga-cari-1")
    case = receipt["case_id"]
    await read(office, case)
    for words in ("keroposnya", "KEROPOS memperbaiki", '"trotoar keropos"', "warga contoh keropos"):
        assert await search(office, UNIT, words) == [case], words
        assert await search(office, MAIN, words) == [case], words
        assert await search(office, STRANGER, words) == [], words
    assert await search(office, UNIT, '"keropos trotoar"') == []
    assert await search(office, UNIT, "keropos berlian") == []
    assert await search(office, MAIN, "keropos", unit=HEALTH) == []
    assert await search(office, UNIT, "keropos", state="open", kind="complaint", since="2026-01-01") == [case]
    assert await search(office, UNIT, "keropos", state="closed") == []
    assert await search(office, UNIT, "keropos", until="2020-01-01") == []
    refused = await office.get(STRANGER, "search", status=403, q="keropos", unit=PUPR)
    assert refused["code"] == "other_unit"
    assert (await office.get(AUDITOR, "search", status=403, q="keropos"))["code"] == "role_has_no_such_right"
    for asked, code in (("12", "no_words"), ("a b c d e f g h i j k l m", "too_many_words")):
        assert (await office.get(UNIT, "search", status=422, q=asked))["code"] == code
    assert (await office.get(UNIT, "search", status=422, q="jalan", cursor="!!"))["code"] == "bad_cursor"


async def test_days_at_the_ends_of_the_calendar_are_no_fault(office: Office) -> None:
    """There a zone's midnight is no moment of UTC."""
    receipt = await office.write("Gapura retak.", "warga-cari-kalender")
    await read(office, receipt["case_id"])
    assert await search(office, MAIN, "gapura", since="0001-01-01", until="9999-12-31") == [receipt["case_id"]]
    async with await signed_in(office.hub, MAIN) as visitor:
        for asked in ("dari=0001-01-01", "sampai=9999-12-31", "dari=kapan"):
            assert receipt["registration"] in await visitor.get(f"/desk/cari?q=gapura&{asked}")


async def test_a_number_leads_to_its_case(office: Office) -> None:
    receipt = await office.write("Gorong-gorong buntu.", "warga-cari-2")
    number = receipt["registration"]
    for written in (number, number.replace("/", "-").lower(), f" {number} "):
        assert await search(office, UNIT, written) == [receipt["case_id"]]
    assert await search(office, STRANGER, number) == []
    assert await search(office, MAIN, "PD/2026/999999") == []
    async with await signed_in(office.hub, UNIT) as visitor:
        answer = await visitor.client.get("/desk/cari", params={"q": number})
        assert answer.headers["location"] == f"/desk/perkara/{receipt['case_id']}"


async def test_notes_and_answers_are_found_too_and_the_last_one_written_comes_first(office: Office) -> None:
    first = (await office.write("Ambulans macet sekali.", "warga-cari-3"))["case_id"]
    second = (await office.write("Ambulans macet lagi.", "warga-cari-4"))["case_id"]
    for case in (first, second):
        await read(office, case)
    assert await search(office, MAIN, "ambulans macet") == [second, first]
    await office.post(MAIN, f"cases/{first}/note", {"note": "Sudah diteruskan ke bengkel Wibisono."})
    await office.hub.until(lambda: search(office, MAIN, "Wibisono"))
    assert await search(office, MAIN, "ambulans macet") == [first, second]
    found = await office.get(MAIN, "search", q="ambulans macet", limit=1)
    assert [one["case_id"] for one in found["cases"]] == [first]
    assert await search(office, MAIN, "ambulans macet", limit=1, cursor=found["next"]) == [second]
    phrase = await office.get(MAIN, "search", q='ambulans "macet lagi"', limit=1)
    assert [one["case_id"] for one in phrase["cases"]] == [second]
    assert phrase["next"] is None


async def test_the_page_shows_where_it_stands(office: Office) -> None:
    case = (await office.write("Jembatan gantung <i>bergoyang</i> bila dilewati.", "warga-cari-5"))["case_id"]
    await read(office, case)
    async with await signed_in(office.hub, MAIN) as visitor:
        for page in ("/desk", "/desk/akun"):
            assert 'action="/desk/cari"' in await visitor.get(page), page
        page = await visitor.get("/desk/cari?q=goyang&keadaan=terbuka&jenis=&dari=2026-01-01&sampai=x")
        assert f'href="/desk/perkara/{case}"' in page
        assert "<mark>bergoyang</mark>" in page
        assert "&lt;i&gt;" in page
        assert text_of(page).count("Jembatan gantung") == 1, "its first words are its title, and stand there once"
        assert "Tidak ditemukan." in await visitor.get("/desk/cari?q=unicorn")
        assert "atau nomor pendaftaran" in text_of(await visitor.get("/desk/cari?q=17"))
        assert "Cari perkara" in await visitor.get("/desk/cari")
        await visitor.get("/desk/cari?q=jalan&lanjut=%21", 422)
    async with await signed_in(office.hub, AUDITOR) as visitor:
        assert "/desk/cari" not in await visitor.get("/desk/akun")


async def test_pages_follow_each_other(office: Office) -> None:
    many = 23
    cases = [(await office.write(f"Kelapa sawit nomor {n}.", f"warga-sawit-{n}"))["case_id"] for n in range(many)]
    await read(office, cases[-1])
    async with await signed_in(office.hub, MAIN) as visitor:
        path, listed = "/desk/cari?q=sawit", []
        while path:
            page = await visitor.get(path)
            listed += re.findall(r'<h3><a href="/desk/perkara/([^"]+)"', page)
            following = re.search(r'href="([^"]+)" rel="next"', page)
            path = html.unescape(following.group(1)) if following else ""
    assert listed == cases[::-1]


async def test_the_table_is_made_again_from_what_the_desk_has(office: Office) -> None:
    case = (await office.write("Menara suar padam.", "warga-cari-6"))["case_id"]
    await read(office, case)

    def lose() -> None:
        with office.hub.service("desk").database.write() as connection:
            for table in search_metadata.sorted_tables:
                connection.execute(delete(table))

    await asyncio.to_thread(lose)
    await office.hub.until(lambda: search(office, MAIN, "menara suar"))
    assert await search(office, MAIN, "menara suar") == [case]
