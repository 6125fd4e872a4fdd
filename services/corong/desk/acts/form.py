"""A form of the case page: its fields, what was filled in, and what is wrong with it. Knows nothing of HTTP."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from corong.desk.bodies import Body
from corong.desk.context import Desk
from corong.desk.models import Case
from corong.runtime.field_reasons import REASONS, reason_of
from corong.runtime.kind_names import Translate
from corong.runtime.language import Language
from corong.runtime.policy import Actor
from corong.runtime.refusal import Refused
from corong_contracts.command import Command

Widget = Literal["words", "line", "choice", "many", "lines", "date", "time", "number", "check", "hidden"]
"""How a field is filled in. `words` are paragraphs, `lines` a list with one item on each line, `many` boxes to tick."""

STATUTORY = ("information_request", "objection")
"""Kinds of cases that end by a decision: a word to their applicant is no answer yet."""
FORM = "form"
"""The name under which problems stand that belong to no field."""


@dataclass(frozen=True)
class Field:
    """One field. `name` is its place in the body: `finding.test.number`."""

    name: str
    label: str
    widget: Widget = "line"
    hint: str = ""
    required: bool = True
    most: int = 0
    """Characters; 0 where nothing is typed."""
    rows: int = 4
    choices: Sequence[tuple[str, str]] = ()
    """Value and words."""
    value: str = ""
    """What stands in it before anybody wrote."""
    is_case: bool = False
    """It names other cases, by number or id."""

    @property
    def id(self) -> str:
        """Of the element, for its label."""
        return self.name.replace(".", "-").replace("_", "-")


@dataclass(frozen=True)
class Subject:
    """What a form is made for: a case as its reader sees it."""

    desk: Desk
    actor: Actor
    case: Case
    translate: Translate


B = TypeVar("B", bound=BaseModel)
Fields = Callable[[Subject], list[Field]]
Send = Callable[[UUID, Any], Command]


def always(_: Subject) -> bool:
    """Of an act that hangs on nothing but the life table."""
    return True


def no_fields(_: Subject) -> list[Field]:
    """Of an act that needs no words."""
    return []


@dataclass(frozen=True)
class Act:
    """An act with its form."""

    slug: str
    """In the address."""
    name: str
    """In the life table (routing/case_life.toml)."""
    title: Callable[[Translate], str]
    command: Send
    """From the case's id and the filled body."""
    body: type[BaseModel] = Body
    fields: Fields = no_fields
    goes_out: bool = False
    """The citizen reads what is written here."""
    given: Mapping[str, Any] = field(default_factory=dict)
    """What of the body the act itself says."""
    possible: Callable[[Subject], bool] = always
    """False where there is nothing that it could be done with, whatever the life table says."""
    shows_proposal: bool = False
    """The decision that waits for the superior's word is read with it."""
    shows_words: bool = False
    """What the citizen wrote and was answered is read with it."""
    read_by_all: bool = False
    """What is written here becomes public."""
    of_statutory: Callable[[Translate], str] | None = None
    """Its title where the case is one of `STATUTORY`, where it is another thing there."""
    leads_to: Callable[[Translate], str] | None = None
    """Of an act by which a request or an objection is decided, or not yet: what comes of it, in a sentence."""

    def title_for(self, subject: Subject) -> str:
        """The title on this case's pages."""
        return self.title_of(subject.case.kind, subject.translate)

    def title_of(self, kind: str | None, translate: Translate) -> str:
        """The title on the pages of cases of the kind."""
        own = self.of_statutory if kind in STATUTORY else None
        return (own or self.title)(translate)


@dataclass(frozen=True)
class Filled:
    """What came with a form: field → what was written, a list where there are several."""

    words: Mapping[str, str | list[str]]

    @classmethod
    def of(cls, fields: Iterable[Field], given: Iterable[tuple[str, object]]) -> "Filled":
        """From a form's names and values; files and unknown names are passed over."""
        found: dict[str, list[str]] = {}
        for name, value in given:
            if isinstance(value, str):
                found.setdefault(name, []).append(value.replace("\r\n", "\n"))
        words: dict[str, str | list[str]] = {}
        for one in fields:
            values = found.get(one.name, [])
            if one.widget == "many":
                words[one.name] = values
            elif one.widget == "lines":
                words[one.name] = [line.strip() for line in "\n".join(values).splitlines() if line.strip()]
            else:
                words[one.name] = values[0].strip() if values else ""
        return cls(words)

    def shown(self, one: Field) -> str:
        """What stands in a field of one value."""
        value = self.words.get(one.name, one.value)
        return value if isinstance(value, str) else "\n".join(value)

    def ticked(self, one: Field, value: str) -> bool:
        """Whether a choice is made."""
        words = self.words.get(one.name, one.value)
        return value in words if isinstance(words, list) else value == words

    def missing(self, fields: Iterable[Field], language: Language) -> dict[str, str]:
        """Field → that it has to be filled in."""
        needed = REASONS["missing"][0 if language == "id" else 1]
        empty = (one for one in fields if one.required and not self.words.get(one.name))
        return {one.name: f"{one.label}: {needed}." for one in empty}

    def body(self, act: Act, fields: Iterable[Field]) -> BaseModel:
        """The body of the act's command. Raises pydantic's `ValidationError`."""
        return self.as_a(act.body, fields, act.given)

    def as_a(self, body: type[B], fields: Iterable[Field], given: Mapping[str, Any] | None = None) -> B:
        """A body, with what is `given` beside the fields and without what was left empty. Raises `ValidationError`."""
        made: dict[str, Any] = deepcopy(dict(given or {}))
        for one in fields:
            value = self.words.get(one.name, "")
            if value in ("", []):
                continue
            *way, last = one.name.split(".")
            place = made
            for part in way:
                place = place.setdefault(part, {})
            place[last] = True if one.widget == "check" else value
        return body.model_validate_json(json.dumps(made))


def problems(error: ValidationError, fields: Sequence[Field], language: Language) -> dict[str, str]:
    """Field → what is wrong with it, in the reader's words; what belongs to no field under `FORM`."""
    column = 0 if language == "id" else 1
    found: dict[str, str] = {}
    for item in error.errors(include_url=False, include_input=False):
        place = ".".join(part for part in item["loc"] if isinstance(part, str))
        one = next((one for one in fields if _belongs(place, one.name)), None)
        reason = reason_of(item)[column]
        found.setdefault(one.name if one else FORM, f"{one.label}: {reason}." if one else f"{place}: {reason}.")
    return found


def refusal(refused: Refused, fields: Iterable[Field], language: Language) -> dict[str, str]:
    """What was refused, at the first field that it names and that can be seen; else under `FORM`."""
    seen = {one.name for one in fields if one.widget != "hidden"}
    return {next((name for name in refused.fields if name in seen), FORM): refused.told(language)}


def _belongs(place: str, name: str) -> bool:
    return bool(place) and (f"{place}.".startswith(f"{name}.") or f"{name}.".startswith(f"{place}."))
