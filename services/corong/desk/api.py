"""The officers' JSON API under `/api/v1`: its parts in one router, and what all of them have in common."""

from fastapi import APIRouter, Depends, Response, Security
from fastapi.security import HTTPBearer

from corong.desk import (
    audit,
    cases,
    dead,
    deliveries,
    documents,
    drills_api,
    erasures,
    exports,
    figures_api,
    life,
    posts,
    reports,
    rules_api,
    templates_api,
)
from corong.desk.context import Desk, Officer
from corong.desk.models import Me, UnitRef
from corong.desk.search import api as search_api
from corong.runtime.policy import Action, ever_allowed
from corong.runtime.problems import problems
from corong.runtime.service import Service

_TOKEN = HTTPBearer(
    scheme_name="officer", bearerFormat="corong", auto_error=False, description="An officer's token (`corong token`)."
)

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
        responses=problems(),
        dependencies=[Depends(desk.provide), Depends(headers), Security(_TOKEN)],
    )

    @router.get("/me", tags=["me"])
    async def me(officer: Officer) -> Me:
        """Who the token belongs to, and what this officer may do."""
        known = desk.directory.officer(officer.id)
        actions = [action.value for action in Action if ever_allowed(officer, action)]
        unit = UnitRef(id=known.unit, name=desk.directory.unit(known.unit).name)
        return Me(id=known.id, name=known.name, role=known.role, unit=unit, actions=actions)

    parts = (
        life, documents, templates_api, cases, search_api, deliveries, posts, audit, exports, drills_api, figures_api,
        reports, erasures, dead, rules_api,
    )  # fmt: skip
    for part in parts:
        router.include_router(part.routes(desk))
    return router
