"""Which services a process holds: used by the embedded hub (all of them) and by `corong run` (one)."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from fastapi import FastAPI

import corong.auditing.app
import corong.desk.app
import corong.intake.app
import corong.portal.app
import corong.publishing.app
import corong.routing.app
from corong.auditing import serving as log_routes
from corong.channels.runner import SourceRunner
from corong.desk import api as desk_api
from corong.intake import api as intake_api
from corong.intake import form as intake_form
from corong.intake.accept import Intake
from corong.portal import pages as portal_pages
from corong.runtime.broker import Broker
from corong.runtime.channel_registry import Registry
from corong.runtime.installation import Installation
from corong.runtime.pages import Pages, static_routes
from corong.runtime.service import Service


@dataclass
class Parts:
    """What a process holds."""

    installation: Installation
    services: list[Service] = field(default_factory=list)
    intake: Intake | None = None
    sources: SourceRunner | None = None

    def service(self, name: str) -> Service:
        """A service by name. Raises `KeyError`."""
        return next(service for service in self.services if service.name == name)

    async def start_sources(self) -> None:
        """Begin to listen to the channels' networks."""
        if self.sources is not None:
            await self.sources.start()

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
    builders: dict[str, Callable[[Installation, Broker], Service]] = {
        "routing": corong.routing.app.build,
        "publishing": lambda inst, conn: corong.publishing.app.build(inst, conn, registry),
        "auditing": corong.auditing.app.build,
        "desk": corong.desk.app.build,
        "portal": corong.portal.app.build,
    }
    for name in names:
        if name == "intake":
            service, parts.intake = corong.intake.app.build(installation, broker("intake"))
        elif name == "channels":
            assert registry is not None  # made above
            parts.sources = SourceRunner(installation, broker("channels"), registry)
            continue
        else:
            service = builders[name](installation, broker(name))
        parts.services.append(service)
    return parts


def include_routes(app: FastAPI, parts: Parts) -> None:
    """The HTTP side of whatever services are here."""
    pages = Pages(parts.installation, ("corong.intake", "corong.portal"))
    app.state.pages = pages  # a refusal is a page, where a browser asks
    app.include_router(static_routes())
    if parts.intake is not None:
        intake_api.include(app, parts.intake, parts.installation)
        app.include_router(intake_form.routes(parts.intake, parts.installation, pages))
    for service in parts.services:
        if isinstance(service, corong.auditing.app.Auditing):
            app.include_router(log_routes.routes(service))
        if service.name == "portal":
            app.include_router(portal_pages.routes(service, pages))
        if service.name == "desk":
            app.include_router(desk_api.routes(service))
