"""Many persons erased among many events, on a running hub: what it cost, and what stayed as it was."""

import asyncio
import hashlib
import time
from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from corong.auditing import state as auditing_state
from corong.auditing.rules import read
from corong.cli.progress import Progress
from corong.replay.foldings import FOLDINGS
from corong.replay.logs import DatabaseLog
from corong.replay.side_by_side import replay
from corong.replay.survey import survey
from corong.replay.work import Job
from corong.runtime.keys import Keys
from corong.runtime.rebuild import state_hash
from corong_contracts.channel import InboundMessage, Party
from corong_contracts.command import ErasePerson
from tests.faults.findings import STATES
from tests.hubs import RunningHub, running_hub

BATCH = 100
MARK = "Gang Melati nomor tujuh belas"


@dataclass(frozen=True)
class Erased:
    """What came of it."""

    events: int
    persons: int
    decide_seconds: float
    destroy_seconds: float
    same_hashes: bool
    same_replay: bool
    same_log: bool
    found: tuple[str, ...]
    """Erased persons of whom something still opens, and others of whom something does not."""


async def erase_many(folder: Path, events: int, persons: int, erased: int, **settings: Any) -> Erased:
    """Fill a hub with at least `events` events of `persons` persons, and erase so many of them.

    What is compared is read in a thread: a loop that stands still for minutes loses its broker.
    """
    async with running_hub(folder, log_level="error", **settings) as hub:
        await _fill(hub, events, persons)
        await hub.settled(600)
        before = await asyncio.to_thread(_read, hub)
        doomed, decide, destroy = await _erase(hub, erased)
        await hub.settled(600)
        after = await asyncio.to_thread(_read, hub, before)
        return Erased(
            events=before.size,
            persons=erased,
            decide_seconds=decide,
            destroy_seconds=destroy,
            # Auditing's own tables tell of the erasures.
            same_hashes={**after.hashes, "auditing": ""} == {**before.hashes, "auditing": ""},
            same_replay=after.replayed == before.replayed and await asyncio.to_thread(_folds, hub),
            same_log=after.digest == before.digest and await asyncio.to_thread(_is_sound, hub),
            found=tuple(_wrong(hub, set(doomed))),
        )


async def _erase(hub: RunningHub, count: int) -> tuple[list[str], float, float]:
    """The persons, and the seconds to decide and to carry out."""
    cases: dict[str, list[UUID]] = defaultdict(list)
    for row in hub.rows("desk", "SELECT person, case_id FROM registered ORDER BY registered_at"):
        cases[row["person"]].append(UUID(row["case_id"]))
    doomed = list(cases)[:count]
    shown = Progress(count, "deciding erasures")
    began = time.monotonic()
    for start in range(0, count, 20):
        shown.add(min(20, count - start))
        await asyncio.gather(*(
            hub.command(
                ErasePerson(person=person, cases=cases[person][:500], legal_basis="UU 27/2022", schedule="1"),
                "ppid-utama",
            )
            for person in doomed[start : start + 20]
        ))  # fmt: skip
    decided = time.monotonic()
    left = "SELECT count(*) AS n FROM erasure WHERE completed_at IS NOT NULL"
    await hub.until(lambda: hub.rows("auditing", left)[0]["n"] == count, 600)
    return doomed, decided - began, time.monotonic() - decided


@dataclass(frozen=True)
class _State:
    """What the log holds up to a point, and what comes of it."""

    size: int
    vector: dict[str, int]
    digest: str
    hashes: dict[str, str]
    """Of the services' tables as they are."""
    replayed: dict[str, str]
    """The same, folded anew out of the log up to that point."""


def _read(hub: RunningHub, up_to: _State | None = None) -> _State:
    log = DatabaseLog(hub.hub.installation.settings.database)
    size = up_to.size if up_to else log.size()
    vector = up_to.vector if up_to else survey(log).vector
    return _State(size, vector, _digest(log, size), _hashes(hub), _replay(log, vector))


async def _fill(hub: RunningHub, events: int, persons: int) -> None:
    assert hub.hub.parts is not None
    intake = hub.hub.parts.intake
    assert intake is not None
    number = 0
    # A message makes three events: registered, received, routed.
    shown = Progress(events, "filling a hub")
    while number * 3 < events:
        part = []
        for _ in range(BATCH):
            number += 1
            sender = Party(address=f"warga-{number % persons}@contoh.id", name=f"Warga {number % persons}")
            part.append(
                InboundMessage(
                    channel="api",
                    account="api-contoh",
                    native_id=f"k-{number}",
                    sender=sender,
                    text=f"Jalan rusak di {MARK}, laporan {number}.",
                )
            )
        await intake.accept_many(part)
        shown.add(3 * BATCH)


def _hashes(hub: RunningHub) -> dict[str, str]:
    found = {}
    for service, (metadata, _, _) in STATES.items():
        with hub.service(service).database.read() as connection:
            found[service] = state_hash(connection, metadata)
    return found


def _replay(log: DatabaseLog, vector: dict[str, int], live: bool = False) -> dict[str, str]:
    """Every service folded anew without any key; with `live` as far as it is, and compared with it."""
    outcomes = replay([Job(name, log, vector, live=log.url if live else None) for name in FOLDINGS], log.size())
    assert not any(outcome.broken or outcome.lacking or outcome.unknown for outcome in outcomes)
    assert all(outcome.compared == ["live"] for outcome in outcomes if live), outcomes
    return {outcome.service: outcome.hash for outcome in outcomes}


def _folds(hub: RunningHub) -> bool:
    return _replay(DatabaseLog(hub.hub.installation.settings.database), {}, live=True) == _hashes(hub)


def _digest(log: DatabaseLog, size: int) -> str:
    whole = hashlib.sha256()
    for _, body in islice(log.entries(), size):
        whole.update(hashlib.sha256(body).digest())
    return whole.hexdigest()


def _is_sound(hub: RunningHub) -> bool:
    """Each entry is canonical and what its row says, and every writer's numbers run without a hole."""
    entry = auditing_state.entry.c
    numbers: dict[str, list[int]] = defaultdict(list)
    with hub.service("auditing").database.read() as connection:
        for row in connection.execute(select(entry.writer, entry.number, entry.body).order_by(entry.position)):
            read(bytes(row.body), row.writer, row.number)  # raises `NotAnEntry`
            numbers[row.writer].append(row.number)
    return all(sorted(found) == list(range(1, len(found) + 1)) for found in numbers.values())


def _wrong(hub: RunningHub, doomed: set[str]) -> list[str]:
    installation = hub.hub.installation
    keys = Keys(installation.key_database, installation.key, installation.clock)
    by_person = {row["person"]: row["id"] for row in _key_rows(hub)}
    opened = keys.get_many(by_person.values())
    return [person for person, key in by_person.items() if (opened[key] is None) != (person in doomed)]


def _key_rows(hub: RunningHub) -> list[dict[str, str]]:
    from corong.runtime.key_tables import key_table

    with hub.hub.installation.key_database.read() as connection:
        return [dict(row) for row in connection.execute(select(key_table.c.id, key_table.c.person)).mappings()]
