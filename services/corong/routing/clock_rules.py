"""The law's clocks as typed data. The file explains itself (`clock_rules.toml`)."""

import hashlib
import json
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from corong.routing.decrees import Verified
from corong.runtime.entry_files import ConfigurationError, Entry, Problem
from corong.working_days.counting import Unit

__all__ = ["RULES", "Bound", "Ceiling", "ClockRule", "ClockRuleError", "ClockRules", "Extension"]

RULES = Path(__file__).with_name("clock_rules.toml")
LOCAL = "clocks.toml"

Bound = Literal["unit_officer", "main_officer", "superior", "applicant", "commission", "system"]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Amount = Annotated[int, Field(ge=1, le=1000)]
Both = tuple[Text, Text]
"""The same in Indonesian and in English."""


class ClockRuleError(ConfigurationError):
    """The clock rules can't be used."""


class Ceiling(Entry):
    """The most that law allows from the same day zero."""

    amount: Amount
    unit: Literal["working_days", "days"]
    basis: Text


class Extension(Entry):
    """By how much a clock may be extended, once; in the clock's own unit."""

    name: Name
    indonesian: Text
    english: Text
    amount: Amount
    basis: Text
    verified: Verified


class ClockRule(Entry):
    """One clock."""

    name: Name
    indonesian: Text
    english: Text
    bound: Bound
    basis: Text
    amount: Amount
    unit: Unit
    start: Name
    pauses: tuple[Name, ...] = ()
    ceiling: Ceiling | None = None
    extension: Extension | None = None
    verified: Verified
    note: Both | None = None
    obligation: Both | None = None
    """Of a rule that no case starts and the government itself owes: what begins and meets it (obligations.py)."""
    target: Amount | None = None
    """The installation's own, stricter amount, in the same unit; the law's amount stays what makes a case overdue."""

    @model_validator(mode="after")
    def _within_the_law(self) -> Self:
        if self.target is not None and self.target > self.amount:
            raise ValueError(
                f"the target of {self.name}, {self.target} {self.unit}, is laxer than the law: "
                f"at most {self.amount} by {self.basis}"
            )
        if self.unit in ("hours", "months") and (self.pauses or self.extension or self.ceiling):
            raise ValueError("a clock of hours or months has no pauses, no extension and no ceiling")
        longest = self.amount + (self.extension.amount if self.extension else 0)
        if self.ceiling and self.ceiling.unit == self.unit and longest > self.ceiling.amount:
            raise ValueError(f"with its extension it has {longest}, above its ceiling of {self.ceiling.amount}")
        return self

    @cached_property
    def digest(self) -> str:
        """SHA-256 in hexadecimal of what decides a day (not of names and notes): an event names the rule by it."""
        kept = self.model_dump(mode="json", include={"name", "basis", "amount", "unit", "start", "pauses", "target"})
        kept |= {
            "ceiling": self.ceiling and [self.ceiling.amount, self.ceiling.unit],
            "extension": self.extension and self.extension.amount,
        }
        return hashlib.sha256(json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


class _File(Entry):
    """One file of rules: the package's, or an installation's."""

    starts: dict[Name, Both] = Field(default_factory=dict)
    pauses: dict[Name, Both] = Field(default_factory=dict)
    targets: dict[Name, int] = Field(default_factory=dict)
    clock: tuple[ClockRule, ...] = ()


class ClockRules(Mapping[str, ClockRule]):
    """The clocks by their names, in the file's order."""

    def __init__(self, rules: Mapping[str, ClockRule], starts: Mapping[str, Both], pauses: Mapping[str, Both]) -> None:
        self._rules = dict(rules)
        self.starts = dict(starts)
        self.pauses = dict(pauses)

    @classmethod
    def load(cls, local: Path | None = None, *, file: Path = RULES) -> Self:
        """The law's, and those of an installation's folder. Raises `ClockRuleError` with every problem found."""
        problems: list[Problem] = []
        law = _read(file, problems)
        own_file = local / LOCAL if local else None
        own = _read(own_file, problems) if own_file and own_file.is_file() else _File()
        if problems:
            raise ClockRuleError(problems)
        starts, pauses = law.starts | own.starts, law.pauses | own.pauses
        rules = {rule.name: rule for rule in (*law.clock, *own.clock)}
        for place, content in ((file, law), (own_file or file, own)):
            problems += (Problem(place, *told) for told in _inconsistencies(content, starts, pauses))
        for name in {rule.name for rule in law.clock} & {rule.name for rule in own.clock}:
            problems.append(
                Problem(
                    own_file or file, f"clock {name!r}", "the law has it", "set a stricter target in [targets] instead"
                )
            )
        for name, target in own.targets.items():
            problems += (
                Problem(own_file or file, f"targets.{name}", *told) for told in _set_target(rules, name, target)
            )
        if problems:
            raise ClockRuleError(problems)
        return cls(rules, starts, pauses)

    def with_targets(self, targets: Mapping[str, int | None]) -> Self:
        """These clocks with other targets; a clock that there is no more is passed over.

        Raises `ClockRuleError` where one is laxer than the law.
        """
        problems: list[Problem] = []
        rules = dict(self._rules)
        for name, target in targets.items():
            if name in rules:
                told = _set_target(rules, name, target)
                problems += (Problem(Path(LOCAL), f"the target of {name!r} in the log", *one) for one in told)
        if problems:
            raise ClockRuleError(problems)
        return type(self)(rules, self.starts, self.pauses)

    def __getitem__(self, name: str) -> ClockRule:
        return self._rules[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)


def _set_target(rules: dict[str, ClockRule], name: str, target: int | None) -> Iterator[tuple[str, str]]:
    rule = rules.get(name)
    if rule is None:
        yield "there is no such clock", f"use one of: {', '.join(rules)}"
        return
    try:
        rules[name] = ClockRule.model_validate(rule.model_dump() | {"target": target})
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False, include_context=False):
            yield detail["msg"], f"set 1 to {rule.amount} {rule.unit}, or take it out"


def _read(file: Path, problems: list[Problem]) -> _File:
    try:
        return _File.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(Problem(file, "the file", f"it isn't TOML: {error}", "mend that line"))
    except ValidationError as error:
        problems += (
            Problem(file, ".".join(map(str, detail["loc"])) or "the file", detail["msg"], "mend it as its top tells")
            for detail in error.errors(include_url=False, include_input=False, include_context=False)
        )
    return _File()


def _inconsistencies(
    content: _File, starts: Mapping[str, Both], pauses: Mapping[str, Both]
) -> Iterator[tuple[str, str, str]]:
    names = Counter(
        name for rule in content.clock for name in (rule.name, rule.extension and rule.extension.name) if name
    )
    for name, times in names.items():
        if times > 1:
            yield f"clock {name!r}", "the name stands more than once", "give each clock its own name"
    for rule in content.clock:
        if rule.start not in starts:
            yield f"clock {rule.name!r}", f"there is no start {rule.start!r}", "add it to [starts]"
        for pause in rule.pauses:
            if pause not in pauses:
                yield f"clock {rule.name!r}", f"there is no pause {pause!r}", "add it to [pauses]"
