"""The officers' JSON API under `/api/v1`: its parts in one router, and what all of them have in common."""

from fastapi import APIRouter

from corong.desk import (
    audit,
    calendar_api,
    cases,
    dead,
    deliveries,
    documents,
    drills_api,
    erasures,
    exports,
    figures_api,
    life,
    obligations_api,
    officers_api,
    posts,
    reports,
    rules_api,
    targets_api,
    templates_api,
    units_api,
)
from corong.desk.context import Desk, Officer
from corong.desk.models import Me, UnitRef
from corong.desk.search import api as search_api
from corong.runtime.policy import Action, ever_allowed
from corong.runtime.service import Service

PARTS = (
    life, documents, templates_api, cases, search_api, deliveries, posts, audit, exports, drills_api, figures_api,
    reports, erasures, dead, rules_api, officers_api, units_api, calendar_api, targets_api,
    obligations_api,
)  # fmt: skip


def routes(service: Service) -> APIRouter:
    """The router of the whole API."""
    desk = Desk(service)

    router = desk.router("me")

    @router.get("/me")
    async def me(officer: Officer) -> Me:
        """Who the token belongs to, and what this officer may do."""
        known = desk.directory.officer(officer.id)
        actions = [action.value for action in Action if ever_allowed(officer, action)]
        unit = UnitRef(id=known.unit, name=desk.directory.unit(known.unit).name)
        return Me(id=known.id, name=known.name, role=known.role, unit=unit, actions=actions)

    for part in PARTS:
        router.routes.extend(part.routes(desk).routes)
    return router
