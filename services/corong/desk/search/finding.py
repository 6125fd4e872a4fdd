"""A search as an officer asks it: by number at once, else by words; phrases are held against the words themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection

from corong.desk import queue, thread
from corong.desk.cases import Cases
from corong.desk.context import Desk
from corong.desk.paging import read_cursor, write_cursor
from corong.desk.search import asking
from corong.desk.search.opening import key_of, searched, written
from corong.desk.search.words import Question, Terms, stems
from corong.runtime.clock import stamp
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.working_days.zones import FIRST_DAY, LAST_DAY

MOST_LETTERS = 200
MOST_OPENED = 200
"""Cases whose words are held against a phrase for one page."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Search:
    """What is asked for. Dates are days of the registration, both included."""

    text: str
    unit: str | None = None
    states: Sequence[str] | None = None
    kind: str | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Found:
    """A page of what was found: rows as the queue has them, and the cursor of the next."""

    rows: list[Row]
    next: str | None = None
    waiting: bool = False
    """Cases wait to be read: some may not be found yet."""


class Finding:
    """Finds."""

    def __init__(self, desk: Desk, cases: Cases) -> None:
        self._desk = desk
        self._cases = cases
        self._terms = Terms(desk.installation.key)

    async def page(self, officer: Actor, search: Search, cursor: str | None, limit: int) -> Found:
        """One page. Raises `Forbidden`, `Refused` (422)."""
        authorise(officer, Action.CASE_READ, Scope(search.unit or officer.unit))
        if search.unit is not None:
            self._desk.check_unit(search.unit)
        key = read_cursor(cursor, (int, int))
        after = None if key is None else (int(key[0]) << 10) + min(int(key[1]), 1023)
        if (number := self._cases.number(search.text)) is not None:
            return await self._desk.read(lambda connection: self._by_number(connection, officer, number))
        question = Question.of(search.text)
        wanted = self._wanted(officer, search, question)
        return await self._desk.read(lambda connection: self._read(connection, wanted, question, after, limit))

    def count(self, connection: Connection, officer: Actor, search: Search, most: int) -> int | None:
        """How many there are, counted to `most`; None where that would need to open words. Raises as `page`."""
        if self._cases.number(search.text) is not None:
            return len(self._by_number(connection, officer, self._cases.number(search.text) or "").rows)
        question = Question.of(search.text)
        if question.phrases:
            return None
        return len(asking.places(connection, self._wanted(officer, search, question), None, most))

    def _wanted(self, officer: Actor, search: Search, question: Question) -> asking.Wanted:
        def midnight(day: date | None, more: int = 0) -> str | None:
            if day is None:
                return None
            begins = datetime.combine(min(max(day, FIRST_DAY), LAST_DAY), time(), self._desk.directory.hub.zone)
            return stamp(begins + timedelta(days=more))

        return asking.Wanted(
            terms=frozenset(self._terms.of(question.stems)),
            reach=asking.reach_of(officer, search.unit),
            states=search.states,
            kind=search.kind,
            since=midnight(search.since),
            before=midnight(search.until, 1),
        )

    def _by_number(self, connection: Connection, officer: Actor, number: str) -> Found:
        found = queue.id_of(connection, number)
        row = queue.one(connection, found) if found is not None else None
        return Found([row] if row is not None and self._cases.readable(officer, row) else [])

    def _read(
        self, connection: Connection, wanted: asking.Wanted, question: Question, after: int | None, limit: int
    ) -> Found:
        most = MOST_OPENED if question.phrases else limit
        candidates = asking.places(connection, wanted, after, most + 1)
        kept: list[tuple[int, str]] = []
        last: int | None = None
        for place, case_id in candidates[:most]:
            if len(kept) == limit:
                break
            last = place
            if not question.phrases or self._has(connection, case_id, question):
                kept.append((place, case_id))
        more = last is not None and last != candidates[-1][0]
        rows = {row["case_id"]: row for row in queue.many(connection, [case_id for _, case_id in kept])}
        following = write_cursor((last >> 10, last % 1024)) if more and last is not None else None
        return Found(
            [rows[case_id] for _, case_id in kept if case_id in rows], following, asking.waiting(connection)
        )  # fmt: skip

    def _has(self, connection: Connection, case_id: str, question: Question) -> bool:
        rows = searched(thread.rows_of(connection, case_id))
        self._desk.installation.keys.get_many(key_of(row) for row in rows)
        texts = [text for one in written(self._desk, rows) for text in (one.text, one.name)]
        return question.stands_in([stems(text) for text in texts])
