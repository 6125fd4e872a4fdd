"""What becomes of cases of each kind: how often, and step by step. An office's days are working days."""

import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import TypeVar

from tests.simulation.life import Life
from tests.simulation.regency import MAIN
from tests.simulation.town import Town

T = TypeVar("T")
Fate = Callable[[Life], Awaitable[None]]

KINDS = {
    "complaint": 40, "information_request": 26, "question": 18, "suggestion": 8, "praise": 4, "spam": 4,
}  # fmt: skip
"""Of a hundred that are written. Objections come out of requests, and some questions turn out to be something else."""


async def lives(town: Town, name: str, day: date) -> None:
    """A citizen's case, from the day on which it is written."""
    rng = town.rng(f"{name}/kind")
    kind = chosen(rng, KINDS)
    life = Life(town, name, kind, rng.choice(town.regency.units))
    await life.mail_at(town.mail_on(day, life.rng))
    await life.writes()
    await chosen(life.rng, FATES[kind])(life)


def chosen(rng: random.Random, weights: Mapping[T, int]) -> T:
    """One of them, by weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


# Requests for information


async def _granted(life: Life) -> None:
    await life.office(life.rng.randint(1, 7))
    await life.claim()
    if life.rng.random() < 0.3:
        await life.detail()
    await life.grant()
    await _closed_later(life)


async def _closed_later(life: Life) -> None:
    await life.office(life.rng.randint(1, 10))
    await life.close()
    if life.rng.random() < 0.05:
        await _objected(life, "d")


async def _extended(life: Life) -> None:
    await life.office(life.rng.randint(2, 8))
    await life.claim()
    await life.extend()
    await life.inform()
    await life.hand_back()
    await life.office(life.rng.randint(3, 7))
    await life.claim()
    await life.grant()
    await _closed_later(life)


async def _completed(life: Life) -> None:
    await life.office(life.rng.randint(1, 2))
    await life.claim()
    await life.ask_completion()
    await life.mail(life.rng.randint(1, 12))
    await life.writes_again()
    came = life.town.today
    await life.office(life.rng.randint(1, 2))
    await life.claim()
    await life.complete(came)
    await life.office(life.rng.randint(1, 4))
    await life.claim()
    await life.grant()
    await _closed_later(life)


async def _refused(life: Life) -> None:
    await _proposed(life, "refused")
    if life.rng.random() < 0.5:
        await _objected(life, "a")


async def _partly(life: Life) -> None:
    await _proposed(life, "partly_granted")


async def _proposed(life: Life, outcome: str) -> None:
    await life.office(life.rng.randint(1, 5))
    await life.claim()
    text_hash = await life.propose(outcome)
    await life.office(life.rng.randint(1, 2))
    await life.approve(text_hash, outcome)
    await life.office(life.rng.randint(1, 5))
    await life.close()


async def _sent_back(life: Life) -> None:
    await life.office(life.rng.randint(1, 4))
    await life.claim()
    await life.propose("refused")
    await life.office(1)
    await life.disapprove(None if life.rng.random() < 0.7 else life.officer)
    await life.office(1)
    await life.claim()
    await life.grant()
    await _closed_later(life)


async def _not_held(life: Life) -> None:
    await life.office(life.rng.randint(1, 4))
    await life.claim()
    await life.grant("not_held")
    await life.office(2)
    await life.close()


async def _transferred(life: Life) -> None:
    await life.office(1)
    await life.assign(life.rng.choice([unit for unit in life.town.regency.units if unit != life.entry.unit] or [MAIN]))
    await _granted(life)


async def _late(life: Life) -> None:
    await life.office(life.rng.randint(11, 25))
    await life.claim()
    await life.grant()
    await _closed_later(life)


async def _silent(life: Life) -> None:
    await life.mail(life.rng.randint(25, 40))
    if life.rng.random() < 0.5:
        await _objected(life, "c")


async def _withdrawn(life: Life) -> None:
    await life.office(life.rng.randint(1, 6))
    await life.withdraw()
    if life.rng.random() < 0.2:
        await life.office(1)
        await life.reopen()
        await _replied(life)


async def _twice(life: Life) -> None:
    again = Life(life.town, f"{life.name}/lagi", life.kind, life.unit)
    again.sender = life.sender
    await life.mail(1)
    await again.writes()
    await life.office(1)
    await again.merge(life)
    await _replied(life)


async def _replied(life: Life) -> None:
    if life.kind == "information_request":
        await _granted(life)
    else:
        await _answered(life)


# Objections and disputes


async def _objected(request: Life, ground: str) -> None:
    objection = Life(request.town, f"{request.name}/keberatan", "objection", request.unit)
    objection.sender = request.sender
    await request.mail(request.rng.randint(1, 20))
    await objection.writes("Saya keberatan.")
    await objection.office(1)
    await objection.object_to(request.entry, ground)
    if objection.rng.random() < 0.7:
        await objection.office(objection.rng.randint(5, 28))
        await objection.decide(objection.rng.choice(["upheld", "partly_upheld", "rejected"]))
        disputed = objection.rng.random() < 0.3
    else:
        await objection.mail(55)  # the superior says nothing
        disputed = True
    if disputed:
        await objection.office(objection.rng.randint(1, 9))
        await objection.dispute()
        await objection.office(objection.rng.randint(30, 90))
        await objection.settle()
    elif objection.rng.random() < 0.8:
        await objection.office(3)
        await objection.close()


# Complaints


async def _answered(life: Life) -> None:
    await life.office(life.rng.randint(0, 9))
    await life.claim()
    if life.rng.random() < 0.3:
        await life.note()
    await life.answer(close=life.rng.random() < 0.8)


async def _planned(life: Life) -> None:
    await life.office(life.rng.randint(0, 4))
    await life.claim()
    await life.plan()
    await life.hand_back()
    await _answered(life)


async def _answered_late(life: Life) -> None:
    await life.office(life.rng.randint(15, 40))
    await life.claim()
    await life.answer(close=True)


async def _news_first(life: Life) -> None:
    await life.office(1)
    await life.claim()
    await life.answer()
    await life.mail(2)
    await life.writes_again("Bagaimana kabarnya?")
    await life.office(3)
    await life.claim()
    await life.answer()
    await life.close()


async def _normative(life: Life) -> None:
    await life.office(0)
    await life.reclassify("complaint", "normative")
    await _answered(life)


async def _with_oversight(life: Life) -> None:
    await life.office(0)
    await life.reclassify("complaint", "with_oversight")
    await life.prioritise("urgent")
    await life.office(life.rng.randint(10, 50))
    await life.claim()
    await life.answer(close=True)


async def _filed_anew(life: Life) -> None:
    await life.office(life.rng.randint(1, 3))
    await life.claim()
    await life.ask_completion()
    await life.mail(life.rng.randint(1, 10))
    await life.writes_again()
    came = life.town.today
    await life.office(1)
    await life.claim()
    await life.complete(came)
    await _answered(life)


async def _not_ours(life: Life) -> None:
    await life.office(0)
    if life.entry.unit != MAIN:
        await life.send_back()
    await life.office(1)
    others = [unit for unit in life.town.regency.units if unit != life.entry.unit]
    if others:
        await life.assign(life.rng.choice(others))
    await _answered(life)


async def _together(life: Life) -> None:
    neighbours = [Life(life.town, f"{life.name}/tetangga-{number}", life.kind, life.unit) for number in (1, 2)]
    await life.mail(1)
    for neighbour in neighbours:
        await neighbour.writes()
    await life.office(life.rng.randint(0, 3))
    await life.group(neighbours)
    await life.office(life.rng.randint(0, 8))
    await life.answer_group(neighbours, close=life.rng.random() < 0.7)


async def _duplicate(life: Life) -> None:
    await life.office(life.rng.randint(0, 3))
    await life.close("duplicate")
    if life.rng.random() < 0.2:
        await life.office(1)
        await life.reopen()
        await _answered(life)


async def _never(life: Life) -> None:
    """Nobody does anything."""


# Questions and the rest


async def _soon(life: Life) -> None:
    await life.office(life.rng.randint(0, 2))
    await life.claim()
    await life.answer(close=True)


async def _forgotten(life: Life) -> None:
    await life.office(0)
    await life.claim()
    await life.office(1)
    await life.claim()
    await life.answer(close=True)


async def _is_a_request(life: Life) -> None:
    await life.office(0)
    await life.reclassify("information_request")
    await _granted(life)


async def _is_a_complaint(life: Life) -> None:
    await life.office(1)
    await life.reclassify("complaint")
    await _answered(life)


async def _two_things(life: Life) -> None:
    await life.mail(1)
    message, came = await life.writes_again("Satu hal lain: jembatan kami putus."), life.town.now
    child = Life(life.town, f"{life.name}/pisahan", "complaint", life.unit)
    await life.office(0)
    await life.split(message, came, child)
    await life.office(1)
    await life.claim()
    await life.answer(close=True)
    await _answered(child)


async def _thanked(life: Life) -> None:
    await life.office(life.rng.randint(0, 3))
    await life.close("no_answer_needed")


async def _thrown_away(life: Life) -> None:
    await life.office(0)
    await life.close("spam")


FATES: dict[str, dict[Fate, int]] = {
    "information_request": {
        _granted: 40, _extended: 8, _completed: 10, _refused: 7, _partly: 5, _sent_back: 3, _not_held: 5,
        _transferred: 6, _late: 4, _silent: 7, _withdrawn: 3, _twice: 2,
    },
    "complaint": {
        _answered: 42, _planned: 14, _answered_late: 7, _news_first: 4, _normative: 5, _with_oversight: 2,
        _filed_anew: 7, _not_ours: 6, _together: 4, _duplicate: 3, _twice: 2, _withdrawn: 1, _never: 3,
    },
    "question": {_soon: 74, _answered_late: 6, _forgotten: 5, _is_a_request: 6, _is_a_complaint: 4, _two_things: 5},
    "suggestion": {_answered: 80, _soon: 10, _answered_late: 5, _never: 5},
    "praise": {_thanked: 90, _soon: 10},
    "spam": {_thrown_away: 100},
}  # fmt: skip
