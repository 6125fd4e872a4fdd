"""Dead letters of a service, by command: list, show, try again, drop. A person's word, checked by the policy."""

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Protocol
from uuid import UUID

from corong.runtime import behind, parking
from corong.runtime.behind import Place
from corong.runtime.commands import key_of, officer_of, told
from corong.runtime.committer import Committer
from corong.runtime.installation import Installation
from corong.runtime.policy import Action, Scope, authorise
from corong.runtime.refusal import Refused
from corong.runtime.rows import Row
from corong.runtime.unit import Unit
from corong_contracts.base import AnyEvent
from corong_contracts.catalogue import BadEvent, UnknownType, decode
from corong_contracts.command import Command, DeadLetters, Reply, Request


class HasLetters(Protocol):
    """What of a service is needed here."""

    name: str
    installation: Installation
    committer: Committer

    def bring_again(self, unit: Unit, event: AnyEvent, body: bytes) -> None:
        """Fold and react to an event that was parked."""


class DeadLetterOffice:
    """Answers `corong.command.<service>.dead.<verb>`."""

    def __init__(self, service: HasLetters) -> None:
        self._service = service

    def handler(self, verb: str) -> Callable[[bytes], Awaitable[bytes]]:
        """What answers the requests of a verb."""
        action = {"retry": Action.DEAD_RETRY, "drop": Action.DEAD_DROP}.get(verb, Action.DEAD_READ)

        async def handle(body: bytes) -> bytes:
            try:
                request = Request.model_validate_json(body)
                asked = DeadLetters.model_validate(request.data)
                officer = officer_of(self._service.installation.directory, request.officer)
                authorise(officer, action, Scope())
                reply = Reply(result=await self._do(verb, asked))
            except Exception as error:  # whoever asked must get an answer
                reply = Reply(problem=told(error, Command))
            return reply.model_dump_json().encode()

        return handle

    async def do(self, verb: str, identity: UUID | None) -> dict[str, Any]:
        """List, show, retry or drop. Raises `Refused`; a retry that fails again raises its error."""
        return await self._do(verb, DeadLetters(id=identity))

    async def _follow(self, place: Place) -> int:
        """Bring in what only waited behind a letter that is dealt with, as far as it goes; how many that were."""
        followed = 0
        with contextlib.suppress(Exception):  # that one stays aside, and those behind it
            while await self._service.committer.run(lambda unit: self._bring_next(unit, place)):
                followed += 1
        return followed

    def _bring_next(self, unit: Unit, place: Place) -> bool:
        unit.lock(int(place[0].rsplit(".", 1)[1]))
        row = behind.next_of(unit, place)
        if row is None or not behind.waits(row):
            return False
        self._retry(unit, row["body"], stray=False)
        parking.close(unit, row["id"], "done")
        return True

    async def _do(self, verb: str, asked: DeadLetters) -> dict[str, Any]:
        result = await self._service.committer.run(lambda unit: self._decide(unit, verb, asked))
        if (place := result.pop("place", None)) is not None:
            result["followed"] = await self._follow(place)
        return result

    def _decide(self, unit: Unit, verb: str, asked: DeadLetters) -> dict[str, Any]:
        name, identity = self._service.name, asked.id
        if verb == "list":
            after = key_of(asked.after) if asked.after else None
            return {"service": name, "letters": parking.listed(unit.connection, asked.limit, after)}
        try:
            row = parking.find(unit, str(identity))
            if parking.is_stray(row):
                partition = None
            else:
                partition = int(row["writer"].rsplit(".", 1)[1])
                unit.lock(partition)
                row = parking.find(unit, str(identity))  # another process may just have dealt with it
        except parking.NotParked:
            raise Refused(404, "not_parked", "Pesan itu tidak ada.", "There is no such dead letter.") from None
        if verb == "show":
            shown = {column: row[column] for column in parking.SHOWN}
            return {"service": name, **shown, "size": len(row["body"])}
        if row["state"] != "parked":
            raise Refused(409, "not_parked", "Pesan itu sudah ditangani.", "That letter was dealt with already.")
        place = behind.place_of(row)
        if verb == "retry":
            if place is not None:
                self._check_first(unit, place, row)
            self._retry(unit, row["body"], stray=partition is None)
        state = "done" if verb == "retry" else "dropped"
        parking.close(unit, str(identity), state)
        return {"service": name, "id": str(identity), "state": state, "place": place}

    def _check_first(self, unit: Unit, place: Place, row: Row) -> None:
        first = behind.next_of(unit, place)
        if first is not None and first["number"] < row["number"]:
            raise Refused(
                409, "an_earlier_one_first", f"Pesan {first['id']} lebih dahulu: tangani itu, ini lalu menyusul.",
                f"Letter {first['id']} comes first: deal with that, then this one follows.",
            )  # fmt: skip

    def _retry(self, unit: Unit, body: bytes, *, stray: bool) -> None:
        try:
            event = decode(body)
        except (BadEvent, UnknownType) as error:
            raise Refused(
                409, "still_unreadable", "Pesan masih tidak terbaca; buang atau perbarui Corong.",
                f"Still unreadable ({error}): drop it, or update Corong.",
            ) from None  # fmt: skip
        if stray:
            raise Refused(
                409, "not_the_writers", "Pesan ini bukan dari penulisnya; buang saja.",
                "This message is not its writer's, who has been asked for the true one: drop it.",
            )  # fmt: skip
        self._service.bring_again(unit, event, body)
