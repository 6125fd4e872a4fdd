"""A storm: citizens write by three doors, officers answer, and processes are killed at random all the while."""

import asyncio
import os
import random
import shutil
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import httpx

from tests.processes import HubProcess
from tests.programs import ROOT
from tests.sample_channel.running import TOKEN, PapanPeer, installed, note

HERE = Path(__file__).parent
ACCOUNT = """
[[account]]
id = "papan-kisaran"
channel = "papan"
unit = "diskominfo"
name = "Papan Kisaran"
receipts = true

[account.settings]
url = "{url}"
timeout = 2.0
wait = 1.0
token = {{ env = "PAPAN_TOKEN" }}
"""
WORDS = "Jalan di depan pasar Kisaran rusak parah, mohon diperbaiki. Laporan ke-{number}."
OFFICER = "ppid-utama"


@dataclass
class Size:
    """How much of everything."""

    notes: int = 1200
    requests: int = 800
    answers: int = 250
    kills: int = 60


@dataclass
class Seen:
    """What those outside were told."""

    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Idempotency key → the receipt."""
    answered: set[str] = field(default_factory=set)
    """Cases for which an officer's answer was confirmed."""
    kills: Counter[str] = field(default_factory=Counter)


class Storm:
    """A hub on a data folder with a board of another make beside it."""

    def __init__(self, folder: Path, rng: random.Random, size: Size, sabotage: str = "") -> None:
        """`sabotage` names what `sabotage/sitecustomize.py` breaks."""
        self.size = size
        self.rng = rng
        self.seen = Seen()
        self.peer = PapanPeer(folder)
        config = folder / "config"
        shutil.copytree(ROOT / "examples" / "asahan", config)
        self.peer.start()
        with (config / "accounts.toml").open("a") as file:
            file.write(ACCOUNT.format(url=self.peer.url))
        packages = installed(folder / "packages") if not (folder / "packages").exists() else folder / "packages"
        folders = [str(packages), *([str(HERE / "sabotage")] if sabotage else []), os.environ.get("PYTHONPATH", "")]
        path = os.pathsep.join(folder for folder in folders if folder)
        self.hub = HubProcess(
            folder / "data",
            CORONG_CONFIG=str(config),
            CORONG_SETTLE_SECONDS="1",
            CORONG_SEND_TIMEOUT_SECONDS="5",
            CORONG_LOG_LEVEL="error",
            PYTHONPATH=path,
            PAPAN_TOKEN=TOKEN,
            SABOTAGE=sabotage,
        )

    async def run(self) -> None:
        """Everything at once; returns when all was handed in and answered and the kills are done."""
        self.peer.add_notes(note(number, WORDS.format(number=f"n{number}")) for number in range(self.size.notes))
        self.hub.start()
        await asyncio.to_thread(self.hub.wait_ready)
        over = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            answering = tasks.create_task(self._answer())
            writing = [tasks.create_task(self._write(range(part, self.size.requests, 8))) for part in range(8)]
            killing = tasks.create_task(self._kill(over))
            await asyncio.gather(*writing, answering)
            over.set()
            await killing

    async def _write(self, numbers: range) -> None:
        """Citizens who don't give up until they have a receipt."""
        for number in numbers:
            key = f"k-{number}"
            body = {"text": WORDS.format(number=key), "sender": {"address": f"warga-{key}"}}
            answer = await self._ask(
                "account", "api-contoh", "POST", "/api/v1/messages", body, {"Idempotency-Key": key}
            )
            self.seen.receipts[key] = answer["receipt"]

    async def _answer(self) -> None:
        """An officer who takes what is open, and answers it once."""
        while len(self.seen.answered) < self.size.answers:
            page = await self._ask("officer", OFFICER, "GET", "/api/v1/queue?state=open&limit=50")
            fresh = [case["case_id"] for case in page["cases"] if case["case_id"] not in self.seen.answered]
            if not fresh:
                await asyncio.sleep(0.1)
            for case in fresh[: self.size.answers - len(self.seen.answered)]:
                await self._take_and_answer(case)

    async def _take_and_answer(self, case: str) -> None:
        key = {"Idempotency-Key": str(uuid5(UUID(case), "answer"))}
        await self._ask("officer", OFFICER, "POST", f"/api/v1/cases/{case}/claim", {}, allowed=(409,))
        body = {"text": f"Sudah kami kerjakan. Perkara {case}.", "close": True}
        await self._ask("officer", OFFICER, "POST", f"/api/v1/cases/{case}/answer", body, key, allowed=(409,))
        self.seen.answered.add(case)

    async def _ask(
        self,
        kind: Any,
        holder: str,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        allowed: tuple[int, ...] = (),
    ) -> Any:
        """Ask until there is an answer: refused connections, resets and 5xx are tried again."""
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline:
            try:
                token = await asyncio.to_thread(self.hub.token, kind, holder)
                sent = {"Authorization": f"Bearer {token}", **(headers or {})}
                async with httpx.AsyncClient(base_url=self.hub.url, timeout=8, headers=sent) as client:
                    answer = await client.request(method, path, json=body)
            except httpx.HTTPError:
                await asyncio.sleep(0.05)
                continue
            if answer.status_code < 300 or answer.status_code in allowed:
                return answer.json()
            if answer.status_code < 500:
                raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text}")
            await asyncio.sleep(0.05)
        raise AssertionError(f"no answer: {method} {path}")

    async def _kill(self, over: asyncio.Event) -> None:
        """Kill the broker or the hub with everything in it, at random moments, as often as the size says."""
        while sum(self.seen.kills.values()) < self.size.kills:
            await asyncio.sleep(self.rng.uniform(0.05, 0.9))
            broker = self.hub.broker()
            if broker is not None and self.rng.random() < 0.6:
                broker.kill()
                self.seen.kills["broker"] += 1
                continue
            self.hub.kill()
            self.seen.kills["hub"] += 1
            self.hub.start()
            # Some die while they are still starting.
            if self.rng.random() < 0.7:
                await asyncio.to_thread(self.hub.wait_ready)

    async def settle(self, seconds: float = 120.0) -> None:
        """Wait until nothing is on its way any more, then stop the hub cleanly."""
        from tests.faults.check import Books

        if self.hub.pid is None:
            self.hub.start()
        await asyncio.to_thread(self.hub.wait_ready)
        books = Books(self.hub.data)
        deadline = time.monotonic() + seconds
        expected = self.size.notes + self.size.requests
        while not await asyncio.to_thread(books.quiet, expected):
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(0.3)
        await asyncio.to_thread(self.hub.stop)
