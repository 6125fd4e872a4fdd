"""Many persons erased among many events, on a running hub: what it cost, and what stayed as it was."""

import asyncio
import hashlib
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from corong.auditing import state as auditing_state
from corong.auditing.rules import read
from corong.runtime.keys import Keys
from corong.runtime.rebuild import rebuild, state_hash
from corong_contracts.catalogue import decode
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
    """Fill a hub with at least `events` events of `persons` persons, and erase so many of them."""
    async with running_hub(folder, log_level="error", **settings) as hub:
        await _fill(hub, events, persons)
        await hub.settled(600)
        before, log = _hashes(hub), _log(hub)
        replayed = _replay(log)
        cases: dict[str, list[UUID]] = defaultdict(list)
        for row in hub.rows("desk", "SELECT person, case_id FROM registered ORDER BY registered_at"):
            cases[row["person"]].append(UUID(row["case_id"]))
        doomed = list(cases)[:erased]
        began = time.monotonic()
        for start in range(0, len(doomed), 20):
            await asyncio.gather(*(
                hub.command(
                    ErasePerson(person=person, cases=cases[person][:500], legal_basis="UU 27/2022", schedule="1"),
                    "ppid-utama",
                )
                for person in doomed[start : start + 20]
            ))  # fmt: skip
        decided = time.monotonic()
        left = "SELECT count(*) AS n FROM erasure WHERE completed_at IS NOT NULL"
        await hub.until(lambda: hub.rows("auditing", left)[0]["n"] == erased, 600)
        done = time.monotonic()
        await hub.settled(600)
        after = _log(hub)
        return Erased(
            events=len(log),
            persons=erased,
            decide_seconds=decided - began,
            destroy_seconds=done - decided,
            # Auditing's own tables tell of the erasures.
            same_hashes={**_hashes(hub), "auditing": ""} == {**before, "auditing": ""},
            same_replay=_replay(after[: len(log)]) == replayed and _folds(after, hub),
            same_log=_digest(after[: len(log)]) == _digest(log) and _is_sound(hub),
            found=tuple(_wrong(hub, set(doomed))),
        )


async def _fill(hub: RunningHub, events: int, persons: int) -> None:
    assert hub.hub.parts is not None
    intake = hub.hub.parts.intake
    assert intake is not None
    number = 0
    # A message makes three events: registered, received, routed.
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


def _hashes(hub: RunningHub) -> dict[str, str]:
    found = {}
    for service, (metadata, _, _) in STATES.items():
        with hub.service(service).database.read() as connection:
            found[service] = state_hash(connection, metadata)
    return found


def _log(hub: RunningHub) -> list[bytes]:
    entry = auditing_state.entry.c
    with hub.service("auditing").database.read() as connection:
        return [bytes(body) for body in connection.execute(select(entry.body).order_by(entry.position)).scalars()]


def _replay(log: Sequence[bytes]) -> dict[str, str]:
    """Every service folded anew, without any key."""
    events = [decode(body) for body in log]
    return {service: rebuild(metadata, apply, folds, service, events)
            for service, (metadata, apply, folds) in STATES.items()}  # fmt: skip


def _folds(log: Sequence[bytes], hub: RunningHub) -> bool:
    return _replay(log) == _hashes(hub)


def _digest(log: Sequence[bytes]) -> str:
    whole = hashlib.sha256()
    for body in log:
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
