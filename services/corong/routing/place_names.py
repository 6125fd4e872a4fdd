"""Names of places in a message, and the units that serve there."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from corong.routing.rulefile import Places
from corong.runtime.directory import Unit, UnitKind
from corong.runtime.stems import words

__all__ = ["Place", "PlaceNames"]


@dataclass(frozen=True, slots=True)
class Place:
    """A name of units.toml."""

    name: str
    spelled: tuple[str, ...]
    ordinary: bool
    """It is an ordinary word too, so the name alone proves nothing."""
    units: dict[UnitKind, str] = field(default_factory=dict)
    """Kind of unit to the unit that serves there."""


class PlaceNames:
    """Every place of the directory, found by its first word."""

    def __init__(self, units: Iterable[Unit], rules: Places, spelled: Callable[[str], str]) -> None:
        self._prefixes = frozenset(map(spelled, rules.prefixes))
        self._never_after = frozenset(map(spelled, rules.never_after)) - self._prefixes
        ordinary = {tuple(map(spelled, words(name))) for name in rules.ordinary}
        found: dict[tuple[str, ...], Place] = {}
        clinics: dict[str, str] = {}
        for unit in units:
            if unit.kind == "clinic" and unit.within is not None:
                clinics.setdefault(unit.within, unit.id)
            for name in unit.places:
                key = tuple(map(spelled, words(name)))
                if key:
                    found.setdefault(key, Place(name, key, key in ordinary)).units.setdefault(unit.kind, unit.id)
        self._by_first: dict[str, tuple[Place, ...]] = {}
        for key, place in sorted(found.items(), key=lambda item: -len(item[0])):
            # A village without a clinic of its own goes to the first clinic of its sub-district.
            subdistrict = place.units.get("subdistrict")
            if subdistrict in clinics:
                place.units.setdefault("clinic", clinics[subdistrict])
            self._by_first[key[0]] = (*self._by_first.get(key[0], ()), place)

    def begins(self, spelled: str) -> bool:
        """Whether some name begins with that word."""
        return spelled in self._by_first

    def find(
        self, raw: Sequence[str], spelled: Sequence[str], positions: Iterable[int]
    ) -> tuple[Place | None, list[range]]:
        """The place that a message is about, and where names of places stand in it.

        `raw` are its words as written, `spelled` as they are usually spelled, `positions` where a name may begin.
        A name after a prefix (kecamatan, desa) wins, then the first; at one position the longest.
        """
        chosen: Place | None = None
        chosen_by_prefix = False
        taken: list[range] = []
        for start in positions:
            if taken and start in taken[-1]:
                continue
            before = spelled[start - 1] if start else ""
            by_prefix = before in self._prefixes
            if not by_prefix and before in self._never_after:
                continue
            for place in self._by_first[spelled[start]]:
                span = range(start, start + len(place.spelled))
                if tuple(spelled[span.start : span.stop]) != place.spelled:
                    continue
                if place.ordinary and not by_prefix and not _stands_out(raw, span):
                    continue
                taken.append(span)
                if chosen is None or (by_prefix and not chosen_by_prefix):
                    chosen, chosen_by_prefix = place, by_prefix
                break
        return chosen, taken


def _stands_out(raw: Sequence[str], span: range) -> bool:
    """Whether the words of `span` begin with capitals, in a text where most words don't."""
    if not all(raw[position][0].isupper() for position in span):
        return False
    return 2 * sum(word[0].isupper() for word in raw) <= len(raw) + len(span)
