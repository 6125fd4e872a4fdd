"""The warm process of `tests/nursery.py`: loads what `corong` loads, then forks for each request.

`python -m tests.warm DESCRIPTOR`, a socket on which the requests come; it ends when whoever asks has gone.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys

from tests.dying import die_with_parent
from tests.nursery import NUMBER
from tests.programs import ROOT

PACKAGE = ROOT / "services" / "corong"
LEFT_OUT = {"cli", "migrations", "__main__.py"}
"""The command line speaks the language in which it is loaded, and alembic runs the migrations."""
LATE = (
    "alembic.command", "anyio._backends._asyncio", "fpdf", "holidays.countries.indonesia", "httpx", "psycopg",
    "rich.console", "rich.progress", "rich.table", "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite", "typer._adapters", "typer.rich_utils",
    "uvicorn.protocols.http.httptools_impl", "uvloop", "xlsxwriter",
)  # fmt: skip
"""What is loaded where it is used."""
_MOST = 1 << 18
"""Bytes of a request."""


def warm_up() -> None:
    """Load everything, and do nothing: what is forked has no thread but its own."""
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE.parent).parts
        if not LEFT_OUT & set(parts):
            importlib.import_module(".".join(parts).removesuffix(".py").removesuffix(".__init__"))
    for name in LATE:
        importlib.import_module(name)
    assert len(os.listdir("/proc/self/task")) == 1, "a module began a thread"
    gc.collect()
    gc.freeze()


class Warm:
    """Forks, and tells of the ends."""

    def __init__(self, requests: socket.socket) -> None:
        self._requests = requests
        self._children: dict[int, int] = {}
        """Process → where it is told of."""
        self._woken, self._wakes = os.pipe()
        os.set_blocking(self._wakes, False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.set_wakeup_fd(self._wakes, warn_on_full_buffer=False)

    def serve(self) -> tuple[bytes, list[int]]:
        """Answer requests; returns in each process that is forked, with its request and its descriptors."""
        ready = select.poll()
        ready.register(self._requests, select.POLLIN)
        ready.register(self._woken, select.POLLIN)
        while True:
            for descriptor, _ in ready.poll():
                if descriptor == self._woken:
                    os.read(self._woken, 4096)
                    self._bury()
                    continue
                request, given, _, _ = socket.recv_fds(self._requests, _MOST, 4)
                if not request:
                    os._exit(0)
                *streams, told = given
                if (pid := os.fork()) == 0:
                    os.close(told)
                    self._leave()
                    return request, streams
                for stream in streams:
                    os.close(stream)
                self._children[pid] = told
                _tell(told, pid)

    def _bury(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            told = self._children.pop(pid)
            _tell(told, os.waitstatus_to_exitcode(status))
            os.close(told)

    def _leave(self) -> None:
        """In the child: nothing of this is its own."""
        die_with_parent()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._requests.close()
        for descriptor in (self._woken, self._wakes, *self._children.values()):
            os.close(descriptor)


def _tell(told: int, number: int) -> None:
    with contextlib.suppress(BrokenPipeError):  # nobody asks any more
        os.write(told, NUMBER.pack(number))


def become(request: bytes, streams: list[int]) -> str:
    """In the child: what `corong` is when it begins; the name of the function to call before."""
    arguments, environment, folder, before = json.loads(request)
    os.setsid()
    for descriptor, stream in enumerate(streams):
        os.dup2(stream, descriptor)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = [place for place in environment.get("PYTHONPATH", "").split(os.pathsep) if place]
    sys.argv = ["corong", *arguments]
    return str(before)


def live(before: str) -> None:
    """In the child: run the command line; it ends as Python does, but that modules are not taken apart."""
    code = 1  # Python's own, where an error was caught by nobody

    def leave() -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

    atexit.register(leave)  # the first one is called last
    if before:
        module, _, function = before.partition(":")
        getattr(importlib.import_module(module), function)()
    from corong.__main__ import main

    try:
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        raise


if __name__ == "__main__":
    warm_up()
    live(become(*Warm(socket.socket(fileno=int(sys.argv[1]))).serve()))
