"""The year's log folded anew, by every service, beside what the services themselves have."""

from collections.abc import Callable, Iterator

from corong.replay.foldings import FOLDINGS
from corong.replay.logs import DatabaseLog
from corong.replay.side_by_side import Processes
from corong.replay.survey import survey
from corong.replay.work import Job, Outcome
from tests.simulation.running import Year


def problems(year: Year, told: Callable[[int], None] = lambda count: None) -> list[str]:
    """Every difference, in words; `told` hears of entries, each counted once for every service."""
    log = DatabaseLog(year.url)
    with Processes(log.size()) as processes:
        found = survey(log)
        hashes = {name: tuple(one for one in found.hashes if one.said.of_service == name) for name in FOLDINGS}
        jobs = [Job(name, log, found.vector, hashes[name]) for name in FOLDINGS]
        outcomes = processes.replay(jobs, told)
    return [problem for outcome in outcomes for problem in _of(outcome, year)]


def _of(outcome: Outcome, year: Year) -> Iterator[str]:
    live = year.hashes[outcome.service]
    if not outcome.compared:
        yield f"replay: {outcome.service}: compared with nothing ({outcome.not_compared})"
    for name, expected in outcome.wrong.items():
        yield f"replay: {outcome.service}: another hash than that at {name} of the log ({expected})"
    # Auditing's own tables hold the hashes, which came into the log after its own was taken.
    if outcome.service != "auditing" and outcome.hash != live.hash:
        yield f"replay: {outcome.service}: {outcome.hash}, and the service itself has {live.hash}"
    for what in ("broken", "lacking", "unknown"):
        if getattr(outcome, what):
            yield f"replay: {outcome.service}: {what}: {dict(getattr(outcome, what))}"
