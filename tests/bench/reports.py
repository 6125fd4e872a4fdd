"""A yearly report of a made-up log, one more that goes on where it ended, and a register after some more events.

`python -m tests.bench.reports COUNT` prints JSON. Beside it in the same run the bare cost: the same entries read from
the same table, and parsed. Auditing's answers and the desk's folding are theirs; between them is no broker.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from pydantic_core import from_json
from sqlalchemy import select

from corong.auditing import state
from corong.auditing.reporting import Reporting
from corong.desk.reporting.kept_books import KeptBook
from corong.desk.reporting.making import Hub, Making
from corong.reports import TYPES
from corong.reports.kept import packed, unpacked
from corong.runtime.arrivals import Arrived
from corong.runtime.clock import stamp
from corong.runtime.policy import Actor
from corong_contracts.audit import ReportAsked
from corong_contracts.base import event_id, partition_of, writer_name
from corong_contracts.canonical import canonical
from corong_contracts.command import ReadReport
from tests.bench.ledger import BATCH, Log
from tests.bench.replay import PARTITIONS, example, made_of

REQUEST = (
    "case.registered", "message.received", "case.routed", "clock.opened", "clock.opened", "case.claimed",
    "decision.given", "case.answered", "clock.met", "clock.ended", "clock.opened", "document.issued", "document.made",
    "publication.drafted", "publication.released", "delivery.started", "delivery.sent", "clock.ran_out",
    "case.closed",
)  # fmt: skip
"""What becomes of one request that is granted."""
COMPLAINT = (
    "case.registered", "message.received", "case.routed", "clock.opened", "clock.opened", "case.claimed",
    "clock.reminded", "clock.escalated", "case.noted", "case.answered", "clock.met", "clock.met",
    "publication.drafted", "publication.released", "delivery.started", "delivery.sent", "clock.opened",
    "clock.ran_out", "case.closed",
)  # fmt: skip
"""And of one complaint; there are three of them for each request, as in a regency's year."""
RULES = {
    REQUEST: ("request_notice", "request_completion", "request_notice", "request_completion", "objection_filing",
              "objection_filing"),
    COMPLAINT: ("complaint_without_oversight", "lapor_plan", "complaint_without_oversight",
                "complaint_without_oversight", "complaint_without_oversight", "lapor_plan", "lapor_close",
                "lapor_close"),
}  # fmt: skip
"""Whose clocks those are, one after the other."""
BEGAN = datetime(2026, 1, 5, 1, tzinfo=UTC)
LATER = timedelta(seconds=1)


def history(count: int) -> Iterator[Arrived]:
    """So many events, canonical, each writer's numbers from 1."""
    numbers: dict[str, int] = {}
    place = number = 0
    while True:
        kind, steps = ("complaint", COMPLAINT) if number % 4 else ("information_request", REQUEST)
        case, rules = uuid5(UUID(int=7), str(number)), iter(RULES[steps])
        number += 1
        for name in steps:
            if place == count:
                return
            event = dict(_example(name))
            data = made_of(event["data"], case)
            _fits(name, data, kind, rules, number)
            entity = UUID(data.get("case_id") or data["publication_id"])
            writer = writer_name(event["writer"].split(".")[0], partition_of(entity, PARTITIONS))
            numbers[writer] = numbers.get(writer, 0) + 1
            at = stamp(BEGAN + place * LATER)
            event |= {
                "time": at, "recordedtime": at, "data": data, "writer": writer, "number": numbers[writer],
                "source": f"/corong/{writer.replace('.', '/')}", "correlationid": str(entity),
                "causationid": str(case), "id": str(event_id(case, event["type"], place)),
            }  # fmt: skip
            yield Arrived(writer, numbers[writer], name, f"corong.event.{writer}.{name}", canonical(event))
            place += 1


def _fits(name: str, data: dict[str, Any], kind: str, rules: Iterator[str], number: int) -> None:
    if name == "case.registered":
        register = "PI" if kind == "information_request" else "PD"
        data |= {"registration": f"{register}/2026/{number:06d}", "declared_kind": kind, "demo": False}
        data["received"] = stamp(BEGAN)
    elif name == "case.routed":
        data["kind"] = kind
    elif name.startswith("clock.") and name != "clock.moved":
        rule = next(rules)
        if "count" in data:
            data["count"]["rule"] = rule
        else:
            data["rule"] = rule


@cache
def _example(name: str) -> dict[str, Any]:
    return example(name)


class Asking:
    """One desk's questions, answered by auditing's own code."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._reporting = Reporting(SimpleNamespace(query=_nothing, command=_nothing))  # type: ignore[arg-type]
        self._officer = Actor("officer", "ppid", "main_officer", "diskominfo")

    async def page(self, asked: ReportAsked, at: int | None, first: int) -> dict[str, Any]:
        """One page."""
        return await asyncio.to_thread(self._page, ReadReport(asked=asked, at=at, first=first))

    def _page(self, question: ReadReport) -> dict[str, Any]:
        with self._log.database.read() as connection:
            return self._reporting.read(connection, self._officer, question)


def _nothing(*given: Any) -> None:
    """Reporting is asked directly."""


HUB = Hub("Pemerintah Kabupaten Asahan", "Dinas Kominfo", {"dinas-pupr": "Dinas PUPR"}, "WIB", ZoneInfo("Asia/Jakarta"))


async def _made(asking: Asking, asked: ReportAsked, kept: KeptBook | None) -> tuple[float, KeptBook]:
    """Seconds, and the book that the next report goes on from; it is packed and unpacked as the desk keeps it."""
    began = time.monotonic()
    if kept is not None:
        kept = replace(kept, book=unpacked("WIB", packed(kept.book)))
    making = Making(asked, HUB, None)  # type: ignore[arg-type]  # nothing is opened
    first = await asking.page(asked, None, 0)
    size = first["size"]

    async def no_words(wanted: list[Any]) -> dict[str, Any]:
        raise AssertionError("no words were asked for")

    async for _ in making.make(first, lambda position: asking.page(asked, size, position), no_words, kept):
        pass
    assert making.made.count > 0
    return time.monotonic() - began, KeptBook(making.book, size, first["root"])


def bare(log: Log) -> float:
    """Seconds to read the same entries and to parse them."""
    began = time.monotonic()
    with log.database.read() as connection:
        for (body,) in connection.execute(select(state.entry.c.body).where(state.entry.c.type.in_(TYPES))):
            from_json(body)
    return time.monotonic() - began


def measure(count: int) -> dict[str, float]:
    """Seconds for each."""
    with tempfile.TemporaryDirectory(prefix="corong-bench-reports-") as name:
        log = Log(Path(name))
        coming = history(count + BATCH)
        batch: list[Arrived] = []
        place = 0
        for place, event in enumerate(coming, 1):
            batch.append(event)
            if len(batch) == BATCH or place == count:
                log.append(batch)
                batch = []
            if place == count:
                break
        plain = bare(log)
        yearly = ReportAsked(report="yearly", year=2026, format="pdf")
        register = ReportAsked(report="register", year=2026, format="csv")
        asking = Asking(log)
        first, kept = asyncio.run(_made(asking, yearly, None))
        again, kept = asyncio.run(_made(asking, yearly, kept))
        log.append(list(coming))
        more, kept = asyncio.run(_made(asking, register, kept))
        bytes_kept = len(packed(kept.book))
    return {
        "events": count, "bare_seconds": plain, "first_seconds": first, "again_seconds": again, "more_seconds": more,
        "kept_bytes": bytes_kept,
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
