"""Replay of a made-up log by all services, beside the bare cost: JSON parsed and one SQLite row for each event.

`python -m tests.bench.replay COUNT` prints JSON; `--profile SERVICE` profiles one service's fold instead.
"""

import cProfile
import json
import pstats
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from pydantic_core import from_json
from sqlalchemy import insert

import corong_contracts
from corong.auditing import state
from corong.cli.progress import Progress
from corong.replay.foldings import FOLDINGS
from corong.replay.logs import DatabaseLog
from corong.replay.side_by_side import Processes
from corong.replay.survey import survey
from corong.replay.work import Job, run
from corong.runtime.clock import stamp
from corong.runtime.database import Database
from corong.runtime.migrate import migrate
from corong_contracts.base import event_id, partition_of, writer_name
from corong_contracts.canonical import canonical
from corong_contracts.catalogue import decode

PARTITIONS = 16
BEGAN, APART = datetime(2026, 1, 5, 1, tzinfo=UTC), timedelta(milliseconds=1234, microseconds=2)
EXAMPLES = Path(corong_contracts.__file__).parent / "examples"
STEPS = (
    "case.registered", "message.received", "case.routed", "case.claimed", "case.answered", "publication.drafted",
    "publication.released", "delivery.started", "delivery.sent", "case.closed",
)  # fmt: skip
"""What becomes of one message that is answered."""


def example(name: str) -> dict[str, Any]:
    """The golden example with most in it."""
    files = sorted((EXAMPLES / f"{name}.v1").glob("*.json"), key=lambda file: file.stat().st_size)
    found: dict[str, Any] = json.loads(files[-1].read_bytes())
    return found


def made_of(value: Any, case: UUID, name: str = "") -> Any:
    """The same with this case's ids in it: a field's name decides which."""
    if isinstance(value, dict):
        return {key: made_of(item, case, key) for key, item in value.items()}
    if isinstance(value, list):
        return [made_of(item, case, name) for item in value]
    if name == "registration":
        return f"PM/2026/{case.int % 10**15:015d}"
    if name in ("native_key", "native_id"):
        return uuid5(case, name).hex
    if name.endswith("_id") and isinstance(value, str) and len(value) == 36:
        return str(uuid5(case, name))
    return value


def history(count: int) -> Iterator[bytes]:
    """So many events, canonical, each writer's numbers from 1."""
    examples = [example(name) for name in STEPS]
    numbers: dict[str, int] = {}
    for index in range(count):
        case = uuid5(UUID(int=7), str(index // len(STEPS)))
        event = dict(examples[index % len(STEPS)])
        data = made_of(event["data"], case)
        entity = uuid5(case, "case_id")  # of a reply too: it is in the partition of its case
        service = event["writer"].split(".")[0]
        writer = writer_name(service, partition_of(entity, PARTITIONS))
        numbers[writer] = numbers.get(writer, 0) + 1
        event |= {
            "time": stamp(BEGAN + index * APART), "recordedtime": stamp(BEGAN + index * APART + APART / 2),
            "data": data, "writer": writer, "number": numbers[writer], "source": f"/corong/{writer.replace('.', '/')}",
            "correlationid": str(entity), "causationid": str(case), "id": str(event_id(case, event["type"], index)),
        }  # fmt: skip
        yield canonical(event)


def fill(folder: Path, count: int) -> str:
    """An auditing database with such a log; its URL."""
    url = f"sqlite:///{folder}"
    database = Database(url, "auditing")
    database.create_schema()
    migrate(database)
    with database.write() as connection, Progress(count, "writing a log") as shown:
        rows: list[dict[str, Any]] = []
        for position, body in enumerate(history(count)):
            event = from_json(body)
            rows.append(
                {
                    "position": position, "id": event["id"], "writer": event["writer"], "number": event["number"],
                    "type": event["type"], "case_id": event["correlationid"], "actor": event["actor"],
                    "time": event["time"], "body": body,
                }
            )  # fmt: skip
            if len(rows) == 2000:
                connection.execute(insert(state.entry), rows)
                shown.add(len(rows))
                rows = []
        if rows:
            connection.execute(insert(state.entry), rows)
    database.close()
    return url


def bare(log: DatabaseLog, folder: Path) -> float:
    """Seconds to parse every event and to write one row of it."""
    began = time.monotonic()
    database = sqlite3.connect(folder / "bare.sqlite")
    database.execute("PRAGMA journal_mode=OFF")
    database.execute("PRAGMA synchronous=OFF")
    database.execute("CREATE TABLE event (id TEXT PRIMARY KEY, type TEXT, writer TEXT, number INTEGER, data TEXT)")
    rows = []
    for _, body in log.entries():
        event = from_json(body)
        rows.append((event["id"], event["type"], event["writer"], event["number"], event["data"].get("case_id")))
        if len(rows) == 5000:
            database.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?)", rows)
            rows = []
    database.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?)", rows)
    database.commit()
    database.close()
    return time.monotonic() - began


def used() -> float:
    """Processor seconds of this process and of those that it started and that have ended."""
    told = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in told)


def measure(count: int) -> dict[str, float]:
    """Events a second through all six services, side by side, first pass and hashes included; and the bare cost."""
    with tempfile.TemporaryDirectory(prefix="corong-bench-replay-") as name:
        folder = Path(name)
        decode(next(history(1)))
        log = DatabaseLog(fill(folder, count))
        plain = bare(log, folder)
        began, before = time.monotonic(), used()
        with Processes(log.size()) as processes:
            with Progress(count, "reading it") as shown:
                found = processes.survey(log, told=shown.add)
            with Progress(count * len(FOLDINGS), "folding it") as shown:
                outcomes = processes.replay([Job(name, log, found.vector) for name in FOLDINGS], shown.add)
        took, worked = time.monotonic() - began, used() - before
        assert not any(outcome.broken or outcome.lacking or outcome.unknown for outcome in outcomes)
        assert processes.count == 1 or processes.by_shares == list(FOLDINGS)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return {
        "events": count, "seconds": took, "events_per_second": count / took, "bare_per_second": count / plain,
        "ratio": plain / took, "processor_us": worked / count * 1e6,
        "process_megabytes": most / 1024,
    }  # fmt: skip


def profile(service: str, count: int) -> None:
    """Where one service's fold spends its time."""
    with tempfile.TemporaryDirectory(prefix="corong-bench-replay-") as name:
        log = DatabaseLog(fill(Path(name), count))
        found = survey(log)
        profiler = cProfile.Profile()
        began = time.monotonic()
        profiler.runcall(run, Job(service, log, found.vector))
        print(f"{count / (time.monotonic() - began):.0f} events/s while profiled")
        pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    if sys.argv[1] == "--profile":
        profile(sys.argv[2], int(sys.argv[3]))
    else:
        print(json.dumps(measure(int(sys.argv[1]))))
