"""Every page of the desk asks who may open it; generated from the routes, so that a new one is asked about too."""

import html
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from fastapi import APIRouter, Request

from corong.desk.pages import all_pages
from corong.desk.pages.admission import Admits, SignedIn
from corong.runtime.policy import Actor, ever_allowed
from tests.services.desk.office import HEALTH, PUPR, Office
from tests.services.desk.visitor import Visitor, signed_in
from tests.services.portal.citizen import text_of

pytestmark = pytest.mark.asyncio(loop_scope="package")

OFFICERS = ("ppid-utama", f"petugas-{PUPR}", "operator-dinas-pupr", "atasan-ppid", "auditor-inspektorat", "admin-hub")
"""One of each role."""
DOOR = {
    "/masuk", "/masuk/tautan", "/masuk/kunci", "/masuk/kunci/mulai", "/masuk/penyedia", "/masuk/penyedia/kembali",
}  # fmt: skip

"""What nobody has to be signed in for."""
NOWHERE = "3f0d8a0e-0000-4000-8000-000000000000"
DIGEST = "sha256-" + "0" * 64


def leaves(routes: Iterable[Any]) -> Iterator[Any]:
    """The routes, through the routers that they are in."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from leaves(included.routes)
        else:
            yield route


def admission(route: Any) -> Admits | None:
    """What a route asks of who comes."""
    calls = (part.call for part in route.dependant.dependencies)
    return next((call for call in calls if isinstance(call, Admits)), None)


def unguarded(routes: Iterable[Any]) -> list[str]:
    """Routes without a policy that are not the door's."""
    return [route.path for route in leaves(routes) if admission(route) is None and route.path not in DOOR]


def pages(office: Office) -> list[Any]:
    assert office.hub.hub.app is not None
    router = all_pages.routes(office.hub.service("desk"), office.hub.hub.app.state.pages)
    return list(leaves(router.routes))


def path_of(route: Any) -> str:
    """An address of the route, with things in it that are not there."""
    known = {"digest": DIGEST, "which": "0" * 64, "act": "catatan"}
    filled: str = re.sub(r"{(\w+)}", lambda found: known.get(found[1], NOWHERE), route.path_format)
    return filled


async def test_every_page_has_a_policy(office: Office) -> None:
    found = pages(office)
    assert len(found) > 8
    assert unguarded(found) == []
    router = APIRouter()

    @router.get("/desk/terbuka")
    async def forgotten(request: Request) -> None: ...

    @router.get("/desk/tertutup")
    async def guarded(visitor: SignedIn) -> None: ...

    assert unguarded(router.routes) == ["/desk/terbuka"]


async def test_nobody_comes_in_without_signing_in(office: Office) -> None:
    async with Visitor(office.hub) as visitor:
        for route in pages(office):
            if route.path in DOOR:
                continue
            for method in route.methods:
                answer = await visitor.client.request(method, path_of(route))
                if method == "GET":
                    assert answer.status_code == 303, route.path
                    assert answer.headers["location"].startswith("/masuk?next=%2Fdesk")
                else:
                    assert answer.status_code == 401, route.path
                    assert "belum terkirim" in text_of(answer.text)


@pytest.mark.parametrize("officer", OFFICERS)
async def test_each_role_opens_what_it_has_a_right_to(office: Office, officer: str) -> None:
    actor = Actor.of_officer(office.hub.hub.installation.directory.officer(officer))
    async with await signed_in(office.hub, officer) as visitor:
        for route in pages(office):
            needs = admission(route)
            if needs is None:
                continue
            granted = not needs.actions or any(ever_allowed(actor, action) for action in needs.actions)
            for method in route.methods:
                answer = await visitor.client.request(method, path_of(route))
                if method != "GET":
                    assert answer.status_code == 403, "no form's token"
                elif granted:
                    assert answer.status_code in (200, 303, 404), (route.path, answer.status_code)
                else:
                    assert answer.status_code == 403, route.path
                assert answer.headers["cache-control"] == "no-store", route.path
                assert answer.headers["referrer-policy"] == "same-origin", route.path
                assert "default-src 'none'" in answer.headers["content-security-policy"]
                assert answer.headers["x-frame-options"] == "DENY"


async def test_an_address_that_is_no_page_leads_back(office: Office) -> None:
    async with Visitor(office.hub) as stranger:
        answer = await stranger.client.get("/desk/tidak-ada?a=b")
        assert (answer.status_code, answer.headers["location"]) == (303, "/masuk?next=%2Fdesk%2Ftidak-ada%3Fa%3Db")
    for officer, back in ((f"petugas-{PUPR}", "Ke antrean"), ("admin-hub", "Ke halaman awal")):
        async with await signed_in(office.hub, officer) as visitor:
            for path in ("/desk/tidak-ada", "/desk/angka/2026/besok", "/desk/keluar"):
                page = await visitor.get(path, 404)
                assert "Halaman itu tidak ada di meja petugas." in text_of(page)
                assert re.search(f'<a class="button" href="/desk">{back}</a>', page)
                assert "/desk/akun" in page
                assert "/masuk" not in page


async def test_the_menu_offers_a_counter_to_those_who_have_one(office: Office) -> None:
    for officer, there in (("ppid-utama", True), (f"petugas-{PUPR}", False), ("auditor-inspektorat", False)):
        async with await signed_in(office.hub, officer) as visitor:
            assert ('href="/desk/masukkan"' in await visitor.get("/desk/akun")) is there


async def whole_queue(visitor: Visitor) -> str:
    """All pages of the queue: other tests leave cases in it."""
    path, listed = "/desk", ""
    while path:
        page = await visitor.get(path)
        listed += page
        following = re.search(r'href="([^"]+)" rel="next"', page)
        path = html.unescape(following.group(1)) if following else ""
    return listed


async def test_another_units_case_is_told_to_be_anothers(office: Office) -> None:
    receipt = await office.write(
        sender="warga-halaman", attachments=[{"name": "foto.txt", "media_type": "text/plain", "content": "YQ=="}]
    )
    case = receipt["case_id"]
    shown = (await office.get(f"petugas-{PUPR}", f"cases/{case}"))["thread"][0]["attachments"][0]
    own = (f"/desk/perkara/{case}", f"/desk/perkara/{receipt['registration'].replace('/', '-')}")
    file = f"/desk/perkara/{case}/lampiran/{shown['digest']}"
    for officer, status in ((f"petugas-{PUPR}", 200), (f"petugas-{HEALTH}", 403), ("atasan-ppid", 200)):
        async with await signed_in(office.hub, officer) as visitor:
            for path in own:
                page = await visitor.get(path, status)
                assert ("Kisaran" in page) == (status == 200)
            answer = await visitor.client.get(file)
            assert answer.status_code == status
            if status == 200:
                assert answer.content == b"a"
                assert answer.headers["content-disposition"].startswith("attachment;")
                assert "sandbox" in answer.headers["content-security-policy"]
            assert (str(case) in await whole_queue(visitor)) == (status == 200)
            await visitor.get(f"/desk?unit={PUPR}", status)
    async with await signed_in(office.hub, f"petugas-{HEALTH}", "en") as visitor:
        assert "in its own unit alone" in text_of(await visitor.get(own[0], 403))
