"""Pages of the answers for everybody: the list with its search, one of them, and the list as JSON."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from corong.portal.answers import Found, PublicAnswer
from corong.portal.app import Portal
from corong.runtime.pages import Pages
from corong.runtime.problems import problems

ON_A_PAGE = 20

Asked = Query("", max_length=200)
InUnit = Query("", max_length=63)
Page = Query(1, ge=1, le=10_000)
T = TypeVar("T")


class AnswerShown(BaseModel):
    """Question and answer in the office's words."""

    id: UUID
    unit: str
    unit_name: str
    kind: str = Field(description="The kind of case that was answered, such as `question`.")
    question: str
    answer: str
    published: str = Field(description="First, RFC 3339.")
    changed: str
    address: str


class AnswersFound(BaseModel):
    """A page of the answers."""

    answers: list[AnswerShown]
    count: int = Field(description="How many there are on all pages.")
    more: bool


def routes(service: Portal, pages: Pages) -> APIRouter:
    """The router."""
    router = APIRouter()
    answers = service.answers

    async def read(query: Callable[[Connection], T]) -> T:
        def run() -> T:
            with service.database.read() as connection:
                return query(connection)

        return await asyncio.to_thread(run)

    async def page_of(asked: str, unit: str, page: int) -> Found:
        skip = (page - 1) * ON_A_PAGE
        return await read(lambda connection: answers.find(connection, asked, unit, most=ON_A_PAGE, skip=skip))

    @router.get("/jawaban", include_in_schema=False)
    async def find(request: Request, cari: str = Asked, unit: str = InUnit, halaman: int = Page) -> Response:
        found = await page_of(cari, unit, halaman)
        return pages.render(
            request,
            "answers.html",
            answers=found.answers,
            count=found.count,
            units=await read(answers.units),
            unit=unit,
            asked=cari,
            page=halaman,
            more=found.count > halaman * ON_A_PAGE,
            address=lambda page: address(page, asked=cari, unit=unit),
        )

    @router.get(
        "/jawaban.json", response_model=AnswersFound, tags=["public information"], responses=problems(422, 500, 503)
    )
    async def as_json(cari: str = Asked, unit: str = InUnit, halaman: int = Page) -> Any:
        """Answers for everybody, twenty a page: the newest first, or with all words of `cari` the best first."""
        found = await page_of(cari, unit, halaman)
        return AnswersFound(
            answers=[_shown(one) for one in found.answers],
            count=found.count,
            more=found.count > halaman * ON_A_PAGE,
        )

    @router.get("/jawaban/{answer_id}", include_in_schema=False)
    async def one(request: Request, answer_id: str) -> Response:
        try:
            identity = UUID(answer_id)
        except ValueError:
            raise HTTPException(404) from None
        found = await read(lambda connection: answers.one(connection, identity))
        if found is None:
            raise HTTPException(404)
        return pages.render(request, "answer.html", answer=found)

    return router


def address(page: int = 1, *, asked: str, unit: str) -> str:
    """Of a page of the list, with what was searched for."""
    given = {"cari": asked, "unit": unit, "halaman": page if page > 1 else ""}
    query = urlencode({name: value for name, value in given.items() if value})
    return f"/jawaban?{query}" if query else "/jawaban"


def _shown(one: PublicAnswer) -> AnswerShown:
    return AnswerShown(
        id=UUID(one.answer_id), unit=one.unit_id, unit_name=one.unit, kind=one.kind, question=one.question,
        answer=one.answer, published=one.first_at, changed=one.changed_at, address=one.address,
    )  # fmt: skip
