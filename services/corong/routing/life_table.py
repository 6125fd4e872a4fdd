"""The life of a case as typed data. The file explains itself (`case_life.toml`)."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, ValidationError

from corong.runtime.directory import Role
from corong.runtime.entry_files import ConfigurationError, Entry, Problem
from corong.runtime.policy import ROLES, TABLE, Action, Reach
from corong_contracts.case import CaseKind, CaseState, ComplaintTier

__all__ = ["FILE", "FORWARDED", "OBJECTED", "RECEIVED", "REPLIED", "Act", "ClockUse", "LifeError", "LifeTable", "life"]

FILE = Path(__file__).with_name("case_life.toml")
RECEIVED = "received"
"""The start of a case's first clocks: the citizen's message was received."""
OBJECTED = "objected"
"""What an objection does to the request that it is about."""
FORWARDED = "forwarded"
"""A unit other than the main office has the case."""
REPLIED = "replied"
"""The citizen wrote again after the answer."""
BEFORE = "before"
STATUTORY = frozenset({CaseKind.INFORMATION_REQUEST, CaseKind.OBJECTION})
"""The kinds that UU 14/2008 rules: they end with a decision."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,39}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Both = tuple[Text, Text]
"""The same in Indonesian and in English."""
Refusal = tuple[Name, Text, Text]
"""A code for programs, and what it means, in Indonesian and in English."""


class LifeError(ConfigurationError):
    """The table contradicts itself, or the policy table."""


class Act(Entry):
    """One row: what may be done with which cases, by whom, and what becomes of them."""

    act: Name
    indonesian: Text
    english: Text
    by: tuple[Role, ...]
    right: Action
    kinds: frozenset[CaseKind]
    states: frozenset[CaseState] = Field(alias="from")
    to: CaseState | Literal["before"] | None = None
    needs: tuple[Name, ...] = ()
    guards: tuple[Name, ...] = ()
    answers: bool = False
    basis: Text | None = None
    otherwise: Refusal | None = None

    def state_after(self, state: CaseState) -> CaseState:
        """The state that follows. Raises ValueError for an act whose next state the case itself remembers."""
        if self.to == BEFORE:
            raise ValueError(f"what follows {self.act} is the state before")
        return CaseState(self.to) if self.to else state


class ClockUse(Entry):
    """When a clock of the law runs for a case."""

    rule: Name
    kinds: frozenset[CaseKind]
    tiers: tuple[ComplaintTier, ...] = ()
    """Of complaints; without the line every one."""
    starts: tuple[Name, ...]
    pauses: tuple[Name, ...] = ()
    resumes: tuple[Name, ...] = ()
    met_by: tuple[Name, ...] = ()
    ended_by: tuple[Name, ...] = ()
    silence: Name | None = None
    closes: bool = False
    escalates: bool = False

    def is_for(self, kind: CaseKind, tier: ComplaintTier | None) -> bool:
        """Whether such a case has this clock."""
        return kind in self.kinds and (not self.tiers or tier in self.tiers)


class LifeTable:
    """The acts by their names, and the clocks, in the file's order."""

    def __init__(
        self, acts: Sequence[Act], clocks: Sequence[ClockUse], states: Mapping[CaseState, Both],
        guards: Mapping[str, Refusal], tier: ComplaintTier,
    ) -> None:  # fmt: skip
        self.acts = tuple(acts)
        self.clocks = tuple(clocks)
        self.states = dict(states)
        self.guards = dict(guards)
        self.tier = tier
        """Of a complaint, until an officer has said another."""
        self._rows: dict[str, list[Act]] = {}
        self._fitting: dict[tuple[str, CaseKind, CaseState], Act] = {}
        for act in acts:
            self._rows.setdefault(act.act, []).append(act)
            self._fitting.update({(act.act, kind, state): act for kind in act.kinds for state in act.states})
        self._uses = {
            (kind, tier): tuple(use for use in clocks if use.is_for(kind, tier))
            for kind in CaseKind
            for tier in (None, *ComplaintTier)
        }

    @classmethod
    def load(cls, file: Path = FILE) -> Self:
        """Read and check it. Raises `LifeError` with every problem found."""
        try:
            content = tomllib.loads(file.read_text(encoding="utf-8"))
            groups: dict[str, list[str]] = content.pop("groups", {})
            acts = [Act.model_validate(_spread(entry, groups)) for entry in content.pop("act")]
            clocks = [ClockUse.model_validate(entry) for entry in content.pop("clock")]
            states = {CaseState(name): words for name, words in content.pop("states").items()}
            guards = {name: tuple(words) for name, words in content.pop("guards").items()}
            found = cls(acts, clocks, states, guards, ComplaintTier(content.pop("defaults")["tier"]))
        except (KeyError, ValueError, ValidationError) as error:
            raise LifeError([Problem(file, "the file", str(error), "mend it as its top tells")]) from None
        problems = [Problem(file, *told) for told in found._inconsistencies()]
        if problems:
            raise LifeError(problems)
        return found

    def rows(self, act: str) -> Sequence[Act]:
        """Every row of an act. Raises `KeyError`."""
        return self._rows[act]

    def fitting(self, act: str, kind: CaseKind, state: CaseState) -> Act | None:
        """The row for a case of this kind in this state, where there is one."""
        return self._fitting.get((act, kind, state))

    def clocks_of(self, kind: CaseKind, tier: ComplaintTier | None) -> Sequence[ClockUse]:
        """The clocks that such a case may have."""
        return self._uses[kind, tier]

    def names(self) -> Sequence[str]:
        """The acts, each once."""
        return tuple(self._rows)

    def _inconsistencies(self) -> Iterator[tuple[str, str, str]]:
        taken: set[tuple[str, CaseKind, CaseState]] = set()
        for act in self.acts:
            entry = f"act {act.act!r}"
            # CARE reaches no request for information and no objection.
            none = {Reach.NONE, Reach.CARE} if act.kinds <= STATUTORY else {Reach.NONE}
            granted = {role for role, reach in zip(ROLES, TABLE[act.right], strict=True) if reach not in none}
            if granted - {"system"} != set(act.by):
                yield entry, f"{act.right} is granted to {', '.join(sorted(granted))}", "name the same roles in `by`"
            for guard in act.guards:
                if guard not in self.guards:
                    yield entry, f"there is no guard {guard!r}", "add it to [guards]"
            fits = {(act.act, kind, state) for kind in act.kinds for state in act.states}
            if fits & taken:
                yield entry, "two rows fit the same case", "tell their kinds or states apart"
            taken |= fits
        for state in CaseState:
            if state not in self.states:
                yield f"states.{state}", "it has no words", "add it"
        known = {*self._rows, RECEIVED, OBJECTED, FORWARDED, REPLIED}
        for use in self.clocks:
            for name in (*use.starts, *use.pauses, *use.resumes, *use.met_by, *use.ended_by):
                if name not in known:
                    yield f"clock {use.rule!r}", f"there is no act {name!r}", "name an act"


def _spread(entry: dict[str, Any], groups: Mapping[str, list[str]]) -> dict[str, Any]:
    """Names of groups in place of lists."""
    return {
        key: groups[value] if key in ("kinds", "from") and isinstance(value, str) else value
        for key, value in entry.items()
    }


@cache
def life() -> LifeTable:
    """The table that comes with Corong."""
    return LifeTable.load()
