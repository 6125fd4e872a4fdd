"""What mentions an officer: notes of others on cases that the officer may still read, the unread ones marked."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection
from starlette.responses import Response

from corong.desk import mentions
from corong.desk.cases import Cases
from corong.desk.pages.admission import Visitor, may
from corong.desk.pages.frame import Frame
from corong.desk.pages.places import case_address
from corong.desk.paging import cut, read_cursor
from corong.runtime.policy import Action
from corong.runtime.sealing import BadSeal, Erased, SealedAt

ADDRESS = "/desk/sebutan"
ON_A_PAGE = 30

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
        after = read_cursor(request.query_params.get("lanjut"), mentions.ORDER)

        def read(connection: Connection) -> tuple[list[Mention], str | None]:
            rows = mentions.page(connection, visitor.id, after, ON_A_PAGE)
            listed, following = cut(rows, ON_A_PAGE, lambda row: (row["at"], row["event_id"]))
            readable = [row for row in listed if cases.readable(visitor.actor, row)]
            keys = {SealedAt.of(row["sealed"]).key for row in readable if row["sealed"]}
            desk.installation.keys.get_many(keys)  # in one question; each is remembered for a while
            return [shown(row) for row in readable], following

        found, following = await desk.read(read)
        return frame.render(
            request, visitor, "desk/mentions.html", mentions=found, address_of=case_address, address=ADDRESS,
            next=f"{ADDRESS}?lanjut={following}" if following else None, beginning=after is None,
        )  # fmt: skip

    return router
