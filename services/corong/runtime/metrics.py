"""What Prometheus can read at `/metrics`. Labels are services, consumers and types: nothing of a person."""

from prometheus_client import Counter, Gauge, Histogram

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
