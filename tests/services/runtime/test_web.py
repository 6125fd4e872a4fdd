"""The HTTP side: too big is refused before it is read, every answer has the headers, every problem says what to do."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI, Header, Request
from pydantic import BaseModel, Field

from corong.runtime import tokens
from corong.runtime.installation import Installation
from corong.runtime.policy import Action, Scope, authorise
from corong.runtime.refusal import Refused
from corong.runtime.serving import HttpPort
from corong.runtime.settings import Settings
from corong.runtime.web import SECURITY_HEADERS, Bearer, Checked, make_app

LIMIT = 10_000
MARK = "IbuSriWahyuni"
OFFICER = "petugas-dinas-pupr"


class Body(BaseModel):
    """What the test's door takes."""

    words: str = Field(max_length=50)
    inner: list[Annotated[int, Field(ge=1)]] = []


class Seen:
    """What the application itself got to read."""

    bytes = 0
    calls = 0


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation.open(Settings(data=tmp_path), create=True)


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def app(installation: Installation, seen: Seen) -> FastAPI:
    app = make_app([], LIMIT)
    bearer = Bearer(installation)

    @app.post("/door")
    async def door(body: Body, key: Annotated[str, Header(alias="Idempotency-Key")]) -> dict[str, str]:
        seen.calls += 1
        return {"words": body.words}

    @app.post("/raw")
    async def raw(request: Request) -> dict[str, int]:
        async for part in request.stream():
            seen.bytes += len(part)
        return {"bytes": seen.bytes}

    @app.get("/refused")
    async def refuse(status: int = 409) -> None:
        raise Refused(status, "not_now", "Jangan sekarang.", "Not now.", ["when"])

    @app.get("/forbidden")
    async def forbid(request: Request) -> None:
        authorise(bearer.officer(request), Action.DEAD_DROP, Scope())

    @app.get("/officer")
    async def officer(request: Request) -> str:
        return bearer.officer(request).id

    @app.get("/fault")
    async def fault() -> None:
        raise RuntimeError(MARK)

    return app


@pytest_asyncio.fixture
async def port(app: FastAPI) -> AsyncIterator[int]:
    """The application, on a real server."""
    http = HttpPort("127.0.0.1", 0)
    http.listen()
    serving = asyncio.create_task(http.serve(app))
    yield http.port
    http.stop()
    await serving
    http.close()


@pytest_asyncio.fixture
async def client(port: int) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
        yield client


GOOD = {"words": "halo"}
KEY = {"Idempotency-Key": "k"}


def checked(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """A problem as RFC 9457 has it, with the security headers."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:corong:problem:{code}")
    assert body["title"]
    assert body["detail"]
    has_headers(answer)
    return body


def has_headers(answer: httpx.Response) -> None:
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name.decode()] == value.decode()


async def test_every_kind_of_answer_has_the_security_headers(client: httpx.AsyncClient) -> None:
    good = await client.post("/door", json=GOOD, headers=KEY)
    assert (good.status_code, good.json()) == (200, GOOD)
    has_headers(good)
    for path in ("/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"):
        answer = await client.get(path)
        assert answer.status_code == 200
        has_headers(answer)
    checked(await client.get("/nowhere"), 404, "not_found")
    wrong_way = await client.get("/door")
    checked(wrong_way, 405, "method_not_allowed")
    assert wrong_way.headers["allow"] == "POST"
    checked(await client.get("/refused"), 409, "not_now")
    checked(await client.get("/fault"), 500, "fault")
    checked(await client.post("/door", content=b"x" * (LIMIT + 1), headers=KEY), 413, "too_big")


async def test_a_fault_tells_nothing_of_itself(client: httpx.AsyncClient) -> None:
    answer = await client.get("/fault")
    assert MARK not in answer.text
    assert "RuntimeError" not in answer.text


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"json": {"words": "x" * 60}, "headers": KEY}, ["words"]),
        ({"json": {"words": 7}, "headers": KEY}, ["words"]),
        ({"json": {"words": "a", "inner": [1, 0, "z"]}, "headers": KEY}, ["inner.1", "inner.2"]),
        ({"json": {}, "headers": KEY}, ["words"]),
        ({"json": GOOD}, ["Idempotency-Key"]),
        ({"json": [], "headers": KEY}, ["body"]),
        ({"content": b"", "headers": KEY}, ["body"]),
    ],
    ids=["long", "type", "inner", "missing", "header", "list", "empty"],
)
async def test_what_is_wrong_is_told_field_by_field(
    client: httpx.AsyncClient, given: dict[str, Any], fields: list[str]
) -> None:
    problem = checked(await client.post("/door", **given), 422, "invalid")
    assert problem["fields"] == fields
    assert [error["field"] for error in problem["errors"]] == fields
    assert all(error["reason"] and "The" not in error["reason"] for error in problem["errors"])


async def test_why_a_field_is_wrong_is_told_in_the_readers_language(client: httpx.AsyncClient) -> None:
    said = {}
    for language in ("id", "en"):
        answer = await client.post(
            "/door", json={"words": MARK * 30, "inner": ["z"], MARK: MARK}, headers={**KEY, "Accept-Language": language}
        )
        problem = checked(answer, 422, "invalid")
        said[language] = {error["pointer"]: error["reason"] for error in problem["errors"]}
        assert f"words: {said[language]['/words']}" in problem["detail"]
        assert MARK not in answer.text
    assert said["en"]["/inner/0"] == "must be a whole number"
    assert said["id"]["/inner/0"] == "harus bilangan bulat"
    assert said["id"]["/words"] == "paling banyak 50 karakter"


async def test_a_body_that_is_no_json_is_told_with_its_place(client: httpx.AsyncClient) -> None:
    headers = {**KEY, "Content-Type": "application/json"}
    content = '{"words": "é",\n "inner": [1,,2]}'.encode()
    problem = checked(await client.post("/door", content=content, headers=headers), 422, "invalid")
    assert problem["detail"] == "Isi kiriman bukan JSON: baris 2, kolom 14"
    assert problem["fields"] == ["body"]
    english = await client.post("/door", content=content, headers={**headers, "Accept-Language": "en"})
    assert english.json()["detail"] == "The body is not JSON: line 2, column 14"


@pytest.mark.parametrize("content", [b"{", b'{"words": "\xff"}', b"\xff\xfe", b"words=a", b'{"words": "\\ud800"}'])
async def test_what_is_no_json_is_the_senders_affair(client: httpx.AsyncClient, content: bytes) -> None:
    headers = {**KEY, "Content-Type": "application/json"}
    answer = await client.post("/door", content=content, headers=headers)
    checked(answer, 422, "invalid")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x", ""])
async def test_another_content_type_is_refused(client: httpx.AsyncClient, kind: str, seen: Seen) -> None:
    answer = await client.post("/door", content=b'{"words": "a"}', headers={**KEY, "Content-Type": kind})
    assert answer.status_code in (415, 422)
    checked(answer, answer.status_code, answer.json()["code"])
    assert seen.calls == 0


async def test_problems_speak_the_readers_language(client: httpx.AsyncClient) -> None:
    said = {}
    for language in ("", "id", "en-GB,en;q=0.9", "fr", "id;q=0.1, en;q=0.2"):
        answer = await client.get("/refused", headers={"Accept-Language": language})
        said[language] = checked(answer, 409, "not_now")["detail"]
    indonesian, english = "Jangan sekarang.", "Not now."
    assert list(said.values()) == [indonesian, indonesian, english, indonesian, english]
    assert (await client.get("/refused")).json()["fields"] == ["when"]


async def test_401_and_503_say_what_the_standards_ask_for(client: httpx.AsyncClient) -> None:
    answer = await client.get("/officer")
    checked(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert (await client.get("/refused?status=503")).headers["retry-after"] == "5"


async def test_a_token_opens_its_own_kind_of_door(client: httpx.AsyncClient, installation: Installation) -> None:
    secret, directory = installation.key.tokens, installation.directory

    def token(kind: tokens.TokenKind, holder: str) -> dict[str, str]:
        generation = directory.token_generation(kind, holder)
        assert generation is not None
        return {"Authorization": f"Bearer {tokens.issue(secret, kind, holder, generation=generation)}"}

    officer = token("officer", OFFICER)
    assert (await client.get("/officer", headers=officer)).json() == OFFICER
    lower = {"Authorization": officer["Authorization"].replace("Bearer", "bearer")}
    assert (await client.get("/officer", headers=lower)).json() == OFFICER
    checked(await client.get("/forbidden", headers=officer), 403, "role_has_no_such_right")
    for headers in (
        token("account", "api-contoh"),
        {"Authorization": officer["Authorization"][:-2]},
        {"Authorization": officer["Authorization"].replace("Bearer", "Basic")},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer \xe9"},
        {"Authorization": ""},
    ):
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        checked(await client.get("/officer", headers=raw), 401, "unauthenticated")


async def test_up_to_the_limit_is_taken(client: httpx.AsyncClient, seen: Seen) -> None:
    assert (await client.post("/raw", content=b"x" * LIMIT)).json() == {"bytes": LIMIT}
    answer = await client.post("/raw", content=b"x" * (LIMIT + 1))
    problem = checked(answer, 413, "too_big")
    assert "9 kB" in problem["detail"]
    assert seen.bytes == LIMIT, "a body that is told too big is not looked at"


async def chunks(count: int, size: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * size


@pytest.mark.parametrize("path", ["/raw", "/door"])
async def test_a_body_of_untold_length_is_counted(client: httpx.AsyncClient, path: str, seen: Seen) -> None:
    headers = {**KEY, "Content-Type": "application/json"}
    answer = await client.post(path, content=chunks(11, 1000), headers=headers)
    checked(answer, 413, "too_big")
    assert seen.bytes <= LIMIT
    assert seen.calls == 0


async def test_a_body_without_end_is_not_read_whole(port: int, seen: Seen) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = "POST /raw HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    writer.write(head.encode())
    sent = 0
    chunk = b"2000\r\n" + b"x" * 0x2000 + b"\r\n"
    answer = asyncio.create_task(reader.read(65_536))
    with contextlib.suppress(ConnectionError):
        while not answer.done() and sent < 200_000_000:
            writer.write(chunk)
            await writer.drain()
            sent += 0x2000
    assert b" 413 " in (await asyncio.wait_for(answer, 10)).split(b"\r\n")[0]
    assert sent < 200_000_000
    assert seen.bytes <= LIMIT
    writer.close()


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "+5", "9" * 30, ""])
async def test_a_length_that_is_none_is_refused(port: int, seen: Seen, length: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"POST /raw HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\nxxxxx".encode())
    await writer.drain()
    status = (await asyncio.wait_for(reader.readline(), 10)).split(b" ")[1]
    assert status in (b"400", b"413")
    assert seen.bytes == 0
    writer.close()


async def test_readyz_asks_the_services(installation: Installation) -> None:
    class Waiting:
        name = "intake"
        missing: dict[str, str] = {"broker": "not connected"}  # noqa: RUF012

        async def ready(self) -> dict[str, str]:
            return self.missing

    service = Waiting()
    transport = httpx.ASGITransport(app=make_app([service], LIMIT))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()) == (
            503,
            {"ready": False, "missing": {"intake": {"broker": "not connected"}}},
        )
        service.missing = {}
        assert (await client.get("/readyz")).json() == {"ready": True, "missing": {}}
        assert (await client.get("/healthz")).text == "ok\n"


class Silent:
    """A part that never says whether it is ready, as where the broker is stopped and keeps its connections."""

    name = "silent"

    def __init__(self) -> None:
        self.cancelled = False

    async def ready(self) -> dict[str, str]:
        try:
            await asyncio.Event().wait()
        finally:
            self.cancelled = True
        return {}


class Broken:
    """A part that can't say."""

    name = "broken"

    async def ready(self) -> dict[str, str]:
        raise OSError(MARK)


class Lacking:
    """A part that says what it lacks."""

    def __init__(self, name: str, found: dict[str, str]) -> None:
        self.name = name
        self._found = found

    async def ready(self) -> dict[str, str]:
        return self._found


async def test_readiness_does_not_wait_for_who_is_silent_and_names_everything_missing() -> None:
    silent = Silent()
    parts: list[Checked] = [silent, Broken(), Lacking("away", {"broker": "not connected"}), Lacking("well", {})]
    app = make_app(parts, LIMIT, ready_seconds=0.05)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://hub") as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "ready": False,
        "missing": {
            "silent": {"answer": "none within 0.05 s"},
            "broken": {"answer": "OSError"},
            "away": {"broker": "not connected"},
        },
    }
    assert silent.cancelled, "nothing goes on asking behind the answer"
