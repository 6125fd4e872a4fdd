"""Answers for everybody: the newest first, one of them, and those that have the words that somebody looks for.

The words' stems are kept in memory and follow the table: what was published or withdrawn is read again by the next
who asks. They are the stems of the routing rules and of the desk's search.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, func, select

from corong.portal.posts import shortened
from corong.portal.tables import public_answer, registered
from corong.runtime.directory import Directory
from corong.runtime.stems import stemmer, words

__all__ = ["Answers", "Found", "PublicAnswer"]

MOST_STEMS = 200
"""Of what somebody wrote; a long message is told by its beginning."""
MOST_SIMILAR = 3
ENOUGH = 0.5
"""So much of a message's words stands in the question of an answer that is similar, or so much of that in the message,
each word by what it tells."""
IN_THE_QUESTION = 3
"""A word of the question counts so many times as one of the answer."""
EXCERPT = 220
"""Characters."""

_, _stem = stemmer({}, ())
_table = public_answer.c
_COMMON_WORDS = """
ada adalah agar akan apa apakah atau bagaimana bagi bahwa bapak belum berapa bila bisa boleh buat dan dapat dari dengan
di harus hari ibu ingin ini itu jika juga kalau kami kapan karena ke kepada kita lagi lebih mana mau mohon oleh pada pak
para perlu saat saja sampai sangat saya sebagai selamat siang pagi sore malam salam sudah supaya tanya tapi tentang
terima kasih tetapi tidak tolong untuk yang
"""
"""They stand in most messages, and tell no two of them apart."""
_COMMON = frozenset(map(_stem, _COMMON_WORDS.split()))


@dataclass(frozen=True)
class PublicAnswer:
    """One, as pages show it."""

    answer_id: str
    unit: str
    """The unit's name."""
    unit_id: str
    kind: str
    question: str
    answer: str
    first_at: str
    changed_at: str

    @property
    def address(self) -> str:
        """Of its page."""
        return f"/jawaban/{self.answer_id}"

    @property
    def excerpt(self) -> str:
        """How the answer begins."""
        return shortened(" ".join(self.answer.split()), EXCERPT)


@dataclass(frozen=True)
class Found:
    """A page of them, and how many there are on all."""

    answers: list[PublicAnswer]
    count: int


@dataclass(frozen=True)
class _Kept:
    edition: int
    unit: str
    changed_at: str
    question: frozenset[str]
    answer: frozenset[str]


class Answers:
    """Finds them. Asked from several threads."""

    def __init__(self, directory: Directory, *, demo: bool) -> None:
        self._directory = directory
        self._demo = demo
        """Whether this is a training hub: elsewhere nothing of a training case is shown."""
        self._lock = Lock()
        self._kept: dict[str, _Kept] = {}
        self._holders: Counter[str] = Counter()
        self._version: tuple[int, int] = (0, 0)

    def find(self, connection: Connection, asked: str, unit: str, *, most: int, skip: int = 0) -> Found:
        """Those with all words of `asked`, the best first; without words the newest first. `unit` empty: of all."""
        wanted = _stems(asked)
        with self._lock:
            self._follow(connection)
            chosen = [
                answer_id
                for answer_id, kept in self._kept.items()
                if (not unit or kept.unit == unit) and wanted <= kept.question | kept.answer
            ]
            chosen.sort(key=lambda one: (self._weight(wanted, self._kept[one]), self._newest(one)), reverse=True)
        if asked.strip() and not wanted:
            chosen = []
        return Found(self._read(connection, chosen[skip : skip + most]), len(chosen))

    def similar(self, connection: Connection, text: str, most: int = MOST_SIMILAR) -> list[PublicAnswer]:
        """Those that a message with these words may have been answered by, the likeliest first."""
        wanted = _stems(text) - _COMMON
        if not wanted:
            return []
        with self._lock:
            self._follow(connection)
            weights = {
                one: self._weight(wanted, kept) for one, kept in self._kept.items() if self._is_near(wanted, kept)
            }
            chosen = sorted(weights, key=lambda one: (weights[one], self._newest(one)), reverse=True)
        return self._read(connection, chosen[:most])

    def one(self, connection: Connection, answer_id: UUID) -> PublicAnswer | None:
        """One that is shown now, or None."""
        return next(iter(self._read(connection, [str(answer_id)])), None)

    def units(self, connection: Connection) -> dict[str, str]:
        """The units that have some: id → name, by name."""
        found = connection.execute(self._shown_ones(_table.unit).distinct()).scalars()
        return dict(sorted(((unit, self._name(unit)) for unit in found), key=lambda pair: pair[1]))

    def _follow(self, connection: Connection) -> None:
        """Read what changed since the last time; the sum of the editions grows with every event."""
        counting = self._all_of_us(func.count(), func.coalesce(func.sum(_table.edition), 0))
        counted = connection.execute(counting).one()
        version = (int(counted[0]), int(counted[1]))
        if version == self._version:
            return
        editions = {
            row.answer_id: row.edition for row in connection.execute(self._shown_ones(_table.answer_id, _table.edition))
        }
        for gone in [one for one, kept in self._kept.items() if editions.get(one) != kept.edition]:
            kept = self._kept.pop(gone)
            self._holders.subtract(kept.question | kept.answer)
        for row in self._rows(connection, [one for one in editions if one not in self._kept]):
            kept = _Kept(
                row.edition, row.unit, row.changed_at, frozenset(_stems(row.question)), frozenset(_stems(row.answer))
            )
            self._kept[row.answer_id] = kept
            self._holders.update(kept.question | kept.answer)
        self._version = version

    def _is_near(self, wanted: set[str], kept: _Kept) -> bool:
        asked = kept.question - _COMMON
        shared = wanted & asked
        if len(shared) < min(2, len(wanted), len(asked)) or not shared:
            return False
        told = sum(map(self._rarity, shared))
        return any(told >= ENOUGH * sum(map(self._rarity, whole)) for whole in (wanted, asked))

    def _rarity(self, stem: str) -> float:
        """What a word tells: the fewer answers have it, the more (inverse document frequency)."""
        return math.log(1 + len(self._kept) / (1 + self._holders[stem])) + 0.1

    def _weight(self, wanted: Iterable[str], kept: _Kept) -> float:
        return sum(
            self._rarity(stem) * (IN_THE_QUESTION if stem in kept.question else 1)
            for stem in wanted
            if stem in kept.question or stem in kept.answer
        )

    def _newest(self, answer_id: str) -> tuple[str, str]:
        return self._kept[answer_id].changed_at, answer_id

    def _all_of_us(self, *columns: Any) -> Select[Any]:
        joined = public_answer.join(registered, registered.c.case_id == _table.case_id)
        return select(*columns).select_from(joined).where(registered.c.demo.is_(self._demo))

    def _shown_ones(self, *columns: Any) -> Select[Any]:
        return self._all_of_us(*columns).where(_table.shown.is_(True))

    def _rows(self, connection: Connection, wanted: Sequence[str]) -> list[Any]:
        found: list[Any] = []
        for start in range(0, len(wanted), 500):  # databases take so many values and not many more
            chosen = _table.answer_id.in_(wanted[start : start + 500])
            found += connection.execute(self._shown_ones(public_answer).where(chosen))
        return found

    def _read(self, connection: Connection, wanted: Sequence[str]) -> list[PublicAnswer]:
        found = {row.answer_id: row for row in self._rows(connection, wanted)}
        return [self._shown(found[one]) for one in wanted if one in found]

    def _shown(self, row: Any) -> PublicAnswer:
        return PublicAnswer(
            row.answer_id, self._name(row.unit), row.unit, row.kind, row.question, row.answer, row.first_at,
            row.changed_at,
        )  # fmt: skip

    def _name(self, unit: str) -> str:
        return self._directory.unit(unit).name if self._directory.has_unit(unit) else unit


def _stems(text: str) -> set[str]:
    return set(map(_stem, words(text)[:MOST_STEMS])) if len(text) < 100_000 else set()
