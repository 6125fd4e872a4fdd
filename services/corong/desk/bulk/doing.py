"""Asks for each case what may be done, and does it: each case by a command of its own, all in one trace."""

import asyncio
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from corong.desk import queue, snippets
from corong.desk.cases import Cases
from corong.desk.context import Desk
from corong.desk.models import CaseSummary
from corong.desk.snippets import Snippet
from corong.runtime.policy import Actor
from corong.runtime.refusal import Refused
from corong_contracts.command import Command
from corong_contracts.life_command import ExplainCase

MOST = 50
"""Cases at once: more than a page of the queue has."""


@dataclass(frozen=True)
class Seen:
    """A case that was chosen, as its officer sees it."""

    case: CaseSummary
    snippet: Snippet
    acts: frozenset[str]
    """Of the life table: what the officer may do now."""
    away: bool = False
    """Nobody could say what may be done."""


@dataclass(frozen=True)
class Outcome:
    """What became of one command."""

    case_id: UUID
    refused: Refused | None = None
    shown: bool = True
    """Whether the desk shows it already."""


def trace_of(officer: str, key: str) -> str:
    """The trace that all events of one bulk share: the same form sent again has the same."""
    return hashlib.sha256(f"bulk\n{officer}\n{key}".encode()).hexdigest()[:32]


class Bulk:
    """Many cases at once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._cases = Cases(desk)

    async def seen(self, officer: Actor, chosen: Sequence[UUID]) -> list[Seen]:
        """Those of the chosen cases that the officer may read, in the order in which they were chosen."""

        def read() -> list[tuple[CaseSummary, Snippet]]:
            with self._desk.service.database.read() as connection:
                rows = [row for case in chosen if (row := queue.one(connection, str(case))) is not None]
                rows = [row for row in rows if self._cases.readable(officer, row)]
                words = snippets.of_cases(self._desk, connection, [row["case_id"] for row in rows])
                return [(self._cases.summary(row), words.get(row["case_id"], Snippet())) for row in rows]

        found = await asyncio.to_thread(read)
        told = await asyncio.gather(*(self.acts(officer, case.case_id) for case, _ in found))
        return [
            Seen(case, snippet, acts or frozenset(), acts is None)
            for (case, snippet), acts in zip(found, told, strict=True)
        ]

    async def acts(self, officer: Actor, case: UUID) -> frozenset[str] | None:
        """What the officer may do with a case now; None where routing doesn't say."""
        try:
            told = await self._desk.ask(officer, ExplainCase(case_id=case), None, None, wait=False)
        except Refused:
            return None
        return frozenset(act["act"] for act in told.result["acts"])

    async def do(self, officer: Actor, commands: Mapping[UUID, Command], key: str, trace: str) -> list[Outcome]:
        """Each by itself: what is refused hinders none of the others. The same `key` again does nothing twice."""

        async def one(case: UUID, command: Command) -> Outcome:
            # W3C Trace Context: one trace, a span for each case.
            parent = f"00-{trace}-{secrets.token_hex(8)}-01"
            try:
                told = await self._desk.ask(officer, command, case, key, traceparent=parent)
            except Refused as refused:
                return Outcome(case, refused)
            return Outcome(case, shown=told.shown)

        return list(await asyncio.gather(*(one(case, command) for case, command in commands.items())))
