"""Commands: decided once however often they are asked, refused with words that help, never left without an answer."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text
from structlog.testing import capture_logs

from corong.runtime.broker import Broker
from corong.runtime.commands import answer, ask
from corong.runtime.committer import Committer
from corong.runtime.directory import Directory
from corong.runtime.installation import example_folder
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.refusal import Refused
from corong.runtime.unit import Unit
from corong_contracts.case import Priority
from corong_contracts.catalogue import decode
from corong_contracts.command import NoteCase, PrioritiseCase, Reply
from tests.brokers import running_broker
from tests.services.stores import BACKENDS, Store, Works, make_keys, noted, prioritised

both = pytest.mark.parametrize("backend", BACKENDS)
sqlite_alone = pytest.mark.parametrize("backend", ["sqlite"])
CASE = UUID(int=0x50)
OFFICER = "petugas-dinas-pupr"
MARK = "Bu Sri 0812-3456"


@cache
def directory() -> Directory:
    return Directory.load(example_folder())


@pytest.fixture
def works(store: Store, tmp_path: Path) -> Works:
    return Works(store, make_keys(tmp_path))


@pytest_asyncio.fixture
async def committer(works: Works) -> AsyncIterator[Committer]:
    made = works.committer()
    made.start()
    yield made
    await made.close()


def request(identity: UUID, officer: str = OFFICER, **data: Any) -> bytes:
    asked = {"case_id": str(CASE), "priority": "high", **data}
    return json.dumps({"id": str(identity), "officer": officer, "data": asked}).encode()


def decide(unit: Unit, officer: Actor, asked: PrioritiseCase, cause: UUID) -> dict[str, Any]:
    unit.record(cause, [prioritised(asked.case_id, officer.id)])
    return {"more": "told"}


async def asked(committer: Committer, body: bytes, handler: Any = decide, command: Any = PrioritiseCase) -> Reply:
    return await answer(body, command, handler, committer, directory())


@both
async def test_an_answer_tells_the_events_and_where_they_stand(committer: Committer, works: Works) -> None:
    reply = await asked(committer, request(uuid4()))
    assert reply.problem is None
    assert reply.result is not None
    (event,) = [decode(body) for body in works.bodies()]
    assert event.actor == f"officer:{OFFICER}"
    assert reply.result == {
        "events": [
            {
                "type": event.type,
                "id": str(event.id),
                "subject": f"case/{CASE}",
                "writer": event.writer,
                "number": 1,
            }
        ],
        "more": "told",
    }


@both
async def test_a_repeat_does_nothing_twice(committer: Committer, works: Works) -> None:
    identity = uuid4()
    first = await asked(committer, request(identity))
    again = await asked(committer, request(identity, priority="low"))
    assert first.result is not None
    assert again.result == {"events": first.result["events"], "repeated": True}
    assert len(works.bodies()) == 1


@both
async def test_repeats_in_one_commit_find_the_first(committer: Committer, works: Works) -> None:
    identity = uuid4()
    replies = await asyncio.gather(*(asked(committer, request(identity)) for _ in range(8)))
    assert {json.dumps((reply.result or {})["events"]) for reply in replies} == {
        json.dumps((replies[0].result or {})["events"])
    }
    assert len(works.bodies()) == 1


@both
async def test_repeats_at_two_processes_at_once_do_it_once(works: Works, store: Store, tmp_path: Path) -> None:
    committers = [works.committer(), Works(store, make_keys(tmp_path)).committer()]
    for committer in committers:
        committer.start()
    identities = [uuid4() for _ in range(15)]
    replies = await asyncio.gather(
        *(asked(committer, request(identity)) for identity in identities for committer in committers)
    )
    for committer in committers:
        await committer.close()
    assert [reply.problem for reply in replies] == [None] * 30
    ids = {(reply.result or {})["events"][0]["id"] for reply in replies}
    assert len(ids) == len(works.bodies()) == 15


def refusing(error: Exception) -> Callable[..., None]:
    def handler(unit: Unit, officer: Actor, command: Any, cause: UUID) -> None:
        raise error

    return handler


def forbidding(unit: Unit, officer: Actor, command: Any, cause: UUID) -> None:
    authorise(officer, Action.DEAD_DROP, Scope())


@sqlite_alone
async def test_a_refusal_is_told_as_a_problem(committer: Committer) -> None:
    refused = Refused(409, "closed", "Sudah ditutup.", "Closed.", ["case_id"])
    reply = await asked(committer, request(uuid4()), refusing(refused))
    assert reply.problem is not None
    assert reply.problem.model_dump() == {
        "type": "about:blank",
        "status": 409,
        "code": "closed",
        "title": "closed",
        "detail": {"id": "Sudah ditutup.", "en": "Closed."},
        "fields": ["case_id"],
        "errors": [{"field": "case_id", "pointer": "", "reason": {"id": "Sudah ditutup.", "en": "Closed."}}],
        "allowed": [],
    }
    forbidden = await asked(committer, request(uuid4()), forbidding)
    assert forbidden.problem is not None
    assert (forbidden.problem.status, forbidden.problem.code) == (403, "role_has_no_such_right")


@sqlite_alone
@pytest.mark.parametrize(
    ("body", "status", "code", "fields"),
    [
        (request(uuid4(), priority="whatever"), 422, "invalid", ["priority"]),
        (request(uuid4(), case_id="no uuid"), 422, "invalid", ["case_id"]),
        (request(uuid4(), officer="orang-asing"), 403, "unknown_officer", []),
        (b"{}", 422, "invalid", ["data", "id", "officer"]),
        (b"\xff not json", 422, "invalid", ["(all)"]),
        (b"", 422, "invalid", ["(all)"]),
    ],
    ids=["field", "id", "stranger", "empty object", "no JSON", "nothing"],
)
async def test_what_cannot_be_read_is_told_by_field(
    committer: Committer, works: Works, body: bytes, status: int, code: str, fields: list[str]
) -> None:
    reply = await asked(committer, body)
    assert reply.problem is not None
    assert (reply.problem.status, reply.problem.code, reply.problem.fields) == (status, code, fields)
    assert works.bodies() == []


@sqlite_alone
async def test_an_event_too_big_is_the_askers_affair(committer: Committer, works: Works) -> None:
    key = works.sealer.keys.ensure(["warga"])["warga"]

    def handler(unit: Unit, officer: Actor, command: Any, cause: UUID) -> None:
        unit.record(cause, [noted(CASE, key, "x" * 60_000)])

    reply = await asked(committer, request(uuid4()), handler)
    assert reply.problem is not None
    assert (reply.problem.status, reply.problem.code) == (422, "too_long")
    assert works.bodies() == []


@sqlite_alone
async def test_a_fault_is_told_without_its_words(committer: Committer) -> None:
    with capture_logs() as logs:
        reply = await asked(committer, request(uuid4()), refusing(RuntimeError(MARK)))
    assert reply.problem is not None
    assert (reply.problem.status, reply.problem.code) == (500, "fault")
    assert MARK not in reply.model_dump_json()
    assert MARK not in str(logs)
    assert [(line["error"], line["command"]) for line in logs] == [("RuntimeError", "case.prioritise")]


@sqlite_alone
async def test_words_of_a_command_are_not_in_its_problem(committer: Committer) -> None:
    body = request(uuid4(), note=[MARK])
    with capture_logs() as logs:
        reply = await asked(committer, body, command=NoteCase)
    assert reply.problem is not None
    assert reply.problem.fields == ["note"]
    assert MARK not in reply.model_dump_json() + str(logs)


@both
async def test_a_database_that_is_away_is_busy(works: Works) -> None:
    committer = works.committer()
    committer.start()
    with works.database.write() as connection:
        connection.execute(text("DROP TABLE outbox"))
    closed = await asked(committer, request(uuid4()))
    assert closed.problem is not None
    await committer.close()
    after = await asked(committer, request(uuid4()))
    assert after.problem is not None
    assert (after.problem.status, after.problem.code) == (503, "busy")


async def test_nobody_at_home_is_busy(tmp_path: Path) -> None:
    with running_broker(tmp_path) as server:
        broker = Broker(server.url, "desk", server.known["desk"])
        command = PrioritiseCase(case_id=CASE, priority=Priority.HIGH)
        with pytest.raises(Refused) as before:
            await ask(broker, command, OFFICER)
        await broker.connect()
        try:
            with pytest.raises(Refused) as refused:
                await ask(broker, command, OFFICER)
        finally:
            await broker.stop()
    assert (before.value.status, before.value.code) == (503, "busy")
    assert (refused.value.status, refused.value.code) == (503, "busy")
