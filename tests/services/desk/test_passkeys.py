"""What a passkey signed is taken once, from the browser and for the purpose that it was asked for, at one site."""

import secrets
from dataclasses import replace
from typing import Any

import pytest

from corong.desk.access.passkeys import SECONDS, BadPasskey, Known, Passkeys, Site, credential_of, site_of
from corong.runtime.deployment_key import DeploymentKey
from tests.services.desk.authenticator import PRESENT, Authenticator, coded
from tests.services.desk.office import Office
from tests.services.desk.visitor import PASSWORD, Visitor, signed_in, token_of

SITE = Site("localhost", "http://localhost", "Uji")
NOW = 1_800_000_000
BROWSER = "peramban-ini"


@pytest.fixture
def passkeys() -> Passkeys:
    return Passkeys(DeploymentKey(secrets.token_bytes(32)))


def registered(passkeys: Passkeys, phone: Authenticator) -> Known:
    made = phone.make(passkeys.creation(SITE, "ani", "Ani", [], BROWSER, NOW))
    return passkeys.registered(SITE, made, BROWSER, NOW)[0]


def test_what_was_made_can_be_used(passkeys: Passkeys) -> None:
    phone = Authenticator(count=7)
    known = registered(passkeys, phone)
    assert (known.credential, known.count) == (phone.id, 7)
    phone.count = 8
    said = phone.use(passkeys.request(SITE, BROWSER, NOW))
    assert credential_of(said) == phone.id
    count, challenge = passkeys.signed(SITE, said, known, BROWSER, NOW + SECONDS - 1)
    assert (count, challenge.expires) == (8, NOW + SECONDS)
    with pytest.raises(BadPasskey):
        passkeys.signed(SITE, said, known, BROWSER, NOW + SECONDS)


def test_an_officers_passkeys_stay_one_person_when_the_key_is_changed() -> None:
    key = DeploymentKey(secrets.token_bytes(32))
    later = DeploymentKey(key.successor(secrets.token_bytes(32)))
    before, after = (Passkeys(each).creation(SITE, "ani", "Ani", [], BROWSER, NOW) for each in (key, later))
    assert before.split('"user"')[1].split('"name"')[0] == after.split('"user"')[1].split('"name"')[0]
    phone = Authenticator()
    known = registered(Passkeys(key), phone)
    assert Passkeys(later).signed(SITE, phone.use(Passkeys(key).request(SITE, BROWSER, NOW)), known, BROWSER, NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "jahat.example"},
        {"origin": "https://jahat.example"},
        {"origin": "http://localhost:9"},
        {"flags": 0},
        {"flags": PRESENT},  # nobody was verified: a finger on a stolen key is not enough
        {"count": 6},  # a copy: it counted on from an old state
        {"key": Authenticator().key},
    ],
    ids=("host", "origin", "port", "nobody", "not verified", "copy", "key"),
)
def test_an_answer_of_another_site_or_authenticator_is_refused(passkeys: Passkeys, wrong: dict[str, Any]) -> None:
    phone = Authenticator(count=7)
    known = registered(passkeys, phone)
    other = replace(phone, **{"count": 8, **wrong})
    with pytest.raises(BadPasskey):
        passkeys.signed(SITE, other.use(passkeys.request(SITE, BROWSER, NOW)), known, BROWSER, NOW)
    if "count" not in wrong and "key" not in wrong:
        made = other.make(passkeys.creation(SITE, "ani", "Ani", [], BROWSER, NOW))
        with pytest.raises(BadPasskey):
            passkeys.registered(SITE, made, BROWSER, NOW)


def test_a_challenge_is_of_one_purpose_and_one_browser(passkeys: Passkeys) -> None:
    phone = Authenticator()
    known = registered(passkeys, phone)
    creation = passkeys.creation(SITE, "ani", "Ani", [], BROWSER, NOW)
    request = passkeys.request(SITE, BROWSER, NOW)
    strange = Passkeys(DeploymentKey(secrets.token_bytes(32))).request(SITE, BROWSER, NOW)
    for options in (
        creation,
        strange,
        passkeys.request(SITE, "peramban lain", NOW),
        f'{{"challenge": "{coded(b"x")}"}}',
    ):
        with pytest.raises(BadPasskey):
            passkeys.signed(SITE, phone.use(options), known, BROWSER, NOW)
    with pytest.raises(BadPasskey):
        passkeys.registered(SITE, phone.make(request), BROWSER, NOW)
    with pytest.raises(BadPasskey):
        passkeys.signed(SITE, phone.use(request, type="webauthn.create"), known, BROWSER, NOW)


def test_what_is_no_answer_at_all(passkeys: Passkeys) -> None:
    phone = Authenticator()
    known = registered(passkeys, phone)
    good = phone.use(passkeys.request(SITE, BROWSER, NOW))
    parts = good["response"]
    bad: list[dict[str, Any]] = [
        {}, {"response": {}}, {"response": None}, {**good, "response": "x"},
        {**good, "response": {**parts, "clientDataJSON": "e30"}}, {**good, "response": {**parts, "clientDataJSON": 7}},
        {**good, "response": {**parts, "signature": ""}}, {**good, "response": {**parts, "authenticatorData": "AAAA"}},
        {**good, "type": "password"}, {**good, "rawId": coded(b"other")}, {**good, "rawId": 5},
    ]  # fmt: skip
    for one in bad:
        with pytest.raises(BadPasskey):
            passkeys.signed(SITE, one, known, BROWSER, NOW)
    for one in ({}, {"rawId": None}, {"rawId": 5}, {"rawId": "é"}):
        with pytest.raises(BadPasskey):
            credential_of(one)
    assert passkeys.signed(SITE, good, known, BROWSER, NOW)


def test_where_passkeys_can_work() -> None:
    assert site_of("https://corong.asahan.example", "corong.asahan.example", "A") is not None
    assert site_of("http://localhost:8080", "localhost", "A") is not None
    for base, asked in (
        ("http://corong.asahan.example", "corong.asahan.example"), ("https://127.0.0.1", "127.0.0.1"),
        ("http://127.0.0.1:8080", "127.0.0.1"), ("https://[::1]", "::1"), ("https://corong.asahan.example", "10.0.0.7"),
    ):  # fmt: skip
        assert site_of(base, asked, "A") is None, base


@pytest.mark.asyncio(loop_scope="package")
async def test_a_passkey_that_does_not_count_is_taken_once_too(office: Office) -> None:
    officer = "petugas-dinas-damkar"
    url = office.hub.url.replace("127.0.0.1", "localhost")
    phone = Authenticator(origin=url)
    async with Visitor(office.hub) as visitor, await signed_in(office.hub, "petugas-bpbd") as other:
        visitor.client.base_url = url
        assert (await visitor.open_link(officer)).status_code == 303
        headers = {"Accept": "application/json", "X-Corong-Token": token_of(await visitor.get("/desk/akun"))}

        async def send(path: str, body: dict[str, Any], status: int) -> Any:
            answer = await visitor.client.post(path, json=body, headers=headers)
            assert answer.status_code == status, answer.text
            return answer

        await send("/desk/akun/kunci/mulai", {"password": "bukan"}, 403)
        options = (await send("/desk/akun/kunci/mulai", {"password": PASSWORD}, 200)).text
        made = {"credential": phone.make(options)}
        assert (await send("/desk/akun/kunci", made, 200)).json() == {"to": "/desk/akun?selesai=kunci"}
        await send("/desk/akun/kunci", made, 403)
        (row,) = office.hub.rows("desk", "SELECT id, officer FROM passkey")
        assert row["officer"] == officer
        await other.send("/desk/akun", f"/desk/akun/kunci/{row['id']}/hapus")
        assert len(office.hub.rows("desk", "SELECT id FROM passkey")) == 1, "another's stays"

        await visitor.send("/desk/akun", "/desk/keluar")
        headers["X-Corong-Token"] = token_of(await visitor.get("/masuk"))
        options = (await send("/masuk/kunci/mulai", {}, 200)).text
        said = {"credential": phone.use(options), "next": "https://jahat.example"}
        answer = await send("/masuk/kunci", said, 200)
        assert answer.json() == {"to": "/desk"}
        assert "HttpOnly" in answer.headers["set-cookie"]
        assert (await send("/masuk/kunci", said, 403)).json()["code"] == "bad_passkey"
        headers["X-Corong-Token"] = "x"
        assert (await send("/masuk/kunci/mulai", {}, 403)).json()["code"] == "foreign_form"
        assert (await other.client.post("/masuk/kunci/mulai", headers=headers)).status_code == 409, "no name"
