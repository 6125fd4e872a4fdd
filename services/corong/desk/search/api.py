"""`GET /api/v1/search`: cases by words, as the page and the command line ask it."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from corong.desk.cases import Cases
from corong.desk.context import Desk, Officer
from corong.desk.models import CaseState, CaseSummary
from corong.desk.paging import Cursor, Limit
from corong.desk.search.finding import MOST_LETTERS, Finding, Search
from corong_contracts.case import CaseKind

Day = Annotated[date | None, Query(description="Of the registration, as the government's clock has it.")]


class SearchFound(BaseModel):
    """Cases in which all of the words stand, the one written in last first."""

    cases: list[CaseSummary]
    next: str | None = None
    waiting: bool = Field(description="Cases wait to be read: some may not be found yet.")


def routes(desk: Desk) -> APIRouter:
    """The router."""
    router = desk.router("cases")
    cases = Cases(desk)
    finding = Finding(desk, cases)

    @router.get("/search")
    async def search(
        officer: Officer,
        q: Annotated[
            str,
            Query(
                min_length=1,
                max_length=MOST_LETTERS,
                description='Words, by their Indonesian stems; a phrase in "…"; or a registration number.',
            ),
        ],
        unit: Annotated[str | None, Query(max_length=63, description="By default all that one may see.")] = None,
        state: Annotated[list[CaseState] | None, Query(description="By default all, closed ones too.")] = None,
        kind: CaseKind | None = None,
        since: Day = None,
        until: Day = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> SearchFound:
        """Cases by words in messages, answers and notes, or by number: those that the officer may read."""
        asked = Search(q, unit=unit, states=state, kind=kind, since=since, until=until)
        found = await finding.page(officer, asked, cursor, limit)
        shown = [cases.summary(row) for row in found.rows]
        return SearchFound(cases=shown, next=found.next, waiting=found.waiting)

    return router
