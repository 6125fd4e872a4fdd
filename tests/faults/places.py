"""Where a storm blows: a hub in one process or two, or a process for each service; and what in it can be killed.

Both have an account `papan` on a board that counts what it gets.
"""

import asyncio
import contextlib
import json
import re
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import httpx
import nats
from nats.aio.client import Client
from sqlalchemy import Connection, Engine, create_engine, text

from corong.embedded import FEED
from corong.runtime.deployment_key import DeploymentKey
from corong.runtime.tokens import TokenKind, issue
from corong_contracts.topology import EVENTS, consumer_name, inbox_of
from tests.brokers import running_broker
from tests.faults.preparing import PreparedHub
from tests.faults.windows import Window
from tests.hubs import is_quiet, until
from tests.installations import RunningProcesses
from tests.peers.postgres import PostgresServer
from tests.processes import HubProcess
from tests.programs import ROOT
from tests.sample_channel.running import TOKEN, PapanPeer, installed

ACCOUNT = """
[[account]]
id = "papan"
channel = "papan"
unit = "diskominfo"
name = "Papan uji"
receipts = {receipts}

[account.settings]
url = "{url}"
token = {{ env = "PAPAN_TOKEN" }}
timeout = 2.0
wait = 1.0
idempotent = false
look_up = true
"""
"""A board that delivers again what comes again: only fence, settle and look-up keep an answer from going out twice."""


LIFE_SECONDS = 1.5
"""What a hub needs to come up and do something."""
WINDOW_SECONDS = 60.0
"""Within which a hub comes to its window, or takes what the broker gives again."""

Kill = Callable[[], Awaitable[bool]]


class Place(Protocol):
    """What a storm needs of an installation."""

    victims: dict[str, Kill]
    """Name → kills it and has it started again; False where it is not there, or has to be spared this time."""

    @property
    def key(self) -> DeploymentKey:
        """Of the installation."""

    def client(self, kind: TokenKind | None = None, holder: str = "") -> httpx.AsyncClient:
        """An HTTP client, with a token."""

    def rows(self, service: str, sql: str, **parameters: Any) -> list[dict[str, Any]]:
        """Rows of a service's database, read past the service."""

    def open(self, service: str) -> contextlib.AbstractContextManager[Connection]:
        """A service's database."""

    def broker(self) -> tuple[str, str]:
        """Where the broker is, and the password of the user `channels`. Raises while that is unknown."""

    async def calm(self) -> None:
        """Wait until everything is up."""


def write_config(folder: Path, peer: PapanPeer, *, receipts: bool = True) -> dict[str, str]:
    """The example regency with a board, and the environment in which its kind is installed."""
    config = folder / "config"
    shutil.copytree(ROOT / "examples" / "asahan", config)
    with (config / "accounts.toml").open("a") as file:
        file.write(ACCOUNT.format(url=peer.url, receipts=str(receipts).lower()))
    package = folder / "package"
    package.mkdir()
    return {
        "CORONG_CONFIG": str(config),
        "PAPAN_TOKEN": TOKEN,
        "PYTHONPATH": f"{installed(package)}:{ROOT}",
        "CORONG_SETTLE_SECONDS": "1",
        "CORONG_SEND_TIMEOUT_SECONDS": "3",
        "CORONG_LOG_LEVEL": "warning",
    }


class OneProcess:
    """`corong up`, and its broker."""

    def __init__(self, hub: HubProcess, window: Window | None = None) -> None:
        """With a `window` the hub is killed there and nowhere else."""
        self.hub = hub
        self.victims: dict[str, Kill] = {"hub": self._kill_hub, "broker": self._kill_broker}
        if hub.env.get("CORONG_PROCESSES") == "2":
            self.victims["second"] = self._kill_second
        if window is not None:
            self.victims = {"hub": partial(self._kill_in, window)}
        self.last_wish: Callable[[], bool] = lambda: True
        """What a hub that stands in its window is not killed before."""
        self.after_death: Callable[[], None] = lambda: None
        """Called between two lives when a hub has died in its window."""
        self._engines: dict[str, Engine] = {}
        self._spared = 0
        self._started = time.monotonic()

    @property
    def key(self) -> DeploymentKey:
        """Of the installation; the hub has made it."""
        return DeploymentKey.load(self.hub.data / "secrets" / "deployment.key", variable="")

    def lose(self, service: str) -> None:
        """Its database is gone; the hub must not run."""
        if service in self._engines:
            self._engines.pop(service).dispose()
        for part in ("", "-wal", "-shm"):
            (self.hub.data / "db" / f"{service}.sqlite{part}").unlink(missing_ok=True)

    async def _kill_hub(self) -> bool:
        young = time.monotonic() - self._started < LIFE_SECONDS
        if young and self._spared < 3:
            self._spared += 1  # most may come up before they are killed, or nothing would ever go on
            return False
        self._spared = 0
        self.hub.kill()
        self.hub.start()
        self._started = time.monotonic()
        return True

    async def _kill_in(self, window: Window) -> bool:
        await until(lambda: window.reached, WINDOW_SECONDS)
        await until(self.last_wish, WINDOW_SECONDS)
        broker = self.hub.broker()
        self.hub.kill()
        if broker is not None:
            await asyncio.to_thread(broker.wait, WINDOW_SECONDS)
        window.close()
        self.after_death()
        self.hub.start()
        return True

    async def _kill_broker(self) -> bool:
        broker = self.hub.broker()
        if broker is None:
            return False
        with contextlib.suppress(Exception):  # it may end at this moment
            broker.kill()
        return True

    async def _kill_second(self) -> bool:
        with contextlib.suppress(Exception):  # it may end at this moment
            if second := next((one for one in self.hub.children() if "corong.cli.second" in one.cmdline()), None):
                second.kill()
                return True
        return False

    def client(self, kind: TokenKind | None = None, holder: str = "") -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {self.hub.token(kind, holder)}"} if kind else {}
        return httpx.AsyncClient(base_url=self.hub.url, headers=headers, timeout=15, verify=False)

    @contextlib.contextmanager
    def open(self, service: str) -> Iterator[Connection]:
        if service not in self._engines:
            path = self.hub.data / "db" / f"{service}.sqlite"
            self._engines[service] = create_engine(f"sqlite:///file:{path}?mode=ro&uri=true")
        with self._engines[service].begin() as connection:  # of one moment
            yield connection

    def rows(self, service: str, sql: str, **parameters: Any) -> list[dict[str, Any]]:
        with self.open(service) as connection:
            return [dict(row) for row in connection.execute(text(sql), parameters).mappings()]

    def broker(self) -> tuple[str, str]:
        return self._broker_of("channels")

    def _broker_of(self, user: str) -> tuple[str, str]:
        (ports,) = (self.hub.data / "nats" / "ports").glob("*.ports")
        url = json.loads(ports.read_text())["nats"][0]
        users = json.loads((self.hub.data / "secrets" / "nats-users.json").read_text())
        return url, users[user]

    async def calm(self) -> None:
        await asyncio.to_thread(self.hub.wait_ready)

    def forget_acknowledgements(self) -> None:
        """Between two lives: the broker forgets what it was told, as it may when it is killed, and gives all again."""
        shutil.rmtree(self.hub.data / "nats" / "jetstream" / "$G" / "streams" / EVENTS.name / "obs")

    async def acknowledged(self) -> None:
        """Wait until the broker has been told of everything; what it was not told of came again before."""
        url, password = self._broker_of("deploy")
        client = await nats.connect(url, user="deploy", password=password, inbox_prefix=inbox_of("deploy").encode())
        try:
            await until(partial(_all_acknowledged, client), WINDOW_SECONDS)
        finally:
            await client.close()

    async def repeats(self, service: str) -> float:
        """How many events came to a service again in this life of the hub, and were skipped by its inbox."""
        async with self.client() as client:
            metrics = (await client.get("/metrics")).text
        found = re.search(rf'^corong_repeated_events_total{{service="{service}"}} (\S+)$', metrics, re.MULTILINE)
        return float(found[1]) if found else 0.0


async def _all_acknowledged(client: Client) -> bool:
    info = await client.jetstream().consumer_info(EVENTS.name, consumer_name(FEED))
    return not info.num_pending and not info.num_ack_pending


class ManyProcesses:
    """`corong run` for each service, on PostgreSQL."""

    def __init__(self, processes: RunningProcesses) -> None:
        self.processes = processes
        self.victims: dict[str, Kill] = {name: partial(self._kill, name) for name in processes.processes}
        self.victims["broker"] = self._kill_broker

    @property
    def key(self) -> DeploymentKey:
        return DeploymentKey(self.processes.key)

    async def _kill(self, name: str) -> bool:
        process = self.processes.processes[name]
        process.kill()
        process.start()
        return True

    async def _kill_broker(self) -> bool:
        self.processes.server.kill()
        await asyncio.to_thread(self.processes.server.start)
        return True

    def client(self, kind: TokenKind | None = None, holder: str = "") -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {issue(self.key.tokens, kind, holder)}"} if kind else {}
        return httpx.AsyncClient(base_url=self.processes.url(kind), headers=headers, timeout=15, verify=False)

    @contextlib.contextmanager
    def open(self, service: str) -> Iterator[Connection]:
        with self.processes.superuser() as connection:
            connection.execute(text(f'SET search_path = "{service}"'))
            yield connection

    def rows(self, service: str, sql: str, **parameters: Any) -> list[dict[str, Any]]:
        return self.processes.rows(service, sql, **parameters)

    def broker(self) -> tuple[str, str]:
        return self.processes.server.url, self.processes.server.known["channels"]

    async def calm(self) -> None:
        await asyncio.to_thread(self.processes.wait_ready)


@contextlib.asynccontextmanager
async def one_process(
    folder: Path, *, sabotage: str = "", window: Window | None = None, receipts: bool = True, processes: int = 1
) -> AsyncIterator[tuple[OneProcess, PapanPeer]]:
    """A hub that runs, and its board. What is sabotaged, or dies in a window, is in one process."""
    peer = PapanPeer(folder)
    peer.start()
    env = write_config(folder, peer, receipts=receipts)
    hub = PreparedHub(folder / "data")
    hub.env.update(
        {**env, "CORONG_PROCESSES": str(processes), "SABOTAGE": sabotage, **(window.environment if window else {})}
    )
    try:
        with hub:
            await asyncio.to_thread(hub.wait_ready)
            yield OneProcess(hub, window), peer
    finally:
        peer.stop()


@contextlib.asynccontextmanager
async def many_processes(folder: Path, postgres: PostgresServer) -> AsyncIterator[tuple[ManyProcesses, PapanPeer]]:
    """A process for each service, and its board."""
    peer = PapanPeer(folder)
    peer.start()
    env = write_config(folder, peer)
    try:
        with running_broker(folder / "broker") as server:
            found = RunningProcesses(folder, postgres, server, {})
            for process in found.processes.values():
                process.env.update(env)
            try:
                found.start()
                yield ManyProcesses(found), peer
            finally:
                found.kill()
    finally:
        peer.stop()


def is_settled(place: Place) -> bool:
    """Whether every reader has taken everything that every writer wrote, and nothing more is on its way out."""
    going = "SELECT 1 FROM delivery WHERE state IN ('ready', 'sending', 'unknown') LIMIT 1"
    return is_quiet(place.rows) and not place.rows("publishing", going)
