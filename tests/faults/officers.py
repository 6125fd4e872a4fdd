"""Officers of a storm: they find cases, claim and answer them, and don't give up."""

import asyncio
import contextlib
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from tests.faults.asking import persist
from tests.faults.places import Place

OFFICER = "petugas-dinas-pupr"
AT_WORK = 6
LOOK_SECONDS = 0.5


def words(case: str) -> str:
    """What the officer answers in this case."""
    return f"Jawaban untuk perkara {case}."


class Officers:
    """They answer a share of the cases, the same ones whenever they look."""

    def __init__(self, place: Place, share: float) -> None:
        self._place = place
        self._share = share
        self._seen: set[str] = set()
        self._cases: asyncio.Queue[str] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self.chosen = 0
        self.answered: set[str] = set()
        """Cases whose answer was taken: the officer has been told so."""

    def begin(self) -> None:
        """Go to work."""
        if self._share:
            works = [self._find_cases(), *(self._work() for _ in range(AT_WORK))]
            self._tasks = [asyncio.create_task(work) for work in works]

    async def close(self) -> None:
        """Go home."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def check(self) -> None:
        """Raises what an officer met that ends all hope."""
        for task in self._tasks:
            if task.done():
                task.result()

    def done(self) -> bool:
        """Whether every chosen case is answered, of all that there are in routing's queue."""
        self.check()
        return not self._share or (not self._look() and len(self.answered) == self.chosen)

    async def _find_cases(self) -> None:
        while True:
            with contextlib.suppress(SQLAlchemyError):  # the database may be away
                for case in await asyncio.to_thread(self._look):
                    self._seen.add(case)
                    if UUID(case).int % 1000 < self._share * 1000:
                        self.chosen += 1
                        self._cases.put_nowait(case)
            await asyncio.sleep(LOOK_SECONDS)

    def _look(self) -> list[str]:
        """Cases that nobody has looked at."""
        cases = self._place.rows("routing", 'SELECT case_id FROM "case"')
        return [row["case_id"] for row in cases if row["case_id"] not in self._seen]

    async def _work(self) -> None:
        async with self._place.client("officer", OFFICER) as client:
            while True:
                case = await self._cases.get()
                path = f"/api/v1/cases/{case}"
                await persist(client, f"{path}/claim", None, f"claim-{case}", 200)
                answer = {"text": words(case), "close": int(case[-1], 16) % 2 == 0}
                await persist(client, f"{path}/answer", answer, f"answer-{case}", 200)
                self.answered.add(case)
