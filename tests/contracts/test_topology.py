"""Who may publish and read what: properties of the table from which the broker's permissions are generated."""

import pytest

from corong_contracts import topology
from corong_contracts.base import MAX_EVENT_BYTES, SERVICES, Payload, subject_of, writer_name
from corong_contracts.catalogue import CATALOGUE
from corong_contracts.command import COMMANDS, DeadLetters
from corong_contracts.topology import ASKS, READS, STREAMS, USERS, WRITERS, consumer_name, inbox_of, permissions_of

API = "$JS.API.CONSUMER.MSG.NEXT"


def covers(pattern: str, subject: str) -> bool:
    """Whether a NATS subject pattern matches a subject: `*` is one token, `>` one or more at the end."""
    wanted, given = pattern.split("."), subject.split(".")
    for place, token in enumerate(wanted):
        if token == ">":
            return len(given) > place
        if place >= len(given) or token not in ("*", given[place]):
            return False
    return len(wanted) == len(given)


def publishers(subject: str) -> set[str]:
    return {user for user in USERS if any(covers(pattern, subject) for pattern in permissions_of(user).publish)}


def subscribers(subject: str) -> set[str]:
    return {user for user in USERS if any(covers(pattern, subject) for pattern in permissions_of(user).subscribe)}


def streams_of(subject: str) -> list[str]:
    return [stream.name for stream in STREAMS if any(covers(pattern, subject) for pattern in stream.subjects)]


def test_the_matcher_knows_natss_wildcards() -> None:
    assert covers("a.>", "a.b.c")
    assert covers("a.*.c", "a.b.c")
    assert covers(">", "a")
    assert not covers("a.>", "a")
    assert not covers("a.*", "a.b.c")
    assert not covers("a.*.*", "a.b")
    assert not covers("a.b", "a.c")


@pytest.mark.parametrize("payload", CATALOGUE.values(), ids=lambda payload: payload.type)
@pytest.mark.parametrize("partition", [0, 7, 99])
def test_an_event_is_published_by_its_writer_alone(payload: type[Payload], partition: int) -> None:
    subject = subject_of(writer_name(payload.writer, partition), payload)
    assert publishers(subject) == {payload.writer}
    assert subscribers(subject) == set(), "events are read through consumers"
    assert streams_of(subject) == ["EVENTS"]


def test_a_user_reads_its_own_inbox_and_no_other() -> None:
    for user in USERS:
        assert subscribers(f"{inbox_of(user)}.x1y2") == {user}
    assert {user: publishers(f"{inbox_of(user)}.x1y2") - {user} for user in USERS} == {
        **{user: set() for user in USERS},
        "channels": {"intake"},
    }


def test_nobody_subscribes_or_publishes_everything() -> None:
    for user in USERS:
        for pattern in (*permissions_of(user).publish, *permissions_of(user).subscribe):
            assert pattern.split(".")[0] not in ("*", ">")
            assert pattern not in ("corong.>", "$JS.>", "_INBOX.>")


@pytest.mark.parametrize("service", SERVICES)
def test_each_reader_has_its_consumer_and_touches_no_other(service: str) -> None:
    assert READS[service]
    name = consumer_name(service)
    for subject in (
        f"{API}.EVENTS.{name}",
        f"$JS.API.CONSUMER.INFO.EVENTS.{name}",
        f"$JS.ACK.EVENTS.{name}.1.2.3.4.5",
    ):
        assert publishers(subject) - {"deploy"} == {service}


def test_processes_that_share_a_service_use_the_durables_of_their_ranges() -> None:
    allowed = permissions_of("routing", ranges=[(0, 7), (8, 15)]).publish
    for name in ("routing-00-07", "routing-08-15"):
        assert consumer_name("routing", first=int(name[8:10]), last=int(name[11:])) == name
        assert any(covers(pattern, f"{API}.EVENTS.{name}") for pattern in allowed)
    assert not any(
        covers(pattern, f"{API}.EVENTS.{other}") for pattern in allowed for other in ("routing", "intake-00-07")
    )


def test_only_the_deployer_changes_streams_and_consumers() -> None:
    for verb in ("STREAM.CREATE", "STREAM.DELETE", "STREAM.PURGE", "STREAM.UPDATE", "STREAM.MSG.GET"):
        assert publishers(f"$JS.API.{verb}.EVENTS") == {"deploy"}
    for verb in ("CREATE", "DELETE", "DURABLE.CREATE"):
        assert publishers(f"$JS.API.CONSUMER.{verb}.EVENTS.auditing") == {"deploy"}
    assert not any(pattern.startswith("corong") for pattern in permissions_of("deploy").publish)


def test_inbound_is_filled_by_the_channels_and_emptied_by_intake() -> None:
    subject = topology.inbound_subject("email", "email-ppid")
    assert streams_of(subject) == ["INBOUND"]
    assert publishers(subject) == {"channels"}
    assert subscribers(subject) == set()
    assert publishers(f"{API}.INBOUND.{consumer_name('intake', 'INBOUND')}") - {"deploy"} == {"intake"}


def test_commands_go_to_their_owner_from_those_who_may_ask() -> None:
    subjects = {command.nats_subject(): command.service for command in COMMANDS}
    subjects |= {f"corong.command.{service}.dead.{verb}": service for service in SERVICES for verb in DeadLetters.VERBS}
    for subject, owner in subjects.items():
        assert subscribers(subject) == {owner}
        assert publishers(subject) == {user for user in ASKS if topology.may_ask(user, subject)}
        assert permissions_of(owner).may_reply
        assert streams_of(subject) == []
    for service in SERVICES:
        assert set(topology.commands_of(service)) == {c.nats_subject() for c in COMMANDS if c.service == service}


@pytest.mark.parametrize("writer", WRITERS)
def test_heads_and_resends_go_between_a_writer_and_its_readers(writer: str) -> None:
    readers = {reader for reader, writers in READS.items() if writer in writers}
    head, resend = topology.head_subject(writer), topology.resend_subject(writer)
    assert (publishers(head), subscribers(head)) == ({writer}, readers)
    assert (publishers(resend), subscribers(resend)) == (readers, {writer})
    assert streams_of(head) == streams_of(resend) == []


def test_the_table_is_whole() -> None:
    assert set(READS) == set(SERVICES)
    assert set(WRITERS) <= set(SERVICES)
    assert all(set(writers) <= set(WRITERS) for writers in READS.values())
    assert [reader for reader, writers in READS.items() if reader in writers] == ["auditing"], (
        "only the log reads itself"
    )
    assert set(ASKS) <= set(USERS)
    assert set(READS["auditing"]) == set(WRITERS), "the log has everything"
    assert len(set(USERS)) == len(USERS)


def test_streams_drop_nothing_and_take_the_largest_event() -> None:
    for stream in STREAMS:
        assert stream.discard == "new"
        assert stream.duplicate_window > 0
    assert topology.EVENTS.max_msg_size >= MAX_EVENT_BYTES + 4096, "headers count too"
    assert topology.EVENTS.allow_atomic


def test_a_stranger_has_no_permissions() -> None:
    with pytest.raises(KeyError):
        permissions_of("stranger")
