"""A dead letter that was tried again stands in the tables as in the log: its case's later events came in after it."""

import random
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from corong.replay.fold import scratch
from corong.replay.foldings import FOLDINGS
from corong.runtime.rebuild import state_hash
from corong.runtime.rows import Rows
from corong_contracts.base import AnyEvent
from corong_contracts.case import CasePrioritised, Priority
from tests.replay.test_fold import STEPS, History, folded

Waits = Callable[[AnyEvent, AnyEvent], bool]


def in_its_case(letter: AnyEvent, later: AnyEvent) -> bool:
    """As `runtime/behind.py` has it."""
    return (letter.writer, letter.correlationid) == (later.writer, later.correlationid)


def as_it_was(service: str, events: list[AnyEvent], letter: AnyEvent, until: int, waits: Waits, folder: Path) -> str:
    """The state of a service that put `letter` aside, took `until` more, was told to try again, and then went on."""
    folding = FOLDINGS[service]
    path = folder / f"{service}-retried.sqlite"
    path.unlink(missing_ok=True)
    at = events.index(letter)
    meanwhile, after = events[at + 1 :][:until], events[at + 1 :][until:]
    behind = [event for event in meanwhile if waits(letter, event)]
    taken = [event for event in meanwhile if event not in behind]
    with scratch(path) as connection:
        folding.metadata.create_all(connection)
        rows = Rows(connection)
        for event in [*events[:at], *taken, letter, *behind, *after]:
            if event.type in folding.types:
                folding.apply(event, rows)
        rows.flush()
        return state_hash(connection, folding.metadata)


@given(steps=STEPS, rng=st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_whatever_was_put_aside_and_tried_again(steps: list[tuple[int, str, object, int]], rng: random.Random) -> None:
    history = History()
    cases = [history.comes_in(index) for index in range(4)]
    for which, what, officer, minutes in steps:
        history.step(cases[which], what, officer, minutes)  # type: ignore[arg-type]
    folder = Path(history.folder.name)
    letter, until = rng.choice(history.events), rng.randrange(len(history.events))
    for service in FOLDINGS:
        wanted = folded(service, history.bodies, folder)[0]
        assert as_it_was(service, history.events, letter, until, in_its_case, folder) == wanted
    history.folder.cleanup()


def test_a_letter_that_came_in_after_its_successors_would_be_another_state(tmp_path: Path) -> None:
    """The twin: if nothing waited behind it, the older word would stand."""
    history = History()
    case = history.comes_in(0)
    priorities = list(Priority)[:3]
    letter, *_ = [
        history.write(
            CasePrioritised.type, case, {"case_id": case, "officer": "ppid-utama", "before": old, "priority": new}
        )
        for old, new in pairwise(priorities)
    ]
    for service, differs in (("desk", True), ("routing", True), ("intake", False)):
        wanted = folded(service, history.bodies, tmp_path)[0]
        found = as_it_was(service, history.events, letter, 10, lambda letter, later: False, tmp_path)
        assert (found != wanted) == differs
        assert as_it_was(service, history.events, letter, 10, in_its_case, tmp_path) == wanted
