"""Checking a whole log from its bodies, beside bare SHA-256 of the same bytes: `python -m tests.bench.verify COUNT`.

The yardstick hashes the bundles' bytes in one process, file by file, as fast as Python gets them to the hash. The
verifier runs as its users run it, in a process of its own with all cores; both read files that were just written.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from corong.auditing.standalone import corong_verify
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

    for done, body in enumerate(bodies(count), 1):
        bundle.append(len(body).to_bytes(2, "big") + body)
        if len(bundle) == 256 or done == count:
            put("entries", (done - 1) // 256, len(bundle), b"".join(bundle))
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


def run(count: int) -> dict[str, float]:
    """Write a log, check it, hash it."""
    with tempfile.TemporaryDirectory(prefix="corong-bench-") as name:
        folder = Path(name)
        write(folder, count)
        size = sum(path.stat().st_size for path in (folder / "tile" / "entries").rglob("*") if path.is_file())
        plain = bare(folder)
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, corong_verify.__file__, "verify", name, "--key", LOG.vkey],
            capture_output=True, text=True, check=True, env={**os.environ, "CORONG_LANG": "en"},
        )  # fmt: skip
        seconds = time.perf_counter() - start
        plain = min(plain, bare(folder))
    lines = done.stdout.splitlines()
    assert lines[-1] == "SOUND", done.stdout
    assert f"Bodies hashed       {count}" in lines, done.stdout
    return {
        "events": count, "bytes": size, "cores": os.cpu_count() or 1, "seconds": seconds,
        "events_per_second": count / seconds, "bare_events_per_second": count / plain, "ratio": plain / seconds,
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]))))
