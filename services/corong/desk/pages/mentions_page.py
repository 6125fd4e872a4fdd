"""What mentions an officer: notes of others on cases that the officer may still read, the unread ones marked."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from corong.desk import mentions
from corong.desk.cases import Cases
from corong.desk.pages.admission import Visitor, may
from corong.desk.pages.frame import Frame
from corong.desk.pages.places import case_address
from corong.runtime.policy import Action
from corong.runtime.sealing import BadSeal, Erased

ADDRESS = "/desk/sebutan"

Lister = Annotated[Visitor, Depends(may(Action.QUEUE_LIST))]


@dataclass(frozen=True)
class Mention:
    """One of them."""

    event_id: str
    case_id: str
    registration: str | None
    by: str
    at: str
    seen: bool
    text: str = field(repr=False)
    """Empty where it was erased, or does not open."""


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    desk = frame.desk
    cases = Cases(desk)

    def shown(row: dict[str, Any]) -> Mention:
        person = desk.person(row["by"])
        return Mention(
            row["event_id"], row["case_id"], row["registration"], person.name if person else row["by"], row["at"],
            bool(row["seen"]), words(row["sealed"]),
        )  # fmt: skip

    def words(sealed: str | None) -> str:
        try:
            return desk.installation.sealer.open_text(sealed) if sealed else ""
        except (Erased, BadSeal):
            return ""

    @router.get(ADDRESS)
    async def page(request: Request, visitor: Lister) -> Response:
        found = await desk.read(
            lambda connection: [
                shown(row) for row in mentions.of_officer(connection, visitor.id) if cases.readable(visitor.actor, row)
            ]
        )
        return frame.render(request, visitor, "desk/mentions.html", mentions=found, address_of=case_address)

    return router
