"""The broker itself keeps each service to its own: every forbidden subject is tried, as every user, on a real server.

Who may do what is told in subjects.py anew, from the meaning of each subject, not read from the table under test.
"""

import json
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path

import pytest
import pytest_asyncio
from nats.aio.msg import Msg

from corong.runtime.natsserver import NatsServer, new_password, passwords, program
from corong.runtime.permissions import password_variable, server_config
from corong.runtime.streams import apply_topology
from corong_contracts.topology import USERS
from tests.brokers import User, connected, refuses_connection, running_broker
from tests.hubs import running_hub, until
from tests.programs import ROOT
from tests.services.runtime.subjects import publishing, subscribing


@pytest_asyncio.fixture
async def broker(tmp_path: Path) -> AsyncIterator[NatsServer]:
    with running_broker(tmp_path) as server:
        async with connected(server, "deploy") as users:
            await apply_topology(users["deploy"].client.jetstream(), 16)
        yield server


def lowered(subjects: Iterable[str]) -> set[str]:
    return {subject.lower() for subject in subjects}


@pytest.mark.parametrize("name", USERS)
async def test_every_forbidden_publish_is_refused_and_every_other_taken(broker: NatsServer, name: str) -> None:
    subjects = publishing()
    allowed = {subject for subject, users in subjects.items() if name in users}
    assert allowed
    async with connected(broker, name) as users:
        user = users[name]
        for subject in subjects:
            await user.client.publish(subject, b"")
        await user.settle()
        assert user.refused["publish"] == lowered(subjects.keys() - allowed)
        assert user.others == []


async def test_every_forbidden_subscription_is_refused_and_brings_nothing(broker: NatsServer) -> None:
    subjects = subscribing()
    got: dict[str, set[str]] = {name: set() for name in USERS}
    subscriptions = []
    async with connected(broker, *USERS) as users:
        for name, user in users.items():
            for subject in subjects:
                subscription = await user.client.subscribe(subject, cb=_noting(got[name]))
                subscriptions.append(subscription)
            await user.settle()
        for name, user in users.items():
            allowed = {subject for subject, those in subjects.items() if name in those}
            assert user.refused["subscription"] == lowered(subjects.keys() - allowed)
        sent = await _publish_all_allowed(users)
        for user in users.values():
            await user.settle()
        expected = {name: {s for s in sent if name in subjects[s]} for name in USERS}
        await until(lambda: all(expected[name] <= got[name] for name in USERS))
        await until(lambda: not any(subscription.pending_msgs for subscription in subscriptions))
        assert got == expected
    assert got["routing"] >= {"corong.command.routing.case.claim", "corong.head.intake", "corong.resend.routing"}
    assert got["channels"] == {"_INBOX_channels.x1y2"}


def _noting(into: set[str]) -> Callable[[Msg], Awaitable[None]]:
    async def note(message: Msg) -> None:
        into.add(message.subject)

    return note


async def _publish_all_allowed(users: dict[str, User]) -> set[str]:
    """As each subject's own publisher; what would change streams and consumers is left out."""
    sent = set()
    for subject, those in publishing().items():
        if not subject.startswith("$"):
            for name in those:
                await users[name].client.publish(subject, b"{}")
                sent.add(subject)
    for user in users.values():
        await user.settle()
    return sent


async def test_answers_go_once_to_the_one_who_asked(broker: NatsServer) -> None:
    async with connected(broker, "desk", "routing", "publishing") as users:
        routing = users["routing"].client

        async def answer(message: Msg) -> None:
            for body in (b"first", b"second"):
                await routing.publish(message.reply, body)

        await routing.subscribe("corong.command.routing.>", cb=answer)
        await users["routing"].settle()
        got: list[bytes] = []
        inbox = users["desk"].client.new_inbox()

        async def note(message: Msg) -> None:
            got.append(message.data)

        await users["desk"].client.subscribe(inbox, cb=note)
        await users["desk"].client.publish("corong.command.routing.case.claim", b"", reply=inbox)
        await users["desk"].settle()
        await _until_refused(users["routing"], inbox)
        await users["publishing"].client.publish(inbox, b"forged")
        await _until_refused(users["publishing"], inbox)
        await users["desk"].settle()
        assert got == [b"first"]


async def _until_refused(user: User, subject: str) -> None:
    for _ in range(200):
        await user.settle()
        if subject.lower() in user.refused["publish"]:
            return
    raise AssertionError(f"{user.name} may publish to {subject}")


async def test_strangers_and_wrong_passwords_are_shut_out(broker: NatsServer) -> None:
    assert await refuses_connection(broker, None, None)
    assert await refuses_connection(broker, "stranger", "x")
    for user in USERS:
        assert await refuses_connection(broker, user, "x")
        other = next(name for name in USERS if name != user)
        assert await refuses_connection(broker, user, broker.known[other])
        assert not await refuses_connection(broker, user, broker.known[user])


async def test_processes_that_share_a_service_have_the_consumers_of_their_ranges(tmp_path: Path) -> None:
    ranges = {"routing": [(0, 7), (8, 15)]}
    with running_broker(tmp_path, ranges=ranges) as server:
        async with connected(server, "deploy", "routing", "desk") as users:
            await apply_topology(users["deploy"].client.jetstream(), 16, ranges)
            own = [f"$JS.API.CONSUMER.{verb}.EVENTS.routing-{part}" for verb in ("INFO", "MSG.NEXT") for part in PARTS]
            own += [f"$JS.ACK.EVENTS.routing-{part}.1.2.3.4.5" for part in PARTS]
            others = [f"$JS.API.CONSUMER.MSG.NEXT.EVENTS.{name}" for name in ("routing", "desk", "routing-00-03")]
            for name in ("routing", "desk"):
                for subject in (*own, *others):
                    await users[name].client.publish(subject, b"")
                await users[name].settle()
            assert users["routing"].refused["publish"] == lowered(others)
            assert users["desk"].refused["publish"] == lowered({*own, *others} - {others[1]})


PARTS = ("00-07", "08-15")


async def test_the_hub_starts_and_works_without_one_refusal(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        async with hub.client("account", "api-contoh") as citizen:
            body = {"text": "Lampu jalan padam di Kisaran.", "sender": {"address": "warga-1"}}
            answer = await citizen.post("/api/v1/messages", json=body, headers={"Idempotency-Key": "k-1"})
            assert answer.status_code == 202
        await hub.settled()
        parts = hub.hub.parts
        assert parts is not None
        assert parts.sources is not None
        brokers = [*(service.broker for service in parts.services), parts.sources.broker]
        assert {broker.user: broker.refused for broker in brokers} == {user: [] for user in USERS if user != "deploy"}


def test_the_committed_configuration_is_the_generated_one() -> None:
    committed = (ROOT / "deploy" / "nats" / "nats.conf").read_text(encoding="utf-8")
    assert committed == server_config(), "write it anew: corong topology config > deploy/nats/nats.conf"


def test_the_broker_reads_every_password_that_we_make(tmp_path: Path) -> None:
    made = {f"PASSWORD_{number}": new_password() for number in range(300)}
    users = ", ".join(f"{{ user: u{number}, password: $PASSWORD_{number} }}" for number in range(300))
    config = tmp_path / "nats.conf"
    config.write_text(f"authorization {{ users: [ {users} ] }}\n")
    checked = subprocess.run([program(), "-c", config, "-t"], env=made, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    for word in ("-abc", "7-abc", "12"):  # why they are made so: these it can't read
        checked = subprocess.run(
            [program(), "-c", config, "-t"],
            env={**made, "PASSWORD_0": word},
            capture_output=True,
            text=True,
            check=False,
        )
        assert checked.returncode != 0


def test_each_user_has_a_variable_of_its_own() -> None:
    text = server_config()
    variables = [password_variable(user) for user in USERS]
    assert len(set(variables)) == len(USERS)
    for user, variable in zip(USERS, variables, strict=True):
        assert text.count(f"user: {user}, password: ${variable}\n") == 1


def test_a_new_user_gets_a_password_and_the_others_keep_theirs(tmp_path: Path) -> None:
    known = passwords(tmp_path)
    assert known == passwords(tmp_path)
    older = {user: word for user, word in known.items() if user != "portal"}
    (tmp_path / "nats-users.json").write_text(json.dumps(older))
    newer = passwords(tmp_path)
    assert newer.items() >= older.items(), "the store was encrypted with the one under `store`"
    assert newer["portal"] not in known.values()
    assert (tmp_path / "nats-users.json").stat().st_mode & 0o777 == 0o600
