"""Which units there are now: those of `units.toml`, and over them what the log's events say since (0042)."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from corong.runtime.unit_entry import KnownUnit, Unit

__all__ = ["UnitChart", "UnitEdition", "Units"]


@dataclass(frozen=True, slots=True)
class UnitEdition:
    """A unit as the log has it, and the number of that edition."""

    number: int
    unit: KnownUnit


class Units:
    """All units at one moment; nothing changes in it."""

    def __init__(self, units: Iterable[KnownUnit]) -> None:
        self.all = tuple(units)
        """Open and closed: the file's in its order, then those whom the log alone knows, by id."""
        self.by_id = {unit.id: unit for unit in self.all}

    @cached_property
    def open(self) -> tuple[KnownUnit, ...]:
        """Those that take cases."""
        return tuple(unit for unit in self.all if not unit.closed)

    @cached_property
    def main(self) -> KnownUnit:
        """The main office (PPID Utama): what nobody else answers for comes here."""
        return next(unit for unit in self.open if unit.kind == "main")

    @cached_property
    def topic_owners(self) -> dict[str, KnownUnit]:
        """Topic to the open unit that answers for it."""
        return {topic: unit for unit in self.open for topic in unit.topics}

    def serving(self, identity: str) -> str:
        """The open unit that does this one's work: itself, or its successor, or that one's. An unknown id stays."""
        passed = {identity}
        while (unit := self.by_id.get(identity)) is not None and unit.successor is not None:
            identity = unit.successor
            if identity in passed:  # rules let no ring come to be; a log by another hand gets no endless loop
                return self.main.id
            passed.add(identity)
        return identity

    def having(self, changed: Iterable[KnownUnit]) -> "Units":
        """These, with those in their places or added."""
        merged = {**self.by_id, **{unit.id: unit for unit in changed}}
        return Units(merged.values())


class UnitChart:
    """Safe for several threads: who reads sees it before a change or after it, never half of one."""

    def __init__(self, listed: Iterable[Unit]) -> None:
        self.listed = Units(KnownUnit(**unit.model_dump()) for unit in listed)
        """As the file has them."""
        self._editions: dict[str, UnitEdition] = {}
        self._guard = threading.Lock()
        self._now = self.listed

    @property
    def now(self) -> Units:
        """All of them at this moment."""
        return self._now

    def take(self, editions: Iterable[UnitEdition]) -> None:
        """What the log says; an edition older than the one that is known changes nothing."""
        with self._guard:
            for edition in editions:
                known = self._editions.get(edition.unit.id)
                if known is None or known.number <= edition.number:
                    self._editions[edition.unit.id] = edition
            self._now = self.listed.having(one.unit for _, one in sorted(self._editions.items()))

    def edition(self, identity: str) -> int:
        """The number of the log's newest edition; 0 of one that nobody changed."""
        found = self._editions.get(identity)
        return 0 if found is None else found.number
