"""The rule file as typed data. What each part means is told at the top of `examples/asahan/rules.toml`."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, ValidationError, model_validator

from corong.routing.phrases import phrase_parts
from corong.runtime.directory import Directory, UnitKind
from corong.runtime.entry_files import ConfigurationError, Entry, Problem
from corong.runtime.stems import words
from corong_contracts.base import Slug
from corong_contracts.case import CaseKind, Priority
from corong_contracts.message import Visibility

__all__ = [
    "ANY_TOPIC",
    "KindWords",
    "Places",
    "Rule",
    "RuleFile",
    "RulebookError",
    "Then",
    "TopicWords",
    "When",
    "text_of_rules",
]

ANY_TOPIC = "*"
SURE = 3
"""Points of an entry of `sure`."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


def _well_formed(text: str) -> str:
    phrase_parts(text)
    return text


PhraseText = Annotated[Text, AfterValidator(_well_formed)]
Spelled = Annotated[str, StringConstraints(pattern=r"^\S+$", max_length=32)]


class RulebookError(ConfigurationError):
    """The rule file can't be used."""


class TopicWords(Entry):
    """The words and phrases that speak of a topic."""

    name: Text
    words: tuple[PhraseText, ...] = ()
    sure: tuple[PhraseText, ...] = ()

    def points(self) -> Iterator[tuple[str, int]]:
        """Each word or phrase with its points, those with most points first."""
        counted = [(text, len(words(text))) for text in self.words]
        yield from sorted([*((text, SURE) for text in self.sure), *counted], key=lambda entry: -entry[1])


class KindWords(TopicWords):
    """The words and phrases that tell what a citizen wants."""

    at_least: int = Field(default=1, ge=1)


class Places(Entry):
    """How names of places are told from other words."""

    prefixes: tuple[Spelled, ...] = ()
    never_after: tuple[Spelled, ...] = ()
    ordinary: tuple[Text, ...] = ()


class Stems(Entry):
    """What the stemmer is kept from."""

    whole: tuple[Spelled, ...] = ()


class When(Entry):
    """Conditions: within one any value is enough, and every one that is given must hold."""

    topics: tuple[Slug | Literal["*"], ...] = ()
    at_least: int = Field(default=1, ge=1)
    words: tuple[PhraseText, ...] = ()
    places: tuple[Literal["subdistrict", "clinic"], ...] = ()
    account: tuple[UnitKind, ...] = ()
    channels: tuple[Slug, ...] = ()
    kinds: tuple[CaseKind, ...] = ()
    visibility: tuple[Visibility, ...] = ()

    @model_validator(mode="after")
    def _something(self) -> Self:
        conditions = self.model_fields_set - {"at_least"}
        if not conditions or not all(getattr(self, name) for name in conditions):
            raise ValueError("a rule has at least one condition, and none of them is empty")
        return self


class Then(Entry):
    """Answers: at least one of unit, kind and priority."""

    unit: (
        Slug | Literal["main", "account_owner", "topic_owner", "place_unit:subdistrict", "place_unit:clinic"] | None
    ) = None
    kind: CaseKind | None = None
    priority: Priority | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.unit is None and self.kind is None and self.priority is None:
            raise ValueError("a rule gives a unit, a kind or a priority")
        return self


class Rule(Entry):
    """Conditions and answers; the heaviest that holds answers."""

    id: Slug
    weight: int
    when: When
    then: Then

    @model_validator(mode="after")
    def _can_be_answered(self) -> Self:
        if self.then.unit == "topic_owner" and not self.when.topics:
            raise ValueError("topic_owner needs the condition `topics`")
        return self


class RuleFile(Entry):
    """The whole file."""

    rule: tuple[Rule, ...]
    places: Places = Places()
    stems: Stems = Stems()
    spelling: dict[Spelled, Spelled] = Field(default_factory=dict)
    kinds: dict[CaseKind, KindWords]
    topics: dict[Slug, TopicWords]

    @classmethod
    def load(cls, path: Path, directory: Directory) -> Self:
        """Read and check it against the directory. Raises RulebookError with every problem found."""
        return cls.read(text_of_rules(path), directory, path)

    @classmethod
    def read(cls, text: str, directory: Directory, path: Path) -> Self:
        """Check rules against the directory; `path` says in what is wrong where it stands. Raises RulebookError."""
        try:
            content = cls.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise RulebookError([Problem(path, "the file", f"it isn't TOML: {error}", "mend that line")]) from None
        except ValidationError as error:
            raise RulebookError(
                Problem(path, ".".join(map(str, detail["loc"])), detail["msg"], "mend it as the file's top tells")
                for detail in error.errors(include_url=False, include_input=False, include_context=False)
            ) from None
        problems = [Problem(path, entry, what, remedy) for entry, what, remedy in content._inconsistencies(directory)]
        if problems:
            raise RulebookError(problems)
        return content

    def _inconsistencies(self, directory: Directory) -> Iterator[tuple[str, str, str]]:
        for topic in self.topics.keys() - directory.topic_owners.keys():
            yield f"topics.{topic}", "no unit answers for it", "add it to one unit's topics in units.toml"
        for topic, unit in directory.topic_owners.items():
            # A topic that an officer gave a unit may wait here for its words.
            if topic not in self.topics and not directory.chart.edition(unit.id):
                yield (
                    f"topics.{topic}",
                    f"unit {unit.id!r} has it in units.toml, but it isn't here",
                    "add it with its words",
                )
        ids = [rule.id for rule in self.rule]
        for rule in self.rule:
            entry = f"rule {rule.id!r}"
            if ids.count(rule.id) > 1:
                yield entry, "the id stands more than once", "give each rule its own id"
            for topic in rule.when.topics:
                if topic != ANY_TOPIC and topic not in self.topics:
                    yield entry, f"there is no topic {topic!r}", "use one of [topics.*]"
            fixed = rule.then.unit
            if fixed and not _is_looked_up(fixed) and not directory.has_unit(fixed):
                yield entry, f"there is no unit {fixed!r}", "use an id of units.toml"
        known = {place.casefold() for unit in directory.units for place in unit.places}
        for place in self.places.ordinary:
            if place.casefold() not in known:
                yield "places.ordinary", f"no unit has the place {place!r}", "take it out or add it in units.toml"
        for typed, meant in self.spelling.items():
            if not (typed.isalpha() and meant.isalpha() and typed == typed.casefold()):
                yield "spelling", f"{typed} = {meant} is not one word for another", "use small letters alone"
            elif meant in self.spelling:
                yield "spelling", f"{typed} = {meant}, but {meant} is spelled differently itself", "name the last one"


def text_of_rules(path: Path) -> str:
    """The file's text. Raises RulebookError."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        told = Problem(path, "the file", "it isn't there", "copy it from examples/asahan and change it")
    except UnicodeDecodeError as error:
        told = Problem(path, "the file", f"it isn't TOML: {error}", "mend that line")
    raise RulebookError([told])


def _is_looked_up(unit: str) -> bool:
    return unit in ("main", "account_owner", "topic_owner") or unit.startswith("place_unit:")
