"""Work that is cheaper done together: everyone who waits is served by one call, in a thread."""

import asyncio
import time
from collections.abc import Callable
from typing import Generic, TypeVar

A = TypeVar("A")
B = TypeVar("B")


class Together(Generic[A, B]):
    """`ask` waits for a call of `serve` that answers all who came before it began."""

    def __init__(self, serve: Callable[[list[A]], list[B]], most: int = 500, gather: float = 0.0) -> None:
        """`serve` gets a list and returns as many answers, in order. It runs in a thread, one call at a time.

        `gather`: seconds after a call in which those who come wait for each other; who comes alone is served at once.
        """
        self._gather = gather
        self._served = 0.0
        self._serve = serve
        self._most = most
        self._waiting: list[tuple[A, asyncio.Future[B]]] = []
        self._task: asyncio.Task[None] | None = None

    async def ask(self, item: A) -> B:
        """The answer for `item`. Raises what `serve` raised."""
        future: asyncio.Future[B] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        return await future

    async def _work(self) -> None:
        while self._waiting:
            early = self._served + self._gather - time.monotonic()
            if early > 0:
                await asyncio.sleep(early)
            self._served = time.monotonic()
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            try:
                answers = await asyncio.to_thread(self._serve, [item for item, _ in batch])
                pairs = list(zip(batch, answers, strict=True))
            except Exception as error:  # handed to those who wait
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            for (_, future), answer in pairs:
                if not future.done():
                    future.set_result(answer)
