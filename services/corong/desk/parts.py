"""Files that take time to make, answered in parts: how far it is, again and again, and at last the file."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, BinaryIO
from uuid import uuid4

from fastapi import Request
from fastapi.responses import StreamingResponse

from corong.runtime.refusal import refusal_of
from corong.runtime.web import PROBLEM, problem

__all__ = ["PARTS", "Steps", "blocks", "in_parts", "wants_parts"]

PARTS = "multipart/mixed"
Steps = AsyncGenerator[dict[str, Any] | BinaryIO]
"""What is told on the way, and at the end the file."""
_BLOCK = 1 << 18


def wants_parts(request: Request) -> bool:
    """Whether whoever asks wants to hear how far it is."""
    return PARTS in request.headers.get("accept", "")


def in_parts(request: Request, steps: Steps, media_type: str) -> StreamingResponse:
    """The answer (RFC 2046 section 5.1): parts of JSON, then the file or problem details where nothing is handed out.

    `media_type` is the file's; it must not be that of JSON.
    """
    boundary = uuid4().hex
    return StreamingResponse(
        _parts(request, steps, media_type, boundary), media_type=f'{PARTS}; boundary="{boundary}"'
    )  # fmt: skip


async def _parts(request: Request, steps: Steps, media_type: str, boundary: str) -> AsyncIterator[bytes]:

    def part(kind: str, size: int) -> bytes:
        return f"--{boundary}\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n\r\n".encode()

    def told(kind: str, body: bytes) -> bytes:
        return part(kind, len(body)) + body + b"\r\n"

    try:
        async with contextlib.aclosing(steps):
            async for step in steps:
                if isinstance(step, dict):
                    yield told("application/json", json.dumps(step).encode())
                else:
                    yield part(media_type, step.seek(0, 2))
                    async for block in blocks(step):
                        yield block
                    yield b"\r\n"
    except Exception as error:
        refused = refusal_of(error)
        if refused is None:
            raise  # a fault: the connection breaks off, and nothing was handed out
        yield told(PROBLEM, bytes(problem(request, refused).body))
    yield f"--{boundary}--\r\n".encode()


async def blocks(file: BinaryIO) -> AsyncIterator[bytes]:
    """A file from its beginning; it is closed at the end."""
    with file:
        file.seek(0)
        while block := await asyncio.to_thread(file.read, _BLOCK):
            yield block
