"""The officers' JSON API under `/api/v1`: its parts in one router, and what all of them have in common."""

from typing import Any

from fastapi import APIRouter, Depends, Response, Security
from fastapi.security import HTTPBearer
from pydantic import BaseModel, Field

from corong.desk import (
    audit,
    cases,
    dead,
    deliveries,
    documents,
    erasures,
    exports,
    life,
    posts,
    reports,
    templates_api,
)
from corong.desk.context import Desk, Officer
from corong.desk.models import Me, UnitRef
from corong.runtime.policy import Action, ever_allowed
from corong.runtime.service import Service
from corong.runtime.web import PROBLEM

_TOKEN = HTTPBearer(
    scheme_name="officer", bearerFormat="corong", auto_error=False, description="An officer's token (`corong token`)."
)


class FieldError(BaseModel):
    """One field that is not as it should be."""

    field: str = Field(description="As people read it.")
    pointer: str = Field(description="JSON Pointer (RFC 6901) into the body.")
    reason: str = Field(description="In the language of `detail`.")


class ProblemDetails(BaseModel):
    """RFC 9457; `detail` is in Indonesian, or in English where Accept-Language asks for it."""

    type: str
    title: str
    status: int
    code: str = Field(description="For programs.")
    detail: str = Field(description="For people: what is wrong and what to do.")
    fields: list[str] = Field(default_factory=list, description="Where the request is not as it should be.")
    errors: list[FieldError] = Field(default_factory=list, description="And why, field by field.")
    allowed: list[str] = Field(default_factory=list, description="Acts that are possible instead.")


_MEANINGS = {
    401: "The token is missing or not valid.",
    403: "The officer's role or unit has no right to that.",
    404: "There is no such thing.",
    409: "Not in the state that it is in.",
    410: "The citizen's data was erased.",
    413: "The request is too big.",
    422: "The request is not as it should be.",
    500: "A fault of the system; nothing changed.",
    503: "The owning service does not answer; try again.",
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": meaning, "content": {PROBLEM: {"schema": ProblemDetails.model_json_schema()}}}
    for status, meaning in _MEANINGS.items()
}


ZONE_HEADER = "Corong-Time-Zone"
"""IANA name of the government's time zone, on every answer of a list or a thing: clients show moments in it."""


def routes(service: Service) -> APIRouter:
    """The router of the whole API."""
    desk = Desk(service)

    async def headers(response: Response) -> None:
        response.headers["Cache-Control"] = "no-store"  # what officers read is personal
        response.headers[ZONE_HEADER] = desk.directory.hub.time_zone

    router = APIRouter(
        prefix="/api/v1",
        responses=PROBLEMS,
        dependencies=[Depends(desk.provide), Depends(headers), Security(_TOKEN)],
    )

    @router.get("/me", tags=["me"])
    async def me(officer: Officer) -> Me:
        """Who the token belongs to, and what this officer may do."""
        known = desk.directory.officer(officer.id)
        actions = [action.value for action in Action if ever_allowed(officer, action)]
        unit = UnitRef(id=known.unit, name=desk.directory.unit(known.unit).name)
        return Me(id=known.id, name=known.name, role=known.role, unit=unit, actions=actions)

    for part in (life, documents, templates_api, cases, deliveries, posts, audit, exports, reports, erasures, dead):
        router.include_router(part.routes(desk))
    return router
