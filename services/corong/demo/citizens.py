"""Synthetic citizens: who they are and what they write next. The same seed writes the same."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from corong.demo.templates import CLOSINGS, FAMILY_NAMES, FIRST_NAMES, FOLLOW_UPS, GREETINGS, TEMPLATES
from corong.runtime.directory import Directory
from corong_contracts.case import CaseKind

AGAIN = 0.2
"""How many write again in a conversation that they began."""
REMEMBERED = 500


@dataclass(frozen=True)
class Citizen:
    """Somebody who is nobody."""

    name: str
    number: int

    @property
    def mail(self) -> str:
        """An address under example.org (RFC 2606): nothing sent there reaches anybody."""
        return f"{self.name.lower().replace(' ', '.')}.{self.number}@warga.example.org"

    @property
    def handle(self) -> str:
        """A name on a network."""
        return f"{self.name.split()[0].lower()}{self.number}@jejaring.example.org"


@dataclass(frozen=True)
class Writing:
    """One message to be handed in."""

    id: str
    """The network's id of it."""
    citizen: Citizen
    kind: CaseKind
    subject: str
    text: str
    account: str
    """Where: an account of the directory."""
    thread: tuple[str, ...] = field(default=())
    """Ids of the earlier messages of the conversation, the nearest first."""


class Citizens:
    """Draws who writes what, and where."""

    def __init__(self, directory: Directory, accounts: Mapping[str, bool], seed: int) -> None:
        """`accounts` are the ways in, and whether they know conversations; `seed` decides everything."""
        self._random = random.Random(seed)  # noqa: S311  # a game, no secret
        self._accounts = tuple(sorted(accounts))
        self._threaded = frozenset(account for account, threaded in accounts.items() if threaded)
        places = (place for unit in directory.units if unit.kind == "subdistrict" for place in unit.places)
        self._places = tuple(places) or (directory.main_unit.name,)
        self._begun: list[Writing] = []
        self._number = 0

    def next(self, run: UUID) -> Writing:
        """The next message; `run` keeps the ids of two runs apart."""
        self._number += 1
        identity = f"demo-{run.hex[:12]}-{self._number}"
        pick = self._random.choice
        if self._begun and self._random.random() < AGAIN:
            before = pick(self._begun)
            thread = (before.id, *before.thread)[:8]
            writing = Writing(
                identity, before.citizen, before.kind, before.subject, pick(FOLLOW_UPS), before.account, thread
            )
            self._begun[self._begun.index(before)] = writing
            return writing
        template = pick(TEMPLATES)
        text = pick(template.texts).format(place=pick(self._places))
        citizen = Citizen(f"{pick(FIRST_NAMES)} {pick(FAMILY_NAMES)}", self._random.randrange(1, 1000))
        whole = f"{pick(GREETINGS)}{text}{pick(CLOSINGS)}"
        writing = Writing(identity, citizen, template.kind, template.subject, whole, pick(self._accounts))
        if writing.account in self._threaded:
            self._begun = [*self._begun[-REMEMBERED:], writing]
        return writing

    def pause(self, per_minute: float) -> float:
        """Seconds until the next one writes: people don't write by the clock."""
        return self._random.expovariate(per_minute / 60)
