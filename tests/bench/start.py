"""How soon a hub by one command takes messages, and what its processes keep in memory: in one process, and in two.

`python -m tests.bench.start RUNS` prints JSON. The yardstick of the start is a bare FastAPI handler on SQLite.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

from tests.ports import find_free_port

IDLE_SECONDS = 3.0
"""Given to a hub that takes messages before its memory is looked at."""


def ready(port: int) -> None:
    """Wait until a hub says that it takes messages. Raises `RuntimeError`."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("the hub did not come up")


def memory(pid: int) -> int:
    """Bytes of a process and all that it started, its broker too; pages that they share count once."""
    whole = psutil.Process(pid)
    return sum(process.memory_full_info().pss for process in [whole, *whole.children(recursive=True)])


def worked(pid: int) -> float:
    """Seconds of processor that a process and all that it started have used."""
    whole = psutil.Process(pid)
    times = [process.cpu_times() for process in [whole, *whole.children(recursive=True)]]
    return sum(each.user + each.system for each in times)


Start = tuple[float, float, int]
"""Seconds, seconds of processor in them, and bytes of memory when there is nothing to do."""


def hub(data: Path, processes: int) -> Start:
    """From the command to `/readyz`."""
    port = find_free_port()
    environment = {
        **os.environ, "CORONG_DATA": str(data), "CORONG_PORT": str(port), "CORONG_PROCESSES": str(processes),
        "CORONG_LOG_LEVEL": "error",
    }  # fmt: skip
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "corong", "up"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        ready(port)
        took, used = time.monotonic() - began, worked(process.pid)
        time.sleep(IDLE_SECONDS)
        return took, used, memory(process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def bare(file: Path) -> Start:
    """The same of the bare handler, which tells its port when it has loaded."""
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.bare", str(file)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        process.stdout.readline()
        return time.monotonic() - began, worked(process.pid), memory(process.pid)
    finally:
        process.kill()
        process.wait()


def main(runs: int) -> None:
    """By turns; each hub on a folder that is new, as after an install, and once more on the same one."""
    found: dict[str, list[Start]] = {}
    with tempfile.TemporaryDirectory() as name:
        for run in range(runs):
            found.setdefault("bare", []).append(bare(Path(name) / f"bare-{run}.sqlite"))
            for processes, word in ((1, "one"), (2, "two")):
                for again in ("", "_again"):
                    found.setdefault(f"{word}{again}", []).append(hub(Path(name) / f"{run}-{processes}", processes))
    told: dict[str, float] = {}
    for what, starts in found.items():
        took, used, kept = zip(*starts, strict=True)
        told |= {
            f"{what}_seconds": statistics.median(took), f"{what}_cpu": statistics.median(used),
            f"{what}_bytes": max(kept),
        }  # fmt: skip
    print(json.dumps({"runs": runs, **told}))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
