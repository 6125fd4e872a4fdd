"""Citizens who write and officers who answer, and who don't give up while processes die under them."""

import asyncio
import time
from collections import Counter
from typing import Any

import httpx

from corong_contracts.base import SERVICES
from tests.pipeline.first_message import OFFICER, AnyHub

TRY_AGAIN = (500, 502, 503, 504)
WORDS = "Jalan di depan pasar Kisaran rusak parah, mohon diperbaiki. Laporan ke-{number}."


class Traffic:
    """What was handed in, and how far each message came: to wait for the middle of things."""

    def __init__(self, hub: AnyHub, seconds: float = 90.0) -> None:
        """`seconds`: how long a step is tried before the test fails."""
        self._hub = hub
        self._seconds = seconds
        self.receipts: dict[str, dict[str, Any]] = {}
        """Idempotency key → the answer of the door."""
        self._earlier = {row["case_id"] for row in hub.rows("desk", 'SELECT case_id FROM "case"')}
        self._sent = self._states().get("sent", 0)
        self.progress: Counter[str] = Counter()
        """How many came to `taken`, `claimed`, `answered`."""

    async def whole(self, key: str) -> None:
        """One message from the door to the officer's answer."""
        case = await self.hand_in(key)
        await self.answer(case)

    async def hand_in(self, key: str) -> str:
        """A citizen writes, as often as it needs; the case's id."""
        body = {"text": WORDS.format(number=key), "sender": {"address": f"warga-{key}"}}
        answer = await self._persist("account", "api-contoh", "/api/v1/messages", body, key, 202)
        self.receipts[key] = answer
        self.progress["taken"] += 1
        return str(answer["receipt"]["case_id"])

    async def answer(self, case: str) -> None:
        """An officer claims the case as soon as it is in the queue, and answers and closes it."""
        path = f"/api/v1/cases/{case}"
        await self._persist("officer", OFFICER, f"{path}/claim", None, f"claim-{case}", 200)
        self.progress["claimed"] += 1
        words = {"text": f"Terima kasih, {case} kami kerjakan.", "close": True}
        await self._persist("officer", OFFICER, f"{path}/answer", words, f"answer-{case}", 200)
        self.progress["answered"] += 1

    async def _persist(self, kind: Any, holder: str, path: str, body: Any, key: str, wanted: int) -> dict[str, Any]:
        """Ask again with the same key while nobody answers, or the case is not known yet."""
        deadline = time.monotonic() + self._seconds
        said = ""
        while time.monotonic() < deadline:
            try:
                async with self._hub.client(kind, holder) as client:
                    answer = await client.post(path, json=body, headers={"Idempotency-Key": key})
            except httpx.TransportError as error:
                said = repr(error)
            else:
                said = f"{answer.status_code} {answer.text[:300]}"
                if answer.status_code == wanted:
                    found: dict[str, Any] = answer.json()
                    return found
                assert answer.status_code in (*TRY_AGAIN, 404), f"{path}: {said}"
            await asyncio.sleep(0.1)
        raise AssertionError(f"{path}: not within {self._seconds:.0f} s; the last answer: {said}")

    async def all_sent(self, wait: float = 60.0) -> None:
        """Wait until every answer has gone out, and everybody has read of it."""
        wanted = {"sent": self._sent + self.progress["answered"]}
        try:
            await self._hub.until(lambda: self._states() == wanted, wait)
        except AssertionError:
            raise AssertionError(f"{self._states()} is not {wanted}") from None
        await self._hub.settled(wait)

    def _states(self) -> dict[str, int]:
        """How many replies are in which state."""
        states = "SELECT state, count(*) AS count FROM delivery WHERE kind = 'reply' GROUP BY state"
        return {row["state"]: row["count"] for row in self._hub.rows("desk", states)}

    def nothing_lost_and_nothing_twice(self) -> None:
        """What was receipted is a case, once; each answer went out, once; the log has all of it without a hole."""
        cases = {answer["receipt"]["case_id"] for answer in self.receipts.values()}
        assert len(cases) == len(self.receipts) == self.progress["taken"]
        found = self._hub.rows("desk", 'SELECT case_id, state FROM "case"')
        states = {row["case_id"]: row["state"] for row in found if row["case_id"] not in self._earlier}
        assert states == dict.fromkeys(cases, "closed")
        numbers = sorted(int(str(answer["registration"]).split("/")[-1]) for answer in self.receipts.values())
        first = len(self._earlier) + 1
        assert numbers == list(range(first, first + len(cases))), "registration numbers run without holes"
        log = self._hub.rows("auditing", "SELECT case_id, type, writer, number FROM entry ORDER BY writer, number")
        self._once_each(log, cases)
        for writer in {row["writer"] for row in log}:
            own = [row["number"] for row in log if row["writer"] == writer]
            assert own == list(range(1, len(own) + 1)), f"{writer} has holes"
        assert self._hub.rows("auditing", "SELECT * FROM conflict") == []
        for service in SERVICES:
            assert self._hub.rows(service, "SELECT * FROM parked") == []

    def _once_each(self, log: list[dict[str, Any]], cases: set[str]) -> None:
        counted = Counter((row["case_id"], row["type"]) for row in log)
        for name in ("case.registered", "message.received", "case.routed", "case.claimed", "case.answered",
                     "case.closed", "publication.drafted", "publication.released", "delivery.sent"):  # fmt: skip
            assert {case: counted[case, f"id.corong.{name}.v1"] for case in cases} == dict.fromkeys(cases, 1), name
