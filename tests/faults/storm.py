"""A storm: citizens write by every door and officers answer, while processes are killed at random under them."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from tests.faults.citizens import Citizens
from tests.faults.officers import Officers
from tests.faults.places import Place, is_settled
from tests.sample_channel.running import PapanPeer

LOOK_SECONDS = 0.25

TROUBLES = {"fail_after": 0.06, "reset_after": 0.06, "hang_after": 0.02, "fail_before": 0.05, "busy": 0.04}
"""What the board does to answers, as shares of 1."""


@dataclass
class Plan:
    """How big. Shares of 1; times in seconds."""

    messages: int = 2000
    kills: int = 60
    answered: float = 0.2
    by_http: float = 0.5
    by_nats: float = 0.1
    again: float = 0.2
    troubles: dict[str, float] = field(default_factory=lambda: dict(TROUBLES))
    between: tuple[float, float] = (0.05, 0.5)
    """Pause before a kill, at random."""
    weights: dict[str, float] = field(default_factory=dict)
    """How often each victim is drawn; 1 by default."""
    settle: float = 90.0
    """How long each step may take when the killing has ended."""


class Storm:
    """One storm over a place. `blow` it, then look at what it left (`findings.py`)."""

    def __init__(self, place: Place, peer: PapanPeer, rng: random.Random, plan: Plan) -> None:
        self._place = place
        self._peer = peer
        self._rng = rng
        self._plan = plan
        self.citizens = Citizens(place, peer, rng, by_http=plan.by_http, by_nats=plan.by_nats, again=plan.again)
        self.officers = Officers(place, plan.answered)
        self.killed: list[str] = []
        self.late: list[str] = []
        """What had not come to its end in time: a finding of its own."""
        self._began = time.monotonic()
        self._steps: dict[str, float] = {}

    async def blow(self) -> None:
        """All of it; returns when everything that was begun has come to its end, or is late."""
        self._peer.trouble(
            seed=self._rng.randrange(2**31), shares=self._plan.troubles, remembers_keys=False, retry_after=1,
            slow_seconds=0.1,
        )  # fmt: skip
        self.officers.begin()
        try:
            await self._kill_and_feed()
            self._step("killing")
            await self._place.calm()
            self._step("calm")
            await self._until("citizens write", self._all_receipted)
            await self._until("messages of the board are not in", self._all_in)
            self._step("all in")
            await self._until("cases without an answer", self.officers.done)
            self._step("all answered")
            await self._until("not settled", lambda: is_settled(self._place))
            self._step("settled")
        finally:
            await self.officers.close()
            await self.citizens.close()

    def told(self) -> str:
        """How it went, in a line."""
        steps = ", ".join(f"{step} {seconds:.0f} s" for step, seconds in self._steps.items())
        counts = ", ".join(f"{name} {count}" for name, count in sorted(Counter(self.killed).items()))
        messages = len(self.citizens.accepted.messages)
        return (
            f"storm: {messages} messages, {len(self.officers.answered)} answers, {len(self.killed)} kills ({counts});"
            f" {steps}"
        )

    def _step(self, name: str) -> None:
        self._steps[name] = time.monotonic() - self._began

    async def _until(self, what: str, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + self._plan.settle
        while not await asyncio.to_thread(self._asked, done):
            if time.monotonic() > deadline:
                self.late.append(what)
                return
            await asyncio.sleep(LOOK_SECONDS)

    @staticmethod
    def _asked(done: Callable[[], bool]) -> bool:
        try:
            return done()
        except SQLAlchemyError:  # the database may be away
            return False

    async def _kill_and_feed(self) -> None:
        plan, rng = self._plan, self._rng
        names = sorted(self._place.victims)
        weights = [plan.weights.get(name, 1.0) for name in names]
        handed = 0
        while len(self.killed) < plan.kills:
            first, handed = handed, plan.messages * (len(self.killed) + 1) // plan.kills
            pause = rng.uniform(*plan.between)
            for number in range(first, handed):
                self.citizens.hand_in(number)
                await asyncio.sleep(pause / (handed - first))
            if handed == first:
                await asyncio.sleep(pause)
            name = rng.choices(names, weights)[0]
            if await self._place.victims[name]():
                self.killed.append(name)

    def _all_receipted(self) -> bool:
        still = [task for task in self.citizens.writing if not task.done()]
        for task in self.citizens.writing - set(still):
            task.result()
        return not still

    def _all_in(self) -> bool:
        rows = self._place.rows("intake", "SELECT count(*) AS n FROM seen WHERE account = 'papan'")
        return bool(rows[0]["n"] == self.citizens.notes)
