"""Which unit answers a message, as what kind and how soon: rules from one file, each decision with its reasons.

The file explains itself (`examples/asahan/rules.toml`). Deciding is pure: no clock, no I/O, nothing remembered but
stems of words, so the same facts and files always give the same answer.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from corong.routing.reading import Reader, Reading
from corong.routing.rulefile import ANY_TOPIC, Rule, RulebookError, RuleFile
from corong.runtime.directory import Directory, Unit
from corong_contracts.case import CaseKind, Priority, Reason
from corong_contracts.message import Visibility

__all__ = ["NO_RULE", "Facts", "Routing", "Rulebook", "RulebookError"]

NO_RULE = "no_rule"
"""Stands where a rule's id stands, when no rule gave the unit."""

MOST_MATCHED = 8
"""So many words at most in one reason."""

Because = Literal["topic", "place", "account", "channel", "visibility"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a decision looks at."""

    text: str
    channel: str
    account_unit: str | None = None
    """The unit that owns the account where the message came in."""
    declared_kind: CaseKind | None = None
    visibility: Visibility = "private"


@dataclass(frozen=True, slots=True)
class Routing:
    """A decision. `rule` is the one that gave the unit, or `no_rule`; `topics` has the leading one first."""

    unit: str
    kind: CaseKind
    priority: Priority
    topics: tuple[str, ...]
    rule: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    facts: Facts
    account: Unit | None
    reading: Reading

    def leading_topic(self, rule: Rule) -> str | None:
        """Of the topics that the rule asks for, the one with most points."""
        asked = rule.when.topics
        for topic in self.reading.topics:
            if topic in asked or ANY_TOPIC in asked:
                return topic
        return None


class Rulebook:
    """The rules of one installation, ready to decide."""

    def __init__(self, file: RuleFile, directory: Directory) -> None:
        self._reader = Reader(file, directory)
        self._units = {unit.id: unit for unit in directory.units}
        self._main = directory.main_unit.id
        self._serving = directory.serving
        self._owners = {topic: unit.id for topic, unit in directory.topic_owners.items()}
        # The sort is stable: among equal weights the file's order stays.
        self._rules = sorted(file.rule, key=lambda rule: -rule.weight)

    @classmethod
    def load(cls, path: Path, directory: Directory) -> Self:
        """Read `path`. Raises RulebookError where it isn't well-formed or doesn't fit the directory."""
        return cls(RuleFile.load(path, directory), directory)

    def decide(self, facts: Facts) -> Routing:
        """The unit, kind and priority for a message. Never raises: what no rule knows goes to the main office."""
        owner = None if facts.account_unit is None else self._serving(facts.account_unit)
        account = self._units.get(owner) if owner is not None else None
        seen = _Seen(facts, account, self._reader.read(facts.text, facts.declared_kind))
        unit: str | None = None
        kind: CaseKind | None = None
        priority: Priority | None = None
        rule_of_unit = NO_RULE
        reasons: list[Reason] = []
        for rule in self._rules:
            then = rule.then
            new = (
                (unit is None and then.unit is not None)
                or (kind is None and then.kind is not None)
                or (priority is None and then.priority is not None)
            )
            if not new or not _holds(rule, seen):
                continue
            found = self._unit(rule, seen)
            if found is None and then.unit is not None:
                continue
            if unit is None and found is not None:
                unit, rule_of_unit = found, rule.id
            kind = kind or then.kind
            priority = priority or then.priority
            reasons += _reasons(rule, seen)
        if unit is None:
            unit = self._main
            reasons.append(Reason(rule=NO_RULE, because="no_rule"))
        return Routing(
            unit=unit,
            kind=kind or seen.reading.kind,
            priority=priority or Priority.NORMAL,
            topics=tuple(seen.reading.topics),
            rule=rule_of_unit,
            reasons=(*reasons, seen.reading.kind_reason),
        )

    def _unit(self, rule: Rule, seen: _Seen) -> str | None:
        place = seen.reading.place
        match rule.then.unit:
            case "main":
                return self._main
            case "account_owner":
                return seen.account.id if seen.account else None
            case "topic_owner":
                topic = seen.leading_topic(rule)
                return None if topic is None else self._owners[topic]
            case "place_unit:subdistrict":
                return place.units.get("subdistrict") if place else None
            case "place_unit:clinic":
                return place.units.get("clinic") if place else None
            case fixed:
                return None if fixed is None else self._serving(fixed)


def _holds(rule: Rule, seen: _Seen) -> bool:
    when, facts, reading = rule.when, seen.facts, seen.reading
    if when.kinds and reading.kind not in when.kinds:
        return False
    if when.topics:
        topic = seen.leading_topic(rule)
        if topic is None or reading.topics[topic].points < when.at_least:
            return False
    return (
        (not when.words or rule.id in reading.rules)
        and (not when.places or (reading.place is not None and any(k in reading.place.units for k in when.places)))
        and (not when.account or (seen.account is not None and seen.account.kind in when.account))
        and (not when.channels or facts.channel in when.channels)
        and (not when.visibility or facts.visibility in when.visibility)
    )


def _reasons(rule: Rule, seen: _Seen) -> list[Reason]:
    """One for each condition of a rule that holds, by the rule's own words."""
    when, reading = rule.when, seen.reading
    topic = seen.leading_topic(rule) if when.topics else None
    told: list[tuple[Because, list[str]]] = []
    if topic is not None:
        told.append(("topic", reading.topics[topic].texts[:MOST_MATCHED]))
    if when.words:
        told.append(("topic", reading.rules[rule.id].texts[:MOST_MATCHED]))
    if when.places and reading.place is not None:
        told.append(("place", [reading.place.name]))
    if when.account and seen.account is not None:
        told.append(("account", [seen.account.id]))
    if when.channels:
        told.append(("channel", [seen.facts.channel]))
    if when.visibility:
        told.append(("visibility", [seen.facts.visibility]))
    if not told:
        return [Reason(rule=rule.id, because="kind", matched=(reading.kind.value,))]
    return [Reason(rule=rule.id, because=because, matched=tuple(matched)) for because, matched in told]
