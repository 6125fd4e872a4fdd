"""Every list among many cases: the desk's API and pages with each filter, its search, the citizens' pages, the log.

`python -m tests.bench.desk CASES [CASES …]` prints a line of JSON for each number of open cases and each database:
SQLite, then the same rows on PostgreSQL. Ten events are folded for each case by the desk's and the portal's own folds.
Requests go to the application itself, without a network; pages of the log are asked of auditing's tables.
"""

import asyncio
import itertools
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import httpx
from fastapi import FastAPI
from sqlalchemy import Table, select
from starlette.routing import BaseRoute, Route

import corong.desk.app
from corong.assembly import Parts, include_routes
from corong.desk import state, tables
from corong.desk.access.sign_in import SignIn
from corong.desk.context import Desk
from corong.desk.search.tables import search_metadata
from corong.embedded import migrate_keys
from corong.portal.tables import metadata as public_metadata
from corong.replay.fresh_rows import FreshRows
from corong.runtime.clock import stamp, utc_now
from corong.runtime.installation import Installation, example_folder
from corong.runtime.service import Service
from corong.runtime.settings import Settings
from corong.runtime.settling import settle_memory
from corong.runtime.tokens import issue
from corong.runtime.web import make_app
from corong_contracts.base import AnyEvent, event_id, partition_of, writer_name
from corong_contracts.canonical import canonical
from corong_contracts.catalogue import decode
from tests.bench import log_lists, public_lists, words
from tests.bench.replay import PARTITIONS, example, made_of
from tests.bench.words import questions
from tests.peers.postgres import PostgresServer
from tests.simulation.belt import NoBroker

OPEN = (
    "case.registered", "message.received", "case.routed", "clock.opened", "clock.opened", "case.noted",
    "case.claimed", "clock.reminded", "clock.ran_out", "clock.escalated",
)  # fmt: skip
"""What is known of a case that waits, and is late where its clock ran out."""
ANSWERED = (
    "case.registered", "message.received", "case.routed", "clock.opened", "case.claimed", "case.answered",
    "publication.drafted", "publication.released", "delivery.started", "delivery.sent",
)  # fmt: skip
"""And of every fifth one: its answer went out, and it is not closed."""
KINDS = ("complaint", "complaint", "complaint", "information_request", "question", "suggestion", "objection")
BATCH = 5000
TRIES = 20
"""Times that each address is asked."""
MOST_PAGES = 3
"""Pages of a list that are followed."""
CASE = "{case}"
IN_PATHS = ("{case:path}", "{case}")
ELSEWHERE = ("/audit", "/dead", "/quarantine", "/holds", "/reports", "/exports", "/openapi.json")
"""What other services answer."""
SPACE = UUID(int=0xDE5C)


@cache
def _example(name: str) -> dict[str, Any]:
    return example(name)


def history(count: int, units: Sequence[str], officers: Sequence[str]) -> Iterator[AnyEvent]:
    """The events of `count` cases that are not closed, over the last year, case by case."""
    rng, now = random.Random(5), utc_now()
    numbers: dict[str, int] = {}
    for index in range(count):
        case, at = uuid5(SPACE, str(index)), now - timedelta(days=365) * (1 - index / count)
        late = rng.random() < 0.05
        steps: tuple[str, ...] = ANSWERED if index % 5 == 0 else OPEN if late else OPEN[:-2]
        about = {"kind": rng.choice(KINDS), "unit": rng.choice(units), "officer": rng.choice(officers), "at": at,
                 "urgent": rng.random() < 0.02, "number": index + 1, "now": now, "late": late}  # fmt: skip
        if index % 100:  # an officer's lease lasts for half an hour: few cases are held at a time
            steps = tuple("case.noted" if name == "case.claimed" else name for name in steps)
        more = itertools.repeat("case.noted", len(OPEN) - len(steps))
        for place, name in enumerate((*steps, *more)):
            event = dict(_example(name))
            data = made_of(event["data"], case)
            _fits(name, data, about, place)
            entity = UUID(data.get("case_id") or data["publication_id"])
            writer = writer_name(event["writer"].split(".")[0], partition_of(entity, PARTITIONS))
            numbers[writer] = numbers.get(writer, 0) + 1
            moment = stamp(at + place * timedelta(minutes=1))
            event |= {
                "time": moment, "recordedtime": moment, "data": data, "writer": writer, "number": numbers[writer],
                "source": f"/corong/{writer.replace('.', '/')}", "correlationid": str(entity),
                "causationid": str(case), "id": str(event_id(case, event["type"], place)),
            }  # fmt: skip
            yield decode(canonical(event))


def _fits(name: str, data: dict[str, Any], about: dict[str, Any], place: int) -> None:
    """The example's data as those of this case."""
    for field in ("unit", "officer"):
        if field in data:
            data[field] = about[field]
    if name == "case.registered":
        data |= {"registration": f"PM/2026/{about['number']:06d}", "demo": False, "received": stamp(about["at"])}
        data.pop("declared_kind", None)
        data["person"] = f"{about['number'] // 4:032x}"
    elif name == "case.routed":
        data["kind"] = about["kind"]
        data["priority"] = "urgent" if about["urgent"] else "normal"
        data.pop("tier", None)
    elif name == "case.claimed":
        data["lease_until"] = stamp(about["now"] + timedelta(minutes=30))
    elif name == "case.noted":
        data["note_id"] = str(uuid5(UUID(data["case_id"]), f"note/{place}"))
    elif name == "clock.opened":
        due = about["now"] + timedelta(days=-2 if about["late"] else 9)
        data["count"] |= {"rule": f"rule_{place}", "due": stamp(due)}
    elif name.startswith("clock."):
        data["rule"] = "rule_3"
        if "due" in data:
            data["due"] = stamp(about["now"] - timedelta(days=2))


def fill(service: Service, count: int) -> None:
    """Fold so many cases into a desk's fresh tables."""
    directory = service.installation.directory
    units = [unit.id for unit in directory.units]
    officers = [officer.id for officer in directory.officers]
    events = 0
    with service.database.write() as connection:
        rows = FreshRows(connection)
        for event in history(count, units, officers):
            state.apply(event, rows)
            events += 1
            if events % BATCH == 0:
                rows.flush()
        rows.flush()


def copy(source: Service, target: Service, folded: Sequence[Table]) -> None:
    """The same rows in a PostgreSQL, by COPY."""
    with source.database.read() as reading, target.database.write() as writing:
        driver: Any = writing.connection.driver_connection
        for table in folded:
            columns = ", ".join(f'"{column.name}"' for column in table.columns)
            with driver.cursor().copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copying:
                for row in reading.execute(select(table)):
                    copying.write_row(row)
    with target.database.write() as writing:
        writing.exec_driver_sql("ANALYZE")


def addresses(app: FastAPI, found: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(route, address, officer) of every GET of the desk: each filter alone, and for the queue all of them."""
    for path in sorted(_paths(app.routes)):
        is_api, is_page = path.startswith("/api/v1/"), path.startswith("/desk")
        if not (is_api or is_page) or any(part in path for part in ELSEWHERE):
            continue
        place = path
        for name in IN_PATHS:
            place = place.replace(name, found["registration"].replace("/", "-"))
        place = place.replace("{publication_id}", found["publication_id"]).replace("{act}", "klaim")
        if "{" in place:
            continue
        asked = ["", *(_api_filters(app, path, found) if is_api else PAGE_FILTERS.get(path, ()))]
        if path in SEARCHES:
            first, *others = (f"q={one}" for one in questions())
            asked = [first, *(f"{first}{more}" for more in SEARCHES[path]), *others]
        for query in asked:
            for officer in (MAIN, UNIT):
                yield path, f"{place}?{query}" if query else place, officer


def _paths(routes: Sequence[BaseRoute], prefix: str = "") -> Iterator[str]:
    for route in routes:
        included: Any = getattr(route, "original_router", None)
        if included is not None:
            yield from _paths(included.routes, prefix + route.include_context.prefix)  # type: ignore[attr-defined]
        elif isinstance(route, Route) and "GET" in (route.methods or ()):
            yield prefix + route.path


MAIN, UNIT = "ppid-utama", "petugas-dinas-pupr"
PAGE_FILTERS = {
    "/desk": (
        "unit=dinas-pupr",
        "keadaan=terbuka",
        "keadaan=dijawab",
        "keadaan=selesai",
        "jenis=objection",
        "pemegang=saya",
        "pemegang=petugas",
        "pemegang=kosong",
        "terlambat=ya",
        "unit=dinas-pupr&keadaan=terbuka&jenis=complaint&pemegang=kosong&terlambat=ya",
    ),
    "/desk/angka": ("unit=dinas-pupr",),
    "/desk/angka/perkara": ("angka=received", "angka=waiting", "angka=overdue", "angka=answered"),
}
"""What a page reads out of its address: the API's filters are read out of its own document."""
SEARCHES = {
    "/api/v1/search": ("&unit=dinas-pupr", "&state=open", "&kind=objection", "&limit=200"),
    "/desk/cari": ("&unit=dinas-pupr", "&keadaan=terbuka"),
}
"""What stands behind the words of a search."""


def _api_filters(app: FastAPI, path: str, found: dict[str, Any]) -> Iterator[str]:
    described = app.openapi()["paths"].get(path.replace("{case:path}", "{case}"), {}).get("get", {})
    for parameter in described.get("parameters", ()):
        if parameter["in"] != "query":
            continue
        name = parameter["name"]
        values = list(_choices(parameter["schema"], app.openapi()["components"]["schemas"]))
        known = {"unit": ["dinas-pupr"], "limit": [parameter["schema"].get("maximum", 100)], "case": [found["case_id"]]}
        for value in known.get(name, values):
            yield f"{name}={value}"


def _choices(schema: dict[str, Any], named: dict[str, Any]) -> Iterator[Any]:
    if "$ref" in schema:
        yield from _choices(named[schema["$ref"].rsplit("/", 1)[-1]], named)
    yield from schema.get("enum", ())
    if schema.get("type") == "boolean":
        yield "true"
    for below in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])):
        yield from _choices(below, named)


class Officers:
    """Clients of the application, an officer's each: with a token and a session."""

    def __init__(self, service: Service, app: FastAPI) -> None:
        self._service, self._app = service, app
        self._clients: dict[str, httpx.AsyncClient] = {}

    async def client(self, officer: str) -> httpx.AsyncClient:
        """Signed in."""
        if officer not in self._clients:
            desk = Desk(self._service)
            sessions = SignIn(desk).sessions
            cookie = await self._service.committer.run(
                lambda unit: sessions.begin(unit, officer, "password", "Bench", None)
            )
            token = issue(self._service.installation.key.tokens, "officer", officer)
            self._clients[officer] = httpx.AsyncClient(
                transport=httpx.ASGITransport(self._app), base_url="http://127.0.0.1",
                headers={"Authorization": f"Bearer {token}"}, cookies={"corong_desk": cookie}, timeout=120,
            )  # fmt: skip
        return self._clients[officer]


async def ask(service: Service, app: FastAPI) -> dict[str, Any]:
    """`took`: address → milliseconds of each try; `worked`: of the processors, for it alone; `refused`: by others."""
    with service.database.read() as connection:
        row = connection.execute(select(tables.registered).order_by(tables.registered.c.case_id).limit(1)).mappings()
        post = connection.execute(select(tables.publication.c.publication_id).limit(1)).scalar()
        found = {**dict(row.one()), "publication_id": str(post)}
    service.committer.start()
    officers = Officers(service, app)
    took: dict[str, list[float]] = {}
    worked: dict[str, list[float]] = {}
    refused: list[str] = []
    for route, address, officer in addresses(app, found):
        client = await officers.client(officer)
        name = f"{officer}  {address.replace(found['registration'].replace('/', '-'), CASE)}"
        following: str | None = None
        for attempt in range(TRIES + 1):
            asked = address if following is None else f"{address}{'&' if '?' in address else '?'}cursor={following}"
            began, before = time.perf_counter(), time.process_time()
            answer = await client.get(asked)
            spent, used = (time.perf_counter() - began) * 1e3, (time.process_time() - before) * 1e3
            if answer.status_code != 200:
                refused.append(f"{answer.status_code} {name}")
                break
            if attempt:
                took.setdefault(name, []).append(spent)
                worked.setdefault(name, []).append(used)
            if route.startswith("/api") and answer.headers["content-type"].startswith("application/json"):
                body = answer.json()
                following = body.get("next") if isinstance(body, dict) and attempt % MOST_PAGES else None
    await service.committer.close()
    return {"took": took, "worked": worked, "refused": refused}


def opened(folder: Path, url: str | None) -> Installation:
    """An installation; those of one folder have one key."""
    settings = Settings(data=folder / "data", config=example_folder(), state_hash_hours=0, database_url=url)
    installation = Installation.open(settings, create=True)
    migrate_keys(installation)
    return installation


def made(installation: Installation) -> tuple[Service, FastAPI]:
    """A desk on fresh tables, and its application."""
    service = corong.desk.app.build(installation, NoBroker("desk"))
    service.prepare()
    app = make_app([service], installation.settings.max_body_bytes)
    include_routes(app, Parts(installation, [service]))
    return service, app


def measure(count: int, server: PostgresServer) -> Iterator[dict[str, Any]]:
    """One size: on SQLite, then the same rows on PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="corong-bench-desk-") as name:
        now = utc_now()
        places = {"SQLite": opened(Path(name), None)}
        places["PostgreSQL"] = opened(Path(name), server.make_database(f"desk{count}"))
        folded = [*tables.metadata.sorted_tables, *search_metadata.sorted_tables]
        of_portal = public_metadata.sorted_tables
        lite: list[Service] = []
        for kind, installation in places.items():
            service, app = made(installation)
            public, public_app = public_lists.portal(installation)
            if lite:
                copy(lite[0], service, folded)
                copy(lite[1], public, of_portal)
            else:
                lite = [service, public]
                fill(service, count)
                words.fill(service)
                units = [unit.id for unit in installation.directory.units]
                officers = [officer.id for officer in installation.directory.officers]
                public_lists.fill(public, history(count, units, officers), BATCH)
                settle_memory()
            found = asyncio.run(ask(service, app))
            found["took"] |= public_lists.ask(public, public_app, TRIES)
            log = f"sqlite:///{Path(name) / 'log'}" if kind == "SQLite" else server.make_database(f"log{count}")
            found["took"] |= log_lists.ask(log, count * len(OPEN), TRIES, now)
            yield {"database": kind, "cases": count, "events": count * len(OPEN), **found}
            if kind == "PostgreSQL":
                for one in (*lite, service, public):
                    one.database.close()


def main() -> None:
    """Measure each size."""
    with PostgresServer() as server:
        for count in map(int, sys.argv[1:]):
            for found in measure(count, server):
                print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
