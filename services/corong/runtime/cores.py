"""How many cores this process may use: fewer than the machine has, where a service manager or a container says so.

Sources: sched_getaffinity(2); the kernel's cgroup-v2.rst (`cpu.max`) and sched-bwc.rst (`cpu.cfs_quota_us`, cgroup v1).
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
MINE = Path("/proc/self/cgroup")


def usable_cores(mine: Path = MINE, groups: Path = GROUPS) -> float:
    """The cores that the kernel lets this process run on, and no more than its control groups' share of time.

    `mine` is the kernel's list of the process's control groups, `groups` is where they are mounted.
    """
    return min([_allowed(), *_shares(mine, groups)])


def _allowed() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _shares(mine: Path, groups: Path) -> Iterator[float]:
    """What each control group that holds this process may use at most; nothing of those without a limit."""
    with contextlib.suppress(OSError):
        for line in mine.read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if not controllers:  # version 2
                for folder in _upwards(groups, path):
                    yield from _quotient(folder / "cpu.max")
            elif "cpu" in controllers.split(","):
                for folder in _upwards(groups / "cpu", path):
                    yield from _quotient(folder / "cpu.cfs_quota_us", folder / "cpu.cfs_period_us")


def _upwards(top: Path, path: str) -> Iterator[Path]:
    """A group's folder and those above it. In a container its own group stands at the top."""
    steps = [step for step in path.split("/") if step not in ("", "..")]
    for length in range(len(steps), -1, -1):
        yield top.joinpath(*steps[:length])


def _quotient(*files: Path) -> Iterator[float]:
    """Microseconds of processor in each period; `max` and -1 are no limit."""
    with contextlib.suppress(OSError, ValueError):
        quota, period = " ".join(file.read_text().strip() for file in files).split()
        if quota != "max" and int(quota) > 0 and int(period) > 0:
            yield int(quota) / int(period)
