"""Open pages that hear of changes: what each stream costs in memory and processor, and how soon all have heard.

`python -m tests.bench.streams COUNT` prints one line of JSON. Half of the streams are of queues, half of cases, each of
a session of its own. Beside them, in the same run: the same load without a stream, and as many connections to a bare
application that sends signs of life and nothing else.
"""

import asyncio
import json
import os
import secrets
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from corong.desk.access.sessions import identity
from corong.desk.pages.admission import COOKIE
from corong.runtime.clock import stamp, utc_now
from tests.bench.load import Connection, Plan

OFFICERS = ("ppid-utama", "petugas-dinas-pupr", "operator-dinas-pupr", "atasan-ppid")
SECONDS = 15.0
RATE = 5.0
"""Messages a second: a busy hour of a regency is far below."""
TICKS = os.sysconf("SC_CLK_TCK")


def memory(process: int) -> int:
    """Bytes of a process and its children that are in memory now."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) * 1024


def processor(process: int) -> float:
    """Seconds that a process has worked."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def sessions(file: Path, count: int) -> list[str]:
    """As many sessions, put where a hub that does not run keeps them: their cookies."""
    generation, now = 1, stamp(utc_now())
    cookies = [secrets.token_urlsafe(32) for _ in range(count)]
    with sqlite3.connect(file) as database:
        database.executemany(
            "INSERT INTO session (id, officer, generation, means, browser, begun_at, seen_at) VALUES (?,?,?,?,?,?,?)",
            [
                (identity(one), OFFICERS[at % len(OFFICERS)], generation, "password", "", now, now)
                for at, one in enumerate(cookies)
            ],
        )  # fmt: skip
    database.close()
    return cookies


class Ear:
    """One stream's reader."""

    def __init__(self) -> None:
        self.heard: list[float] = []
        """When events came."""
        self.status = 0
        self._task: asyncio.Task[None] | None = None

    async def open(self, port: int, path: str, cookie: str = "") -> None:
        """Connect, and read until closed."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/event-stream\r\n"
            f"Cookie: {COOKIE}={cookie}\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        self.status = int(head[9:12])
        self._task = asyncio.create_task(self._listen(reader, writer))

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                if line.startswith(b"event:"):
                    self.heard.append(time.monotonic())
        finally:
            writer.close()

    async def close(self) -> None:
        """Go."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


async def send(plan: Plan, first: int, seconds: float) -> list[float]:
    """Messages at a steady rate; when each was accepted."""
    connection, accepted = Connection(plan), []
    began = time.monotonic()
    for number in range(int(seconds * RATE)):
        await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
        status, _ = await connection.post(first + number)
        assert status == 202, status
        accepted.append(time.monotonic())
    return accepted


async def measure(process: int, plan: Plan, cookies: list[str], cases: list[str]) -> dict[str, float]:
    """With and without streams."""
    before = processor(process)
    await asyncio.sleep(SECONDS)
    still = processor(process) - before
    before = processor(process)
    await send(plan, 0, SECONDS)
    alone = processor(process) - before
    small = memory(process)
    ears = [Ear() for _ in cookies]
    for at, (ear, cookie) in enumerate(zip(ears, cookies, strict=True)):
        path = "/desk/alir" if at % 2 == 0 else f"/desk/perkara/{cases[at % len(cases)]}/alir"
        await ear.open(plan.port, path, cookie)
    refused = sum(ear.status != 200 for ear in ears)
    await asyncio.sleep(3)
    large = memory(process)
    before = processor(process)
    await asyncio.sleep(SECONDS)
    idle = processor(process) - before
    before = processor(process)
    accepted = await send(plan, 1000, SECONDS)
    busy = processor(process) - before
    await asyncio.sleep(2)
    everywhere = [ear for at, ear in enumerate(ears) if at % len(OFFICERS) == 0 and at % 2 == 0]
    delays = []
    for ear in everywhere:
        for moment in accepted:
            delays += [min(after) - moment] if (after := [heard for heard in ear.heard if heard > moment]) else []
    for ear in ears:
        await ear.close()
    return {
        "streams": len(ears), "refused": refused, "rate": RATE, "seconds": SECONDS,
        "hub_bytes": small, "stream_bytes": (large - small) / len(ears),
        "idle_ms_per_second": max(0.0, idle - still) / SECONDS / len(ears) * 1e3,
        "alone_cpu": alone / SECONDS, "busy_cpu": busy / SECONDS,
        "busy_ms_per_second": max(0.0, busy - alone) / SECONDS / len(ears) * 1e3,
        "heard_p50_ms": percentile(delays, 0.5) * 1e3, "heard_p99_ms": percentile(delays, 0.99) * 1e3,
    }  # fmt: skip


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def bare() -> None:
    """The yardstick: an application whose streams send signs of life."""
    app = FastAPI()

    async def life() -> AsyncIterator[bytes]:
        while True:
            yield b":\n\n"
            await asyncio.sleep(15)

    @app.get("/desk/alir")
    async def stream() -> StreamingResponse:
        return StreamingResponse(life(), media_type="text/event-stream")

    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(listening.getsockname()[1], flush=True)
    config = uvicorn.Config(app, log_config=None, access_log=False)
    asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))


def yardstick(count: int) -> float:
    """Bytes of each of as many streams of a bare application."""
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.streams", "bare"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        return asyncio.run(held(process.pid, int(process.stdout.readline()), count))
    finally:
        process.kill()
        process.wait()


async def held(process: int, port: int, count: int) -> float:
    """Bytes of each of `count` streams more than one."""
    ears = [Ear() for _ in range(count + 1)]
    await ears[0].open(port, "/desk/alir")
    small = memory(process)
    for ear in ears[1:]:
        await ear.open(port, "/desk/alir")
    await asyncio.sleep(1)
    large = memory(process)
    for ear in ears:
        await ear.close()
    return (large - small) / count


def run(count: int) -> dict[str, float]:
    """The whole."""
    from tests.bench.__main__ import Hub

    with tempfile.TemporaryDirectory(prefix="corong-bench-") as name:
        folder = Path(name) / "hub"
        hub = Hub(folder)
        asyncio.run(send(Plan(port=hub.port, token=hub.token, prefix="awal"), 0, 6))
        time.sleep(3)
        hub.stop()
        cookies = sessions(folder / "db" / "desk.sqlite", count)
        with sqlite3.connect(folder / "db" / "desk.sqlite") as database:
            # Of the unit that all of these officers may read.
            found = database.execute("SELECT case_id FROM \"case\" WHERE unit = 'dinas-pupr'")
            cases = [row[0] for row in found]
        database.close()
        hub = Hub(folder)
        try:
            plan = Plan(port=hub.port, token=hub.token, prefix="ukur")
            told = asyncio.run(measure(hub.pid, plan, cookies, cases))
        finally:
            hub.stop()
    return {**told, "bare_bytes": yardstick(count)}


def main(argument: str) -> Any:
    """COUNT, or `bare`."""
    return bare() if argument == "bare" else print(json.dumps(run(int(argument))))


if __name__ == "__main__":
    main(sys.argv[1])
