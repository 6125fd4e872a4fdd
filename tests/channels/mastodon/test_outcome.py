"""Each answer, and each failure without one, tells whether it is certain that nothing went out."""

from datetime import UTC, datetime

import httpx
import pytest

from corong.channels.mastodon.outcome import asked_to_wait, failure, refusal
from corong_contracts.channel import Permanent, SendError, Transient, Unknown

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (301, Permanent, "http_301"),
        (400, Permanent, "invalid"),
        (401, Transient, "unauthorized"),
        (403, Permanent, "forbidden"),
        (404, Permanent, "not_found"),
        (408, Transient, "http_408"),
        (410, Permanent, "gone"),
        (413, Permanent, "too_big"),
        (422, Permanent, "invalid"),
        (429, Transient, "rate_limited"),
        (500, Unknown, "http_500"),
        (502, Unknown, "http_502"),
        (503, Unknown, "http_503"),
        (504, Unknown, "http_504"),
    ],
)
def test_answers(status: int, kind: type[SendError], code: str) -> None:
    error = refusal(httpx.Response(status, text="kata warga"), changes=True, now=NOW)
    assert (type(error), error.code) == (kind, code)
    asked = refusal(httpx.Response(status), changes=False, now=NOW)
    assert type(asked) is (Transient if kind is Unknown else kind)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError("x"), Transient),
        (httpx.ConnectTimeout("x"), Transient),
        (httpx.PoolTimeout("x"), Transient),
        (httpx.UnsupportedProtocol("x"), Permanent),
        (httpx.InvalidURL("x"), Permanent),
        (httpx.ReadTimeout("x"), Unknown),
        (httpx.WriteTimeout("x"), Unknown),
        (httpx.ReadError("x"), Unknown),
        (httpx.WriteError("x"), Unknown),
        (httpx.RemoteProtocolError("x"), Unknown),
        (httpx.DecodingError("x"), Unknown),
    ],
)
def test_failures(error: Exception, kind: type[SendError]) -> None:
    assert type(failure(error, changes=True)) is kind
    assert type(failure(error, changes=False)) is (Transient if kind is Unknown else kind)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "Mon, 02 Mar 2026 08:00:30 GMT"}, 30.0),
        ({"X-RateLimit-Reset": "2026-03-02T08:05:00.000Z"}, 300.0),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) + 40)}, 40.0),
        ({"Retry-After": "5", "X-RateLimit-Reset": "2026-03-02T08:05:00.000Z"}, 5.0),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "2026-03-02T08:05:00.000Z"}, 300.0),
        ({"X-RateLimit-Reset": "2026-03-02T07:00:00Z"}, 0.0),
        ({"Retry-After": "999999"}, 3600.0),
        ({"Retry-After": "9" * 400}, 3600.0),
        ({"Retry-After": "-1"}, None),
        ({}, None),
    ],
)
def test_what_servers_ask_us_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_to_wait(httpx.Headers(headers), NOW) == seconds
