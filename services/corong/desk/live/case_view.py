"""A case's page while it is open: the facts that it shows, and who else has it open."""

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, or_, select

from corong.desk.cases import Cases
from corong.desk.live.changes import Hint
from corong.desk.live.presence import Presence, Present
from corong.desk.live.streams import State
from corong.desk.tables import entry, moved
from corong.runtime.policy import Actor, Forbidden
from corong.runtime.refusal import Refused

NAME = "perkara"
_FACTS = ("unit", "kind", "priority", "holder", "lease_until", "state", "life", "due_at", "messages", "merged_into")

Say = Callable[[str | None, list[Present]], dict[str, str]]
"""Who is at a case of the kind, in words of the reader's language."""


class CaseView:
    """As one officer sees it."""

    def __init__(self, cases: Cases, presence: Presence, actor: Actor, case_id: UUID, say: Say) -> None:
        self._cases = cases
        self._presence = presence
        self._actor = actor
        self._case_id = case_id
        self._say = say

    def hears(self, hint: Hint | None) -> bool:
        """Whether it is this case."""
        return hint is None or str(self._case_id) in hint.cases

    async def now(self) -> State | None:
        """None where the officer may not read it any more."""
        try:
            kind, facts = await self._cases.desk.read(self._facts)
        except (Forbidden, Refused):
            return None
        words = self._say(kind, self._presence.of(str(self._case_id), self._actor.id))
        return State(NAME, token_of(facts, words), {"facts": facts, **words})

    def _facts(self, connection: Connection) -> tuple[str | None, str]:
        """The case's kind, and the mark of how it stands."""
        row = self._cases.load(connection, self._actor, self._case_id)
        return row["kind"], facts_of(connection, row)


def facts_of(connection: Connection, row: dict[str, Any]) -> str:
    """A mark that changes with the case's row and its steps."""
    case_id = row["case_id"]
    steps = connection.execute(
        select(func.count(), func.max(entry.c.at), func.max(entry.c.number)).where(entry.c.case_id == case_id)
    ).one()
    moves = connection.execute(
        select(func.count()).select_from(moved).where(or_(moved.c.case_id == case_id, moved.c.from_case == case_id))
    ).scalar_one()
    return token_of(*(row[name] for name in _FACTS), *steps, moves)


def token_of(*parts: object) -> str:
    """A short mark of how something stands."""
    return hashlib.blake2s(repr(parts).encode(), digest_size=9).hexdigest()
