"""Starts `corong` in a tenth of the time: forked from a warm process that has loaded the modules and done nothing else.

A storm starts it a hundred times on two cores; loading the modules anew each time would take most of its minutes. What
runs is the same command line from its first line, in a process of its own that can be killed; how it starts from cold
is shown by `tests/pipeline/test_up.py` and `tests/cli/test_run.py`.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from functools import cache
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import IO

from tests.processes import Child, CorongProcess, HubProcess, die_with_test

WARM = [
    "corong.__main__", "corong.cli.main", "corong.cli.up", "corong.cli.run", "corong.embedded", "corong.process",
    "corong.channels.email", "corong.channels.feed", "corong.channels.mastodon", "corong.channels.web",
    "anyio._backends._asyncio", "psycopg", "sqlalchemy.dialects.sqlite.pysqlite",
    "sqlalchemy.dialects.postgresql.psycopg", "tests.faults.nursery", "tests.faults.sabotage",
    "tests.faults.windows",
    "uvicorn.protocols.http.httptools_impl", "uvloop",
]  # fmt: skip


@cache
def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(WARM)
    return context


def live(arguments: tuple[str, ...], environment: Mapping[str, str], log: str) -> None:
    """In the child: become `corong ARGUMENTS`, with this environment alone and its output in `log`."""
    die_with_test()
    os.setsid()
    _become(environment, log)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["corong", *arguments]
    if kind := environment.get("SABOTAGE"):
        from tests.faults import sabotage

        sabotage.KINDS[kind]()
    if window := environment.get("WINDOW"):
        from tests.faults import windows

        windows.install(window, environment["WINDOW_FOLDER"])
    from corong.__main__ import main

    main()


def _become(environment: Mapping[str, str], log: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = [folder for folder in environment.get("PYTHONPATH", "").split(os.pathsep) if folder]
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    os.close(output)


class _Forked:
    """A `multiprocessing` process, asked as `subprocess.Popen` is."""

    def __init__(self, process: ForkServerProcess) -> None:
        assert process.pid is not None  # it was started
        self._process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise TimeoutError(f"process {self.pid} runs on")
        return code

    def send_signal(self, sig: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sig)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Warm(CorongProcess):
    """One `corong …` process that starts quickly."""

    def _spawn(self, output: IO[bytes]) -> Child:
        process = _context().Process(target=live, args=(self.command, self.env, str(output.name)))
        process.start()
        return _Forked(process)


class WarmHub(Warm, HubProcess):
    """`corong up` that starts quickly."""
