"""The public information list (DIP) and the list of exempt information (DIK) of one installation, from two files.

`information.toml` and `exempt.toml` stand in the installation's folder; `examples/asahan` shows each field. An
installation without them has empty lists. UU 14/2008: art. 9 periodic, 10 immediate, 11 at any time, 17 exempt.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from corong.runtime.directory import Directory
from corong.runtime.entry_files import ConfigurationError, Entry, Problem, read_entries
from corong.runtime.stems import stemmer
from corong_contracts.base import Slug
from corong_contracts.decision import ExemptGround

__all__ = ["CLASSES", "EXEMPT", "Exempt", "Found", "Information", "InformationLists", "InformationProblem", "Listed"]

FILE = "information.toml"
EXEMPT_FILE = "exempt.toml"

InformationClass = Literal["periodic", "immediate", "any_time"]
CLASSES: tuple[InformationClass, ...] = ("periodic", "immediate", "any_time")
EXEMPT = "exempt"
"""The fourth class: its entries are told, and not what they hold."""

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"']+$", max_length=500)]

_TERM = re.compile(r"[^\W_]{1,40}")
_, _STEM = stemmer({}, ())


class InformationProblem(ConfigurationError):
    """The lists can't be used."""


class Listed(Entry):
    """What an entry of either list has."""

    id: Slug
    """Its address; stays the same for ever."""
    title: Line
    unit: Slug
    """Who holds it."""

    @property
    def words(self) -> str:
        """What a search looks at, beside the unit's name."""
        return self.title


class Information(Listed):
    """One entry of the public information list."""

    kind: InformationClass = Field(alias="class")
    summary: Text | None = None
    formats: Annotated[tuple[Line, ...], Field(min_length=1)]
    """In what forms it can be had."""
    period: Line
    """How often it is made anew, in words."""
    made: Line | None = None
    """When and where it was made."""
    kept: Line | None = None
    """How long it is kept (jangka waktu penyimpanan)."""
    address: Address | None = None
    """Where it can be read at once."""
    place: Line | None = None
    """Where else it can be had."""

    @model_validator(mode="after")
    def _can_be_had(self) -> Self:
        if self.address is None and self.place is None:
            raise ValueError("it says nowhere how to get it: give `address`, `place`, or both")
        return self

    @property
    def words(self) -> str:
        """Title and summary."""
        return f"{self.title} {self.summary or ''}"


class Exempt(Listed):
    """One entry of the list of exempt information."""

    grounds: Annotated[tuple[ExemptGround, ...], Field(min_length=1)]
    """Letters of art. 17."""
    reason: Text
    """What would follow if it were open, as the consequence test found (uji konsekuensi, art. 19)."""
    test: Line
    """Number and date of the test's record."""
    until: date | Line
    """The last day on which it stays exempt, or in words (art. 20)."""

    @property
    def words(self) -> str:
        """Title and reason."""
        return f"{self.title} {self.reason}"


@dataclass(frozen=True)
class Found:
    """What a search found: of both lists, in the files' order; what has the words in its title stands first."""

    information: Sequence[Information]
    exempt: Sequence[Exempt]

    def of_class(self, kind: str) -> Sequence[Listed]:
        """The entries of one class."""
        if kind == EXEMPT:
            return self.exempt
        return [entry for entry in self.information if entry.kind == kind]


class InformationLists:
    """Both lists, loaded once at the start."""

    def __init__(self, directory: Directory, information: Sequence[Information], exempt: Sequence[Exempt]) -> None:
        self._directory = directory
        self.information = tuple(information)
        self.exempt = tuple(exempt)

    @classmethod
    def load(cls, folder: Path, directory: Directory) -> Self:
        """Read both files. Raises `InformationProblem` with every problem found."""
        problems: list[Problem] = []
        files = folder / FILE, folder / EXEMPT_FILE
        information = read_entries(files[0], "information", Information, problems) if files[0].is_file() else []
        exempt = read_entries(files[1], "exempt", Exempt, problems) if files[1].is_file() else []
        problems += _inconsistencies(files[0], "information", information, directory)
        problems += _inconsistencies(files[1], "exempt", exempt, directory)
        for shared in {entry.id for entry in information} & {entry.id for entry in exempt}:
            what = f"the id stands in {FILE} too"
            problems.append(Problem(files[1], f"exempt {shared!r}", what, "give each its own id"))
        if problems:
            raise InformationProblem(problems)
        return cls(directory, information, exempt)

    def entry(self, entry_id: str) -> Listed | None:
        """The entry of that id."""
        return self._by_id.get(entry_id)

    def unit_name(self, unit: str) -> str:
        """A unit's name."""
        return self._directory.unit(unit).name

    @cached_property
    def units(self) -> dict[str, str]:
        """Units that hold something, id → name, in the directory's order."""
        holding = {entry.unit for entry in (*self.information, *self.exempt)}
        return {unit.id: unit.name for unit in self._directory.units if unit.id in holding}

    def find(self, asked: str = "", unit: str = "") -> Found:
        """The entries that have every word of `asked`, by its stem or its beginning; of one unit where one is named."""
        terms = _terms(asked)
        return Found(
            [entry for entry in self._ranked(self.information, terms, unit) if isinstance(entry, Information)],
            [entry for entry in self._ranked(self.exempt, terms, unit) if isinstance(entry, Exempt)],
        )

    def _ranked(self, entries: Sequence[Listed], terms: frozenset[str], unit: str) -> list[Listed]:
        own = [entry for entry in entries if not unit or entry.unit == unit]
        found = [entry for entry in own if _all_in(terms, self._known[entry.id])]
        return sorted(found, key=lambda entry: not _all_in(terms, _terms(entry.title)))

    @cached_property
    def _by_id(self) -> dict[str, Listed]:
        return {entry.id: entry for entry in (*self.information, *self.exempt)}

    @cached_property
    def _known(self) -> dict[str, frozenset[str]]:
        return {
            name: _terms(f"{entry.words} {self.unit_name(entry.unit)}") for name, entry in self._by_id.items()
        }  # fmt: skip


def _terms(text: str) -> frozenset[str]:
    return frozenset(_STEM(word) for word in _TERM.findall(text.casefold()))


def _all_in(terms: frozenset[str], known: frozenset[str]) -> bool:
    return all(term in known or any(word.startswith(term) for word in known) for term in terms)


def _inconsistencies(file: Path, noun: str, entries: Sequence[Listed], directory: Directory) -> Iterator[Problem]:
    for name, times in Counter(entry.id for entry in entries).items():
        if times > 1:
            yield Problem(file, f"{noun} {name!r}", f"the id stands {times} times", "give each its own id")
    for entry in entries:
        if not directory.has_unit(entry.unit):
            what = f"there is no unit {entry.unit!r}"
            yield Problem(file, f"{noun} {entry.id!r}", what, "use an id from units.toml")
