"""The short way of a request gives what the long way gives; whatever is not as it should be goes the long way."""

import json
from typing import Any

import httpx
import pytest

from corong.intake import api, short_way
from corong.runtime.committer import Closed
from tests.services.intake.doors import Door

PATH = "/api/v1/messages"
SHORT, LONG = "application/json", "application/json; charset=utf-8"
GOOD: dict[str, Any] = {"text": "Jalan rusak — “parah”.", "sender": {"address": "warga-1", "name": "Warga"}}
VARIED: list[Any] = [
    GOOD,
    {**GOOD, "subject": "Jalan", "kind": "complaint", "visibility": "public", "sent_at": "2026-06-30T23:00:00+07:00"},
    {**GOOD, "attachments": [{"name": "a.txt", "media_type": "text/plain", "content": "aXNp"}]},
    {**GOOD, "unknown": 1},
    {**GOOD, "text": "   "},
    {**GOOD, "kind": "no_such_kind"},
    {**GOOD, "attachments": [{"content": "no base64"}]},
    {"sender": GOOD["sender"]},
    {**GOOD, "text": "x" * 200_000},
    [],
    "nothing",
    b"{",
    b"",
    b'{"text": "\\ud800", "sender": {"address": "a"}}',
]


async def post(door: Door, kind: str, body: Any, key: str, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with door.client() as client:
        headers = {"Content-Type": kind, "Idempotency-Key": key, **headers}
        return await client.post(PATH, content=content, headers=headers)


def told(answer: httpx.Response) -> Any:
    """What an answer tells, without what is another for each message."""
    found = answer.json()
    if "receipt" in found:
        assert found["registration"] == found["receipt"]["registration"]
        found["registration"] = found["receipt"]["registration"] = "R"
        found["receipt"].update(message_id="M", case_id="C", secret="S")
    return found


@pytest.mark.parametrize("body", VARIED, ids=lambda body: str(body)[:40])
async def test_both_ways_tell_the_same(door: Door, body: Any) -> None:
    short, long = await post(door, SHORT, body, "k-short"), await post(door, LONG, body, "k-long")
    assert short.status_code == long.status_code
    assert told(short) == told(long)
    assert dict(short.headers) | {"content-length": ""} == dict(long.headers) | {"content-length": ""}


@pytest.mark.parametrize("token", ["Bearer wrong", "Basic eA==", "Bearer "])
async def test_a_stranger_is_refused_alike_and_nothing_of_his_is_parsed(
    door: Door, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.ApiMessage, "model_validate_json", lambda body: pytest.fail("parsed"))
    short = await post(door, SHORT, GOOD, "k-1", Authorization=token)
    long = await post(door, LONG, GOOD, "k-1", Authorization=token)
    assert short.status_code == long.status_code == 401
    assert told(short) == told(long)


async def test_what_is_good_never_sees_the_long_way(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_again(*_: Any) -> Any:
        raise AssertionError("the long way")

    monkeypatch.setattr(short_way, "_again", not_again)
    assert (await post(door, SHORT, GOOD, "k-1")).status_code == 202
    assert (await post(door, SHORT, GOOD, "k-1")).json()["receipt"]["status"] == "duplicate"


async def test_the_same_key_with_another_content_is_refused(door: Door) -> None:
    first = await post(door, SHORT, GOOD, "k-1")
    other = await post(door, SHORT, {**GOOD, "text": "Lain."}, "k-1")
    assert (first.status_code, other.status_code, other.json()["code"]) == (202, 422, "key_reused")


async def test_a_body_over_the_limit_is_refused(door: Door) -> None:
    most = door.installation.settings.max_body_bytes
    answer = await post(door, SHORT, {**GOOD, "text": "x" * most}, "k-1")
    assert answer.status_code == 413


async def test_what_fails_is_tried_once_and_answered_as_on_the_long_way(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[None] = []

    async def accept(*_: Any, **__: Any) -> Any:
        tries.append(None)
        raise Closed("away")

    monkeypatch.setattr(door.intake, "accept", accept)
    short = await post(door, SHORT, GOOD, "k-1")
    assert len(tries) == 1
    long = await post(door, LONG, GOOD, "k-2")
    assert short.status_code == long.status_code == 503
    assert told(short) == told(long)
