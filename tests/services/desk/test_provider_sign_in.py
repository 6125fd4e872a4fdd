"""Coming in by a provider of another make: whom it knows and the directory names, and nobody by a forged answer."""

import asyncio
import base64
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio
from joserfc.jwk import RSAKey
from structlog.testing import capture_logs

from corong.desk.pages.admission import COOKIE
from corong.desk.pages.provider_page import BACK, THERE
from corong.desk.pages.provider_page import COOKIE as TRY
from tests.hubs import RunningHub, running_hub
from tests.peers.oidc_provider import OidcProvider, oidc_provider
from tests.peers.oidc_relay import DISCOVERY, KEYS, TOKEN, USERINFO, Relay, oidc_relay
from tests.services.desk.governed import SECRET, governed
from tests.services.desk.office import MovedClock, Office
from tests.services.desk.visitor import Visitor, signed_in
from tests.services.portal.citizen import text_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

OFFICER, OUT = "petugas-dinas-kesehatan", "petugas-dinas-sosial"
MAIL = "Kesehatan@asahan.example"


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcProvider]:
    with oidc_provider() as running:
        running.knows("ani", email=MAIL.lower(), email_verified=True, name="Ani Umpama")
        running.knows("ani-lain", email=MAIL, email_verified=False)
        running.knows("ani-diam", email=MAIL)
        running.knows("ani-kelvin", email=MAIL.replace("K", "\u212a"), email_verified=True)
        running.knows("ani-daftar", email=[MAIL], email_verified=True)
        running.knows("orang", email="orang@asahan.example", email_verified=True)
        running.knows("bekas", email="bekas@asahan.example", email_verified=True)
        yield running


@pytest.fixture(scope="module")
def between(provider: OidcProvider) -> Iterator[Relay]:
    with oidc_relay(provider.issuer) as running:
        yield running


@pytest.fixture
def relay(between: Relay) -> Iterator[Relay]:
    """The relay, honest at first."""
    between.spoil = {}
    yield between
    between.spoil = {}


@pytest.fixture(scope="module")
def clock() -> MovedClock:
    return MovedClock()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory, between: Relay, clock: MovedClock) -> AsyncIterator[RunningHub]:
    folder = tmp_path_factory.mktemp("provider")
    named = {OFFICER.replace("-", "_"): MAIL, OUT.replace("-", "_"): "bekas@asahan.example"}
    config = governed(folder, between.issuer, **named)
    officers = config / "officers.toml"
    officers.write_text(officers.read_text().replace(f'id = "{OUT}"\n', f'id = "{OUT}"\nactive = false\n'))
    async with running_hub(folder / "data", config=config, clock=clock) as running:
        yield running


async def went(visitor: Visitor, next: str = "/desk") -> str:
    """To the provider; its address."""
    answer = await visitor.client.get(THERE, params={"next": next})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def let_go(address: str, **form: str) -> str:
    """What the provider answers to who signs in there: where the browser comes back to."""
    async with httpx.AsyncClient(verify=False) as elsewhere:
        answer = await elsewhere.post(address, data=form)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


async def came(visitor: Visitor, subject: str = "ani", next: str = "/desk") -> httpx.Response:
    """The whole way, there and back."""
    return await visitor.client.get(await let_go(await went(visitor, next), sub=subject))


def word_of(answer: httpx.Response) -> str:
    """Why it did not go, as the door's address says it; nobody has come in then."""
    assert answer.status_code == 303
    assert COOKIE not in answer.cookies
    parts = urlsplit(answer.headers["location"])
    assert parts.path == "/masuk", answer.headers["location"]
    return parse_qs(parts.query)["gagal"][0]


async def is_in(visitor: Visitor) -> bool:
    return (await visitor.client.get("/desk/akun")).status_code == 200


async def test_an_officer_comes_in_and_lands_where_it_was_asked_for(hub: RunningHub, relay: Relay) -> None:
    async with Visitor(hub) as visitor:
        page = await visitor.get("/masuk?next=%2Fdesk%2Fakun%3Fselesai%3Dsandi")
        assert f'href="{THERE}?next=/desk/akun%3Fselesai%3Dsandi"' in page
        assert "Masuk dengan Akun Asahan" in text_of(page)
        with capture_logs() as logs:
            address = await went(visitor, "/desk/akun?selesai=sandi")
            asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
            assert asked["redirect_uri"] == f"{hub.url}{BACK}"
            assert asked["code_challenge_method"] == "S256"
            kept = visitor.client.cookies[TRY]
            assert asked["state"] not in kept
            answer = await visitor.client.get(await let_go(address, sub="ani"))
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk/akun?selesai=sandi")
        session = next(one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{COOKIE}="))
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in session.split(";")}
        assert TRY not in visitor.client.cookies, "the try is over"
        assert OFFICER in await visitor.get("/desk/akun")
        rows = hub.rows("desk", "SELECT officer, means FROM session")
        assert [(row["officer"], row["means"]) for row in rows] == [(OFFICER, "oidc")]
        answer = await visitor.client.get(THERE, params={"next": "//jahat.example"})
        assert answer.headers["location"] == "/desk", "who is in goes nowhere"
    authorization, form = relay.form()
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
    basic = base64.b64decode(authorization.removeprefix("Basic ")).decode()
    assert basic == f"corong%3Aasahan:{SECRET.replace(' ', '%20').replace('&', '%26')}"
    assert "client_secret" not in form
    assert {one["event"] for one in logs} == {"sign-in"}
    assert not any(told in str(logs) for told in (OFFICER, MAIL, "ani", SECRET)), logs


async def test_the_session_is_new_and_the_one_of_before_is_over(hub: RunningHub, relay: Relay) -> None:
    async with await signed_in(hub, "auditor-inspektorat") as visitor:
        before = visitor.client.cookies[COOKIE]
        visitor.client.cookies.delete(COOKIE)
        address = await let_go(await went(visitor), sub="ani")
        visitor.client.cookies.set(COOKIE, before, domain="127.0.0.1")
        answer = await visitor.client.get(address)
        assert answer.cookies[COOKIE] != before
        assert OFFICER in await visitor.get("/desk/akun")
        visitor.client.cookies.clear()
        visitor.client.cookies.set(COOKIE, before, domain="127.0.0.1")
        assert not await is_in(visitor)


@pytest.mark.parametrize("subject", ["orang", "bekas", "ani-lain", "ani-diam", "ani-kelvin", "ani-daftar", OFFICER])
async def test_nobody_is_made_an_officer_by_signing_in(hub: RunningHub, relay: Relay, subject: str) -> None:
    for language, told in (("id", "tidak tercatat untuk petugas"), ("en", "not noted for any officer")):
        async with Visitor(hub, language) as visitor:
            answer = await came(visitor, subject, "/desk/akun")
            assert word_of(answer) == "bukan-petugas"
            page = await visitor.get(answer.headers["location"], 403)
            assert told in text_of(page)
            assert 'name="password"' in page, "other ways remain"
            assert f"{THERE}?next=/desk/akun" in page
            assert not await is_in(visitor)


async def test_what_the_token_leaves_out_is_asked_of_userinfo(hub: RunningHub, relay: Relay) -> None:
    def bare(claims: dict[str, Any]) -> None:
        for name in ("email", "email_verified"):
            del claims[name]

    clocked(hub)
    relay.writes(bare)
    async with Visitor(hub) as visitor:
        assert (await came(visitor)).headers["location"] == "/desk"
    for spoil, word in (
        (lambda told: {**told, "sub": "orang"}, "ditolak"),
        (lambda told: {**told, "email_verified": "true"}, "bukan-petugas"),
        (lambda told: 500, "jauh"), (lambda told: b"<html>", "jauh"),
    ):  # fmt: skip
        relay.spoil[USERINFO] = spoil
        async with Visitor(hub) as visitor:
            assert word_of(await came(visitor)) == word


def clocked(hub: RunningHub, **time: float) -> None:
    """Let what is known of the provider grow old, by two hours."""
    clock = hub.hub.installation.clock
    assert isinstance(clock, MovedClock)
    clock.forward(**(time or {"hours": 2}))


def later(**changes: Any) -> Callable[[dict[str, Any]], None]:
    """Sets claims; a claim that is None is taken out."""

    def change(claims: dict[str, Any]) -> None:
        claims.update(changes)
        for name in [name for name, value in claims.items() if value is None]:
            del claims[name]

    return change


async def test_a_token_that_was_forged_on_the_way_lets_nobody_in(hub: RunningHub, relay: Relay) -> None:
    clocked(hub)
    relay.writes(later())
    async with Visitor(hub) as visitor:
        assert (await came(visitor)).headers["location"] == "/desk", "the same way is good where nothing is forged"
    strange = RSAKey.generate_key(2048, {"kid": "pengantara"})
    wrong: list[Callable[[], None]] = [
        lambda: relay.writes(later(nonce="lain")), lambda: relay.writes(later(nonce=None)),
        lambda: relay.writes(later(aud="klien-lain")), lambda: relay.writes(later(aud=["corong:asahan", "lain"])),
        lambda: relay.writes(later(iss="https://jahat.example")),
        lambda: relay.writes(later(exp=int(time.time()) - 90)),
        lambda: relay.writes(later(exp=None)), lambda: relay.writes(later(iat=int(time.time()) + 10**8)),
        lambda: relay.writes(later(sub=None)), lambda: relay.spoil.update({TOKEN: unsigned}),
        lambda: relay.spoil.update({TOKEN: lambda answer: {**answer, "id_token": None}}),
    ]  # fmt: skip
    for forge in wrong:
        relay.writes(later())
        forge()
        async with Visitor(hub) as visitor:
            assert word_of(await came(visitor)) == "ditolak"
            page = await visitor.get("/masuk?gagal=ditolak", 403)
            assert "tidak dapat dipercaya" in text_of(page)
            assert not await is_in(visitor)
    relay.key, known = strange, relay.key
    relay.writes(later())
    async with Visitor(hub) as visitor:
        assert word_of(await came(visitor)) == "ditolak", "another key under the known name"
    relay.key = known


def unsigned(answer: dict[str, Any]) -> object:
    """The token with `none` for its algorithm."""
    _, claims, _ = answer["id_token"].split(".")
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    return {**answer, "id_token": f"{header}.{claims}."}


async def test_a_new_key_of_the_provider_is_asked_for(hub: RunningHub, relay: Relay) -> None:
    clocked(hub)
    relay.writes(later())
    async with Visitor(hub) as visitor:
        assert (await came(visitor)).headers["location"] == "/desk"
    before = relay.key
    relay.key = RSAKey.generate_key(2048, {"kid": "baru"})
    relay.writes(later())
    async with Visitor(hub) as visitor:
        asked = len([one for one, *_ in relay.asked if one == f"GET {KEYS}"])
        assert word_of(await came(visitor)) == "ditolak", "not asked for twice in a minute"
        assert len([one for one, *_ in relay.asked if one == f"GET {KEYS}"]) == asked
        clocked(hub, minutes=2)
        assert (await came(visitor)).headers["location"] == "/desk"
    relay.key = before


async def test_only_the_browser_that_went_comes_back_and_once(hub: RunningHub, relay: Relay) -> None:
    clocked(hub)
    async with Visitor(hub) as visitor, Visitor(hub) as other:
        address = await let_go(await went(visitor), sub="ani")
        assert word_of(await other.client.get(address)) == "lama", "a browser that never went"
        await went(other)
        assert word_of(await other.client.get(address)) == "lama", "one that went for itself"
        code = parse_qs(urlsplit(address).query)["code"][0]
        kept = visitor.client.cookies[TRY]

        async def bring(cookie: str = kept, **query: str) -> httpx.Response:
            visitor.client.cookies.clear()
            visitor.client.cookies.set(TRY, cookie, domain="127.0.0.1")
            return await visitor.client.get(BACK, params=query)

        state = parse_qs(urlsplit(address).query)["state"][0]
        for query in ({"code": code}, {"code": code, "state": ""}, {"code": code, "state": state[:-1]}):
            assert word_of(await bring(**query)) == "lama"
        assert word_of(await bring(f"{kept[:-1]}x", code=code, state=state)) == "lama"
        for query in ({}, {"code": ""}, {"code": "x" * 5000}, {"code": "lain"}):
            assert word_of(await bring(state=state, **query)) == "ditolak"
        other_issuer = await bring(state=state, code=code, iss="https://jahat.example")
        assert word_of(other_issuer) == "ditolak"
        first: list[dict[str, Any]] = []

        def kept_too(answer: dict[str, Any]) -> object:
            first.append(answer)
            return answer

        relay.spoil[TOKEN] = kept_too
        assert (await bring(state=state, code=code, iss=relay.issuer)).headers["location"] == "/desk"
        relay.spoil = {}
        assert word_of(await bring(state=state, code=code)) == "ditolak", "the provider takes a code once"
        relay.spoil[TOKEN] = lambda answer: first[0]
        # A provider that takes it again: the try is spent all the same.
        assert word_of(await bring(state=state, code=await code_for(visitor, relay))) == "ditolak"
    async with Visitor(hub) as late:
        address = await let_go(await went(late), sub="ani")
        clocked(hub, minutes=11)
        assert word_of(await late.client.get(address)) == "lama"


async def code_for(visitor: Visitor, relay: Relay) -> str:
    """A code that the provider would take, of another try."""
    async with Visitor(visitor.hub) as other:
        return parse_qs(urlsplit(await let_go(await went(other), sub="ani")).query)["code"][0]


async def test_who_says_no_there_is_told_so(hub: RunningHub, relay: Relay) -> None:
    async with Visitor(hub) as visitor:
        back = await let_go(await went(visitor), action="deny")
        assert word_of(await visitor.client.get(back)) == "batal"
        state = parse_qs(urlsplit(await went(visitor, "/desk/akun")).query)["state"][0]
        answer = await visitor.client.get(BACK, params={"state": state, "error": "access_denied"})
        assert answer.headers["location"] == "/masuk?gagal=batal&next=%2Fdesk%2Fakun"
        assert "tidak jadi" in text_of(await visitor.get(answer.headers["location"], 403))
        state = parse_qs(urlsplit(await went(visitor)).query)["state"][0]
        answer = await visitor.client.get(BACK, params={"state": state, "error": "server_error"})
        assert word_of(answer) == "jauh"


async def test_no_other_site_is_gone_to(hub: RunningHub, relay: Relay) -> None:
    for asked in ("https://jahat.example/desk", "//jahat.example", "/\\jahat.example", "javascript:alert(1)"):
        async with Visitor(hub) as visitor:
            assert (await came(visitor, next=asked)).headers["location"] == "/desk"
    async with Visitor(hub) as visitor:
        page = (await visitor.get("/masuk?gagal=%3Cscript%3E&next=//jahat.example")).partition("<main")[2]
        assert "jahat" not in page
        assert f'href="{THERE}?next=/desk"' in page
        assert 'role="alert"' not in page


async def test_a_provider_that_is_away_leaves_the_other_ways(hub: RunningHub, relay: Relay) -> None:
    bad: list[Callable[[dict[str, Any]], object]] = [
        lambda told: None, lambda told: 500, lambda told: b"<html>", lambda told: [told], lambda told: b"x" * 1_100_000,
        lambda told: {**told, "issuer": "https://jahat.example"}, lambda told: {**told, "issuer": f"{told['issuer']}/"},
        lambda told: {**told, "token_endpoint": "http://jahat.example/token"}, lambda told: {**told, "jwks_uri": None},
        lambda told: {**told, "authorization_endpoint": "javascript:alert(1)"},
    ]  # fmt: skip
    for spoil in bad:
        clocked(hub)
        relay.spoil = {DISCOVERY: spoil}
        async with Visitor(hub, "en") as visitor:
            answer = await visitor.client.get(THERE)
            assert word_of(answer) == "jauh"
            page = await visitor.get(answer.headers["location"], 503)
            assert "Akun Asahan can't be reached at present" in text_of(page)
            assert 'name="password"' in page
    asked = len(relay.asked)
    async with Visitor(hub) as visitor:
        assert word_of(await visitor.client.get(THERE)) == "jauh"
    assert len(relay.asked) == asked, "it is left alone for a moment"
    relay.spoil = {}
    clocked(hub, seconds=6)
    async with Visitor(hub) as visitor:
        address = await let_go(await went(visitor), sub="ani")
        for spoil in (lambda told: None, lambda told: 502, lambda told: b"{"):
            relay.spoil = {TOKEN: spoil}
            kept = visitor.client.cookies.get(TRY)
            assert word_of(await visitor.client.get(address)) == "jauh"
            visitor.client.cookies.set(TRY, kept or "", domain="127.0.0.1")


async def test_a_secret_that_is_missing_is_told_in_the_log(hub: RunningHub, relay: Relay) -> None:
    entry = hub.hub.installation.directory.hub.sign_in_provider
    assert entry is not None
    assert entry.client_secret.file is not None
    secret, away = entry.client_secret.file, Path(f"{entry.client_secret.file}.away")
    await asyncio.to_thread(secret.rename, away)
    try:
        async with Visitor(hub) as visitor:
            with capture_logs() as logs:
                assert word_of(await came(visitor)) == "jauh"
    finally:
        await asyncio.to_thread(away.rename, secret)
    assert any(one.get("why") == "the client's secret is missing" for one in logs)


async def test_answers_that_do_not_hold_are_counted(hub: RunningHub, relay: Relay) -> None:
    clocked(hub)
    async with Visitor(hub) as visitor:
        words = []
        for _ in range(21):
            state = parse_qs(urlsplit(await went(visitor)).query)["state"][0]
            words.append(word_of(await visitor.client.get(BACK, params={"state": state, "code": "tebakan"})))
        assert words == ["ditolak"] * 20 + ["sering"]
        page = await visitor.get("/masuk?gagal=sering", 429)
        assert "Tunggu sepuluh menit" in text_of(page)


@pytest.mark.asyncio(loop_scope="package")
async def test_without_a_provider_there_is_none_of_it(office: Office) -> None:
    async with Visitor(office.hub) as visitor:
        assert "penyedia" not in await visitor.get("/masuk?gagal=jauh")
        for path in (THERE, BACK):
            await visitor.get(path, 404)
