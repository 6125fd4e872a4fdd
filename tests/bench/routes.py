"""Which addresses an application answers."""

from collections.abc import Iterator, Sequence
from typing import Any

from starlette.routing import BaseRoute, Route


def read_paths(routes: Sequence[BaseRoute], prefix: str = "") -> Iterator[str]:
    """The paths of all routes that are only read (GET), those of included routers too."""
    for route in routes:
        included: Any = getattr(route, "original_router", None)
        if included is not None:
            yield from read_paths(included.routes, prefix + route.include_context.prefix)  # type: ignore[attr-defined]  # FastAPI's own
        elif isinstance(route, Route) and "GET" in (route.methods or ()):
            yield prefix + route.path
