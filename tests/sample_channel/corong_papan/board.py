"""The board's HTTP API: one request on one connection (RFC 9112), and what is known when it fails."""

import asyncio
import json
import ssl
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .settings import PapanSettings


class NotReached(Exception):
    """There is no connection, so nothing was asked."""


class NoAnswer(Exception):
    """The board was asked, and what it did nobody knows."""


@dataclass(frozen=True)
class Answer:
    """What the board said. `data` is None where it is no JSON object."""

    status: int
    retry_after: float | None
    data: dict[str, object] | None = field(repr=False)


class Board:
    """A client of one board."""

    def __init__(self, settings: PapanSettings) -> None:
        parts = urlsplit(settings.url)
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._authority = parts.netloc
        self._token = settings.token
        self._timeout = settings.timeout

    async def call(
        self, method: str, target: str, body: dict[str, object] | None = None, *, key: str = "", patience: float = 0.0
    ) -> Answer:
        """Ask once; `patience` is added to the time-out. Raises `NotReached` or `NoAnswer`."""
        content = b"" if body is None else json.dumps(body).encode()
        lines = [
            f"{method} {target} HTTP/1.1",
            f"Host: {self._authority}",
            f"Authorization: Bearer {self._token.get_secret_value()}",
            f"Content-Length: {len(content)}",
            "Content-Type: application/json",
            "Connection: close",
        ]
        if key:
            lines.append(f"Idempotency-Key: {key}")
        request = "\r\n".join([*lines, "", ""]).encode("ascii") + content
        try:
            async with asyncio.timeout(self._timeout):
                reader, writer = await asyncio.open_connection(self._host, self._port, ssl=self._tls)
        except (OSError, TimeoutError):
            raise NotReached from None
        try:
            async with asyncio.timeout(self._timeout + patience):
                writer.write(request)
                await writer.drain()
                return await _read(reader)
        except (OSError, EOFError, ValueError, IndexError, asyncio.LimitOverrunError):
            raise NoAnswer from None
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    content = (
        await reader.readexactly(int(headers["content-length"])) if "content-length" in headers else await reader.read()
    )
    try:
        data = json.loads(content)
    except ValueError:
        data = None
    pause = headers.get("retry-after", "")
    return Answer(
        status=int(head[0].split(" ")[1]),
        retry_after=float(pause) if pause.isdecimal() else None,
        data=data if isinstance(data, dict) else None,
    )
