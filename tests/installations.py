"""A whole installation of processes: a broker, PostgreSQL with a role for each service, and `corong run` for each."""

import base64
import contextlib
import itertools
import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

from corong.runtime.deployment_key import DeploymentKey
from corong.runtime.natsserver import NatsServer
from corong.runtime.tokens import TokenKind, issue
from corong_contracts.base import SERVICES
from tests.brokers import running_broker
from tests.hubs import is_quiet, until
from tests.peers.postgres import PostgresServer
from tests.processes import CorongProcess, clean_environment, corong
from tests.programs import ROOT

NAMES = (*SERVICES, "channels")
ROLES = (*NAMES, "keys")
REFUSALS = ("refused a subject", "Permissions Violation")


class RunningProcesses:
    """An installation with what tests ask of it: the same as `RunningHub`, where that makes sense."""

    def __init__(
        self,
        folder: Path,
        postgres: PostgresServer,
        server: NatsServer,
        shares: Mapping[str, Sequence[str]],
    ) -> None:
        """`shares`: service → the partitions of each of its processes, as `0-7`."""
        self.folder = folder
        self.server = server
        self.postgres = postgres
        self.key = secrets.token_bytes(32)
        self.processes: dict[str, CorongProcess] = {}
        """`intake`, or `routing/0-7` where several share a service."""
        self._whole = make_url(postgres.make_database("processes"))
        self._words = {role: secrets.token_hex(8) for role in ROLES}
        environment = {f"CORONG_DB_{role.upper()}_PASSWORD": word for role, word in self._words.items()}
        postgres.run_script(ROOT / "deploy" / "postgres.sql", str(self._whole.database), environment)
        self._superuser = create_engine(self._whole, pool_size=2, isolation_level="AUTOCOMMIT")
        self._prepare(shares)
        for name in NAMES:
            for owned in shares.get(name, ("",)):
                known = f"{name}/{owned}" if owned else name
                settings = self.environment(name, CORONG_OWNED=owned)
                self.processes[known] = CorongProcess(("run", name), folder / "logs" / known, port=None, **settings)

        doors = {
            name: [process for known, process in self.processes.items() if known.split("/")[0] == name]
            for name in NAMES
        }
        self._doors = {name: itertools.cycle(found) for name, found in doors.items()}
        """Where several share a service, clients take turns."""

    @property
    def database(self) -> str:
        """The database's name."""
        return str(self._whole.database)

    def environment(self, name: str, **more: str) -> dict[str, str]:
        """The settings of one process: its own user, its own role, its own folder."""
        user = {"topology": "deploy", "keys": "deploy"}.get(name, name)
        own = self._whole.set(username=f"corong_{name}", password=self._words.get(name))
        return {
            "CORONG_KEY": base64.b64encode(self.key).decode(),
            "CORONG_DATA": str(self.folder / "data" / name),
            "CORONG_OBJECTS": str(self.folder / "objects"),
            "CORONG_DATABASE_URL": own.render_as_string(hide_password=False),
            "CORONG_NATS_URL": self.server.url,
            "CORONG_NATS_PASSWORD": self.server.known[user],
            "CORONG_NATS_MONITOR_URL": f"http://127.0.0.1:{self.server.monitor_port}",
            "CORONG_SETTLE_SECONDS": "1",
            **more,
        }

    def _prepare(self, shares: Mapping[str, Sequence[str]]) -> None:
        ranges = [word for name, owned in shares.items() for word in ("--ranges", f"{name}={','.join(owned)}")]
        for name, words in {"keys": ("migrate", "keys"), "topology": ("topology", "apply", *ranges)}.items():
            done = corong(*words, env=clean_environment(**self.environment(name)))
            assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"

    def start(self) -> None:
        """Start every process and wait until each takes messages."""
        for process in self.processes.values():
            process.start()
        self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until each process takes messages."""
        with ThreadPoolExecutor(len(self.processes)) as threads:
            list(threads.map(CorongProcess.wait_ready, self.processes.values()))

    def kill(self) -> None:
        """End every process, at once."""
        for process in self.processes.values():
            process.kill()
        self._superuser.dispose()

    def url(self, kind: TokenKind | None) -> str:
        """The door of accounts is intake's, the officers' API the desk's, the rest the portal's."""
        name = {"account": "intake", "officer": "desk"}.get(kind or "", "portal")
        return next(self._doors[name]).url

    def client(self, kind: TokenKind | None = None, holder: str = "") -> httpx.AsyncClient:
        """An HTTP client, with a token where one is asked for."""
        headers = {"Accept-Language": "en"}
        if kind is not None:
            headers["Authorization"] = f"Bearer {issue(DeploymentKey(self.key).tokens, kind, holder)}"
        return httpx.AsyncClient(base_url=self.url(kind), headers=headers, timeout=20)

    def rows(self, service: str, sql: str, **parameters: Any) -> list[dict[str, Any]]:
        """Rows of a service's schema, read past the services."""
        with self._superuser.connect() as connection:
            connection.execute(text(f'SET search_path = "{service}"'))
            return [dict(row) for row in connection.execute(text(sql), parameters).mappings()]

    @contextlib.contextmanager
    def superuser(self) -> Iterator[Connection]:
        """A transaction that may read everything, of one moment."""
        with self._superuser.connect() as connection:
            yield connection.execution_options(isolation_level="REPEATABLE READ")

    async def until(self, condition: Callable[[], Any], wait: float = 15.0) -> Any:
        """Wait, in seconds, until `condition` is true; its value."""
        return await until(condition, wait)

    async def settled(self, wait: float = 30.0) -> None:
        """Wait until every reader has taken everything that every writer wrote."""
        await until(lambda: is_quiet(self.rows), wait)

    def refusals(self) -> list[str]:
        """Lines in which a process or the broker tells of a refused subject."""
        logs = [process.all_logs() for process in self.processes.values()]
        logs.append((self.server.data / "nats-server.log").read_text(encoding="utf-8"))
        lines = [line for log in logs for line in log.splitlines()]
        return [line for line in lines if any(word in line for word in REFUSALS)]


@contextlib.contextmanager
def running_processes(folder: Path, postgres: PostgresServer, **shares: Sequence[str]) -> Iterator[RunningProcesses]:
    """Start a process for each service on a fresh database, or several: `routing=("0-7", "8-15")`."""
    pairs = {
        name: [(int(first), int(last)) for first, last in (part.split("-") for part in owned)]
        for name, owned in shares.items()
    }
    with running_broker(folder / "broker", ranges=pairs) as server:
        found = RunningProcesses(folder, postgres, server, shares)
        try:
            found.start()
            yield found
        finally:
            found.kill()
            _show(found)


def _show(found: RunningProcesses) -> None:
    """For pytest to show when the test fails."""
    if os.environ.get("CORONG_SHOW_LOGS"):
        for name, process in found.processes.items():
            print(f"---- {name}\n{process.all_logs()[-4000:]}")
