"""What open pages hear: one stream for each, by the same rights as the page itself (HTML Standard 9.2)."""

import contextlib
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse
from starlette.responses import RedirectResponse, Response

from corong.desk.cases import CaseName, Cases
from corong.desk.live.case_view import CaseView
from corong.desk.live.queue_view import QueueView
from corong.desk.live.streams import Full, View
from corong.desk.pages import queue_page
from corong.desk.pages.admission import Visitor, cookie_of, may
from corong.desk.pages.frame import HEADERS, HOME, Frame
from corong.desk.pages.places import CASES, case_address
from corong.desk.pages.presence_words import PresenceWords
from corong.runtime.policy import Action
from corong.runtime.refusal import Refused

QUEUE = "/desk/alir"
CASE = f"{CASES}/{{case}}/alir"
KIND = "text/event-stream"
STREAM_HEADERS = {**HEADERS, "X-Accel-Buffering": "no"}
"""A proxy that gathers an answer before it hands it on would hold everything back."""

Lister = Annotated[Visitor, Depends(may(Action.QUEUE_LIST))]
Reader = Annotated[Visitor, Depends(may(Action.CASE_READ))]


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    desk, live = frame.desk, frame.live
    cases = Cases(desk)

    def words(request: Request) -> PresenceWords:
        return PresenceWords(desk, frame.pages.texts(request).gettext)

    @router.get(QUEUE)
    async def of_queue(request: Request, visitor: Lister, tanda: str = "") -> Response:
        asked = queue_page.Asked.of(request, visitor, cases, desk)
        view = QueueView(
            live.queue_pages, live.presence, asked.wanted, asked.after, queue_page.ON_A_PAGE, words(request).names
        )
        return stream(request, visitor, view, tanda, HOME, contextlib.nullcontext())

    @router.get(CASE)
    async def of_case(request: Request, visitor: Reader, case: CaseName, tanda: str = "") -> Response:
        identity = await cases.identify(case)
        await desk.read(lambda connection: cases.load(connection, visitor.actor, identity))
        view = CaseView(cases, live.presence, visitor.actor, identity, words(request).of_case)
        return stream(request, visitor, view, tanda, case_address(identity), there(str(identity), visitor.id))

    @contextlib.contextmanager
    def there(case: str, officer: str) -> Iterator[None]:
        live.presence.stream(case, officer, 1)
        try:
            yield
        finally:
            live.presence.stream(case, officer, -1)

    def stream(
        request: Request, visitor: Visitor, view: View, token: str, page: str,
        lasting: contextlib.AbstractContextManager[Any],
    ) -> Response:  # fmt: skip
        """`page` is where whoever comes without a script is led."""
        if KIND not in request.headers.get("accept", ""):
            return RedirectResponse(page, 303, HEADERS)

        async def alive() -> bool:
            return await frame.sign_in.is_open(cookie_of(request))

        seen = request.headers.get("last-event-id", "") or token
        try:
            parts = live.streams.begin(visitor.session.id, view, seen, alive, lasting)
        except Full:
            raise Refused(
                503, "too_many_streams", "Terlalu banyak halaman terbuka. Muat ulang untuk melihat yang baru.",
                "Too many pages are open. Load the page again to see what is new.",
            ) from None  # fmt: skip
        return StreamingResponse(parts, media_type=KIND, headers=STREAM_HEADERS)

    return router
