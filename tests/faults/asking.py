"""Asks until the answer comes, as a program does that wants to be sure."""

import asyncio
import time
from typing import Any

import httpx

AGAIN = (404, 409, 500, 502, 503, 504)
"""Not there (yet), or away: worth another try with the same key."""


async def persist(
    client: httpx.AsyncClient, path: str, body: Any, key: str, wanted: int, seconds: float = 150.0
) -> dict[str, Any]:
    """Ask with the same key until the wanted answer comes. Raises AssertionError on an answer that ends all hope."""
    deadline = time.monotonic() + seconds
    pause = 0.05
    said = ""
    while time.monotonic() < deadline:
        try:
            answer = await client.post(path, json=body, headers={"Idempotency-Key": key})
        except httpx.HTTPError as error:
            said = type(error).__name__
        else:
            said = f"{answer.status_code} {answer.text[:200]}"
            if answer.status_code == wanted:
                found: dict[str, Any] = answer.json()
                return found
            assert answer.status_code in AGAIN, f"{path}: {said}"
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 0.5)
    raise AssertionError(f"{path}: not within {seconds:.0f} s; the last answer: {said}")
