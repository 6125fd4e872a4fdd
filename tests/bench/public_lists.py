"""The citizens' lists among many cases: answers for everybody, posts, feeds and the service figures."""

import asyncio
import random
import time
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
from corong.portal.tables import progress, public_answer, registered
from corong.replay.fresh_rows import FreshRows
from corong.runtime.clock import utc_now
from corong.runtime.installation import Installation
from corong.runtime.service import Service
from corong.runtime.web import make_app
from corong_contracts.base import AnyEvent
from tests.bench.words import word
from tests.simulation.belt import NoBroker

ADDRESSES = (
    "/", "/jawaban", "/jawaban?halaman=2", f"/jawaban?cari={word(0)}", f"/jawaban?cari={word(3)}+{word(9)}",
    "/jawaban?unit=dinas-pupr", "/jawaban.json", "/unggahan", "/unggahan?halaman=2", "/umpan.atom", "/layanan",
    "/layanan.json", "/layanan/dinas-pupr", "/informasi",
)  # fmt: skip
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


async def _ask(app: FastAPI, tries: int) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://127.0.0.1", timeout=120
    ) as client:
        for address in ADDRESSES:
            for attempt in range(tries + 1):
                began = time.perf_counter()
                answer = await client.get(address)
                if attempt and answer.status_code == 200:
                    took.setdefault(f"citizen  {address}", []).append((time.perf_counter() - began) * 1e3)
    return took


def ask(service: Service, app: FastAPI, tries: int) -> dict[str, list[float]]:
    """Address → milliseconds of each try."""
    took = asyncio.run(_ask(app, tries))
    zone = service.installation.directory.hub.zone
    for _ in range(5):
        with service.database.read() as connection:
            began = time.perf_counter()
            figures_of(connection, zone, utc_now())
            took.setdefault(f"citizen  {COUNTED}", []).append((time.perf_counter() - began) * 1e3)
    return took
