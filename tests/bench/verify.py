"""Checking a whole log from its bodies, beside what that can't do without: `python -m tests.bench.verify COUNT`.

Two yardsticks over the same files: bare SHA-256 of the bundles' bytes in one process, as fast as Python gets them to
the hash; and the least that a check has to do, on all cores: each body hashed by itself and read as JSON. The verifier
runs as its users run it, in a process of its own; all read files that were just written.
"""

import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from corong.auditing.standalone import corong_verify
from corong.cli.progress import Progress
from tests.services.auditing.handmade import LOG, checkpoint, event, leaf, mth, tile_path

WRITERS = 64
BYTES = 1200


def bodies(count: int) -> Iterator[bytes]:
    """Events of about 1.2 kB, of 64 writers in turn, each with its own text."""
    marker, filler = "m" * 16, "x" * (BYTES - 300)
    templates = [
        event(f"{service}.{part:02d}", 10**9, data={"box": marker + filler})
        for part in range(16)
        for service in ("intake", "routing", "publishing", "auditing")
    ]
    for index in range(count):
        number = b'"number":%d,' % (index // WRITERS + 1)
        text = b"%016d" % index
        yield templates[index % WRITERS].replace(b'"number":1000000000,', number, 1).replace(marker.encode(), text, 1)


def write(folder: Path, count: int) -> None:
    """The log's files, bundle by bundle."""
    rows: list[list[bytes]] = [[]]
    bundle: list[bytes] = []

    def put(level: int | str, index: int, width: int, data: bytes) -> None:
        path = folder / tile_path(level, index, width)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def carry(level: int, hashed: bytes, done: int) -> None:
        if level == len(rows):
            rows.append([])
        rows[level].append(hashed)
        if len(rows[level]) == 256:
            put(level, (done >> 8 * (level + 1)) - 1, 256, b"".join(rows[level]))
            row, rows[level] = rows[level], []
            carry(level + 1, mth(row), done)

    with Progress(count, "writing a log") as shown:
        for done, body in enumerate(bodies(count), 1):
            bundle.append(len(body).to_bytes(2, "big") + body)
            if len(bundle) == 256 or done == count:
                put("entries", (done - 1) // 256, len(bundle), b"".join(bundle))
                shown.add(len(bundle))
                bundle.clear()
            carry(0, leaf(body), done)
    for level, row in enumerate(rows):
        if row:
            put(level, count >> 8 * (level + 1), len(row), b"".join(row))
    below: list[bytes] = []
    for row in rows:
        if row or below:
            below = [mth([*row, *below])]
    (folder / "checkpoint").write_bytes(checkpoint(count, below[0]))


def bare(folder: Path) -> float:
    """Seconds to read and hash the same bytes."""
    files = [path for path in (folder / "tile" / "entries").rglob("*") if path.is_file()]
    start = time.perf_counter()
    for path in files:
        hashlib.sha256(path.read_bytes()).digest()
    return time.perf_counter() - start


def least(path: Path) -> int:
    """Hash each body of a bundle, and read it as JSON."""
    data, place, seen = path.read_bytes(), 0, 0
    while place < len(data):
        start = place + 2
        place = start + int.from_bytes(data[place:start], "big")
        hashlib.sha256(b"\0" + data[start:place]).digest()
        seen += len(json.loads(data[start:place])) > 0
    return seen


def floor(folder: Path, count: int) -> tuple[float, float]:
    """The least that has to be done, in as many processes as there are cores: seconds, and processor seconds."""
    files = [path for path in (folder / "tile" / "entries").rglob("*") if path.is_file()]
    start, before = time.perf_counter(), of_children()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        assert sum(pool.map(least, files, chunksize=16)) == count
    return time.perf_counter() - start, of_children() - before


def of_children() -> float:
    """Processor seconds of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(count: int) -> dict[str, float]:
    """Write a log, check it, hash it."""
    with tempfile.TemporaryDirectory(prefix="corong-bench-") as name:
        folder = Path(name)
        write(folder, count)
        size = sum(path.stat().st_size for path in (folder / "tile" / "entries").rglob("*") if path.is_file())
        plain, needed = bare(folder), floor(folder, count)
        start, before = time.perf_counter(), of_children()
        done = subprocess.run(
            [sys.executable, corong_verify.__file__, "verify", name, "--key", LOG.vkey],
            stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, "CORONG_LANG": "en"},
        )  # fmt: skip
        seconds, used = time.perf_counter() - start, of_children() - before
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        plain, needed = min(plain, bare(folder)), min(needed, floor(folder, count))
    lines = done.stdout.splitlines()
    assert lines[-1] == "SOUND", done.stdout
    assert f"Bodies hashed       {count}" in lines, done.stdout
    return {
        "events": count, "bytes": size, "cores": os.cpu_count() or 1, "seconds": seconds,
        "events_per_second": count / seconds, "bare_events_per_second": count / plain, "ratio": plain / seconds,
        "floor_events_per_second": count / needed[0], "ratio_to_floor": needed[0] / seconds,
        "processor_us": used / count * 1e6, "floor_processor_us": needed[1] / count * 1e6, "peak_bytes": peak,
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]))))
