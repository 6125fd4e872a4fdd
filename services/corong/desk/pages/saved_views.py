"""Saved views: tabs with counts on the queue and the search, and the page where they are renamed and deleted."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Form, Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from corong.desk import queue
from corong.desk.cases import Cases
from corong.desk.context import Desk
from corong.desk.pages.admission import SignedIn, Visitor
from corong.desk.pages.asked import Asked, Filter, wanted_of
from corong.desk.pages.frame import HEADERS, Frame
from corong.desk.search.finding import Finding
from corong.desk.views.views import LONGEST_NAME, MOST, Page, View, Views
from corong.runtime.language import language_of
from corong.runtime.policy import Forbidden
from corong.runtime.refusal import Refused

VIEWS = "/desk/tampilan"
COUNTED = 100
"""More are told as that many and more: a count costs what it counts."""


@dataclass(frozen=True)
class Tab:
    """One view as a tab shows it."""

    id: str
    name: str
    address: str
    count: str
    """Empty where it is not counted, as with phrases."""
    on: bool


def tabs(desk: Desk, connection: Connection, visitor: Visitor, here: str) -> list[Tab]:
    """An officer's views with their counts; `here` is the address of the list that is shown."""
    cases = Cases(desk)
    found = []
    for view in Views(desk).of(connection, visitor.id):
        address = address_of(view)
        found.append(Tab(view.id, view.name, address, _count(desk, cases, connection, visitor, view), address == here))
    return found


def address_of(view: View) -> str:
    """Where a view leads: what its fields say, written anew."""
    return (Filter if view.page == "queue" else Asked).read(view.fields).address()


def _count(desk: Desk, cases: Cases, connection: Connection, visitor: Visitor, view: View) -> str:
    try:
        if view.page == "queue":
            asked = Filter.read(view.fields)
            units = cases.units(visitor.actor, asked.unit or None)
            many = queue.count(connection, wanted_of(asked, desk.now(), visitor.id, units), COUNTED)
        else:
            counted = Finding(desk, cases).count(connection, visitor.actor, Asked.read(view.fields).search(), COUNTED)
            if counted is None:
                return ""
            many = counted
    except (Forbidden, Refused):  # another unit by now, or a unit that is gone: the page says so
        return ""
    return str(many) if many < COUNTED else f"{COUNTED}+"


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    views = Views(frame.desk)

    @router.get(VIEWS)
    async def all_views(request: Request, visitor: SignedIn) -> Response:
        """All of the officer's own."""
        return await page(request, visitor)

    async def page(request: Request, visitor: Visitor, status: int = 200, problem: str = "") -> Response:
        found = await frame.desk.read(lambda connection: views.of(connection, visitor.id))
        return frame.render(
            request, visitor, "desk/views.html", status, views=found, address_of=address_of, most=MOST,
            longest=LONGEST_NAME, problem=problem,
        )  # fmt: skip

    @router.post(VIEWS)
    async def keep(
        request: Request, visitor: SignedIn, name: str = Form(""), page_of: Page = Form("queue")
    ) -> Response:
        """Keep what is shown, under a name."""
        sent = {key: value for key, value in (await request.form()).items() if isinstance(value, str)}
        asked = (Filter if page_of == "queue" else Asked).read(sent)
        address = asked.address()
        try:
            await views.keep(visitor.id, name, page_of, address.partition("?")[2])
        except Refused as refused:
            return await page(request, visitor, refused.status, said(request, refused))
        return RedirectResponse(address, 303, HEADERS)

    @router.post(f"{VIEWS}/{{view}}/nama")
    async def rename(request: Request, visitor: SignedIn, view: UUID, name: str = Form("")) -> Response:
        """Another name."""
        try:
            await views.rename(visitor.id, str(view), name)
        except Refused as refused:
            return await page(request, visitor, refused.status, said(request, refused))
        return RedirectResponse(VIEWS, 303, HEADERS)

    @router.post(f"{VIEWS}/{{view}}/hapus")
    async def delete(visitor: SignedIn, view: UUID) -> Response:
        """Delete it."""
        await views.delete(visitor.id, str(view))
        return RedirectResponse(VIEWS, 303, HEADERS)

    def said(request: Request, refused: Refused) -> str:
        return refused.english if language_of(request) == "en" else refused.indonesian

    return router
