"""Runs one server program so that neither it nor any of its descendants outlives the test process.

Mail servers fork, change user and start their own sessions, so a process group is not enough. This small program stands
between the test and the server: it is the reaper of all descendants (PR_SET_CHILD_SUBREAPER) and holds the read end of
a pipe from the test. When the pipe closes, as the kernel does however the test dies, every descendant is killed.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


class Supervised:
    """A server under its supervisor, started at once and ended by `stop` or `kill`."""

    def __init__(self, argv: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None) -> None:
        """Start `argv`; its output is appended to `log`."""
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(Path(__file__).resolve()), *argv],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(env) if env is not None else None,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The supervisor's process id; the server is its child."""
        return self._process.pid

    def running(self) -> bool:
        """Whether the server has not ended yet."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End the server by SIGTERM, then kill whatever is left after three seconds; return when all are gone."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        self._process.wait()

    def kill(self) -> None:
        """End the server at once, as a crash would: SIGKILL to all, no chance to finish anything."""
        for child in _descendants(self.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self.stop()


def _stat(pid: int) -> tuple[int, str] | None:
    """Return a process's parent and state letter, None when it is gone (proc(5); the name may hold brackets)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[1]), fields[0]


def _children(parent: int) -> list[int]:
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            stat = _stat(int(entry))
            if stat is not None and stat[0] == parent and stat[1] != "Z":
                found.append(int(entry))
    return found


def _descendants(root: int) -> list[int]:
    found: list[int] = []
    waiting = [root]
    while waiting:
        children = _children(waiting.pop())
        found += children
        waiting += children
    return found


def _supervise(argv: Sequence[str]) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)

    def prepare() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)

    wake, woken = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    server = subprocess.Popen(argv, stdin=subprocess.DEVNULL, preexec_fn=prepare)
    test = os.getppid()
    while os.getppid() == test:  # the pipe says it at once; a fork of the test that still holds it would hide it
        ready, _, _ = select.select([0, wake], [], [], 1.0)
        if wake in ready:
            os.read(wake, 4096)
            _reap(server)
        if 0 in ready or server.returncode is not None:
            break
    _end_all(server)
    return server.returncode or 0


def _reap(server: "subprocess.Popen[bytes]") -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        if pid == server.pid:
            server.returncode = os.waitstatus_to_exitcode(status)


def _end_all(server: "subprocess.Popen[bytes]") -> None:
    me = os.getpid()
    if server.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(server.pid, signal.SIGTERM)
    patience = time.monotonic() + 3
    while time.monotonic() < patience and server.returncode is None:
        time.sleep(0.01)
        _reap(server)
    while left := _descendants(me):
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.005)
        _reap(server)


if __name__ == "__main__":
    raise SystemExit(_supervise(sys.argv[1:]))
