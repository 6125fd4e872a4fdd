"""Work that is done together: everyone gets his own answer, and an error goes to those it is about."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from corong.runtime.together import Together


class Server:
    """Answers with the double; holds the first call until it is let go."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.entered = threading.Event()
        self.go_on = threading.Event()

    def __call__(self, items: list[int]) -> list[int]:
        self.calls.append(items)
        self.entered.set()
        assert self.go_on.wait(20)
        if 99 in items:
            raise LookupError("ninety-nine")
        return [item * 2 for item in items]

    async def asked(self, together: Together[int, int], first: int, rest: list[int]) -> list[int | BaseException]:
        """The rest are asked for while the first is served."""
        begun = [asyncio.create_task(together.ask(first))]
        await asyncio.to_thread(self.entered.wait, 20)
        begun += [asyncio.create_task(together.ask(item)) for item in rest]
        await asyncio.sleep(0)
        self.go_on.set()
        return await asyncio.gather(*begun, return_exceptions=True)


async def test_all_who_wait_are_served_by_one_call() -> None:
    server = Server()
    answers = await server.asked(Together(server), 0, list(range(1, 50)))
    assert answers == [item * 2 for item in range(50)]
    assert server.calls == [[0], list(range(1, 50))]


async def test_a_call_has_a_limit() -> None:
    server = Server()
    answers = await server.asked(Together(server, most=4), 0, list(range(1, 10)))
    assert answers == [item * 2 for item in range(10)]
    assert [len(call) for call in server.calls] == [1, 4, 4, 1]


async def test_an_error_is_of_its_own_call_and_the_next_ones_go_on() -> None:
    server = Server()
    together = Together(server, most=2)
    answers = await server.asked(together, 0, [1, 2, 99, 3, 4])
    assert [isinstance(answer, LookupError) for answer in answers] == [False, False, False, True, True, False]
    assert await together.ask(21) == 42


async def test_who_goes_away_takes_nobody_along() -> None:
    server = Server()
    together = Together(server)
    first = asyncio.create_task(together.ask(1))
    await asyncio.to_thread(server.entered.wait, 20)
    gone, stays = asyncio.create_task(together.ask(2)), asyncio.create_task(together.ask(3))
    await asyncio.sleep(0)
    first.cancel()
    gone.cancel()
    server.go_on.set()
    assert await stays == 6
    assert await together.ask(4) == 8


@pytest.mark.parametrize("answer", [lambda items: items[:-1], lambda items: [*items, 0]], ids=["few", "many"])
async def test_a_wrong_number_of_answers_is_an_error_for_all(answer: Callable[[list[int]], list[int]]) -> None:
    together = Together(answer)
    async with asyncio.timeout(10):
        found = await asyncio.gather(together.ask(1), together.ask(2), return_exceptions=True)
    assert all(isinstance(item, ValueError) for item in found)
