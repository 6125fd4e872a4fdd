"""Coming in and going out at the pages: links, passwords, sessions, forms of other sites, addresses of other sites."""

import secrets

import httpx
import pytest
from structlog.testing import capture_logs

from corong.desk.access import links
from corong.desk.pages.admission import COOKIE
from corong.desk.pages.local_paths import local_path
from tests.services.desk.office import Office
from tests.services.desk.visitor import PASSWORD, Visitor, link_of, signed_in, token_of
from tests.services.portal.citizen import text_of

pytestmark = pytest.mark.asyncio(loop_scope="package")

OFFICER = "petugas-dinas-perhubungan"


async def is_in(visitor: Visitor) -> bool:
    return (await visitor.client.get("/desk/akun")).status_code == 200


async def test_a_link_sets_a_password_and_is_spent(office: Office) -> None:
    secret = link_of(office.hub, OFFICER)
    page = f"/masuk/tautan?kunci={secret}"
    async with Visitor(office.hub) as visitor:
        for _ in range(2):  # chat programs look at links before people do: that spends nothing
            assert OFFICER in await visitor.get(page)
        for password, again, told in (
            ("pendek", "pendek", "paling sedikit 12 karakter"),
            ("abababababababab", "abababababababab", "mudah ditebak"),
            (f"{OFFICER} 12", f"{OFFICER} 12", "mudah ditebak"),
            (PASSWORD, f"{PASSWORD}!", "tidak sama"),
            ("x" * 150 + "abcdefghij" * 6, "", "paling banyak 200"),
        ):
            answer = await visitor.send(page, links.ADDRESS, kunci=secret, password=password, again=again)
            assert answer.status_code == 422
            assert told in text_of(answer.text)
        assert not await is_in(visitor)
        answer = await visitor.send(page, links.ADDRESS, kunci=secret, password=PASSWORD, again=PASSWORD)
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
        cookie = answer.headers["set-cookie"]
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
        assert await is_in(visitor)
    async with Visitor(office.hub) as late:
        await late.get(page, 410)
        token = token_of(await late.get("/masuk"))
        answer = await late.post(links.ADDRESS, token, kunci=secret, password=PASSWORD, again=PASSWORD)
        assert answer.status_code == 410
        assert not await is_in(late)
        assert (await late.sign_in(OFFICER)).status_code == 303
        assert await is_in(late)


async def test_a_link_that_is_not_good(office: Office) -> None:
    good = link_of(office.hub, OFFICER)
    body, mac = good.rsplit(".", 1)
    bad = (
        "", "x", ".", good[:-1], f"{body.replace('perhubungan', 'kesehatan')}.{mac}", f"{body}.{'0' * 64}", f"{good}.1",
        link_of(office.hub, OFFICER, hours=-0.1), link_of(office.hub, OFFICER, generation=2),
        link_of(office.hub, "petugas-antah-berantah"), "a" * 5_000, "\udcff.é",
    )  # fmt: skip
    async with Visitor(office.hub) as visitor:
        for secret in bad:
            answer = await visitor.client.get(
                links.ADDRESS, params={"kunci": secret.encode("utf-8", "replace").decode()}
            )
            assert answer.status_code == 410, secret
        await visitor.get(f"{links.ADDRESS}?kunci={good}")


async def test_a_new_link_ends_the_sessions_of_before(office: Office) -> None:
    officer = "petugas-dinas-sosial"
    async with await signed_in(office.hub, officer) as before, Visitor(office.hub) as after:
        assert await is_in(before)
        assert (await after.open_link(officer)).status_code == 303
        assert not await is_in(before)
        assert await is_in(after)


async def test_id_and_password_must_belong_together(office: Office) -> None:
    officer = "petugas-dinas-pertanian"
    async with Visitor(office.hub) as visitor:
        await visitor.open_link(officer)
        await visitor.send("/desk/akun", "/desk/keluar")
        told = set()
        for identity, password in (
            (officer, f"{PASSWORD}x"), (officer, "x" * 201), ("petugas-bkpsdm", PASSWORD), ("ppid-utama\0", PASSWORD),
        ):  # fmt: skip
            answer = await visitor.sign_in(identity, password)
            assert answer.status_code == 403
            told.add(text_of(answer.text))
        assert len(told) == 1, "nobody is told which of both is wrong"
        assert not await is_in(visitor)
        assert (await visitor.sign_in(f" {officer.upper()} ")).headers["location"] == "/desk"
        assert await is_in(visitor)


async def test_a_session_is_new_at_each_sign_in_and_over_when_it_is_ended(office: Office) -> None:
    planted = secrets.token_urlsafe(32)
    async with Visitor(office.hub) as visitor:
        visitor.client.cookies.set(COOKIE, planted, domain="127.0.0.1")
        answer = await visitor.open_link("petugas-dinas-perikanan")
        first = answer.cookies[COOKIE]
        assert first != planted
        visitor.client.cookies.clear()
        visitor.client.cookies.set(COOKIE, first, domain="127.0.0.1")
        answer = await visitor.open_link("petugas-dinas-perikanan")
        second = answer.cookies[COOKIE]
        assert second != first
        kept = office.hub.rows("desk", "SELECT * FROM session WHERE officer = 'petugas-dinas-perikanan'")
        assert len(kept) == 1
        assert second not in str(kept), "what the browser keeps is not stored"
        answer = await visitor.send("/desk/akun", "/desk/keluar")
        assert answer.headers["location"] == "/masuk?keluar=1"
        for cookie in (planted, first, second, "", "x", "é"):
            headers = {"Cookie": f"{COOKIE}={cookie}".encode()}
            answer = await visitor.client.get("/desk", headers=headers)  # type: ignore[arg-type]  # bytes go as they are
            assert answer.headers["location"] == "/masuk?next=%2Fdesk"


async def test_an_officer_sees_and_ends_own_sessions_alone(office: Office) -> None:
    officer, other = "petugas-dinas-pendidikan", "petugas-rsud-ham"
    async with (
        await signed_in(office.hub, officer) as here,
        await signed_in(office.hub, officer) as there,
        await signed_in(office.hub, officer) as third,
        await signed_in(office.hub, other) as stranger,
    ):
        page = await here.get("/desk/akun")
        rows = office.hub.rows("desk", "SELECT id, officer FROM session")
        own = {row["id"] for row in rows if row["officer"] == officer}
        assert all(identity in page for identity in list(own)[:2] if f"/desk/akun/sesi/{identity}" in page)
        theirs = next(row["id"] for row in rows if row["officer"] == other)
        assert theirs not in page
        await here.post(f"/desk/akun/sesi/{theirs}", token_of(page))
        assert await is_in(stranger)
        ends = [identity for identity in own if f"/desk/akun/sesi/{identity}" in page]
        assert len(ends) == 2
        await here.post(f"/desk/akun/sesi/{ends[0]}", token_of(page))
        assert [await is_in(one) for one in (here, there, third)].count(True) == 2
        assert (await here.post("/desk/akun/sesi/lain", token_of(page))).status_code == 303
        assert [await is_in(one) for one in (here, there, third)] == [True, False, False]


async def test_a_password_is_changed_by_who_knows_it(office: Office) -> None:
    officer, new = "petugas-dinas-ketenagakerjaan", "empat ekor gajah duduk"
    async with Visitor(office.hub) as visitor, Visitor(office.hub) as other:
        await visitor.open_link(officer)
        assert (await other.sign_in(officer)).status_code == 303
        words = {"password": new, "again": new}
        answer = await visitor.send("/desk/akun", "/desk/akun/sandi", old="bukan yang lama", **words)
        assert answer.status_code == 422
        answer = await visitor.send("/desk/akun", "/desk/akun/sandi", old=PASSWORD, **words)
        assert answer.headers["location"] == "/desk/akun?selesai=sandi"
        assert await is_in(visitor)
        assert not await is_in(other)
        assert (await other.sign_in(officer)).status_code == 403
        assert (await other.sign_in(officer, new)).status_code == 303


async def test_forms_of_other_sites_are_refused(office: Office) -> None:
    officer = "petugas-dinas-perkim"
    async with await signed_in(office.hub, officer) as visitor, await signed_in(office.hub, officer) as other:
        good = token_of(await visitor.get("/desk/akun"))
        foreign = token_of(await other.get("/desk/akun"))
        for token in ("", "x", foreign, good[:-1], f"{good}0", f"0{good}"):
            assert (await visitor.post("/desk/keluar", token)).status_code == 403
        for name, value in (
            ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"), ("Origin", "https://jahat.example"),
            ("Origin", "null"),
        ):  # fmt: skip
            answer = await visitor.client.post("/desk/keluar", data={"token": good}, headers={name: value})
            assert answer.status_code == 403, (name, value)
        assert await is_in(visitor)
        origin = {"Origin": office.hub.url, "Sec-Fetch-Site": "same-origin"}
        answer = await visitor.client.post("/desk/keluar", data={"token": good}, headers=origin)
        assert answer.status_code == 303
    async with Visitor(office.hub) as victim, Visitor(office.hub) as attacker:
        token = token_of(await attacker.get("/masuk"))
        answer = await victim.post("/masuk", token, officer=officer, password=PASSWORD)
        assert (answer.status_code, answer.headers.get("set-cookie")) == (403, None)


async def test_only_pages_of_the_desk_are_gone_to(office: Office) -> None:
    for asked in ("/desk/akun", "/desk?unit=dinas-pupr&lanjut=WzFd", "/desk/perkara/PI-2026-000001"):
        assert local_path(asked) == asked
    foreign = (
        "https://jahat.example/desk", "//jahat.example/desk", "/\\jahat.example", "/desk\\..\\x", "javascript:alert(1)",
        "/desk/../cek", "/desk/..", "/desk//jahat.example", "/desk\r\nSet-Cookie: a=b", "/deskripsi", "", "/",
        "/desk" + "/a" * 300, "/desk@jahat.example", " /desk", "/desk/akun#x",
    )  # fmt: skip
    for asked in foreign:
        assert local_path(asked) == "/desk", asked
    async with Visitor(office.hub) as visitor:
        await visitor.open_link("petugas-satpol-pp")
        await visitor.send("/desk/akun", "/desk/keluar")
        answer = await visitor.sign_in("petugas-satpol-pp", next="https://jahat.example/")
        assert answer.headers["location"] == "/desk"
        answer = await visitor.client.get("/masuk", params={"next": "//jahat.example"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
        await visitor.send("/desk/akun", "/desk/keluar")
        answer = await visitor.client.get("/desk/akun?selesai=sandi")
        assert answer.headers["location"] == "/masuk?next=%2Fdesk%2Fakun%3Fselesai%3Dsandi"


async def test_an_encrypted_connection_has_cookies_that_no_other_can_set(office: Office) -> None:
    assert office.hub.hub.app is not None
    transport = httpx.ASGITransport(office.hub.hub.app)
    async with Visitor(office.hub) as visitor:
        headers = visitor.client.headers
        visitor.client = httpx.AsyncClient(transport=transport, base_url="https://corong.example", headers=headers)
        answer = await visitor.open_link("petugas-bpkad")
        name, _, rest = answer.headers["set-cookie"].partition("=")
        assert name == "__Host-corong"
        assert {"Secure", "Path=/"} <= {part.strip() for part in rest.split(";")}
        assert "Domain" not in rest
        assert await is_in(visitor)
        planted = {"Cookie": f"{COOKIE}={answer.cookies[name]}"}
        visitor.client.cookies.clear()
        assert (await visitor.client.get("/desk/akun", headers=planted)).status_code == 303, "another host's cookie"


async def test_nothing_of_who_signs_in_is_logged(office: Office) -> None:
    with capture_logs() as lines:
        async with Visitor(office.hub) as visitor:
            await visitor.open_link("petugas-bappeda")
            await visitor.send("/desk/akun", "/desk/keluar")
            await visitor.sign_in("petugas-bappeda", "bukan ini sandinya")
            await visitor.sign_in("petugas-bappeda")
    told = [(line["means"], line["outcome"]) for line in lines if line["event"] == "sign-in"]
    assert told == [("link", "signed in"), ("password", "refused"), ("password", "signed in")]
    assert not [line for line in lines if any(word in str(line) for word in ("bappeda", PASSWORD, "127.0.0.1"))]
