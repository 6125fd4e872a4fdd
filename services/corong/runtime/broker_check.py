"""Whether the broker can be trusted with messages, asked by a process at its start and by `corong doctor`."""

import asyncio
from collections.abc import Collection, Sequence

import structlog
from nats.errors import Error as NatsError
from nats.js.errors import APIError, ServiceUnavailableError

from corong.runtime.broker import Broker
from corong.runtime.monitor import MonitorAway, read_varz
from corong.runtime.streams import (
    Consumer,
    Ranges,
    TopologyMissing,
    UnsafeBroker,
    apply_topology,
    check_consumers,
    check_server,
    check_streams,
)
from corong_contracts.topology import READS, Stream

log = structlog.get_logger()

ASK_AGAIN_SECONDS = 1.0


class BrokerAway(RuntimeError):
    """Nobody answers at the broker's address, or the network between does not let through."""


class BrokerRefuses(RuntimeError):
    """The broker does not let this user in."""


async def reach(broker: Broker, wait: float | None = None) -> None:
    """Connect; waits `wait` seconds, or for ever. Raises `BrokerAway`, `BrokerRefuses`."""
    try:
        await asyncio.wait_for(broker.connect(), wait)
    except TimeoutError:
        raise BrokerAway("the broker does not answer: is CORONG_NATS_URL right, and does it run?") from None
    except NatsError as error:
        if "authorization" not in str(error).lower():
            raise BrokerAway(f"the broker can't be reached: {error}") from None
        raise BrokerRefuses(
            f"the broker refuses user {broker.user!r}: set CORONG_NATS_PASSWORD to that user's password"
        ) from None


async def apply(
    broker: Broker,
    partitions: int,
    ranges: Ranges | None = None,
    replicas: int = 1,
    readers: Collection[str] = tuple(READS),
) -> None:
    """`apply_topology` with what goes wrong in words. Raises `UnsafeBroker`, `BrokerAway`."""
    try:
        await apply_topology(broker.jetstream, partitions, ranges, replicas, readers)
    except ServiceUnavailableError:
        raise BrokerAway("the broker is starting") from None
    except APIError as error:
        raise UnsafeBroker(f"the broker declines: {error.description}") from None
    except (NatsError, TimeoutError, OSError) as error:
        raise BrokerAway(f"the broker does not answer: {type(error).__name__}") from None


async def check(broker: Broker, streams: Sequence[Stream], consumers: Sequence[Consumer], monitor: str | None) -> None:
    """Ask a broker that is connected for all that the promise needs.

    `monitor` is the address of its monitoring page, of every server with commas between; None leaves that out. Raises
    `UnsafeBroker`, `TopologyMissing`, `BrokerAway`, `monitor.MonitorAway`.
    """
    for page in (monitor or "").split(","):
        if page.strip():
            check_server(await asyncio.to_thread(read_varz, page.strip()))
    try:
        await check_streams(broker.jetstream, streams)
        await check_consumers(broker.jetstream, consumers)
    except (NatsError, APIError, TimeoutError, OSError) as error:
        raise BrokerAway(f"the broker does not answer: {type(error).__name__}") from None


async def check_patiently(
    broker: Broker, streams: Sequence[Stream], consumers: Sequence[Consumer], monitor: str | None
) -> None:
    """As `check`, after waiting for the broker and for its streams as long as it takes.

    Raises `UnsafeBroker`, `BrokerRefuses` and `monitor.MonitorAway`: waiting does not mend these.
    """
    told = ""
    silent = 0
    await reach(broker)
    while True:
        try:
            await check(broker, streams, consumers, monitor)
            return
        except MonitorAway:
            silent = silent + 1 if broker.connected else 0  # a broker that just died takes its page with it
            if silent > 1:
                raise
        except (TopologyMissing, BrokerAway) as error:
            if str(error) != told:
                told = str(error)
                log.warning("waits for the broker", reason=told)
        await asyncio.sleep(ASK_AGAIN_SECONDS)
