"""What a message speaks of, in the words of the rule file: its place, topics, kind, and the words rules look for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from corong.routing.phrases import Beginnings, Phrase, PhraseIndex, phrase_parts
from corong.routing.place_names import Place, PlaceNames
from corong.routing.rulefile import RuleFile
from corong.runtime.directory import Directory
from corong.runtime.reasons import KIND_DECLARED, KIND_DEFAULT, KIND_WORDS
from corong.runtime.stems import Stems, stemmer, words
from corong_contracts.case import CaseKind, Reason

__all__ = ["READS_CHARACTERS", "Reader", "Reading", "Score"]

READS_CHARACTERS = 20_000
"""A message's first so many characters decide; what stands further on is the officer's to read."""


@dataclass(slots=True)
class Score:
    """Points of one topic, kind or rule, and the file's words that gave them, in the message's order."""

    points: int = 0
    texts: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reading:
    """All that the rules ask about a message's text."""

    place: Place | None
    topics: dict[str, Score]
    """The leading topic first."""
    kind: CaseKind
    kind_reason: Reason
    rules: dict[str, Score]
    """By the ids of the rules whose own words stand in it."""


class _Mark(NamedTuple):
    """What a phrase of the file counts for."""

    subject: str
    points: int
    text: str


class _Word(NamedTuple):
    """A word of a message, with everything that may begin at it."""

    stem: str
    spelled: str
    topics: Beginnings[_Mark] | None = None
    kinds: Beginnings[_Mark] | None = None
    rules: Beginnings[_Mark] | None = None
    names_place: bool = False


_USED_UP = _Word("", "")


class Reader:
    """Reads messages by one rule file and one directory."""

    def __init__(self, file: RuleFile, directory: Directory) -> None:
        self._spelled, self._stem = stemmer(file.spelling, frozenset(file.stems.whole))
        self._places = PlaceNames(directory.open_units, file.places, self._spelled)
        self._topics = self._index((topic, entry.points()) for topic, entry in file.topics.items())
        self._kinds = self._index((kind, entry.points()) for kind, entry in file.kinds.items())
        self._rules = self._index((rule.id, ((text, 1) for text in rule.when.words)) for rule in file.rule)
        self._topic_order = {topic: number for number, topic in enumerate(file.topics)}
        self._at_least = {kind: entry.at_least for kind, entry in file.kinds.items()}
        self._word = lru_cache(maxsize=16_384)(self._look_up)

    def read(self, text: str, declared_kind: CaseKind | None = None) -> Reading:
        """Everything found in the first 20,000 characters; never raises."""
        raw = words(text[:READS_CHARACTERS])
        message = list(map(self._word, raw))
        place: Place | None = None
        if positions := [position for position, word in enumerate(message) if word.names_place]:
            place, taken = self._places.find(raw, [word.spelled for word in message], positions)
            for span in taken:
                message[span.start : span.stop] = [_USED_UP] * len(span)
        stems = [word.stem for word in message]
        topics: dict[str, Score] = {}
        kinds: dict[str, Score] = {}
        rules: dict[str, Score] = {}
        free_for_topics = free_for_kinds = 0
        for position, word in enumerate(message):
            if word.topics and position >= free_for_topics:
                free_for_topics = _longest(word.topics, position, stems, topics)
            if word.kinds and position >= free_for_kinds:
                free_for_kinds = _longest(word.kinds, position, stems, kinds)
            if word.rules:
                for phrase in word.rules.standing_at(position, stems):
                    _count(phrase, rules)
        ranked = sorted(topics, key=lambda topic: (-topics[topic].points, self._topic_order[topic]))
        kind, why = self._kind(declared_kind, kinds)
        return Reading(place, {topic: topics[topic] for topic in ranked}, kind, why, rules)

    def _index(self, entries: Iterable[tuple[str, Iterable[tuple[str, int]]]]) -> PhraseIndex[_Mark]:
        """The phrases of each subject; of those with the same stems the first."""
        marks: dict[tuple[str, Stems, Stems], _Mark] = {}
        for subject, phrases in entries:
            for text, points in phrases:
                head, tail = (tuple(map(self._stem, part)) for part in phrase_parts(text))
                marks.setdefault((subject, head, tail), _Mark(str(subject), points, text))
        return PhraseIndex((head, tail, mark) for (_, head, tail), mark in marks.items())

    def _look_up(self, raw: str) -> _Word:
        spelled, stem = self._spelled(raw), self._stem(raw)
        indexes = (self._topics, self._kinds, self._rules)
        topics, kinds, rules = (index.beginning_with(stem) for index in indexes)
        return _Word(stem, spelled, topics, kinds, rules, self._places.begins(spelled))

    def _kind(self, declared: CaseKind | None, found: Mapping[str, Score]) -> tuple[CaseKind, Reason]:
        if declared is not None:
            return declared, Reason(rule=KIND_DECLARED, because="kind")
        # max() takes the first of equals: the file's order decides between them.
        likely = [kind for kind, least in self._at_least.items() if kind in found and found[kind].points >= least]
        if not likely:
            return CaseKind.QUESTION, Reason(rule=KIND_DEFAULT, because="kind")
        kind = max(likely, key=lambda one: found[one].points)
        return kind, Reason(rule=KIND_WORDS, because="kind", matched=tuple(found[kind].texts))


def _longest(phrases: Beginnings[_Mark], position: int, stems: list[str], scores: dict[str, Score]) -> int:
    """Count the longest phrase that stands at `position`; returns where the next one may begin."""
    for phrase in phrases.standing_at(position, stems):
        _count(phrase, scores)
        return position + len(phrase.head)
    return position + 1


def _count(phrase: Phrase[_Mark], scores: dict[str, Score]) -> None:
    for subject, points, text in phrase.marks:
        score = scores.get(subject)
        if score is None:
            score = scores[subject] = Score()
        if text not in score.texts:
            score.points += points
            score.texts.append(text)
