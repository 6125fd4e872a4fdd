"""The short way of `POST /api/v1/messages`: what a program hands in as it should is taken past the web framework.

FastAPI's way from the request to the function and back costs as much as accepting the message (decision 0017). So a
request in its usual form (one token, one key, JSON) is read here. Everything else goes the long way with its body,
and what failed here is answered there: nothing is tried twice.
"""

from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corong.runtime.web import SECURITY_HEADERS

PATH = "/api/v1/messages"
MOST = 65_536
"""Bytes: a stranger gets no longer body into memory, and a longer one costs more than the way it goes."""
FAILED = "corong.failed"
"""In the scope of a request: why it could not be taken."""
Take = Callable[[str, str, bytes], Awaitable[bytes | None]]
"""(Authorization, Idempotency-Key, body) → the answer's JSON; None where one of them is not as it should be."""

_WANTED = (b"authorization", b"idempotency-key", b"content-type")


class ShortWay:
    """Middleware before all others; `most` bytes are what the installation takes at all."""

    def __init__(self, app: ASGIApp, take: Take, most: int) -> None:
        self._app = app
        self._take = take
        self._most = min(most, MOST)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        named = _named(scope) if scope["type"] == "http" else None
        if named is None:
            await self._app(scope, receive, send)
            return
        received, body = await _whole(receive, self._most)
        if body is not None:
            try:
                answer = await self._take(*named, body)
            except Exception as error:  # of any kind: answered as the long way answers it
                scope[FAILED] = error
            else:
                if answer is not None:
                    await send({"type": "http.response.start", "status": 202, "headers": _headers(answer)})
                    await send({"type": "http.response.body", "body": answer})
                    return
        await self._app(scope, _again(received, receive), send)


async def _whole(receive: Receive, most: int) -> tuple[list[Message], bytes | None]:
    """What was received, and the body; None where it is too long or does not come."""
    received: list[Message] = []
    size = 0
    while True:
        message = await receive()
        received.append(message)
        size += len(message.get("body", b""))
        if message["type"] != "http.request" or size > most:
            return received, None
        if not message.get("more_body"):
            return received, b"".join(part.get("body", b"") for part in received)


def _named(scope: Scope) -> tuple[str, str] | None:
    """Authorization and Idempotency-Key of a request that can go the short way."""
    if scope["path"] != PATH or scope["method"] != "POST":
        return None
    found = [[value for name, value in scope["headers"] if name == wanted] for wanted in _WANTED]
    if any(len(values) != 1 for values in found):
        return None
    (authorization,), (key,), (kind,) = found
    if kind != b"application/json" or not 0 < len(key) <= 255:
        return None
    return authorization.decode("latin-1"), key.decode("latin-1")  # as the long way reads headers


def _headers(answer: bytes) -> list[tuple[bytes, bytes]]:
    length = str(len(answer)).encode()
    return [(b"content-length", length), (b"content-type", b"application/json"), *SECURITY_HEADERS.items()]


def _again(received: list[Message], receive: Receive) -> Receive:
    """What was received already, and then what comes."""
    waiting = iter(received)

    async def next_one() -> Message:
        message = next(waiting, None)
        return await receive() if message is None else message

    return next_one
