"""What became of a request: refused for certain, refused for good, or nobody knows.

Sources: RFC 9110 section 15 (status codes), docs.joinmastodon.org/api/rate-limits (429, X-RateLimit-Reset),
and the rule of deliveries: only what certainly had no effect may be tried again without looking.
"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from corong_contracts.channel import Permanent, SendError, Transient, Unknown

_LONGEST_WAIT = 3600.0
_CODES = {400: "invalid", 401: "unauthorized", 403: "forbidden", 404: "not_found", 410: "gone", 413: "too_big",
          422: "invalid", 429: "rate_limited"}  # fmt: skip


def refusal(response: httpx.Response, *, changes: bool, now: datetime) -> SendError:
    """The error that an answer other than success means. `changes`: the request would have made something public.

    A rejected token is Transient: the office renews it, and nothing was sent. A server error leaves open what happened.
    """
    status = response.status_code
    code = _CODES.get(status, f"http_{status}")
    wait = asked_to_wait(response.headers, now)
    if status in (401, 408, 425, 429):
        return Transient(code, retry_after=wait)
    if status >= 500:
        return Unknown(code, retry_after=wait) if changes else Transient(code, retry_after=wait)
    return Permanent(code)


def failure(error: Exception, *, changes: bool) -> SendError:
    """The error that a request without an answer means. Before the connection stands nothing can have been sent."""
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        return Permanent("misconfigured")
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return Transient("unreachable")
    code = "time_out" if isinstance(error, httpx.TimeoutException) else "broken_off"
    return Unknown(code) if changes else Transient(code)


def asked_to_wait(headers: httpx.Headers, now: datetime) -> float | None:
    """Seconds that the server asks us to wait: Retry-After, else X-RateLimit-Reset; an hour at most."""
    asked = _seconds(headers.get("Retry-After", ""), now)
    if asked is None:
        asked = _seconds(headers.get("X-RateLimit-Reset", ""), now)
    return None if asked is None else min(max(asked, 0.0), _LONGEST_WAIT)


def _seconds(value: str, now: datetime) -> float | None:
    value = value.strip()
    if value.isascii() and value.isdigit():
        number = float(value[:15])
        # A count of seconds, or where some servers put it a moment as seconds since 1970.
        return number - now.timestamp() if number > 1_000_000_000 else number
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(value)
        except ValueError:
            continue
        return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds()
    return None
