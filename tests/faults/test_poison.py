"""One table of malformed messages for every consumer: parked, quarantined or answered, and neighbours go on."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from nats.js.errors import APIError

from corong.runtime.arrivals import NUMBER_HEADER, WRITER_HEADER
from corong.runtime.dead_letters import DeadLetterOffice
from corong.runtime.refusal import Refused
from corong.runtime.relay import Relay, Row
from corong_contracts.base import SERVICES
from corong_contracts.case import CaseKind
from corong_contracts.command import COMMANDS, DeadLetters, Reply, Request
from corong_contracts.topology import ASKS, READS, commands_of, head_subject, resend_subject
from tests.hubs import until
from tests.services.runtime.spine import OFFICER, Spine, message, running_spine

pytestmark = pytest.mark.faults

RAW: dict[str, bytes] = {
    "empty": b"",
    "not JSON": b"bukan json",
    "bad UTF-8": b'{"id": "\xff\xfe"}',
    "half a character": b'{"id": "\\ud800"}',
    "no number": b'{"number": NaN}',
    "deep": b"[" * 20_000,
    "a list": b"[]",
    "a number": b"7",
    "null": b"null",
    "an object, no event": b"{}",
}
"""What nobody can read, at whatever door."""


@dataclass(frozen=True)
class Poison:
    """A malformed event in place of a writer's true one."""

    make: Callable[[Row], bytes]
    headers: Callable[[str, int], dict[str, str]] = lambda writer, number: {
        WRITER_HEADER: writer,
        NUMBER_HEADER: str(number),
    }
    reason: str = "not_the_writers"
    own: bool = False
    """The writer itself wrote it: nothing better comes, and it is parked under its number."""


def replaced(old: bytes, new: bytes) -> Callable[[Row], bytes]:
    def make(row: Row) -> bytes:
        assert old in row.body
        return row.body.replace(old, new, 1)

    return make


def _true(row: Row) -> bytes:
    return row.body


EVENTS: dict[str, Poison] = {
    **{name: Poison(lambda row, body=body: body) for name, body in RAW.items()},  # type: ignore[misc]
    "another writer": Poison(replaced(b'"writer":"', b'"writer":"x')),
    "another number": Poison(replaced(b'"number":', b'"number":4')),
    "cut off": Poison(lambda row: row.body[:-9]),
    "no headers": Poison(_true, lambda writer, number: {}, "no_writer"),
    "another in the header": Poison(_true, lambda _, n: {WRITER_HEADER: "desk.00", NUMBER_HEADER: str(n)}, "no_writer"),
    "no number in the header": Poison(_true, lambda w, _: {WRITER_HEADER: w, NUMBER_HEADER: "dua"}, "no_writer"),
}  # fmt: skip
OWN: dict[str, Poison] = {
    "unknown type": Poison(replaced(b'.v1"', b'.v99"'), reason="UnknownType", own=True),
    "a field of another kind": Poison(replaced(b'"case_id":"', b'"case_id":"x'), reason="BadEvent", own=True),
    "bad UTF-8 within": Poison(replaced(b'"actor":"', b'"actor":"\xff'), reason="BadEvent", own=True),
}


@pytest.mark.parametrize("writer", ["intake", "routing"])
async def test_readers_park_it_and_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writer: str) -> None:
    run = Relay.run

    async def muted(relay: Relay) -> None:
        await (asyncio.Event().wait() if relay._service == writer else run(relay))

    monkeypatch.setattr(Relay, "run", muted)  # the test sends its outbox; it answers who asks it to send again
    async with running_spine(tmp_path, partitions=32) as spine:
        await spine.start(*SERVICES)
        if writer == "routing":
            # No clock runs in these: routing says one thing of each, and nothing waits behind what is parked.
            await spine.accept(180, declared_kind=CaseKind.PRAISE)
            await until(lambda: sum(map(_of_a_case, spine.outbox("routing"))) == 180, 60)
        else:
            await spine.accept(120)
        await _ill_words(spine)
        partitions = _partitions(spine.outbox(writer))
        poisons = {**EVENTS, **OWN}
        assert len(partitions) >= len(poisons)
        for (name, poison), rows in zip(poisons.items(), partitions, strict=False):
            await _publish(spine, writer, name, poison, rows)
        for rest in partitions[len(poisons) :]:
            await spine.publish(rest, writer)
        readers = [service for service in SERVICES if writer in READS[service]]
        for service in readers:
            await spine.until_taken(service, [row for rows in partitions for row in rows], writer, 60)
        for service in readers:
            _check(spine, service, writer, poisons, partitions)
        await _dead(spine, readers)


def _partitions(rows: list[Row]) -> list[list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.partition, []).append(row)
    # Where routing adopts its calendar is no place for the poisons, which are made of what is said of cases.
    return sorted(found.values(), key=lambda some: (all(map(_of_a_case, some)), len(some)), reverse=True)


def _of_a_case(row: Row) -> bool:
    return ".calendar." not in row.type


async def _publish(spine: Spine, writer: str, name: str, poison: Poison, rows: list[Row]) -> None:
    """The first as it is, then the poison where the second belongs, then the others."""
    assert len(rows) >= 3, f"{name}: too few messages for this partition"
    second = rows[1]
    _, _, noun, verb, _ = second.type.split(".")
    known = f"{writer}.{second.partition:02d}"
    await spine.publish(rows[:1], writer)
    headers = {"Nats-Msg-Id": uuid4().hex, **poison.headers(known, second.number)}
    await spine.publish_raw(f"corong.event.{known}.{noun}.{verb}", poison.make(second), headers, writer)
    await spine.publish(rows[2:] if poison.own else rows[1:], writer)


def _check(spine: Spine, service: str, writer: str, poisons: dict[str, Poison], partitions: list[list[Row]]) -> None:
    letters = spine.letters(service)
    opened = spine.services[service].wants()
    for (name, poison), rows in zip(poisons.items(), partitions, strict=False):
        subject = f"corong.event.{writer}.{rows[1].partition:02d}."
        found = [letter for letter in letters if letter["subject"].startswith(subject)]
        wanted = ".".join(rows[1].type.split(".")[2:4]) in opened
        what = f"{service}: {name}: {[letter['reason'] for letter in found]}"
        if not poison.own:
            assert len(found) == 1, what
            (letter,) = found
            assert letter["reason"].startswith(poison.reason), what
            assert letter["body"] == poison.make(rows[1]), what
        elif service == "auditing":  # it looks at the bytes, and keeps types that are newer than itself
            assert [letter["number"] for letter in found] in ([], [rows[1].number]), what
            assert all(letter["reason"].startswith("NotAnEntry") for letter in found), what
            assert found or name in ("unknown type", "a field of another kind"), what
        elif wanted:
            assert len(found) == 1, what
            (letter,) = found
            assert letter["reason"].startswith(poison.reason), what
            assert letter["number"] == rows[1].number, what
        else:
            assert found == [], what
    assert all(letter["state"] == "parked" for letter in letters)


async def _dead(spine: Spine, readers: list[str]) -> None:
    """Every letter can be listed and shown, can't be tried again as it is, and can be dropped."""
    for service in readers:
        office = DeadLetterOffice(spine.services[service])
        listed = (await office.do("list", None))["letters"]
        assert {letter["id"] for letter in listed} == {letter["id"] for letter in spine.letters(service)}
        for letter in listed:
            identity = UUID(letter["id"])
            assert (await office.do("show", identity))["reason"] == letter["reason"]
            with pytest.raises(Refused) as refused:
                await office.do("retry", identity)
            assert refused.value.status == 409
            await office.do("drop", identity)
        assert (await office.do("list", None))["letters"] == []


async def _ill_words(spine: Spine) -> None:
    """Heads and questions that make no sense; the resending that follows shows that nobody fell over them."""
    odd = [json.dumps(value).encode() for value in ({"partition": "x"}, {"intake.00": "x"}, {"intake.00": 9e99})]
    for service in ("intake", "routing", "publishing"):
        teller, asker = await spine.user(service), await spine.user("desk")
        for body in (*RAW.values(), *odd, b'{"partition": 0, "first": -5, "last": "x", "question": 7}'):
            await teller.connection.publish(head_subject(service), body)
            await asker.connection.publish(resend_subject(service), body)
        await teller.connection.flush()
        await asker.connection.flush()


async def test_an_event_that_is_too_big_is_refused_by_the_broker(tmp_path: Path) -> None:
    async with running_spine(tmp_path) as spine:
        with pytest.raises(APIError):
            await spine.publish_raw("corong.event.intake.00.case.registered", b"x" * 66_000)


async def test_every_command_answers_with_a_problem(tmp_path: Path) -> None:
    async with running_spine(tmp_path) as spine:
        await spine.start(*SERVICES)
        desk = await spine.user("desk")
        requests = {
            **RAW,
            "no officer": Request(id=uuid4(), officer="siapa", data={}).model_dump_json().encode(),
            "no data": Request(id=uuid4(), officer=OFFICER, data={"case_id": 7}).model_dump_json().encode(),
            "an id that is none": json.dumps({"id": "7", "officer": OFFICER, "data": {}}).encode(),
        }
        subjects = [subject for service in ASKS["desk"] for subject in commands_of(service)]
        subjects += [f"corong.command.{service}.dead.{verb}" for service in SERVICES for verb in DeadLetters.VERBS]
        assert len(subjects) == len(COMMANDS) + len(SERVICES) * len(DeadLetters.VERBS)
        # The portal asks these for a receipt's holder: no officer does, and one of them has nothing that can be wrong.
        subjects = [subject for subject in subjects if not subject.startswith("corong.command.auditing.receipt.")]
        undemanding = {one.nats_subject() for one in COMMANDS if not one.model_json_schema().get("required")}
        for subject in subjects:
            for name, body in requests.items():
                if name == "no data" and subject in undemanding:
                    continue  # there is nothing that can be wrong
                answer = Reply.model_validate_json((await desk.connection.request(subject, body, timeout=10)).data)
                assert answer.problem is not None, f"{subject}: {name}"
                assert 400 <= answer.problem.status < 500, f"{subject}: {name}: {answer.problem}"


async def test_the_door_of_channels_keeps_it_and_goes_on(tmp_path: Path) -> None:
    async with running_spine(tmp_path) as spine:
        await spine.start("intake")
        subject = "corong.inbound.api.api-contoh"
        good = [message(number).model_dump_json().encode() for number in range(len(RAW) + 1)]
        spoilt = json.dumps({**json.loads(good[0]), "native_id": ""}).encode()
        poisons = [*RAW.values(), spoilt]
        for true, poison in zip(good, poisons, strict=True):
            await spine.publish_raw(subject, true, user="channels")
            await spine.publish_raw(subject, poison, user="channels")
        await until(lambda: spine.count("intake", "seen") == len(good), 30)
        await until(lambda: spine.count("intake", "quarantine") == len(set(poisons)), 30)
        assert spine.letters("intake") == []
        jetstream = (await spine.user("deploy")).jetstream

        async def empty() -> bool:
            return not (await jetstream.stream_info("INBOUND")).state.messages

        await until(empty, 30)
