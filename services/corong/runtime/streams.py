"""Applies the topology to the broker from the contracts' table, and checks that it is as the promise needs it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nats.js import JetStreamContext, api
from nats.js.errors import NotFoundError

from corong_contracts.topology import DAY, EVENTS, INBOUND, READS, STREAMS, Stream, consumer_name

READER_BATCH = 500


class UnsafeBroker(RuntimeError):
    """The broker would lose or hide messages in this configuration; the message says which setting, and what to do."""


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


def consumers(partitions: int, ranges: Mapping[str, list[tuple[int, int]]] | None = None) -> list[Consumer]:
    """Every consumer of an installation; `ranges` gives the services whose processes share the partitions."""
    found = []
    for service, writers in READS.items():
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
    ranges: Mapping[str, list[tuple[int, int]]] | None = None,
    replicas: int = 1,
) -> None:
    """Create what is missing and bring what is there to the table's settings. Needs the `deploy` user."""
    for stream in STREAMS:
        await _request(jetstream, "CREATE", stream, replicas)
    for consumer in consumers(partitions, ranges):
        await jetstream.add_consumer(consumer.stream, config=consumer.config())


async def _request(jetstream: JetStreamContext, verb: str, stream: Stream, replicas: int) -> None:
    # nats-py's StreamConfig lacks `allow_atomic`, so the API is called with the JSON that the server documents.
    config: dict[str, Any] = {
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
        "deny_delete": stream.retention == "limits",
        "deny_purge": stream.retention == "limits",
        "compression": "s2" if stream.retention == "limits" else "none",
    }
    api_request = jetstream._api_request  # the only way to send fields that nats-py does not know
    try:
        current = await jetstream.stream_info(stream.name)
    except NotFoundError:
        await api_request(f"$JS.API.STREAM.CREATE.{stream.name}", json.dumps(config).encode(), timeout=10)
        return
    if current.config.retention != stream.retention:
        raise UnsafeBroker(f"stream {stream.name} exists with retention {current.config.retention}: remove it first")
    await api_request(f"$JS.API.STREAM.UPDATE.{stream.name}", json.dumps(config).encode(), timeout=10)


async def check_streams(jetstream: JetStreamContext) -> None:
    """Raise `UnsafeBroker` where a stream is not as the promise needs it."""
    for stream in STREAMS:
        answer = await jetstream._api_request(f"$JS.API.STREAM.INFO.{stream.name}", b"", timeout=5)
        problems = unsafe_settings(answer.get("config", {}), stream)
        if problems:
            raise UnsafeBroker(f"stream {stream.name}: {'; '.join(problems)}; run `corong topology apply`")


def unsafe_settings(config: Mapping[str, Any], stream: Stream) -> list[str]:
    """What of a stream's configuration breaks the promise."""
    found = []
    if config.get("persist_mode", "") == "async":
        found.append("persist_mode async overrides sync_interval: acknowledged messages die with the power")
    if config.get("discard") != "new":
        found.append("discard must be new: old drops acknowledged messages in silence")
    if config.get("storage") != "file":
        found.append("storage must be file")
    if bool(config.get("allow_atomic")) != stream.allow_atomic:
        found.append(f"allow_atomic must be {stream.allow_atomic}")
    if config.get("retention") != stream.retention:
        found.append(f"retention must be {stream.retention}")
    if stream.max_age == 0 and config.get("max_age"):
        found.append("max_age must be unlimited")
    if stream.max_age and config.get("max_age", 0) and config["max_age"] < DAY * 1_000_000_000:
        found.append("max_age is below a day")
    return found


def check_server(varz: Mapping[str, Any]) -> None:
    """Raise `UnsafeBroker` where the server's own settings break the promise."""
    problems = unsafe_server(varz)
    if problems:
        raise UnsafeBroker(f"nats-server: {'; '.join(problems)}")


def unsafe_server(varz: Mapping[str, Any]) -> list[str]:
    """What of the server's own settings (its monitoring page `/varz`) breaks the promise."""
    config = varz.get("jetstream", {}).get("config", {})
    found = []
    if not config:
        found.append("JetStream is off")
    elif not config.get("sync_always", False):
        found.append("sync_interval must be always: the default of two minutes loses acknowledged messages")
    return found
