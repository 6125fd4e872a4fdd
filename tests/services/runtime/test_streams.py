"""The topology on a real broker: applied, applied again, mended, and refused where messages would be lost."""

import contextlib
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from corong.runtime.natsserver import NatsServer
from corong.runtime.permissions import server_config
from corong.runtime.streams import (
    TopologyMissing,
    UnsafeBroker,
    apply_topology,
    check_consumers,
    check_server,
    check_streams,
    consumers,
    consumers_of,
    shared,
    stream_config,
)
from corong_contracts.base import SERVICES
from corong_contracts.topology import EVENTS, INBOUND, STREAMS, USERS, Stream, streams_of
from tests.brokers import connected, running_broker

PARTITIONS = 16


@contextlib.asynccontextmanager
async def deployer(server: NatsServer, user: str = "deploy") -> AsyncIterator[JetStreamContext]:
    async with connected(server, user) as users:
        yield users[user].client.jetstream()


@pytest_asyncio.fixture
async def jetstream(tmp_path: Path) -> AsyncIterator[JetStreamContext]:
    with running_broker(tmp_path) as server:
        async with deployer(server) as found:
            yield found


async def made(jetstream: JetStreamContext, stream: Stream, **changed: Any) -> None:
    """A stream that somebody made, almost as it should be."""
    config = {name: value for name, value in (stream_config(stream) | changed).items() if value is not None}
    await jetstream._api_request(f"$JS.API.STREAM.CREATE.{stream.name}", json.dumps(config).encode(), timeout=5)


async def everything(jetstream: JetStreamContext) -> dict[str, Any]:
    """Streams and consumers as the broker has them, with the moment each was made."""
    found: dict[str, Any] = {}
    for stream in STREAMS:
        answer = await jetstream._api_request(f"$JS.API.STREAM.INFO.{stream.name}", b"", timeout=5)
        found[stream.name] = (answer["created"], answer["config"])
        listed = await jetstream._api_request(f"$JS.API.CONSUMER.LIST.{stream.name}", b"", timeout=5)
        found |= {each["name"]: (each["created"], each["config"]) for each in listed["consumers"]}
    return found


async def test_applied_twice_it_changes_nothing(jetstream: JetStreamContext) -> None:
    await apply_topology(jetstream, PARTITIONS)
    first = await everything(jetstream)
    assert set(first) == {"EVENTS", "INBOUND", *SERVICES, "intake-inbound"}
    await apply_topology(jetstream, PARTITIONS)
    assert await everything(jetstream) == first


async def test_what_is_applied_passes_the_checks(jetstream: JetStreamContext) -> None:
    await apply_topology(jetstream, PARTITIONS)
    await check_streams(jetstream)
    await check_consumers(jetstream, consumers(PARTITIONS))


async def test_each_process_can_check_its_own(tmp_path: Path) -> None:
    ranges = {"routing": [(0, 7), (8, 15)]}
    with running_broker(tmp_path, ranges=ranges) as server:
        async with deployer(server) as jetstream:
            await apply_topology(jetstream, PARTITIONS, ranges)
        for user in USERS:
            async with connected(server, user) as users:
                own = users[user].client.jetstream()
                await check_streams(own, streams_of(user))
                for owned in (range(0, 8), range(8, 16)) if user == "routing" else (range(16),):
                    found = consumers_of(user, PARTITIONS, owned)
                    assert len(found) == {"deploy": 0, "channels": 0, "intake": 2}.get(user, 1)
                    await check_consumers(own, found)
                assert users[user].refused == {"publish": set(), "subscription": set()}


async def test_a_broker_without_the_topology_says_what_to_do(jetstream: JetStreamContext) -> None:
    with pytest.raises(TopologyMissing, match="EVENTS is not there: run `corong topology apply`"):
        await check_streams(jetstream)
    for stream in STREAMS:
        await made(jetstream, stream)
    with pytest.raises(TopologyMissing, match="routing is not there: run `corong topology apply`"):
        await check_consumers(jetstream, consumers_of("routing", PARTITIONS, range(PARTITIONS)))


UNSAFE: dict[str, tuple[Stream, dict[str, Any], str, bool]] = {
    "async": (INBOUND, {"persist_mode": "async"}, "persist_mode async", False),
    "memory": (EVENTS, {"storage": "memory"}, "storage must be file", False),
    "interest": (EVENTS, {"retention": "interest"}, "retention must be limits", True),
    "limits": (INBOUND, {"retention": "limits"}, "retention must be workqueue", False),
    "old": (EVENTS, {"discard": "old"}, "discard must be new", True),
    "per subject": (EVENTS, {"discard": "old", "max_msgs_per_subject": 1}, "max_msgs_per_subject drops", True),
    "short": (EVENTS, {"max_age": 3_600_000_000_000}, "max_age is below a day", True),
    "ageing": (INBOUND, {"max_age": 3_600_000_000_000}, "max_age must be unlimited", True),
    "no batches": (EVENTS, {"allow_atomic": None}, "allow_atomic must be True", True),
    "no acks": (INBOUND, {"no_ack": True}, "no_ack", True),
    "small": (INBOUND, {"max_msg_size": 1000}, "max_msg_size must be at least", True),
    "subjects": (EVENTS, {"subjects": ["corong.event.intake.>"]}, "subjects must be corong.event.>", True),
    "copied": (INBOUND, {"republish": {"src": "corong.inbound.>", "dest": "spy.>"}}, "republish shows", True),
}
"""What somebody may have set: the stream, the settings, what the refusal says, and whether it is mended in place."""


@pytest.mark.parametrize("name", UNSAFE)
async def test_an_unsafe_stream_is_refused_and_mended_where_it_can_be(jetstream: JetStreamContext, name: str) -> None:
    stream, settings, says, mendable = UNSAFE[name]
    for other in STREAMS:
        await made(jetstream, other, **(settings if other is stream else {}))
    with pytest.raises(UnsafeBroker, match="run `corong topology apply`") as refused:
        await check_streams(jetstream)
    assert f"stream {stream.name}: " in str(refused.value)
    assert says in str(refused.value)
    if mendable:
        await apply_topology(jetstream, PARTITIONS)
    else:
        with pytest.raises(
            UnsafeBroker, match=f"remove it .nats stream rm {stream.name}., run `corong topology apply`"
        ):
            await apply_topology(jetstream, PARTITIONS)
        await jetstream.delete_stream(stream.name)
        await apply_topology(jetstream, PARTITIONS)
    await check_streams(jetstream)


async def test_a_changed_consumer_is_brought_back(jetstream: JetStreamContext) -> None:
    await apply_topology(jetstream, PARTITIONS)
    (wanted,) = consumers_of("auditing", PARTITIONS, range(PARTITIONS))
    before = (await jetstream.consumer_info("EVENTS", "auditing")).created
    changed = wanted.config()
    changed.max_deliver = 3
    changed.ack_wait = 5
    changed.filter_subjects = ["corong.event.intake.>"]
    await jetstream.add_consumer("EVENTS", config=changed)
    with pytest.raises(UnsafeBroker, match=r"consumer auditing: it must read .*max_deliver.*topology apply"):
        await check_consumers(jetstream, [wanted])
    await apply_topology(jetstream, PARTITIONS)
    await check_consumers(jetstream, [wanted])
    info = await jetstream.consumer_info("EVENTS", "auditing")
    assert (info.created, info.config.ack_wait) == (before, wanted.ack_wait)


async def test_a_lost_store_gets_the_topology_again(tmp_path: Path) -> None:
    with running_broker(tmp_path) as server:
        async with deployer(server) as jetstream:
            await apply_topology(jetstream, PARTITIONS)
            kept = {name: config for name, (_, config) in (await everything(jetstream)).items()}
        server.kill()
        shutil.rmtree(server.data / "jetstream")
        server.start()
        async with deployer(server) as jetstream:
            with pytest.raises(NotFoundError):
                await jetstream.stream_info("EVENTS")
            await apply_topology(jetstream, PARTITIONS)
            assert {name: config for name, (_, config) in (await everything(jetstream)).items()} == kept
            await check_streams(jetstream)
            await check_consumers(jetstream, consumers(PARTITIONS))


SYNC = "  sync_interval: always\n"
JETSTREAM = server_config()[server_config().index("jetstream {") : server_config().index("authorization {")]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (SYNC, "", "sync_interval must be always"),
        (SYNC, '  sync_interval: "2m"\n', "sync_interval must be always"),
        (SYNC, '  sync_interval: "1s"\n', "sync_interval must be always"),
        (JETSTREAM, "", "JetStream is off"),
        ("max_payload: 1048576", "max_payload: 65536", "max_payload must be at least 1000000"),
    ],
)
def test_an_unsafe_server_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert server_config().count(old) == 1
    with (
        running_broker(tmp_path, text=server_config().replace(old, new)) as server,
        pytest.raises(UnsafeBroker, match=f"{says}.*start it with deploy/nats/nats.conf"),
    ):
        check_server(server.varz())


def test_the_generated_configuration_is_safe(tmp_path: Path) -> None:
    with running_broker(tmp_path) as server:
        check_server(server.varz())


async def test_the_broker_encrypts_its_store(tmp_path: Path) -> None:
    secret = b"alamat rahasia warga"
    with running_broker(tmp_path) as server:
        async with connected(server, "deploy", "channels") as users:
            await apply_topology(users["deploy"].client.jetstream(), PARTITIONS)
            channels = users["channels"].client.jetstream()
            await channels.publish("corong.inbound.email.ppid", secret * 10, stream="INBOUND")
    files = [path for path in (tmp_path / "store" / "jetstream").rglob("*") if path.is_file()]
    blocks = [path for path in files if path.suffix == ".blk" and path.stat().st_size > len(secret) * 10]
    assert blocks
    assert not any(secret in path.read_bytes() for path in files)


def test_shared_ranges_are_read() -> None:
    assert shared(["routing=0-7,8-15"], 16) == {"routing": [(0, 7), (8, 15)]}
    assert shared(["routing=8-15,0-7", "intake=0-3,4-4,5-15"], 16) == {
        "routing": [(0, 7), (8, 15)],
        "intake": [(0, 3), (4, 4), (5, 15)],
    }
    assert shared([], 16) == {}


@pytest.mark.parametrize(
    "text", ["routing", "routing=", "routing=0-7", "routing=0-7,7-15", "routing=0-8,8-15", "routing=0-16", "spy=0-15",
             "routing=0-7,8-15,", "routing=a-b", "routing=0-7;8-15", "=0-15"],
)  # fmt: skip
def test_ranges_that_leave_a_partition_alone_or_to_two_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"routing=0-7,8-15|each of the partitions 0-15"):
        shared([text], 16)


def test_ranges_make_consumers_of_exactly_their_partitions() -> None:
    found = {each.name: each for each in consumers(16, {"routing": [(0, 7), (8, 15)]})}
    assert "routing" not in found
    assert found["routing-00-07"].filters == tuple(f"corong.event.intake.{number:02d}.>" for number in range(8))
    assert found["routing-08-15"].filters == tuple(f"corong.event.intake.{number:02d}.>" for number in range(8, 16))
    assert found["intake"].filters == ("corong.event.routing.>", "corong.event.publishing.>")
