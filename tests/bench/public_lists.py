"""The citizens' lists among many cases: answers for everybody, posts, feeds and the service figures."""

import asyncio
import random
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID, uuid5

import httpx
from fastapi import FastAPI
from sqlalchemy import insert, select

import corong.portal.app
from corong.assembly import Parts, include_routes
from corong.portal import state
from corong.portal.figures import figures_of
from corong.portal.tables import post, progress, public_answer, registered
from corong.replay.fresh_rows import FreshRows
from corong.runtime.clock import utc_now
from corong.runtime.installation import Installation
from corong.runtime.service import Service
from corong.runtime.web import make_app
from corong_contracts.base import AnyEvent
from tests.bench.routes import read_paths
from tests.bench.times import Times
from tests.bench.words import word
from tests.simulation.belt import NoBroker

NO_LISTS = ("/api/v1/openapi.json", "/healthz", "/metrics", "/readyz", "/static/{name}")
MORE = {
    "/jawaban": ("halaman=2", f"cari={word(0)}", f"cari={word(3)}+{word(9)}", "unit=dinas-pupr"),
    "/informasi": ("cari=anggaran",),
    "/unggahan": ("halaman=2",),
}
"""What the portal's pages read out of their address."""
COUNTED = "/layanan, counted anew (once a minute at most)"
PUBLISHED = 100
"""Of so many cases one has an answer for everybody."""
WORDS = 40


def portal(installation: Installation) -> tuple[Service, FastAPI]:
    """A portal on fresh tables, and its application."""
    service = corong.portal.app.build(installation, NoBroker("portal"))
    service.prepare()
    app = make_app([service], installation.settings.max_body_bytes)
    include_routes(app, Parts(installation, [service]))
    return service, app


def fill(service: Service, events: Iterable[AnyEvent], batch: int) -> None:
    """Fold a history; and the answers that were published."""
    with service.database.write() as connection:
        rows = FreshRows(connection)
        for number, event in enumerate(events, 1):
            if type(event.data) in state.FOLDS:
                state.apply(event, rows)
            if number % batch == 0:
                rows.flush()
        rows.flush()
        chosen = select(registered.c.case_id, registered.c.registered_at, progress.c.unit, progress.c.kind)
        found = connection.execute(chosen.join(progress, progress.c.case_id == registered.c.case_id)).all()
        answers = list(_published(found[::PUBLISHED]))
        if answers:
            connection.execute(insert(public_answer), answers)


def _published(cases: Iterable[Any]) -> Iterator[dict[str, Any]]:
    chance = random.Random(4)  # an office's words
    for case in cases:
        said = [" ".join(word(int(chance.paretovariate(0.5)) % 5_000) for _ in range(WORDS)) for _ in range(2)]
        yield {
            "answer_id": str(uuid5(UUID(case.case_id), "answer")), "case_id": case.case_id, "unit": case.unit,
            "kind": case.kind, "question": said[0], "answer": said[1], "first_at": case.registered_at,
            "changed_at": case.registered_at, "edition": 1, "shown": True,
        }  # fmt: skip


def addresses(app: FastAPI, found: dict[str, str]) -> Iterator[tuple[str, str]]:
    """(name, address) of every GET of the portal, from its routes; `found` has what stands in paths."""
    for path in sorted(set(read_paths(app.routes)) - set(NO_LISTS)):
        place = path.format_map(found)
        for query in ("", *MORE.get(path, ())):
            more = f"?{query}" if query else ""
            yield f"citizen  {path}{more}", f"{place}{more}"


async def _ask(app: FastAPI, asked: Iterable[tuple[str, str]], times: Times, tries: int) -> list[str]:
    refused = []
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://127.0.0.1", timeout=120
    ) as client:
        for name, address in asked:
            try:
                for attempt in range(tries + 1):
                    with times.of(name, counted=attempt > 0):
                        (await client.get(address)).raise_for_status()
            except httpx.HTTPStatusError as error:
                refused.append(f"{error.response.status_code} {name}")
    return refused


def ask(service: Service, app: FastAPI, times: Times, tries: int) -> list[str]:
    """Time each address; those that are refused, with their status."""
    with service.database.read() as connection:
        found = {
            "answer_id": connection.execute(select(public_answer.c.answer_id).limit(1)).scalar_one(),
            "publication_id": connection.execute(select(post.c.publication_id).limit(1)).scalar_one(),
            "unit": "dinas-pupr", "entry_id": "apbd", "account": "feed",
        }  # fmt: skip
    refused = asyncio.run(_ask(app, addresses(app, found), times, tries))
    zone = service.installation.directory.hub.zone
    for _ in range(5):
        with service.database.read() as connection, times.of(f"citizen  {COUNTED}"):
            figures_of(connection, zone, utc_now())
    return refused
