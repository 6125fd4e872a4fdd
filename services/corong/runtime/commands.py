"""Commands by NATS request-reply: the owning service decides in one unit of work, and a repeat does nothing twice."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID, uuid4

import structlog
from faststream.exceptions import IncorrectState
from nats.errors import Error as NatsError
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError

from corong.runtime.broker import Broker
from corong.runtime.clock import stamp
from corong.runtime.committer import Closed, Committer
from corong.runtime.directory import Directory
from corong.runtime.policy import Actor
from corong.runtime.refusal import Refused, busy, refusal_of
from corong.runtime.unit import Unit
from corong_contracts.base import AnyEvent, writer_name
from corong_contracts.command import After, Command, Problem, Reply, Request

log = structlog.get_logger()

C = TypeVar("C", bound=Command)
Decide = Callable[[Unit, Actor, Any, UUID], dict[str, Any] | None]
"""A command's handler: (unit, officer, command, the command's id as cause) → more for the answer."""

ANSWER_SECONDS = 10.0


def officer_of(directory: Directory, identity: str) -> Actor:
    """The officer as the directory has them now. Raises `Refused`."""
    try:
        return Actor.of_officer(directory.officer(identity))
    except KeyError:
        raise Refused(
            403, "unknown_officer", "Petugas ini tidak terdaftar.", "This officer is not registered."
        ) from None


async def answer(
    body: bytes, command: type[Command], decide: Decide, committer: Committer, directory: Directory
) -> Reply:
    """Decide one request. Never raises: what goes wrong is told."""
    try:
        request = Request.model_validate_json(body)
        officer = officer_of(directory, request.officer)
        asked = command.model_validate(request.data)

        def job(unit: Unit) -> dict[str, Any]:
            earlier = unit.answered(request.id)
            if earlier:
                return {"events": [_told(event) for event in earlier], "repeated": True}
            if gone := unit.let_go_of(request.id):
                return {"events": [_told_of(row, command.service) for row in gone], "repeated": True}
            unit.traceparent = request.traceparent
            recorded = len(unit.recorded)
            more = decide(unit, officer, asked, request.id) or {}
            # What the service wrote for its own sake, as a calendar's version, is no answer: a repeat wouldn't tell it.
            done = [event for event in unit.recorded[recorded:] if event.causationid == request.id]
            return {"events": [_told(event) for event in done], **more}

        try:
            return Reply(result=await committer.run(job))
        except IntegrityError:
            # Another process decided on the same request at the same moment: its events are the answer.
            return Reply(result=await committer.run(job))
    except Exception as error:  # whoever asked must get an answer
        return Reply(problem=told(error, command))


def _told(event: AnyEvent) -> dict[str, Any]:
    """What an answer says of an event; by writer and number a reader knows when its own tables show it."""
    return {
        "type": event.type,
        "id": str(event.id),
        "subject": event.subject,
        "writer": event.writer,
        "number": event.number,
    }


def _told_of(row: dict[str, Any], service: str) -> dict[str, Any]:
    """The same, of an event that has left the outbox."""
    return {
        "type": row["type"],
        "id": row["id"],
        "subject": row["subject"],
        "writer": writer_name(service, row["partition"]),
        "number": row["number"],
    }


def told(error: Exception, command: type[Command]) -> Problem:
    """The problem that an error is for the one who asked."""
    refused = refusal_of(error)
    if refused is not None:
        return refused.problem()
    if isinstance(error, OperationalError | InterfaceError | Closed | OSError):
        return busy().problem()
    log.error("command failed", command=command.name, error=type(error).__name__)
    return Refused(
        500,
        "fault",
        "Terjadi kesalahan pada sistem. Tidak ada yang berubah.",
        "A fault of the system. Nothing changed.",
    ).problem()


async def ask(
    broker: Broker, command: Command, officer: str, *, request_id: UUID | None = None, wait: float = ANSWER_SECONDS,
    traceparent: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Send a command to its service and return the result. Raises `Refused` (503 where nobody answers).

    Give `request_id` to be able to ask again without doing it twice.
    """
    return await ask_subject(
        broker, command.nats_subject(), command.model_dump(mode="json"), officer, request_id=request_id, wait=wait,
        traceparent=traceparent,
    )  # fmt: skip


def key_of(after: After) -> tuple[str, str]:
    """Where a page begins, as tables have it: the text of the moment, and the id."""
    return stamp(after.at), str(after.id)


async def ask_subject(
    broker: Broker,
    subject: str,
    data: dict[str, Any],
    officer: str,
    *,
    request_id: UUID | None = None,
    wait: float = ANSWER_SECONDS,
    traceparent: str | None = None,
) -> dict[str, Any]:
    """As `ask`, for the commands that every service has. Raises `Refused`."""
    request = Request(id=request_id or uuid4(), officer=officer, traceparent=traceparent, data=data)
    try:
        message = await broker.connection.request(subject, request.model_dump_json().encode(), timeout=wait)
        reply = Reply.model_validate_json(message.data)
    except (NatsError, IncorrectState, TimeoutError, OSError, ValidationError):
        raise busy() from None
    if reply.problem is not None:
        raise Refused.of(reply.problem)
    return reply.result or {}
