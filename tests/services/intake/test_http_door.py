"""`POST /api/v1/messages`: 202 after the commit alone, and a refusal that says which field and why."""

import asyncio
import base64
import json
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from corong.runtime.sealing import sealed_field
from corong_contracts.channel import MAX_ATTACHMENTS, MAX_TEXT
from corong_contracts.message import MessageReceived
from tests.services.intake.doors import Door, open_door

MARK = "ZqIsiPesan"
BODY: dict[str, Any] = {"text": "Jalan rusak.", "sender": {"address": "warga-1", "name": "Warga"}}
PATH = "/api/v1/messages"


async def post(
    door: Door, body: Any = BODY, key: str | None = "k-1", account: str | None = "api-contoh"
) -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    async with door.client(account) as client:
        if isinstance(body, bytes):
            return await client.post(PATH, content=body, headers={"Content-Type": "application/json", **headers})
        return await client.post(PATH, json=body, headers=headers)


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["code"] == code
    assert MARK not in answer.text
    return body


async def test_accepted_with_number_and_secret(door: Door) -> None:
    answer = await post(door)
    assert answer.status_code == 202
    body = answer.json()
    (event_,) = door.events(MessageReceived)
    assert body["registration"] == body["receipt"]["registration"]
    assert body["receipt"]["case_id"] == str(event_.correlationid)
    case, sealer = str(event_.correlationid), door.installation.sealer
    assert isinstance(event_.data, MessageReceived)
    assert body["receipt"]["secret"] == sealer.receipt_secret(event_.data.content.key, case)
    assert body["status_url"].startswith("/cek")


async def test_everything_that_may_be_said(door: Door) -> None:
    full = {
        **BODY,
        "subject": "Jalan",
        "thread": ["k-0"],
        "visibility": "public",
        "kind": "complaint",
        "sent_at": "2026-06-30T23:00:00+07:00",
        "attachments": [{"name": "a.txt", "media_type": "text/plain", "content": base64.b64encode(b"isi").decode()}],
    }
    assert (await post(door, full)).status_code == 202
    (event_,) = door.events(MessageReceived)
    data = event_.data
    assert isinstance(data, MessageReceived)
    assert (data.visibility, len(data.thread_keys), len(data.attachments)) == ("public", 1, 1)
    assert data.sent_at is not None
    assert data.sent_at.isoformat() == "2026-06-30T16:00:00+00:00"
    assert await door.installation.objects.get(data.content.key, data.attachments[0]) == b"isi"


async def test_what_is_given_apart_from_the_text_is_sealed_with_it(door: Door) -> None:
    given = {
        **BODY,
        "kind": "objection",
        "particulars": {"name": MARK, "purpose": "skripsi", "obtain": "copy", "send": "email"},
        "objection": {"request": "PI/2026/000001", "grounds": ["b", "c"]},
    }
    assert (await post(door, given)).status_code == 202
    (event_,) = door.events(MessageReceived)
    content = door.installation.sealer.open_json(sealed_field(event_, "content"))
    assert content["particulars"] == given["particulars"]
    assert content["objection"] == given["objection"]
    assert MARK.encode() not in b"".join(door.bodies())
    problem(await post(door, {**given, "particulars": {"name": "Lain"}}), 422, "key_reused")


async def test_a_stranger_is_told_so_before_anything_is_read(door: Door) -> None:
    for body in ({}, b"{", BODY):
        problem(await post(door, body, key=None, account=None), 401, "unauthenticated")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"text": "  \n "}, "text"),
        ({"text": "\u202e\u200b"}, "text"),
        ({"sender": {"address": "  "}}, "sender.address"),
        ({"sender": {"address": "w", "phone": "08"}}, "sender.phone"),
        ({"particulars": {"nik": "1209"}}, "particulars.nik"),
        ({"objection": {"request": "PI/2026/000001", "grounds": ["a"], "ground": "b"}}, "objection.ground"),
        ({"objection": {"request": "PI/2026/000001", "grounds": []}}, "objection.grounds"),
        ({"attachments": [{"content": "!!"}]}, "attachments.0.content"),
        ({"attachments": [{"content": "-_-_"}]}, "attachments.0.content"),
        ({"attachments": [{"content": "aXNp", "filename": "x"}]}, "attachments.0.filename"),
    ],
)
async def test_what_says_nothing_or_is_not_known_is_named(door: Door, changed: dict[str, Any], field: str) -> None:
    assert problem(await post(door, {**BODY, **changed}), 422, "invalid")["fields"] == [field]
    assert door.events(MessageReceived) == []


async def test_the_same_key_again(door: Door) -> None:
    first = (await post(door)).json()
    again = await post(door)
    assert again.status_code == 202
    assert again.json()["receipt"] == {**first["receipt"], "status": "duplicate"}
    other = problem(await post(door, {**BODY, "text": MARK}), 422, "key_reused")
    assert other["fields"] == ["Idempotency-Key"]
    async with door.client("web") as client:
        elsewhere = await client.post(PATH, json=BODY, headers={"Idempotency-Key": "k-1"})
    assert elsewhere.json()["receipt"]["status"] == "registered", "a key belongs to its account"


async def test_many_with_one_key_at_the_same_moment(door: Door) -> None:
    answers = await asyncio.gather(*(post(door) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["registration"] for answer in answers}) == 1
    assert len(door.events()) == 2


@pytest.mark.parametrize("token", [None, "", "Bearer", f"Bearer {MARK}", f"Basic {MARK}", "Bearer a.b.c"])
async def test_who_is_nobody_is_told_so(door: Door, token: str | None) -> None:
    async with door.client(None) as client:
        headers = {"Idempotency-Key": "k-1", **({"Authorization": token} if token is not None else {})}
        answer = await client.post(PATH, json=BODY, headers=headers)
    problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert door.bodies() == []


FIELDS: list[tuple[dict[str, Any], list[str]]] = [
    ({"text": ""}, ["text"]),
    ({"text": None}, ["text"]),
    ({"text": 7}, ["text"]),
    ({"text": "x" * (MAX_TEXT + 1)}, ["text"]),
    ({"sender": {}}, ["sender.address"]),
    ({"sender": {"address": ""}}, ["sender.address"]),
    ({"sender": {"address": "x" * 321}}, ["sender.address"]),
    ({"sender": {"address": "x", "name": "y" * 201}}, ["sender.name"]),
    ({"sender": MARK}, ["sender"]),
    ({"subject": "x" * 999}, ["subject"]),
    ({"thread": ["x"] * 65}, ["thread"]),
    ({"thread": ["ok", "", "x" * 256]}, ["thread.1", "thread.2"]),
    ({"visibility": MARK}, ["visibility"]),
    ({"kind": MARK}, ["kind"]),
    ({"sent_at": MARK}, ["sent_at"]),
    ({"sent_at": "2026-06-30T23:00:00"}, ["sent_at"]),
    ({"attachments": [{"name": "a"}] * (MAX_ATTACHMENTS + 1)}, ["attachments"]),
    ({"attachments": [{"name": "a", "content": f"{MARK}!"}]}, ["attachments.0.content"]),
    ({"attachments": [{"name": "x" * 256, "content": ""}]}, ["attachments.0.name"]),
    ({"txet": "x"}, ["txet"]),
    ({"text": "", "subject": 7, "kind": 1}, ["kind", "subject", "text"]),
]


@pytest.mark.parametrize(("other", "fields"), FIELDS, ids=lambda value: str(value)[:40])
async def test_what_is_wrong_is_told_field_by_field(door: Door, other: dict[str, Any], fields: list[str]) -> None:
    told = problem(await post(door, {**BODY, **other}), 422, "invalid")
    assert [name for name in told["fields"] if not name.startswith("attachments") or name in fields] == fields
    assert door.bodies() == []


@pytest.mark.parametrize("key", [None, "", "x" * 256])
async def test_the_key_is_needed(door: Door, key: str | None) -> None:
    assert problem(await post(door, key=key), 422, "invalid")["fields"] == ["Idempotency-Key"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", MARK.encode(), b'{"text": "\xff"}', b"\xff\xfe{\x00}\x00", b"[]", b"null", b'"x"',
     json.dumps(BODY).encode()[:-1], b'{"text": NaN}', b"[" * 5_000],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
async def test_a_body_that_is_no_message(door: Door, body: bytes) -> None:
    problem(await post(door, body), 422, "invalid")


@pytest.mark.parametrize("field", ["text", "subject", "name", "address", "thread"])
async def test_half_a_character_is_the_senders_affair(door: Door, field: str) -> None:
    body = json.dumps({**BODY, "subject": "s", "thread": ["t"]})
    old = {"text": "Jalan rusak.", "subject": '"s"', "name": "Warga", "address": "warga-1", "thread": '"t"'}[field]
    half = body.replace(old, '"\\ud800"' if old.startswith('"') else f"{old}\\ud800", 1)
    assert half != body
    told = problem(await post(door, half.encode()), 422, "invalid")
    assert any(field in name for name in told["fields"])


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
async def test_another_content_type(door: Door, kind: str) -> None:
    async with door.client() as client:
        headers = {"Idempotency-Key": "k-1", "Content-Type": kind}
        answer = await client.post(PATH, content=json.dumps(BODY).encode(), headers=headers)
    problem(answer, 422, "invalid")
    assert door.bodies() == []


async def test_too_big(tmp_path: Path) -> None:
    async with open_door(tmp_path, max_body_bytes=20_000) as door:
        problem(await post(door, {**BODY, "text": MARK * 3000}), 413, "too_big")
        read = 0

        async def parts() -> AsyncIterator[bytes]:
            nonlocal read
            yield b'{"text": "'
            for _ in range(10_000):
                read += 1_000
                yield b"x" * 1_000

        async with door.client() as client:
            headers = {"Idempotency-Key": "k-1", "Content-Type": "application/json"}
            problem(await client.post(PATH, content=parts(), headers=headers), 413, "too_big")
        assert door.bodies() == []


class Disk:
    """Stands before every commit of a door's database."""

    def __init__(self, door: Door) -> None:
        self.fails = 0
        self.reached = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()
        event.listen(door.service.database.writing, "commit", self._commit)

    def _commit(self, connection: Connection) -> None:
        self.reached.set()
        assert self.go_on.wait(20)
        if self.fails:
            self.fails -= 1
            raise OperationalError("COMMIT", None, Exception("disk is full"))


async def test_202_is_said_after_the_commit(door: Door) -> None:
    disk = Disk(door)
    disk.go_on.clear()
    asked = asyncio.create_task(post(door))
    assert await asyncio.to_thread(disk.reached.wait, 20)
    assert not asked.done()
    assert door.bodies() == []
    disk.go_on.set()
    assert (await asked).status_code == 202
    assert len(door.bodies()) == 2


async def test_a_failed_commit_is_no_202_and_trying_again_helps(door: Door) -> None:
    disk = Disk(door)
    disk.fails = 1
    answer = await post(door)
    problem(answer, 503, "busy")
    assert answer.headers["retry-after"]
    assert door.bodies() == []
    again = await post(door)
    assert (again.status_code, again.json()["receipt"]["status"]) == (202, "registered")
    assert again.json()["registration"].endswith("/000001"), "no number was lost"


async def test_one_failing_commit_is_told_to_all_who_shared_it(door: Door) -> None:
    disk = Disk(door)
    disk.fails = 10**6
    answers = await asyncio.gather(*(post(door, key=f"k-{number}") for number in range(8)))
    assert {answer.status_code for answer in answers} == {503}
    disk.fails = 0
    answers = await asyncio.gather(*(post(door, key=f"k-{number}") for number in range(8)))
    assert {answer.json()["receipt"]["status"] for answer in answers} == {"registered"}
    door.no_holes()


async def test_while_stopping_it_is_busy(door: Door) -> None:
    await door.service.committer.close()
    problem(await post(door), 503, "busy")
