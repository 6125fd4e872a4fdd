"""Training: the drills, starting one, and the score of each with what to do better."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from corong.desk.drills_api import Drills
from corong.desk.pages.admission import Visitor, may
from corong.desk.pages.frame import HEADERS, Frame
from corong.desk.pages.places import case_address
from corong.runtime.language import language_of
from corong.runtime.policy import Action

ADDRESS = "/desk/latihan"

Learner = Annotated[Visitor, Depends(may(Action.QUEUE_LIST))]


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    desk = frame.desk
    drills = Drills(desk)

    @router.get(ADDRESS)
    async def all_drills(request: Request, visitor: Learner, mulai: str = "") -> Response:
        training = desk.installation.settings.demo
        found = await drills.shown(visitor.actor, language_of(request)) if training else None
        return frame.render(
            request, visitor, "desk/drills.html", found=found, begun=mulai == "ya", base=ADDRESS,
            case_at=lambda number: case_address(number.replace("/", "-")),
        )  # fmt: skip

    @router.post(f"{ADDRESS}/{{which}}")
    async def start(visitor: Learner, which: str) -> Response:
        await drills.start(visitor.actor, which)
        return RedirectResponse(f"{ADDRESS}?mulai=ya", 303, HEADERS)

    return router
