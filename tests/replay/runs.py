"""A real run through a hub, and its log and databases afterwards."""

import json
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from corong.auditing.tiles import ENTRIES, WIDTH, Tile, encode_bundle
from corong.replay.by_shares import replay_by_shares
from corong.replay.foldings import FOLDINGS
from corong.replay.logs import DatabaseLog, Log
from corong.replay.shares import fold_share
from corong.replay.survey import Asked, Survey, survey
from corong.replay.work import Job, Outcome, run
from corong.runtime.database import Database
from corong_contracts.base import AnyEvent
from corong_contracts.catalogue import decode
from tests.hubs import RunningHub, running_hub
from tests.peers.postgres import PostgresServer
from tests.pipeline.first_message import from_the_door_to_the_answer

STEPS: dict[str, dict[str, Any] | None] = {
    "claim": None,
    "note": {"note": "dicatat"},
    "priority": {"priority": "high"},
    "answer": {"text": "Akan diperbaiki.", "close": False},
}
POST = {"text": "Posyandu Sabtu ini.", "unit": "diskominfo", "label": "layanan", "accounts": ["feed"]}


def database_url(backend: str, folder: Path, request: pytest.FixtureRequest) -> str | None:
    """Of a fresh PostgreSQL database, or None for SQLite files in the data folder."""
    if backend == "sqlite":
        return None
    postgres: PostgresServer = request.getfixturevalue("postgres")
    return str(postgres.make_database("replay"))


async def work(hub: RunningHub, first: int = 2, last: int = 6) -> None:
    """Citizens write, officers claim, note, pass on, answer; a post is drafted, edited, approved and published."""
    async with hub.client("account", "api-contoh") as citizen, hub.client("officer", "ppid-utama") as officer:
        cases = []
        for number in range(first, last):
            body = {
                "text": f"Jalan di Kisaran rusak, laporan ke-{number}",
                "sender": {"address": f"warga-{number % 4}"},
            }
            answer = await citizen.post("/api/v1/messages", json=body, headers={"Idempotency-Key": f"k-{number}"})
            assert answer.status_code == 202, answer.text
            cases.append(answer.json()["receipt"]["case_id"])
        await hub.settled()
        for case in dict.fromkeys(cases):
            path = f"/api/v1/cases/{case}"
            for step, words in STEPS.items():
                done = await officer.post(f"{path}/{step}", json=words)
                assert done.status_code == 200, done.text
        drafted = await officer.post("/api/v1/posts", json=POST)
        assert drafted.status_code == 201, drafted.text
        post = f"/api/v1/posts/{drafted.json()['publication_id']}"
        edited = await officer.put(post, json={"text": "Posyandu keliling Minggu ini."})
        assert edited.status_code == 200, edited.text
    await hub.settled()


async def finished(folder: Path, url: str | None) -> Path:
    """A hub's data after a run, stopped."""
    data = folder / "data"
    settings: dict[str, Any] = {"database_url": url} if url else {}
    async with running_hub(data, **settings) as hub:
        await from_the_door_to_the_answer(hub)
        await work(hub)
        await hub.settled()
    return data


def url_of(data: Path, url: str | None) -> str:
    """As `Database` takes it."""
    return url or f"sqlite:///{data / 'db'}"


def execute(url: str, service: str, sql: str, **parameters: Any) -> None:
    """Change a service's database behind its back."""
    database = Database(url, service)
    with database.write() as connection:
        assert connection.execute(text(sql), parameters).rowcount
    database.close()


def replayed(log: Log, live: str | None, asked: Asked | None = None, **until: Any) -> dict[str, Outcome]:
    """Every service's outcome."""
    chosen = asked or Asked()
    found = survey(log, chosen, **until)
    entities = None if chosen.whole else frozenset(found.entities)
    jobs = [
        Job(
            name,
            log,
            found.vector,
            tuple(item for item in found.hashes if item.said.of_service == name),
            live,
            entities,
        )
        for name in FOLDINGS
    ]
    outcomes = {job.service: run(job) for job in jobs}
    _by_shares_too(jobs, found, outcomes)
    return outcomes


def by_shares(jobs: Sequence[Job], found: Survey, shares: int = 3) -> dict[str, Outcome]:
    """As `side_by_side` does it, in threads."""
    with ThreadPoolExecutor(shares) as pool:
        return replay_by_shares(jobs, found, pool, shares, lambda share: fold_share(share, _nobody), lambda _: None)


def _nobody(count: int) -> None:
    pass


def _by_shares_too(jobs: Sequence[Job], found: Survey, outcomes: dict[str, Outcome]) -> None:
    """Whatever can be folded by shares comes to the same, in every word."""
    last = [replace(job, committed=job.committed[-1:]) for job in jobs]
    wanted = outcomes if last == jobs else {job.service: run(job) for job in last}
    shared = by_shares(last, found)
    assert shared == {name: wanted[name] for name in shared}
    sound = not any(one.broken or one.lacking or one.unknown for one in wanted.values())
    if sound and found.orderly and all(job.entities is None for job in jobs):
        assert shared, "nothing was shared out"


def hashes(outcomes: Mapping[str, Outcome]) -> dict[str, str]:
    """Service → hash."""
    return {name: outcome.hash for name, outcome in outcomes.items()}


def bodies(url: str) -> list[bytes]:
    """The log."""
    return [body for _, body in DatabaseLog(url).entries()]


def events(url: str) -> list[AnyEvent]:
    """The log, opened."""
    return [decode(body) for body in bodies(url)]


def publish(folder: Path, entries: list[bytes]) -> Path:
    """A folder of entry bundles with a checkpoint that nobody signed: replay reads what `verify` has checked."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "checkpoint").write_text(f"example.org/log\n{len(entries)}\nAAAA\n\n— example.org/log AAAA\n")
    for start in range(0, len(entries), WIDTH):
        part = entries[start : start + WIDTH]
        path = folder / Tile(ENTRIES, start // WIDTH, len(part)).path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode_bundle(part))
    return folder


def changed(body: bytes, **data: Any) -> bytes:
    """The event with other data, as canonical as before."""
    event = json.loads(body)
    event["data"] |= data
    return json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
