"""Every list among many cases: the desk's API and pages with each filter, its search, the citizens' pages, the log.

`python -m tests.bench.desk CASES [CASES …] [--kept FOLDER]` prints a line of JSON for each number of open cases and
each database: SQLite, then the same rows on PostgreSQL. The tables are filled by `many_cases`. Requests go to the
application itself, without a network; pages of the log are asked of auditing's tables.
"""

import argparse
import asyncio
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import Table, delete, select

import corong.desk.app
from corong.assembly import Parts, include_routes
from corong.auditing.state import log_metadata
from corong.cli.progress import Progress
from corong.desk import tables
from corong.desk.access.sign_in import SignIn
from corong.desk.context import Desk
from corong.desk.search.tables import search_metadata
from corong.portal.tables import metadata as public_metadata
from corong.runtime.clock import utc_now
from corong.runtime.database import Database
from corong.runtime.installation import Installation
from corong.runtime.key_tables import metadata as key_metadata
from corong.runtime.service import Service
from corong.runtime.settling import settle_memory
from corong.runtime.tokens import issue
from corong.runtime.web import make_app
from tests.bench import log_lists, public_lists
from tests.bench.many_cases import EVENTS, filled, log_of, log_url, opened
from tests.bench.routes import read_paths
from tests.bench.times import Times
from tests.bench.words import questions
from tests.peers.postgres import PostgresServer
from tests.simulation.belt import NoBroker

TRIES = 20
"""Times that each address is asked."""
MOST_PAGES = 3
"""Pages of a list that are followed."""
CASE = "{case}"
IN_PATHS = ("{case:path}", "{case}")
ELSEWHERE = ("/audit", "/dead", "/quarantine", "/holds", "/reports", "/exports", "/openapi.json")
"""What other services answer."""
FOLDED = [*tables.metadata.sorted_tables, *search_metadata.sorted_tables]
COPIED_AT_ONCE = 10_000


def copy(source: Database, target: Database, folded: Sequence[Table]) -> None:
    """The same rows in a PostgreSQL, by COPY."""
    with source.read() as reading, target.write() as writing:
        driver: Any = writing.connection.driver_connection
        for table in folded:
            writing.execute(delete(table))
            columns = ", ".join(f'"{column.name}"' for column in table.columns)
            with driver.cursor().copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copying:
                for row in reading.execute(select(table).execution_options(yield_per=COPIED_AT_ONCE)):
                    copying.write_row(row)
    with target.write() as writing:
        writing.exec_driver_sql("ANALYZE")


def addresses(app: FastAPI, found: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(route, address, officer) of every GET of the desk: each filter alone, and for the queue all of them."""
    for path in sorted(read_paths(app.routes)):
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


async def ask(service: Service, app: FastAPI, times: Times) -> list[str]:
    """Time each address; those that are refused, with their status."""
    with service.database.read() as connection:
        row = connection.execute(select(tables.registered).order_by(tables.registered.c.case_id).limit(1)).mappings()
        post = connection.execute(select(tables.publication.c.publication_id).limit(1)).scalar()
        found = {**dict(row.one()), "publication_id": str(post)}
    service.committer.start()
    officers = Officers(service, app)
    refused: list[str] = []
    asked = list(addresses(app, found))
    with Progress(len(asked), f"asking {len(asked)} addresses") as shown:
        for route, address, officer in asked:
            name = f"{officer}  {address.replace(found['registration'].replace('/', '-'), CASE)}"
            try:
                await _tried(await officers.client(officer), route, address, name, times)
            except httpx.HTTPStatusError as error:
                refused.append(f"{error.response.status_code} {name}")
            shown.add(1)
    await service.committer.close()
    return refused


async def _tried(client: httpx.AsyncClient, route: str, address: str, name: str, times: Times) -> None:
    following: str | None = None
    for attempt in range(TRIES + 1):
        asked = address if following is None else f"{address}{'&' if '?' in address else '?'}cursor={following}"
        with times.of(name, counted=attempt > 0):
            answer = (await client.get(asked)).raise_for_status()
        if route.startswith("/api") and answer.headers["content-type"].startswith("application/json"):
            body = answer.json()
            following = body.get("next") if isinstance(body, dict) and attempt % MOST_PAGES else None


def made(installation: Installation) -> tuple[Service, FastAPI]:
    """A desk on fresh tables, and its application."""
    service = corong.desk.app.build(installation, NoBroker("desk"))
    service.prepare()
    app = make_app([service], installation.settings.max_body_bytes)
    include_routes(app, Parts(installation, [service]))
    return service, app


def measure(folder: Path, count: int, url: str | None) -> dict[str, Any]:
    """One size on one database: the folder's own, or the same rows on a PostgreSQL."""
    installation, times = opened(folder, url), Times()
    service, app = made(installation)
    public, public_app = public_lists.portal(installation)
    log = log_of(url or log_url(folder))
    if url is not None:
        own = opened(folder, None)
        copy(own.key_database, installation.key_database, key_metadata.sorted_tables)
        pairs: list[tuple[Database, Database, Sequence[Table]]] = [
            (Database(own.settings.database, "desk"), service.database, FOLDED),
            (Database(own.settings.database, "portal"), public.database, public_metadata.sorted_tables),
            (log_of(log_url(folder)), log, log_metadata.sorted_tables),
        ]
        for source, target, folded in pairs:
            copy(source, target, folded)
            source.close()
        own.key_database.close()
    settle_memory()
    refused = asyncio.run(ask(service, app, times))
    refused += public_lists.ask(public, public_app, times, TRIES)
    log_lists.ask(log, count * EVENTS, times, TRIES, utc_now())
    for database in (service.database, public.database, log, installation.key_database):
        database.close()
    return {
        "database": "SQLite" if url is None else "PostgreSQL", "cases": count, "events": count * EVENTS,
        "load": os.getloadavg()[0], "took": times.took, "worked": times.worked, "refused": refused,
    }  # fmt: skip


def main() -> None:
    """Measure each size on each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", type=int, nargs="+")
    parser.add_argument("--kept", type=Path, help="a folder for the filled tables: those in it are taken as they are")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="by default both")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="corong-bench-desk-") as name, PostgresServer() as server:
        for count in asked.cases:
            folder = (asked.kept or Path(name)).absolute() / str(count)
            folder.mkdir(parents=True, exist_ok=True)
            filled(folder, count)
            urls = {"sqlite": None, "postgresql": server.make_database(f"desk{count}")}
            for database, url in urls.items():
                if asked.database in (None, database):
                    print(json.dumps(measure(folder, count, url)), flush=True)


if __name__ == "__main__":
    main()
