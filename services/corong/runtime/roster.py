"""Who works with the hub now: the officers of `officers.toml`, and over them what the log's events say since (0037)."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass

from corong.runtime.officer_entry import Officer

__all__ = ["OfficerEdition", "Roster"]


@dataclass(frozen=True, slots=True)
class OfficerEdition:
    """An officer as the log has them, and the number of that edition."""

    number: int
    officer: Officer


class Roster:
    """Safe for several threads: who reads sees it before a change or after it, never half of one."""

    def __init__(self, listed: Iterable[Officer]) -> None:
        self._listed = {officer.id: officer for officer in listed}
        self._editions: dict[str, OfficerEdition] = {}
        self._guard = threading.Lock()
        self._settle()

    def take(self, editions: Iterable[OfficerEdition]) -> None:
        """What the log says; an edition older than the one that is known changes nothing."""
        with self._guard:
            for edition in editions:
                known = self._editions.get(edition.officer.id)
                if known is None or known.number <= edition.number:
                    self._editions[edition.officer.id] = edition
            self._settle()

    def _settle(self) -> None:
        merged = dict(self._listed)
        for identity, edition in sorted(self._editions.items()):
            merged[identity] = _with_file(edition.officer, self._listed.get(identity))
        named = {one.identity.lower(): one for one in merged.values() if one.identity is not None}
        # One reference each: a reader in another thread has the old or the new.
        self._identities, self._all, self._by_id = named, tuple(merged.values()), merged

    @property
    def all(self) -> tuple[Officer, ...]:
        """Everybody, active or not: the file's in its order, then those whom the log alone knows, by id."""
        return self._all

    def get(self, identity: str) -> Officer | None:
        """The officer of that id, active or not."""
        return self._by_id.get(identity)

    def edition(self, identity: str) -> int:
        """The number of the log's newest edition; 0 of one whom nobody changed."""
        found = self._editions.get(identity)
        return 0 if found is None else found.number

    def identified(self, identity: str) -> Officer | None:
        """Whom the sign-in provider calls so, whatever the capital letters."""
        return self._identities.get(identity.lower())


def _with_file(officer: Officer, listed: Officer | None) -> Officer:
    """Of the file's entry two things count still: the identity, and a generation that is higher."""
    if listed is None:
        return officer
    generation = max(officer.token_generation, listed.token_generation)
    return officer.model_copy(update={"token_generation": generation, "identity": listed.identity})
