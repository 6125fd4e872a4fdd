"""What each service folds: its tables, its `apply`, and the events of others that it keeps."""

from dataclasses import dataclass
from functools import cached_property
from types import ModuleType

from sqlalchemy import MetaData

import corong.auditing.state
import corong.desk.state
import corong.intake.state
import corong.portal.state
import corong.publishing.state
import corong.routing.state
from corong.runtime.reach import writers_of
from corong.runtime.unit import Apply
from corong_contracts.base import Payload
from corong_contracts.catalogue import CATALOGUE


@dataclass(frozen=True)
class Folding:
    """How one service's tables come out of the log."""

    name: str
    metadata: MetaData
    apply: Apply
    folds: frozenset[type[Payload]]
    weight: float = 1.0
    """How much work it is to fold, of the whole, as the bench's log shows it."""

    @cached_property
    def types(self) -> frozenset[str]:
        """The event types that change its tables: all of its own, and of others' those that it keeps."""
        own = {kind for kind, payload in CATALOGUE.items() if payload.writer == self.name}
        return frozenset(own | {payload.type for payload in self.folds})

    @cached_property
    def writers(self) -> frozenset[str]:
        """The services whose events its state stands for."""
        return writers_of(self.name)


_WEIGHTS = {"desk": 0.5, "publishing": 0.16, "portal": 0.13, "intake": 0.11, "routing": 0.09, "auditing": 0.01}


def _folding(module: ModuleType) -> Folding:
    name = module.__name__.split(".")[1]
    return Folding(name, module.metadata, module.apply, module.FOLDS, _WEIGHTS[name])


FOLDINGS: dict[str, Folding] = {
    folding.name: folding
    for folding in map(
        _folding,
        (
            corong.desk.state, corong.publishing.state, corong.intake.state, corong.portal.state, corong.routing.state,
            corong.auditing.state,
        ),
    )
}  # fmt: skip
"""They are folded side by side: by shares of the log, or shared out by services of about the same work."""

REACTING = ("intake", "publishing", "routing")
"""The services that decide on what others wrote: how far they had come is told by what they wrote of it."""
