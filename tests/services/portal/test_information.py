"""The public information list: what is wrong in its files, what a search finds, and its pages."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from corong.portal.information import Exempt, Information, InformationLists, InformationProblem
from corong.portal.information_pages import ON_A_PAGE, routes
from corong.runtime.directory import Directory
from corong.runtime.installation import Installation, example_folder
from corong.runtime.pages import Pages
from corong.runtime.settings import Settings

DIRECTORY = Directory.load(example_folder())
EXAMPLE = InformationLists.load(example_folder(), DIRECTORY)

ENTRY = """
[[information]]
id = "{id}"
title = "{title}"
class = "{kind}"
unit = "{unit}"
formats = ["PDF"]
period = "setiap tahun"
{more}
"""
EXEMPT = """
[[exempt]]
id = "{id}"
title = "Rahasia"
unit = "{unit}"
grounds = {grounds}
reason = "Membukanya merugikan."
test = "01/2026"
until = {until}
"""


def entry(**changed: str) -> str:
    given = {"id": "satu", "title": "Satu", "kind": "periodic", "unit": "setda", "more": 'place = "Kantor"', **changed}
    return ENTRY.format(**given)


def exempt(**changed: str) -> str:
    given = {"id": "dua", "unit": "setda", "grounds": '["h"]', "until": "2030-12-31", **changed}
    return EXEMPT.format(**given)


def load(folder: Path, information: str = "", hidden: str = "") -> InformationLists:
    for name, content in (("information.toml", information), ("exempt.toml", hidden)):
        if content:
            (folder / name).write_text(content, encoding="utf-8")
    return InformationLists.load(folder, DIRECTORY)


def test_the_example_has_every_class() -> None:
    kinds = {found.kind for found in EXAMPLE.information}
    assert kinds == {"periodic", "immediate", "any_time"}
    assert EXAMPLE.exempt
    assert len(EXAMPLE.information) + len(EXAMPLE.exempt) > ON_A_PAGE


def test_an_installation_without_files_has_empty_lists(tmp_path: Path) -> None:
    lists = load(tmp_path)
    assert not lists.information
    assert not lists.exempt
    assert not lists.find().information


@pytest.mark.parametrize(
    ("information", "hidden", "told"),
    [
        (entry(unit="tidak-ada"), "", "information 'satu': there is no unit 'tidak-ada'"),
        (entry(kind="secret"), "", "information 'satu': class:"),
        (entry(more=""), "", "it says nowhere how to get it"),
        (entry(more='address = "javascript:alert(1)"'), "", "information 'satu': address:"),
        (entry(title=" "), "", "information 'satu': title:"),
        (entry(more='place = "x"\nformat = "PDF"'), "", "information 'satu': format:"),
        (entry() + entry(), "", "information 'satu': the id stands 2 times"),
        (entry(id="Satu"), "", "id: "),
        ("[[informasi]]\n", "", "no such table in this file"),
        ("id = [", "", "it isn't TOML"),
        (entry(), exempt(id="satu"), "exempt 'satu': the id stands in information.toml too"),
        ("", exempt(grounds='["k"]'), "exempt 'dua': grounds.0:"),
        ("", exempt(grounds="[]"), "exempt 'dua': grounds:"),
        ("", exempt(unit="tidak-ada"), "exempt 'dua': there is no unit 'tidak-ada'"),
        ("", exempt(until="12"), "exempt 'dua': until."),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, information: str, hidden: str, told: str) -> None:
    with pytest.raises(InformationProblem) as raised:
        load(tmp_path, information, hidden)
    assert told in str(raised.value)
    assert str(tmp_path) in str(raised.value)


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InformationProblem) as raised:
        load(tmp_path, entry(unit="tidak-ada") + entry(id="lain", more=""), exempt(grounds="[]"))
    assert len(raised.value.problems) == 3


def test_an_exemption_ends_on_a_day_or_in_words(tmp_path: Path) -> None:
    lists = load(tmp_path, hidden=exempt() + exempt(id="tiga", until='"sampai selesai"'))
    assert [str(found.until) for found in lists.exempt] == ["2030-12-31", "sampai selesai"]


@pytest.mark.parametrize(
    ("asked", "unit", "found"),
    [
        ("anggaran", "", {"apbd", "laporan-keuangan"}),
        ("APBD 2026", "", {"apbd"}),
        ("pengadaan", "pengadaan", {"rencana-umum-pengadaan", "harga-perkiraan-sendiri"}),
        ("mengungkap riwayat", "", {"rekam-medis"}),
        ("kependudukan", "", {"syarat-adminduk", "data-pribadi-penduduk"}),
        ("  ", "inspektorat", {"laporan-pengawasan-berjalan"}),
        ("zirafah", "", set()),
        ("apbd zirafah", "", set()),
        ("apbd", "dinas-sosial", set()),
    ],
)
def test_a_search(asked: str, unit: str, found: set[str]) -> None:
    result = EXAMPLE.find(asked, unit)
    names = {one.id for one in (*result.information, *result.exempt)}
    assert names == found


def test_words_of_a_title_come_first(tmp_path: Path) -> None:
    later = entry(id="kedua", title="Jadwal posyandu")
    lists = load(tmp_path, entry(more='place = "Kantor"\nsummary = "Termasuk posyandu."') + later)
    assert [found.id for found in lists.find("posyandu").information] == ["kedua", "satu"]


def test_every_entry_is_found_by_its_own_title() -> None:
    for one in (*EXAMPLE.information, *EXAMPLE.exempt):
        result = EXAMPLE.find(one.title, one.unit)
        assert one in (*result.information, *result.exempt)


@pytest_asyncio.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    folder = tmp_path / "config"
    shutil.copytree(example_folder(), folder)
    with (folder / "information.toml").open("a", encoding="utf-8") as file:
        file.write(entry(title="<b>Judul</b>"))
    installation = Installation.open(Settings(data=tmp_path / "data", config=folder), create=True)
    app = FastAPI()
    lists = InformationLists.load(folder, installation.directory)
    app.include_router(routes(lists, Pages(installation, ("corong.portal",))))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://corong.test") as client:
        yield client
    installation.key_database.close()


async def test_pages_by_class_unit_and_words(client: httpx.AsyncClient) -> None:
    first = (await client.get("/informasi")).text
    assert 'href="/informasi/apbd"' in first
    assert 'rel="next"' in first
    assert "/informasi/rekam-medis" not in first
    second = (await client.get("/informasi?halaman=2")).text
    assert 'href="/informasi/apbd"' not in second
    assert "/informasi/rekam-medis" in second
    assert 'rel="prev"' in second
    hidden = (await client.get("/informasi?jenis=dikecualikan")).text
    assert 'href="/informasi/rekam-medis"' in hidden
    assert 'href="/informasi/apbd"' not in hidden
    own = (await client.get("/informasi?cari=judul&unit=setda")).text
    assert "&lt;b&gt;Judul&lt;/b&gt;" in own
    assert "cari=judul" in own  # the other classes keep what was searched for
    assert 'lang="id" selected' in own
    nothing = (await client.get("/informasi?cari=zirafah")).text
    assert "/tulis?jenis=information_request" in nothing


async def test_a_search_for_html_finds_nothing_and_runs_nothing(client: httpx.AsyncClient) -> None:
    page = (await client.get("/informasi", params={"cari": '"><script>x</script>'})).text
    assert "<script>x" not in page


async def test_one_entry_and_its_reasons(client: httpx.AsyncClient) -> None:
    open_one = (await client.get("/informasi/apbd")).text
    assert 'href="https://asahan.example/apbd"' in open_one
    assert "Badan Pengelolaan Keuangan dan Aset Daerah" in open_one
    closed = (await client.get("/informasi/keamanan-sistem-informasi")).text
    assert "Pasal 17 huruf c" in closed
    assert "Minggu, 19 Januari 2031" in closed
    english = await client.get("/informasi/keamanan-sistem-informasi", headers={"Accept-Language": "en"})
    assert "Sunday, 19 January 2031" in english.text
    assert (await client.get("/informasi/tidak-ada")).status_code == 404


async def test_the_list_as_json(client: httpx.AsyncClient) -> None:
    whole = (await client.get("/informasi.json")).json()
    assert len(whole["information"]) == len(EXAMPLE.information) + 1
    assert Information.model_validate(whole["information"][1]).id == "apbd"
    assert {Exempt.model_validate_json(httpx.Response(200, json=one).text).id for one in whole["exempt"]} == {
        found.id for found in EXAMPLE.exempt
    }
    hidden = (await client.get("/informasi.json?jenis=dikecualikan")).json()
    assert not hidden["information"]
    assert hidden["exempt"] == whole["exempt"]
    soon = (await client.get("/informasi.json?jenis=serta-merta&unit=bpbd")).json()
    assert [one["id"] for one in soon["information"]] == ["peringatan-banjir"]
    assert soon["exempt"] == []
    assert (await client.get("/informasi.json?jenis=lain")).status_code == 422
