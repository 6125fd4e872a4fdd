"""Pages as auditing gives them, made up: as many entries as a test wants, one page at a time."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from corong.desk.exporting.making import Making
from corong.desk.exporting.texts import Asked
from corong.runtime.sealing import Sealer
from corong_contracts.audit import ExportFilter
from tests.services.auditing.facts import body
from tests.services.stores import make_keys

NOTE = "log.example/uji\n{size}\n" + "A" * 43 + "=\n\n— log.example/uji " + "A" * 92 + "\n"
PER_PAGE = 200


def asked(**other: Any) -> Asked:
    given: dict[str, Any] = {
        "hub": "Kabupaten Contoh", "zone": ZoneInfo("Asia/Jakarta"), "officer": "auditor-inspektorat",
        "name": "Ade Contoh", "role": "auditor", "reason": "Pemeriksaan tahunan",
        "wanted": ExportFilter(), "public": False, "opened": False,
    }  # fmt: skip
    return Asked(**{**given, **other})


def page(first: int, size: int, **event: Any) -> dict[str, Any]:
    """The entries from `first` on."""
    last = min(first + PER_PAGE, size)
    entries = [
        {"position": n, "event": body(n + 1, **event).decode(), "path": ["A" * 43 + "="] * 17}
        for n in range(first, last)
    ]  # fmt: skip
    return {
        "checkpoint": NOTE.format(size=size), "size": size, "root": "ab" * 32, "entries": entries,
        "next": last if last < size else None, "at": "2026-07-01T03:04:05.000000Z", "origin": "log.example/uji",
        "key": "log.example/uji+1234abcd+AAAA",
    }  # fmt: skip


def make(folder: Path, size: int, wanted: Asked | None = None, **event: Any) -> Making:
    """An export of `size` entries, made to its end."""
    folder.mkdir(parents=True, exist_ok=True)
    making = Making(folder, wanted or asked(), Sealer(make_keys(folder.parent)))

    async def run() -> None:
        async def following(before: dict[str, Any]) -> dict[str, Any]:
            return page(before["next"], size, **event)

        steps = [step async for step in making.make(page(0, size, **event), following)]
        assert [done for done, _ in steps] == [*range(PER_PAGE, size, PER_PAGE), size]

    asyncio.run(run())
    return making


def lines(folder: Path) -> Iterator[dict[str, Any]]:
    """Of the NDJSON."""
    with (folder / "events.ndjson").open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
