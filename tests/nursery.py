"""Starts `corong` in a tenth of the time: forked from a warm process that has loaded its modules and done nothing else.

A run of the tests starts it many hundred times, and loading the modules anew each time took most of its minutes. What
runs is the same command line from its first line, in a process of its own that has nothing of its parent's but loaded
modules, and it ends as any other. How it starts from cold is shown by the tests that ask for that (`cold`), and what it
loads then by `tests/test_imports.py`.

A test's process has one nursery at most, made when something is first asked of it. It ends with the test's process, and
what it started ends with it.
"""

import contextlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from typing import IO

from tests.programs import ROOT

NUMBER = struct.Struct("=i")
"""What is told of a process: its id when it is born, its exit code at its end (negative for a signal)."""


class Born:
    """A process from the nursery, asked as `subprocess.Popen` is."""

    def __init__(self, news: int) -> None:
        """`news` is where the nursery tells of it."""
        self._news = news
        self._code: int | None = None
        self._lock = threading.Lock()
        pid = self._read()
        assert pid is not None, "the nursery has ended: its error output tells why"
        self.pid = pid

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, in seconds; the exit code. Raises `subprocess.TimeoutExpired`."""
        with self._lock:
            if self._code is None:
                news = select.poll()
                news.register(self._news, select.POLLIN)
                if not news.poll(None if timeout is None else timeout * 1000):
                    raise subprocess.TimeoutExpired(["corong"], timeout or 0)
                told = self._read()
                self._code = -signal.SIGKILL if told is None else told  # with the nursery its children die
                os.close(self._news)
            return self._code

    def send_signal(self, sig: int) -> None:
        """Send a signal, where it still runs."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it ends at this moment
                os.kill(self.pid, sig)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def _read(self) -> int | None:
        told = os.read(self._news, NUMBER.size)
        return NUMBER.unpack(told)[0] if told else None


def bear(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    output: IO[bytes],
    errors: IO[bytes] | None = None,
    *,
    before: str = "",
) -> Born:
    """Start `corong ARGUMENTS` in this working folder, with this environment alone and nothing to read.

    `before` names a function (`tests.faults.preparing:prepare`) that is called in it before the command line begins.
    """
    request = json.dumps([list(arguments), dict(environment), os.getcwd(), before]).encode()
    news, told = os.pipe()
    try:
        with open(os.devnull, "rb") as nothing:
            streams = [nothing.fileno(), output.fileno(), (errors or output).fileno()]
            socket.send_fds(_nursery(), [request], [*streams, told])
    finally:
        os.close(told)
    return Born(news)


_MAKING = threading.Lock()


def _nursery() -> socket.socket:
    with _MAKING:  # whichever thread is the first
        return _made()[0]


@cache
def _made() -> "tuple[socket.socket, subprocess.Popen[bytes]]":
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.warm", str(theirs.fileno())],
            cwd=ROOT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
    return ours, process
