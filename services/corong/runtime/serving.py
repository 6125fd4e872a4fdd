"""One HTTP port: taken early, served by uvicorn, let go when told. Signals stay with who started the process."""

import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

GRACE_SECONDS = 5
"""How long answers under way may take when the process stops."""


class PortTaken(RuntimeError):
    """Somebody else listens there."""


class HttpPort:
    """`listen`, then `serve` until `stop`."""

    def __init__(self, host: str, port: int) -> None:
        """`port` 0 takes a free one."""
        self.host = host
        self.port = port
        self._socket: socket.socket | None = None
        self._server: _Server | None = None
        self._stopping = False

    def listen(self) -> None:
        """Take the port; who connects waits until `serve`. Raises `PortTaken`."""
        self._socket = _listen(self.host, self.port)
        self.port = self._socket.getsockname()[1]

    async def serve(self, app: FastAPI) -> None:
        """Answer until `stop`; returns when the answers under way are finished."""
        assert self._socket is not None  # listens already
        if self._stopping:
            return
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=GRACE_SECONDS
        )
        self._server = _Server(config)
        await self._server.serve(sockets=[self._socket])

    def stop(self) -> None:
        """Take no more; `serve` returns soon."""
        self._stopping = True
        if self._server is not None:
            self._server.should_exit = True

    def close(self) -> None:
        """Give the port back."""
        if self._socket is not None:
            self._socket.close()


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
