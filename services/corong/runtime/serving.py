"""One HTTP port: taken early, answering at once, served by uvicorn, let go when told.

Signals stay with who started the process.
"""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

GRACE_SECONDS = 5
"""How long answers under way may take when the process stops."""


class PortTaken(RuntimeError):
    """Somebody else listens there."""


class HttpPort:
    """`listen`, perhaps `open`, then `serve` until `stop`."""

    def __init__(self, host: str, port: int) -> None:
        """`port` 0 takes a free one."""
        self.host = host
        self.port = port
        self._socket: socket.socket | None = None
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None
        self._front = _Front()
        self._stopping = False

    def listen(self) -> None:
        """Take the port, once; who connects waits until `open` or `serve`. Raises `PortTaken`."""
        if self._socket is None:
            self._socket = _listen(self.host, self.port)
            self.port = self._socket.getsockname()[1]

    def open(self) -> None:
        """Answer from now on: that the process starts, until `serve` has something to say."""
        assert self._socket is not None  # listens already
        if self._serving is None and not self._stopping:
            config = uvicorn.Config(
                self._front, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=GRACE_SECONDS
            )
            self._server = _Server(config)
            self._serving = asyncio.create_task(self._server.serve(sockets=[self._socket]), name="http")

    async def serve(self, app: "ASGIApp") -> None:
        """Answer until `stop`; returns when the answers under way are finished."""
        self._front.app = app
        self.open()
        if self._serving is not None:
            await asyncio.shield(self._serving)

    def stop(self) -> None:
        """Take no more; `serve` returns soon."""
        self._stopping = True
        if self._server is not None:
            self._server.should_exit = True

    async def closed(self) -> None:
        """Wait, after `stop`, until nothing is answered any more; then give the port back."""
        if self._serving is not None:
            await asyncio.wait({self._serving})
        self.close()

    def close(self) -> None:
        """Give the port back."""
        if self._socket is not None:
            self._socket.close()


class _Front:
    """The application, or what is said before there is one."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if self.app is not None:
            await self.app(scope, receive, send)
            return
        healthy = scope["path"] == "/healthz"
        body = b"ok\n" if healthy else b'{"ready":false,"missing":{"hub":{"start":"not finished"}}}'
        kind = b"text/plain; charset=utf-8" if healthy else b"application/json"
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
        if not healthy:
            headers.append((b"retry-after", b"2"))
        await send({"type": "http.response.start", "status": 200 if healthy else 503, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing: uvicorn would raise the signal again at its end, and the process would not end with 0."""
        yield


def _listen(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        if isinstance(error, PermissionError):
            raise PortTaken(f"port {port} on {host} needs more rights: set CORONG_PORT to one above 1023") from None
        raise PortTaken(f"port {port} on {host} is taken: stop what listens there, or set CORONG_PORT") from None
    listening.listen(2048)
    listening.setblocking(False)
    return listening
