"""Applies the topology to the broker from the contracts' table, and checks that it is as the promise needs it."""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nats.js import JetStreamContext, api
from nats.js.errors import APIError, NotFoundError, ServiceUnavailableError

from corong_contracts.topology import DAY, EVENTS, INBOUND, READS, STREAMS, Stream, consumer_name

READER_BATCH = 500

Ranges = Mapping[str, Sequence[tuple[int, int]]]
"""Service → first and last partition of each of the processes that share its work. Who isn't here has one process."""


class UnsafeBroker(RuntimeError):
    """The broker would lose or hide messages in this configuration; the message says which setting, and what to do."""


class TopologyMissing(RuntimeError):
    """A stream or a consumer is not there: the topology was not applied, or the broker's store is gone."""


def shared(texts: Iterable[str], partitions: int) -> dict[str, list[tuple[int, int]]]:
    """`routing=0-7,8-15` for each service that several processes share → the ranges.

    Raises `ValueError` with what to do where a range is no range, or a partition has no process or two.
    """
    found: dict[str, list[tuple[int, int]]] = {}
    for text in texts:
        service, _, said = text.partition("=")
        pairs = re.findall(r"(\d+)-(\d+)(?:,|$)", said)
        if service not in READS or ",".join("-".join(pair) for pair in pairs) != said or not pairs:
            raise ValueError(f"{text!r} is not a service and its ranges: write it as in routing=0-7,8-15")
        ranges = sorted((int(first), int(last)) for first, last in pairs)
        covered = [partition for first, last in ranges for partition in range(first, last + 1)]
        if covered != list(range(partitions)):
            raise ValueError(f"{text!r} must give each of the partitions 0-{partitions - 1} to one process")
        found[service] = ranges
    return found


@dataclass(frozen=True)
class Consumer:
    """A durable pull consumer."""

    stream: str
    name: str
    filters: tuple[str, ...]
    ack_all: bool
    max_ack_pending: int
    ack_wait: float
    max_deliver: int

    def config(self) -> api.ConsumerConfig:
        """As nats-py wants it."""
        return api.ConsumerConfig(
            name=self.name,
            durable_name=self.name,
            filter_subjects=list(self.filters),
            ack_policy=api.AckPolicy.ALL if self.ack_all else api.AckPolicy.EXPLICIT,
            deliver_policy=api.DeliverPolicy.ALL,
            max_ack_pending=self.max_ack_pending,
            max_waiting=64,
            ack_wait=self.ack_wait,
            max_deliver=self.max_deliver,
        )


def consumers(partitions: int, ranges: Ranges | None = None, readers: Collection[str] = tuple(READS)) -> list[Consumer]:
    """Every consumer of an installation; `ranges` gives the services whose processes share the partitions.

    `readers` are the services that read EVENTS by a consumer of their own.
    """
    found = []
    for service, writers in READS.items():
        if service not in readers:
            continue
        for first, last in (ranges or {}).get(service, [(0, partitions - 1)]):
            whole = (first, last) == (0, partitions - 1)
            if whole:
                filters = tuple(f"corong.event.{writer}.>" for writer in writers)
            else:
                filters = tuple(
                    f"corong.event.{writer}.{partition:02d}.>"
                    for writer in writers
                    for partition in range(first, last + 1)
                )
            found.append(
                Consumer(
                    stream=EVENTS.name,
                    name=consumer_name(service) if whole else consumer_name(service, "EVENTS", first, last),
                    filters=filters,
                    ack_all=True,
                    max_ack_pending=READER_BATCH * 4,
                    ack_wait=30.0,
                    # What comes again is skipped by the inbox; a limit would only hide messages.
                    max_deliver=-1,
                )
            )
    found.append(
        Consumer(
            stream=INBOUND.name,
            name=consumer_name("intake", INBOUND.name),
            filters=("corong.inbound.>",),
            ack_all=False,
            max_ack_pending=2000,
            ack_wait=30.0,
            max_deliver=-1,
        )
    )
    return found


async def apply_topology(
    jetstream: JetStreamContext,
    partitions: int,
    ranges: Ranges | None = None,
    replicas: int = 1,
    readers: Collection[str] = tuple(READS),
) -> None:
    """Create what is missing and bring what is there to the table's settings. Needs the `deploy` user.

    Raises `UnsafeBroker` where a stream stands in the way.
    """
    for stream in STREAMS:
        await _apply_stream(jetstream, stream, replicas)
    for consumer in consumers(partitions, ranges, readers):
        await jetstream.add_consumer(consumer.stream, config=consumer.config())


def stream_config(stream: Stream, replicas: int = 1) -> dict[str, Any]:
    """As the server's API takes it (nats-py's `StreamConfig` does not know `allow_atomic`)."""
    kept = stream.retention == "limits"
    return {
        "name": stream.name,
        "subjects": list(stream.subjects),
        "retention": stream.retention,
        "discard": stream.discard,
        "storage": "file",
        "num_replicas": replicas,
        "max_age": int(stream.max_age * 1_000_000_000),
        "max_msg_size": stream.max_msg_size,
        "duplicate_window": int(stream.duplicate_window * 1_000_000_000),
        "allow_atomic": stream.allow_atomic,
        "allow_direct": False,
        "deny_delete": kept,
        "deny_purge": kept,
        "compression": "s2" if kept else "none",
    }


async def _apply_stream(jetstream: JetStreamContext, stream: Stream, replicas: int) -> None:
    config = json.dumps(stream_config(stream, replicas)).encode()
    api_request = jetstream._api_request  # the only way to send fields that nats-py does not know
    try:
        await api_request(f"$JS.API.STREAM.INFO.{stream.name}", b"", timeout=10)
    except NotFoundError:
        await api_request(f"$JS.API.STREAM.CREATE.{stream.name}", config, timeout=10)
        return
    try:
        await api_request(f"$JS.API.STREAM.UPDATE.{stream.name}", config, timeout=10)
    except ServiceUnavailableError:  # it is starting: nothing is known of the stream
        raise
    except APIError as error:
        raise UnsafeBroker(
            f"stream {stream.name} can't be changed to what Corong needs ({error.description}): stop the services, "
            f"remove it (nats stream rm {stream.name}), run `corong topology apply`, start them again. {_GONE[stream]}"
        ) from None


_GONE = {
    EVENTS: "Nothing is lost: writers send again what readers lack.",
    INBOUND: "What channels have handed over and intake has not taken yet, they hand over again.",
}


async def check_streams(jetstream: JetStreamContext, streams: Iterable[Stream] = STREAMS) -> None:
    """Raise `UnsafeBroker` where a stream is not as the promise needs it, `TopologyMissing` where it is not there."""
    for stream in streams:
        try:
            answer = await jetstream._api_request(f"$JS.API.STREAM.INFO.{stream.name}", b"", timeout=5)
        except NotFoundError:
            raise TopologyMissing(f"stream {stream.name} is not there: run `corong topology apply`") from None
        problems = unsafe_settings(answer.get("config", {}), stream)
        if problems:
            raise UnsafeBroker(f"stream {stream.name}: {'; '.join(problems)}: run `corong topology apply`")


def unsafe_settings(config: Mapping[str, Any], stream: Stream) -> list[str]:
    """What of a stream's configuration breaks the promise."""
    found = []
    if config.get("persist_mode", "") == "async":
        found.append("persist_mode async overrides sync_interval: acknowledged messages die with the power")
    if config.get("discard") != "new":
        found.append("discard must be new: old drops acknowledged messages in silence")
    if config.get("max_msgs_per_subject", -1) > 0 and not config.get("discard_new_per_subject"):
        found.append("max_msgs_per_subject drops acknowledged messages in silence: it must be unlimited")
    if config.get("storage") != "file":
        found.append("storage must be file")
    if config.get("no_ack"):
        found.append("no_ack leaves publishers in doubt: messages must be acknowledged")
    if config.get("republish"):
        found.append("republish shows messages on other subjects: remove it")
    if set(config.get("subjects") or ()) != set(stream.subjects):
        found.append(f"subjects must be {', '.join(stream.subjects)}")
    if bool(config.get("allow_atomic")) != stream.allow_atomic:
        found.append(f"allow_atomic must be {stream.allow_atomic}")
    if config.get("retention") != stream.retention:
        found.append(f"retention must be {stream.retention}")
    if 0 < config.get("max_msg_size", -1) < stream.max_msg_size:
        found.append(f"max_msg_size must be at least {stream.max_msg_size}")
    if stream.max_age == 0 and config.get("max_age"):
        found.append("max_age must be unlimited")
    if stream.max_age and config.get("max_age", 0) and config["max_age"] < DAY * 1_000_000_000:
        found.append("max_age is below a day")
    return found


async def check_consumers(jetstream: JetStreamContext, wanted: Iterable[Consumer]) -> None:
    """Raise `UnsafeBroker` where a consumer would hide messages or mix their order, `TopologyMissing` without it."""
    for consumer in wanted:
        try:
            info = await jetstream.consumer_info(consumer.stream, consumer.name, timeout=5)
        except NotFoundError:
            raise TopologyMissing(f"consumer {consumer.name} is not there: run `corong topology apply`") from None
        problems = unsafe_consumer(info.config, consumer)
        if problems:
            raise UnsafeBroker(f"consumer {consumer.name}: {'; '.join(problems)}: run `corong topology apply`")


def unsafe_consumer(config: api.ConsumerConfig, wanted: Consumer) -> list[str]:
    """What of a consumer's configuration breaks the promise."""
    found = []
    filters = set(config.filter_subjects or [config.filter_subject or ">"])
    if filters != set(wanted.filters):
        found.append(f"it must read {', '.join(wanted.filters)}")
    if config.ack_policy != wanted.config().ack_policy:
        found.append(f"ack_policy must be {wanted.config().ack_policy}")
    if (config.max_deliver or -1) > 0:
        found.append("max_deliver hides messages: it must be unlimited")
    if config.deliver_policy != api.DeliverPolicy.ALL:
        found.append("deliver_policy must be all")
    if config.headers_only:
        found.append("headers_only leaves the bodies out")
    return found


def consumers_of(user: str, partitions: int, owned: range) -> list[Consumer]:
    """The consumers that a process of `user` with the partitions `owned` reads."""
    if user not in READS:
        return []
    pair = (owned.start, owned.stop - 1)
    return [
        consumer
        for consumer in consumers(partitions, {user: [pair]})
        if consumer.name in (consumer_name(user), consumer_name(user, "EVENTS", *pair), consumer_name(user, "INBOUND"))
    ]


def check_server(varz: Mapping[str, Any]) -> None:
    """Raise `UnsafeBroker` where the server's own settings break the promise."""
    problems = unsafe_server(varz)
    if problems:
        raise UnsafeBroker(
            f"nats-server: {'; '.join(problems)}: start it with deploy/nats/nats.conf (`corong topology config`)"
        )


def unsafe_server(varz: Mapping[str, Any]) -> list[str]:
    """What of the server's own settings (its monitoring page `/varz`) breaks the promise."""
    config = varz.get("jetstream", {}).get("config", {})
    found = []
    if not config:
        found.append("JetStream is off")
    elif not config.get("sync_always", False):
        found.append("sync_interval must be always: the default of two minutes loses acknowledged messages")
    if varz.get("max_payload", 0) < INBOUND.max_msg_size:
        found.append(f"max_payload must be at least {INBOUND.max_msg_size}")
    return found
