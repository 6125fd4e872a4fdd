"""What Prometheus can read at `/metrics`. Labels are services, consumers and types: nothing of a person."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from prometheus_client import Counter, Gauge, Histogram, generate_latest

OURS = "corong_"

RELAYED = Counter("corong_relayed_events_total", "Events that the broker has stored", ["service"])
TAKEN = Counter("corong_taken_events_total", "Events taken from a writer's partitions", ["service"])
REPEATS = Counter("corong_repeated_events_total", "Events that had been taken before", ["service"])
GAPS = Counter(
    "corong_gaps_total", "Jumps in a writer's numbers that were asked to be sent again", ["service", "writer"]
)
PARKED = Counter("corong_parked_total", "Messages put aside because they could not be processed", ["service", "reason"])
ACCEPTED = Counter("corong_accepted_messages_total", "Messages that intake committed", ["channel", "status"])
DELIVERIES = Counter("corong_deliveries_total", "Outcomes of tries to send", ["channel", "outcome"])
COMMIT_SECONDS = Histogram(
    "corong_commit_seconds",
    "Seconds from the begin of a transaction to its commit",
    ["service"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5),
)
BEHIND = Gauge("corong_outbox_waiting", "Events written and not yet with the broker", ["service"])


async def all_metrics(beside: Callable[[], Awaitable[str]] | None, wait: float) -> str:
    """This process's in Prometheus' text format, with those of the services of a second one.

    One that does not answer within `wait` seconds, or is gone, is left out: `/readyz` tells that.
    """
    ours = generate_latest().decode()
    if beside is None:
        return ours
    with contextlib.suppress(RuntimeError, TimeoutError):
        return joined(ours, await asyncio.wait_for(beside(), wait))
    return ours


def joined(first: str, more: str) -> str:
    """Two texts of Prometheus' format as one; of `more`, what is Corong's own.

    Each metric stands together. Series differ by their service, but for what counts a process itself (its memory, its
    garbage), which is told of the first one alone.
    """
    families = _families(first)
    for name, (head, series) in _families(more).items():
        if name.startswith(OURS):
            known = families.setdefault(name, (head, []))[1]
            known += series
    return "".join(f"{line}\n" for head, series in families.values() for line in (*head, *series))


def _families(text: str) -> dict[str, tuple[list[str], list[str]]]:
    """Name → the lines that tell what it is, and the series."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name = line.split(" ", 3)[2]
        place = 0 if line.startswith("#") else 1
        found.setdefault(name, ([], []))[place].append(line)
    return found
