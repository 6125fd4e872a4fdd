"""The search: cases by words or number, among those that the officer may read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from corong.desk import snippets
from corong.desk.cases import Cases
from corong.desk.models import CaseSummary
from corong.desk.pages.admission import Visitor, may
from corong.desk.pages.asked import Asked
from corong.desk.pages.frame import HEADERS, Frame
from corong.desk.pages.places import SEARCH, case_address
from corong.desk.pages.saved_views import Tab, tabs
from corong.desk.pages.words import Shown, kind_word, state_shown
from corong.desk.search import excerpts
from corong.desk.search.excerpts import Piece
from corong.desk.search.finding import Finding, Found
from corong.desk.search.words import Question
from corong.desk.snippets import Snippet
from corong.runtime.language import language_of
from corong.runtime.policy import Action
from corong.runtime.refusal import Refused
from corong_contracts.case import CaseKind

ON_A_PAGE = 20

Reader = Annotated[Visitor, Depends(may(Action.CASE_READ))]


@dataclass(frozen=True)
class Line:
    """One case that was found."""

    case: CaseSummary
    snippet: Snippet
    title: list[Piece]
    """What it is about; empty where nothing can be shown."""
    pieces: list[Piece]
    state: Shown
    kind: str


def title_of(snippet: Snippet) -> str:
    """What a case is about, in the citizen's first words."""
    return snippet.subject or snippet.text


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    desk = frame.desk
    cases = Cases(desk)
    finding = Finding(desk, cases)

    @router.get(SEARCH)
    async def search(request: Request, visitor: Reader) -> Response:
        """What was found; a number that is one case's leads to it."""
        asked = Asked.read(request.query_params)
        found, problem = Found([]), ""
        if asked.q:
            try:
                found = await finding.page(visitor.actor, asked.search(), request.query_params.get("lanjut"), ON_A_PAGE)
            except Refused as refused:
                if refused.fields != ["q"]:
                    raise
                problem = refused.english if language_of(request) == "en" else refused.indonesian
        if found.rows and cases.number(asked.q) is not None:
            return RedirectResponse(case_address(found.rows[0]["case_id"]), 303, HEADERS)
        return frame.render(
            request, visitor, "desk/search.html", asked=asked, problem=problem, waiting=found.waiting,
            lines=await lines(request, asked, found.rows), saved=await saved(visitor, asked),
            next=asked.address(lanjut=found.next) if found.next else None,
            beginning=not request.query_params.get("lanjut"), address_of=case_address,
            kinds=[(kind.value, kind_word(kind, frame.pages.texts(request).gettext)) for kind in CaseKind],
            units=sorted(desk.directory.units, key=lambda unit: unit.name) if cases.sees_all(visitor.actor) else [],
        )  # fmt: skip

    async def saved(visitor: Visitor, asked: Asked) -> list[Tab]:
        return await desk.read(lambda connection: tabs(desk, connection, visitor, asked.address()))

    async def lines(request: Request, asked: Asked, rows: Sequence[Any]) -> list[Line]:
        if not rows:
            return []
        _ = frame.pages.texts(request).gettext
        ids = [row["case_id"] for row in rows]
        wanted = Question.of(asked.q).stems

        def read(connection: Connection) -> tuple[dict[str, Snippet], dict[str, list[Piece]]]:
            found = snippets.of_cases(desk, connection, ids)
            titles = {case_id: title_of(snippet) for case_id, snippet in found.items()}
            return found, excerpts.of_cases(desk, connection, ids, wanted, titles)

        found, pieces = await desk.read(read)
        summaries = [cases.summary(row) for row in rows]
        return [
            Line(
                case, snippet, excerpts.marked(title_of(snippet), wanted), pieces.get(str(case.case_id), []),
                state_shown(case.state, case.life, _), kind_word(case.kind, _),
            )
            for case in summaries
            for snippet in [found.get(str(case.case_id), Snippet())]
        ]  # fmt: skip

    return router
