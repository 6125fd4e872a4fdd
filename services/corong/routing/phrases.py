"""Phrases of stems, found in a message quickly."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from corong.runtime.stems import Stems, words

__all__ = ["GAP", "WINDOW", "Beginnings", "Phrase", "PhraseIndex", "phrase_parts"]

GAP = ".."
"""Between two words of a phrase: other words may stand between them."""
WINDOW = 6
"""The word after a gap is one of the next six."""

T = TypeVar("T")


def phrase_parts(text: str) -> tuple[list[str], list[str]]:
    """The words of a phrase before its gap and after it.

    Raises ValueError where it isn't words with at most one gap.
    """
    parts = [words(part) for part in text.split(GAP)]
    if len(parts) > 2 or not all(parts):
        raise ValueError(f"a phrase is words of letters, with at most one `{GAP}` between two of them")
    return parts[0], parts[1] if len(parts) == 2 else []


@dataclass(frozen=True, slots=True)
class Phrase(Generic[T]):
    """Stems next to each other, and after at most one gap some more; `marks` is what it stands for."""

    head: list[str]
    tail: list[str]
    second: str | None
    """The stem after the first, with or without a gap."""
    marks: tuple[T, ...]

    def stands_at(self, position: int, stems: list[str]) -> bool:
        """Whether it begins at `position`, where its first stem is known to be."""
        after = position + len(self.head)
        if len(self.head) > 1 and stems[position:after] != self.head:
            return False
        if not self.tail:
            return True
        if self.tail[0] not in stems[after : after + WINDOW]:
            return False
        size = len(self.tail)
        return any(stems[start : start + size] == self.tail for start in range(after, after + WINDOW))


class Beginnings(Generic[T]):
    """The phrases that begin with one stem, those with most words first."""

    __slots__ = ("_alone", "_phrases", "_reach", "_seconds")

    def __init__(self, phrases: Iterable[Phrase[T]]) -> None:
        # The sort is stable: among phrases of one length, those without a gap and then the file's order.
        self._phrases = tuple(sorted(phrases, key=lambda phrase: (-len(phrase.head + phrase.tail), len(phrase.tail))))
        self._alone = tuple(phrase for phrase in self._phrases if phrase.second is None)
        self._seconds = frozenset(phrase.second for phrase in self._phrases if phrase.second is not None)
        self._reach = 1 + (WINDOW if any(len(phrase.head) == 1 and phrase.tail for phrase in self._phrases) else 1)

    def standing_at(self, position: int, stems: list[str]) -> Sequence[Phrase[T]]:
        """Those of them that stand at `position`, where their first stem is known to be."""
        # Mostly none of the second stems is within reach, and then nothing else need be looked at.
        following = stems[position + 1 : position + self._reach]
        if self._seconds.isdisjoint(following):
            return self._alone
        near = self._seconds.intersection(following)
        return [
            phrase
            for phrase in self._phrases
            if phrase.second is None or (phrase.second in near and phrase.stands_at(position, stems))
        ]


class PhraseIndex(Generic[T]):
    """Phrases by their first stem."""

    def __init__(self, entries: Iterable[tuple[Stems, Stems, T]]) -> None:
        """Each entry is the stems before a phrase's gap, those after it (none: no gap), and what it stands for."""
        found: dict[tuple[Stems, Stems], list[T]] = {}
        for head, tail, mark in entries:
            found.setdefault((head, tail), []).append(mark)
        by_first: dict[str, list[Phrase[T]]] = {}
        for (head, tail), marks in found.items():
            second = next(iter(head[1:] + tail), None)
            by_first.setdefault(head[0], []).append(Phrase(list(head), list(tail), second, tuple(marks)))
        self._by_first = {first: Beginnings(phrases) for first, phrases in by_first.items()}

    def beginning_with(self, stem: str) -> Beginnings[T] | None:
        """The phrases whose first word has that stem."""
        return self._by_first.get(stem)
