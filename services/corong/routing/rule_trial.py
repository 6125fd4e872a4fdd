"""Where messages would go by other rules, beside where they go by those in force: pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from corong.routing.rulebook import Facts, Routing, Rulebook


@dataclass(frozen=True, slots=True)
class Difference:
    """A case that other rules would treat otherwise."""

    case_id: UUID
    old: Routing
    new: Routing

    @property
    def moves(self) -> bool:
        """Whether it would go to another unit; else its kind or its priority differ alone."""
        return self.old.unit != self.new.unit


def differences(now: Rulebook, proposed: Rulebook, cases: Iterable[tuple[UUID, Facts]]) -> Iterator[Difference]:
    """The cases that go to another unit, or get another kind or priority; the others are passed over."""
    for case_id, facts in cases:
        old, new = now.decide(facts), proposed.decide(facts)
        if (old.unit, old.kind, old.priority) != (new.unit, new.kind, new.priority):
            yield Difference(case_id, old, new)
