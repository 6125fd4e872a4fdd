"""Which rules new cases are routed by: the newest edition of the log, and before the first the configuration's file."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5
from weakref import ref

from sqlalchemy import Connection, func, literal_column, select

from corong.routing import state
from corong.routing.rulebook import Rulebook
from corong.routing.rulefile import RulebookError, RuleFile, text_of_rules
from corong.runtime.directory import Directory
from corong.runtime.refusal import Refused
from corong.runtime.service import Service
from corong.runtime.statements import run
from corong.runtime.unit import Draft, Unit
from corong.runtime.unit_chart import Units
from corong_contracts.rules import RulesChanged

RULES_ID = UUID("0b6c6f5a-6f3e-5d0e-9a57-2d8f5f0e7c31")
"""All editions are about one thing, in one partition."""
MOST_BYTES = 55_000
"""Of a rule file as JSON writes it: it stands whole in an event."""

_NOT_ASKED: tuple[Callable[[], Unit | None], int] = (lambda: None, 0)
"""The unit of work in which the newest edition was asked for last, and its number: each asks once for all its cases."""
_NEWEST = select(func.coalesce(func.max(state.rules.c.edition), literal_column("0")))


@dataclass(frozen=True, slots=True)
class RuleEdition:
    """Rules that are or were in force; `number` 0: the configuration's file, which nobody changed yet."""

    number: int
    content: str
    officer: str | None = None
    reason: str = ""
    changed_at: str | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the content."""
        return sha256(self.content.encode()).hexdigest()


class RuleEditions:
    """The editions of this installation."""

    def __init__(self, service: Service) -> None:
        """Raises `RulebookError` where the configuration's file can't be read."""
        self._service = service
        self._directory: Directory = service.installation.directory
        self._path = service.installation.config_folder / "rules.toml"
        self._file = RuleEdition(0, text_of_rules(self._path))
        self._books = lru_cache(maxsize=8)(self._read)
        self._good: tuple[str, Rulebook] | None = None
        self._newest = _NOT_ASKED
        service.before_start(self.begin)

    def begin(self) -> None:
        """Raises `RulebookError` where the rules in force no longer fit the directory."""
        with self._service.database.read() as connection:
            self.book(self.in_force_at(connection))

    def in_force(self, unit: Unit) -> RuleEdition:
        """The edition of this moment, with what the same commit changed before."""
        asked_in, number = self._newest
        if asked_in() is not unit:
            number = int(run(unit.connection, _NEWEST)[0][0])
            self._newest = ref(unit), number
        while unit.rows.get(state.rules, number + 1) is not None:
            number += 1
        row = unit.rows.get(state.rules, number) if number else None
        return self._file if row is None else _edition(row)

    def in_force_at(self, connection: Connection) -> RuleEdition:
        """The same for a question."""
        return self.editions(connection, 1)[0]

    def editions(self, connection: Connection, most: int = 1_000) -> list[RuleEdition]:
        """The newest ones, the one in force first."""
        chosen = select(state.rules).order_by(state.rules.c.edition.desc()).limit(most)
        found = [_edition(dict(row)) for row in connection.execute(chosen).mappings()]
        return found or [self._file]

    def book(self, edition: RuleEdition) -> Rulebook:
        """Ready to decide, by the units of this moment. Raises `RulebookError`.

        A process that hears of a unit's closing event by event decides by the units before until it has all of them.
        """
        path = Path(f"rules.toml, edition {edition.number}") if edition.number else self._path
        try:
            book = self._books(edition.content, path, self._directory.chart.now)
        except RulebookError:
            if self._good is None or self._good[0] != edition.content:
                raise
            return self._good[1]
        self._good = edition.content, book
        return book

    def proposed(self, content: str, units: Units | None = None) -> Rulebook:
        """Rules or units that are not in force, ready to decide. Raises `RulebookError`."""
        return self._books(content, Path("rules.toml"), units or self._directory.chart.now)

    def change(self, unit: Unit, cause: UUID, content: str, officer: str, after: int, reason: str) -> int:
        """Make it the newest edition, where it says something else than that; its number.

        What was in force before stands in the log as well. Raises `Refused` (409) where `after` is not in force.
        """
        unit.lock_entity(RULES_ID)
        self._newest = _NOT_ASKED  # what was read before the lock may be old
        now = self.in_force(unit)
        if now.number != after:
            who = now.officer or "Corong"
            raise Refused(
                409, "rules_changed_meanwhile",
                f"Aturan sudah diubah {who} menjadi edisi {now.number}; Anda mulai dari edisi {after}. "
                "Ambil edisi itu, gabungkan perubahan Anda, lalu coba lagi.",
                f"{who} changed the rules meanwhile: edition {now.number} is in force, and you began with {after}. "
                "Take that edition, put your change into it and try it again.", ["edition"],
            )  # fmt: skip
        if now.content == content:
            return now.number
        if now.number == 0:
            first = RuleEdition(1, now.content)
            self._record(unit, uuid5(RULES_ID, first.digest), first)
        new = RuleEdition(max(now.number, 1) + 1, content, officer, reason)
        self._record(unit, cause, new)
        return new.number

    def _record(self, unit: Unit, cause: UUID, edition: RuleEdition) -> None:
        check_size(edition.content)
        data = {
            "rules_id": RULES_ID,
            "edition": edition.number,
            "digest": edition.digest,
            "officer": edition.officer,
            "reason": edition.reason,
            "content": edition.content,
        }
        actor = f"officer:{edition.officer}" if edition.officer else "system"
        unit.record(cause, [Draft(RulesChanged, RULES_ID, data, actor=actor)])

    def _read(self, content: str, path: Path, units: Units) -> Rulebook:
        directory = self._directory.with_units(units)
        return Rulebook(RuleFile.read(content, directory, path), directory)


def check_size(content: str) -> None:
    """Raises `Refused` (422) where the rules have no room in an event."""
    size = len(json.dumps(content, ensure_ascii=False).encode())
    if size > MOST_BYTES:
        raise Refused(
            422, "too_long", f"Berkas aturan terlalu panjang ({size} dari {MOST_BYTES} byte).",
            f"The rule file is too long ({size} of {MOST_BYTES} bytes).", ["content"],
        )  # fmt: skip


def _edition(row: dict[str, Any]) -> RuleEdition:
    return RuleEdition(row["edition"], row["content"], row["officer"], row["reason"], row["changed_at"])
