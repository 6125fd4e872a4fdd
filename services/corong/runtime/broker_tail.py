"""What the broker still holds of a writer beyond some number: events that the log may not have yet."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from nats.errors import TimeoutError as NatsTimeout
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from corong.runtime.arrivals import Arrived, arrived
from corong.runtime.broker import Broker
from corong_contracts.base import writer_name
from corong_contracts.topology import EVENTS

MARGIN = timedelta(hours=1)
"""The broker's clock and the writer's may differ by so much."""
BATCH = 500


class StoreLost(LookupError):
    """The broker has no stream of events: what only it had is gone."""


async def tail(broker: Broker, service: str, after: Mapping[int, tuple[int, datetime | None]]) -> list[Arrived]:
    """Events of a service that are beyond a number, by partition: (the number, when it was recorded).

    In each partition's order, each number once, up to the first hole. Needs the rights of the user `deploy`.
    Raises `StoreLost`: an empty broker must not be taken for one that has nothing more.
    """
    try:
        await broker.jetstream.stream_info(EVENTS.name)
    except NotFoundError:
        raise StoreLost(EVENTS.name) from None
    found: list[Arrived] = []
    for partition, (number, recorded) in sorted(after.items()):
        found += await _of_partition(broker, writer_name(service, partition), number, recorded)
    return found


async def _of_partition(broker: Broker, writer: str, number: int, recorded: datetime | None) -> list[Arrived]:
    subject = f"corong.event.{writer}.>"
    try:
        newest = await broker.jetstream.get_last_msg(EVENTS.name, subject)
    except NotFoundError:
        return []
    start = None if recorded is None else (recorded - MARGIN).astimezone(UTC)
    config = ConsumerConfig(
        deliver_policy=DeliverPolicy.ALL if start is None else DeliverPolicy.BY_START_TIME,
        opt_start_time=None if start is None else start.isoformat().replace("+00:00", "Z"),  # type: ignore[arg-type]
        ack_policy=AckPolicy.NONE,
        filter_subject=subject,
        inactive_threshold=30.0,
        mem_storage=True,
    )
    subscription = await broker.jetstream.pull_subscribe(subject, stream=EVENTS.name, config=config)
    by_number: dict[int, Arrived] = {}
    try:
        reached = 0
        while newest.seq is not None and reached < newest.seq:
            for message in await subscription.fetch(BATCH, timeout=5):
                reached = message.metadata.sequence.stream
                item = arrived(message)
                if item.writer == writer and item.number > number and item.fits:
                    by_number.setdefault(item.number, item)
    except NatsTimeout:
        pass  # nothing more comes
    finally:
        await subscription.unsubscribe()
    found: list[Arrived] = []
    while (following := number + 1 + len(found)) in by_number:
        found.append(by_number[following])
    return found
