"""deploy/Caddyfile sends each path to the process that answers it."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from corong.assembly import assemble, include_routes
from corong.runtime.broker import Broker
from corong.runtime.installation import Installation
from corong.runtime.settings import Settings
from corong.runtime.web import make_app
from tests.deploy import files

EVERYWHERE = {"/healthz", "/readyz", "/metrics", "/static/{name}", "/api/v1/openapi.json"}
"""What each process answers: the same pages, or nothing for the world."""
HIDDEN = {"/healthz", "/readyz", "/metrics"}


def paths(routes: Iterable[Any], prefix: str = "") -> Iterator[str]:
    """The paths of an application, through the routers that it includes."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from paths(included.routes, prefix + route.include_context.prefix)
        else:
            yield prefix + route.path


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Process → the paths that it answers."""
    installation = Installation.open(Settings(data=tmp_path_factory.mktemp("data")), create=True)
    found = {}
    for name in files.PROCESSES:
        parts = assemble(installation, (name,), lambda user: Broker("nats://127.0.0.1:1", user, ""))
        app = make_app(parts.services, 1024)
        include_routes(app, parts)
        found[name] = set(paths(app.routes))
    return found


def rules() -> list[tuple[str, str]]:
    """(path, port or 404), the most particular path first, as Caddy takes them."""
    text = (files.DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    found = re.findall(r"handle (\S*) ?\{\n\t\t(?:reverse_proxy 127\.0\.0\.1:|respond )(\d+)\n", text)
    assert len(found) == text.count("\thandle ")
    return sorted(found, key=lambda rule: -len(rule[0]))


def target(path: str) -> str:
    """Where a path goes."""
    for pattern, to in rules():
        if path == pattern or (pattern.endswith("*") and path.startswith(pattern[:-1])) or not pattern:
            return to
    raise AssertionError(path)


def test_each_path_reaches_the_process_that_answers_it(answers: dict[str, set[str]]) -> None:
    doors = ("intake", "desk", "portal", "auditing")
    ports = {name: files.example()[1][f"CORONG_{name.upper()}_PORT"] for name in doors}
    for name, found in answers.items():
        own = found - EVERYWHERE
        assert bool(own) == (name in ports), f"{name} has pages: give it a port"
        for path in own:
            assert target(path) == ports[name], path
    for path in HIDDEN:
        assert target(path) == "404"


def test_no_path_is_answered_by_two(answers: dict[str, set[str]]) -> None:
    owners: dict[str, list[str]] = {}
    for name, found in answers.items():
        for path in found - EVERYWHERE:
            owners.setdefault(path, []).append(name)
    assert {path: names for path, names in owners.items() if len(names) > 1} == {}


def test_named_paths_exist(answers: dict[str, set[str]]) -> None:
    known = set().union(*answers.values())
    for pattern, _ in rules():
        if pattern and not pattern.endswith("*"):
            assert pattern in known


def test_the_proxy_lets_through_what_the_door_takes() -> None:
    text = (files.DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    size = re.search(r"max_size (\d+)MB", text)
    assert size
    assert Settings().max_body_bytes <= int(size[1]) * 1_000_000
