"""Trying rules or units on the messages of the last weeks: the desk has the words, sealed; routing decides."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select, tuple_

from corong.desk.context import Desk
from corong.desk.paging import Key
from corong.desk.tables import entry, registered
from corong.runtime.clock import stamp
from corong.runtime.policy import Action, Actor, Scope, allowed, authorise
from corong_contracts.command_base import Command
from corong_contracts.message import MessageReceived
from corong_contracts.rules_command import FirstMessage, TryRules

DAYS = 366
"""So many days back at most."""
ORDER = (str, str)
"""The parts of the cursor: when a case was registered, and its id."""
MOST_AT_ONCE = 200
MOST_BYTES = 700_000
"""Of sealed words in one question; the broker takes a megabyte."""


@dataclass
class Tried:
    """What proposed rules or units would have done otherwise."""

    of: int
    listed: bool
    """Whether the reader may know which cases."""
    tried: int = 0
    unreadable: int = 0
    differences: list[dict[str, Any]] = field(default_factory=list)
    next: tuple[str, str] | None = None
    told: dict[str, Any] = field(default_factory=dict)
    """What routing answered besides, the first time."""

    @property
    def moves(self) -> int:
        """So many would go to another unit."""
        return sum(one["moves"] for one in self.differences)

    def by_unit(self) -> dict[str, tuple[int, int]]:
        """What each unit would gain and lose, those with most first."""
        gains = Counter(one["new"]["unit"] for one in self.differences if one["moves"])
        loses = Counter(one["old"]["unit"] for one in self.differences if one["moves"])
        units = sorted({*gains, *loses}, key=lambda unit: (-gains[unit] - loses[unit], unit))
        return {unit: (gains[unit], loses[unit]) for unit in units}


@dataclass(frozen=True)
class _Case:
    case_id: str
    registration: str
    registered_at: str
    sealed: str | None


Question = Callable[[list[FirstMessage]], Command]


def by_rules(content: str) -> Question:
    """Whether other rules would move them."""
    return lambda cases: TryRules(content=content, cases=cases)


class Trying:
    """Asks routing, page by page."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def page(
        self, officer: Actor, action: Action, question: Question, days: int, limit: int, after: Key | None
    ) -> Tried:  # fmt: skip
        """Of the cases of the last `days`, newest first, `limit` at most. Raises `Forbidden`, `Refused`.

        `question` makes routing's command from a part of them; it needs the right to `action`.
        """
        authorise(officer, action, Scope())
        since = stamp(self._desk.now() - timedelta(days=days))
        count = await self._desk.read(lambda connection: _count(connection, since))
        cases = await self._desk.read(lambda connection: _cases(connection, since, limit + 1, after))
        # Who must not read what citizens wrote could ask by a rule which cases have a word: they get counts alone.
        found: Tried | None = None
        for part in _parts(cases[:limit]):
            told = await self._ask(officer, question, part)
            if found is None:
                found = Tried(count, allowed(officer, Action.CASE_READ, Scope()), told=told)
            found.tried += told["tried"]
            found.unreadable += told["unreadable"] + sum(one.sealed is None for one in part)
            known = {one.case_id: one for one in part}
            for one in told["differences"]:
                case = known[one["case_id"]]
                more = {"registration": case.registration, "registered_at": case.registered_at}
                found.differences.append({**one, **more})
        assert found is not None  # there is one part at least
        last = cases[limit - 1] if len(cases) > limit else None
        found.next = (last.registered_at, last.case_id) if last else None
        return found

    async def _ask(self, officer: Actor, question: Question, part: Sequence[_Case]) -> dict[str, Any]:
        sent = [FirstMessage(case_id=UUID(one.case_id), sealed=one.sealed) for one in part if one.sealed is not None]
        told = await self._desk.ask(officer, question(sent), None, None, wait=False)
        return told.result


def _parts(cases: Sequence[_Case]) -> Iterator[list[_Case]]:
    """The cases in questions that the broker takes; one without any where there are none."""
    part: list[_Case] = []
    size = 0
    for one in cases:
        more = len(one.sealed or "")
        if part and (len(part) == MOST_AT_ONCE or size + more > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(one)
        size += more
    if part or not cases:
        yield part


def _count(connection: Connection, since: str) -> int:
    return connection.execute(select(func.count()).where(registered.c.registered_at >= since)).scalar_one()


def _cases(connection: Connection, since: str, limit: int, after: Key | None) -> list[_Case]:
    place = (registered.c.registered_at, registered.c.case_id)
    chosen = select(registered.c.case_id, registered.c.registration, registered.c.registered_at).where(
        registered.c.registered_at >= since
    )
    if after is not None:
        chosen = chosen.where(tuple_(*place) < tuple_(*after))
    chosen = chosen.order_by(*(column.desc() for column in place)).limit(limit)
    rows = list(connection.execute(chosen))
    words = _first_words(connection, [row.case_id for row in rows])
    return [_Case(row.case_id, row.registration, row.registered_at, words.get(row.case_id)) for row in rows]


def _first_words(connection: Connection, cases: Sequence[str]) -> dict[str, str | None]:
    """The sealed words of the message that opened each case."""
    first: dict[str, str | None] = {}
    for start in range(0, len(cases), 200):
        messages = (
            select(entry.c.case_id, entry.c.sealed)
            .where(
                entry.c.case_id.in_(cases[start : start + 200]),
                entry.c.service == "intake",
                entry.c.kind == f"{MessageReceived.noun}.{MessageReceived.verb}",
            )
            .order_by(entry.c.number.desc())
        )
        first.update((row.case_id, row.sealed) for row in connection.execute(messages))
    return first
