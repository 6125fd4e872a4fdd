"""Which services a process holds: used by the embedded hub (all of them) and by `corong run` (one).

A service's modules are loaded where it is built: a process of one service waits for no other's.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fastapi import FastAPI

from corong.runtime.broker import Broker
from corong.runtime.channel_registry import Registry
from corong.runtime.installation import Installation
from corong.runtime.pages import Pages, static_routes
from corong.runtime.service import Service
from corong.runtime.web import add_routes

if TYPE_CHECKING:
    from corong.channels.runner import SourceRunner
    from corong.intake.accept import Intake
    from corong.intake.similar import SimilarAnswers


@dataclass
class Parts:
    """What a process holds."""

    installation: Installation
    services: list[Service] = field(default_factory=list)
    intake: "Intake | None" = None
    sources: "SourceRunner | None" = None

    def service(self, name: str) -> Service:
        """A service by name. Raises `KeyError`."""
        return next(service for service in self.services if service.name == name)

    def similar_answers(self) -> "SimilarAnswers | None":
        """What finds published answers for the form's reader; None where the portal runs elsewhere."""
        found = next((service for service in self.services if service.name == "portal"), None)
        if found is None:
            return None
        from corong.portal.app import Portal

        assert isinstance(found, Portal)
        return found.similar_answers

    async def start_sources(self) -> None:
        """Begin to listen to the channels' networks."""
        if self.sources is not None:
            await self.sources.start()

    def part(self) -> None:
        """Answers that last for as long as the process ends now: the doors wait for all that are under way."""
        for service in self.services:
            service.part()

    async def stop(self) -> None:
        """Sources first, so that nothing new comes; then the services."""
        if self.sources is not None:
            await self.sources.stop()
        await asyncio.gather(*(service.stop() for service in self.services))


def assemble(
    installation: Installation, names: Sequence[str], broker: Callable[[str], Broker], registry: Registry | None = None
) -> Parts:
    """Build the named services, `channels` among them; each with its own connection as its own user."""
    parts = Parts(installation)
    if registry is None and {"publishing", "channels"} & set(names):
        registry = Registry(installation)
    for name in names:
        if name == "intake":
            from corong.intake.app import build as build_intake

            service, parts.intake = build_intake(installation, broker("intake"))
        elif name == "channels":
            from corong.channels.runner import SourceRunner

            assert registry is not None  # made above
            parts.sources = SourceRunner(installation, broker("channels"), registry)
            continue
        else:
            service = _build(name, installation, broker(name), registry)
        parts.services.append(service)
    return parts


def _build(name: str, installation: Installation, broker: Broker, registry: Registry | None) -> Service:
    if name == "publishing":
        from corong.publishing.app import build as build_publishing

        return build_publishing(installation, broker, registry)
    if name == "routing":
        from corong.routing.app import build
    elif name == "auditing":
        from corong.auditing.app import build
    elif name == "desk":
        from corong.desk.app import build
    elif name == "portal":
        from corong.portal.app import build
    else:
        raise KeyError(name)
    return build(installation, broker)


def include_routes(app: FastAPI, parts: Parts) -> None:
    """The HTTP side of whatever services are here."""
    pages = Pages(parts.installation, ("corong.intake", "corong.portal", "corong.desk"))
    app.state.pages = pages  # a refusal is a page, where a browser asks
    add_routes(app, static_routes())
    if parts.intake is not None:
        from corong.intake import api as intake_api
        from corong.intake import form as intake_form

        intake_api.include(app, parts.intake, parts.installation)
        add_routes(app, intake_form.routes(parts.intake, parts.installation, pages, parts.similar_answers()))
    for service in parts.services:
        if service.name == "auditing":
            from corong.auditing import app as auditing
            from corong.auditing import serving as log_routes

            assert isinstance(service, auditing.Auditing)
            add_routes(app, log_routes.routes(service))
        if service.name == "portal":
            from corong.portal import answers_pages, figures_pages, information_pages
            from corong.portal import app as portal
            from corong.portal import pages as portal_pages

            assert isinstance(service, portal.Portal)
            add_routes(app, portal_pages.routes(service, pages))
            add_routes(app, information_pages.routes(service.lists, pages))
            add_routes(app, figures_pages.routes(service, pages))
            add_routes(app, answers_pages.routes(service, pages))
        if service.name == "desk":
            from corong.desk import api as desk_api
            from corong.desk import app as desk
            from corong.desk.pages import all_pages as desk_pages

            assert isinstance(service, desk.DeskService)
            add_routes(app, desk_api.routes(service))
            add_routes(app, desk_pages.routes(service, pages))
