"""A storm: citizens write by every door and officers answer, while processes are killed at random under them."""

import asyncio
import contextlib
import random
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import nats

from corong.runtime.inbound import RECEIPT_HEADER
from corong_contracts.channel import InboundMessage, Party, Receipt
from corong_contracts.topology import INBOUND, inbound_subject, inbox_of
from tests.faults.findings import Accepted
from tests.faults.places import Place, settled
from tests.hubs import until
from tests.sample_channel.running import PapanPeer, note

ROAD = "Jalan di depan pasar Kisaran rusak parah, mohon diperbaiki. Laporan ke-{number}."
OFFICER = "petugas-dinas-pupr"
ACCOUNT = "api-contoh"
BOTS = 4
AGAIN = (404, 409, 500, 502, 503, 504)


@dataclass
class Plan:
    """How big. Shares of 1; times in seconds."""

    messages: int = 2000
    kills: int = 60
    answered: float = 0.4
    by_http: float = 0.25
    by_nats: float = 0.1
    troubles: dict[str, float] = field(
        default_factory=lambda: {"fail_after": 0.06, "reset_after": 0.06, "hang_after": 0.02, "fail_before": 0.05,
                                 "busy": 0.04}
    )  # fmt: skip
    """What the board does to answers."""
    between: tuple[float, float] = (0.1, 1.2)
    """Pause after a kill, at random."""
    weights: dict[str, float] = field(default_factory=dict)
    """How often each victim is drawn; 1 by default."""
    settle: float = 90.0


class Storm:
    """One storm over a place. `blow` it, then look at `accepted`."""

    def __init__(self, place: Place, peer: PapanPeer, rng: random.Random, plan: Plan) -> None:
        self._place = place
        self._peer = peer
        self._rng = rng
        self._plan = plan
        self.accepted = Accepted()
        self.killed: list[str] = []
        self.answered = 0
        self._writing: set[asyncio.Task[None]] = set()
        self._cases: asyncio.Queue[str] = asyncio.Queue()
        self._seen: set[str] = set()
        self._calm = asyncio.Event()
        self._notes = 0

    async def blow(self) -> None:
        """All of it; returns when everything that was begun has come to its end."""
        plan = self._plan
        self._peer.trouble(
            seed=self._rng.randrange(2**31), shares=plan.troubles, remembers_keys=False, retry_after=1, slow_seconds=0.1
        )
        bots = [asyncio.create_task(self._bot()) for _ in range(BOTS)]
        poller = asyncio.create_task(self._find_cases())
        try:
            await self._kill_and_feed()
            await self._place.calm()
            done, still = await asyncio.wait(self._writing, timeout=plan.settle)
            for task in done:
                task.result()
            assert not still, (
                f"{len(still)} of {len(self._writing)} citizens still write: {[t.get_name() for t in still][:9]}"
            )
            self._calm.set()
            await until(self._all_in, plan.settle)
            await until(self._all_answered, plan.settle)
            await settled(self._place, plan.settle)
        finally:
            for task in (*bots, poller, *self._writing):
                task.cancel()
            await asyncio.gather(*bots, poller, *self._writing, return_exceptions=True)

    # Killing

    async def _kill_and_feed(self) -> None:
        plan, rng = self._plan, self._rng
        names = sorted(self._place.victims)
        weights = [plan.weights.get(name, 1.0) for name in names]
        handed = 0
        while len(self.killed) < plan.kills:
            due = plan.messages * (len(self.killed) + 1) // plan.kills
            for number in range(handed, due):
                self._hand_in(number)
            handed = due
            await asyncio.sleep(rng.uniform(*plan.between))
            name = rng.choices(names, weights)[0]
            if self._place.victims[name]():
                self.killed.append(name)

    # Citizens

    def _hand_in(self, number: int) -> None:
        drawn = self._rng.random()
        if drawn < self._plan.by_http:
            self._write(self._by_http(number), f"http-{number}")
        elif drawn < self._plan.by_http + self._plan.by_nats:
            self._write(self._by_nats(number), f"nats-{number}")
        else:
            self._by_board(number)

    def _write(self, writing: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(writing, name=name)
        self._writing.add(task)

    def _by_board(self, number: int) -> None:
        # Some write again in the same thread.
        first = number - 7 if number % 10 == 0 and ("papan", f"n-{number - 7:06d}") in self.accepted.messages else None
        thread = f"n-{first:06d}" if first is not None else ""
        author = f"warga-{first if first is not None else number}"
        self._peer.add_notes([note(number, ROAD.format(number=number), thread=thread, author=author)])
        self.accepted.messages["papan", f"n-{number:06d}"] = None
        self._notes += 1

    async def _by_http(self, number: int) -> None:
        key = f"http-{number}"
        body = {"text": ROAD.format(number=number), "sender": {"address": f"warga-{number}"}}
        async with self._place.client("account", ACCOUNT) as client:
            answer = await persist(client, "/api/v1/messages", body, key, 202)
            self.accepted.messages[ACCOUNT, key] = answer["receipt"]
            if self._rng.random() < 0.2:  # the answer was lost on its way to the citizen
                again = await persist(client, "/api/v1/messages", body, key, 202)
                assert again["receipt"]["message_id"] == answer["receipt"]["message_id"]
                assert again["registration"] == answer["registration"]

    async def _by_nats(self, number: int) -> None:
        key = f"nats-{number}"
        message = InboundMessage(
            channel="api", account=ACCOUNT, native_id=key, text=ROAD.format(number=number),
            sender=Party(address=f"warga-{number}"),
        )  # fmt: skip
        body = message.model_dump_json().encode()
        receipt = None
        while receipt is None:
            await asyncio.sleep(0.2)
            receipt = await self._ask_by_nats(body)
        self.accepted.messages[ACCOUNT, key] = receipt.model_dump(mode="json")

    async def _ask_by_nats(self, body: bytes) -> Receipt | None:
        """One try of a program that knows nothing of ours but subjects: the receipt, or None."""
        try:
            url, password = self._place.broker()
            client = await nats.connect(
                url, user="channels", password=password, inbox_prefix=inbox_of("channels").encode(),
                allow_reconnect=False, max_reconnect_attempts=1, reconnect_time_wait=0, connect_timeout=2,
                error_cb=_ignore,
            )  # fmt: skip
        except (nats.errors.Error, OSError, KeyError, ValueError):
            return None
        try:
            inbox = client.new_inbox()
            receipts = await client.subscribe(inbox)
            headers = {RECEIPT_HEADER: inbox}
            await client.jetstream().publish(
                inbound_subject("api", ACCOUNT), body, timeout=3, stream=INBOUND.name, headers=headers
            )
            return Receipt.model_validate_json((await receipts.next_msg(timeout=5)).data)
        except (nats.errors.Error, OSError):
            return None
        finally:
            await client.close()

    def _all_in(self) -> bool:
        with contextlib.suppress(Exception):  # the database may be away
            rows = self._place.rows("intake", "SELECT count(*) AS n FROM seen WHERE account = 'papan'")
            return bool(rows[0]["n"] == self._notes)
        return False

    # Officers

    def _chosen(self, case: str) -> bool:
        return UUID(case).int % 1000 < self._plan.answered * 1000

    async def _find_cases(self) -> None:
        while True:
            with contextlib.suppress(Exception):  # the database may be away
                await asyncio.to_thread(self._look)
            await asyncio.sleep(0.2)

    def _look(self) -> None:
        for row in self._place.rows("routing", 'SELECT case_id FROM "case"'):
            case = row["case_id"]
            if case not in self._seen:
                self._seen.add(case)
                if self._chosen(case):
                    self._cases.put_nowait(case)

    async def _bot(self) -> None:
        async with self._place.client("officer", OFFICER) as client:
            while True:
                case = await self._cases.get()
                path = f"/api/v1/cases/{case}"
                await persist(client, f"{path}/claim", None, f"claim-{case}", 200)
                words = {"text": f"Jawaban untuk perkara {case}.", "close": int(case[-1], 16) % 2 == 0}
                await persist(client, f"{path}/answer", words, f"answer-{case}", 200)
                self.answered += 1

    def _all_answered(self) -> bool:
        with contextlib.suppress(Exception):
            cases = [row["case_id"] for row in self._place.rows("routing", 'SELECT case_id FROM "case"')]
            return self.answered == sum(self._chosen(case) for case in cases)
        return False


async def _ignore(error: Exception) -> None:
    """What goes wrong is seen where it is asked."""


async def persist(
    client: httpx.AsyncClient, path: str, body: Any, key: str, wanted: int, seconds: float = 150.0
) -> dict[str, Any]:
    """Ask with the same key until the wanted answer comes: what a program does that wants to be sure."""
    deadline = time.monotonic() + seconds
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
        await asyncio.sleep(0.1)
    raise AssertionError(f"{path}: not within {seconds:.0f} s; the last answer: {said}")
