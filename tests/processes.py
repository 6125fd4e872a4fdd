"""A hub as a process of its own: `python -m corong up` on a data folder, to be killed and started again at will.

    with HubProcess(tmp_path / "data") as hub:
        hub.wait_ready()
        hub.kill()       # SIGKILL: no chance to finish anything
        hub.start()      # the same folder, the same port
        hub.wait_ready()

It is forked from the nursery, whose modules are loaded already; a `cold` one is a Python of its own. Start that one
from a thread that lives as long as the test: the kernel kills the process when that thread ends.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, ClassVar, Literal, Protocol, Self, TypeVar

import psutil

from corong.runtime.deployment_key import DeploymentKey
from corong.runtime.tokens import issue
from tests.dying import die_with_parent
from tests.nursery import bear
from tests.peers.waiting import wait_for
from tests.ports import find_free_port

READY_SECONDS = 60.0
STOP_SECONDS = 30.0
COMMAND_SECONDS = 60.0


def clean_environment(**more: str) -> dict[str, str]:
    """This process's environment without the installation that its owner may have set, and with `more`."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("CORONG_") or name == "CORONG_SEED"
    }
    return {**kept, "LANG": "C.UTF-8", "LC_ALL": "", "LC_MESSAGES": "", "PYTHONUNBUFFERED": "1", **more}


class Child(Protocol):
    """A started process, as `subprocess.Popen` has it."""

    pid: int

    def poll(self) -> int | None:
        """The exit code, None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; the exit code."""

    def send_signal(self, sig: int) -> None:
        """Send a signal."""

    def kill(self) -> None:
        """SIGKILL."""


class CorongProcess:
    """One `corong …` process that serves HTTP on a free port."""

    before: ClassVar[str] = ""
    """What is called in the new process first (`nursery.bear`)."""

    def __init__(self, command: tuple[str, ...], folder: Path, *, port: int | None = None, **env: str) -> None:
        """`folder` takes the logs; `env` are settings, with `CORONG_` before their names."""
        self.command = command
        self.folder = folder
        self.port = port if port is not None else find_free_port()
        self.env = clean_environment(**{"CORONG_PORT": str(self.port), **env})
        self.cold = False
        """Whether it is a Python of its own that loads its modules itself."""
        self.starts = 0
        self._process: Child | None = None
        self._output: IO[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it, at once."""
        self.kill()

    @property
    def url(self) -> str:
        """Its HTTP side."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Start it (again); does not wait for it."""
        assert self.pid is None, "it runs already"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._close_output()
        self._output = self._log_file().open("ab")
        self._process = self._spawn(self._output)
        self.starts += 1

    def _spawn(self, output: IO[bytes]) -> Child:
        if not self.cold:
            return bear(self.command, self.env, output, before=self.before)
        return subprocess.Popen(
            [sys.executable, "-m", "corong", *self.command],
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,
            start_new_session=True,
        )

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Wait until `/readyz` says yes. Raises AssertionError with its output when it ended, or takes too long."""
        try:
            wait_for(f"{self.url}/readyz", self._ready, seconds=seconds)
        except TimeoutError as error:
            raise AssertionError(f"{error}; it says:\n{self.logs()[-3000:]}") from None

    def answers(self) -> bool:
        """Whether anything answers on its port."""
        return self.ask("/healthz") is not None

    def ask(self, path: str) -> tuple[int, str] | None:
        """Status and text of a page, None where nothing answers."""
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return None

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def wait_end(self, seconds: float = STOP_SECONDS) -> int:
        """Wait until it has ended; its exit code, negative for a signal."""
        assert self._process is not None
        code = self._process.wait(seconds)
        self._close_output()
        return code

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Tell it to stop and wait for the end; its exit code."""
        self.send(number)
        return self.wait_end()

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone. What it started dies with it, a moment later."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._close_output()

    def children(self) -> list[psutil.Process]:
        """What it has started, and what these have."""
        pid = self.pid
        return psutil.Process(pid).children(recursive=True) if pid is not None else []

    def logs(self) -> str:
        """What it wrote since its last start."""
        path = self._log_file(self.starts - 1)
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def all_logs(self) -> str:
        """What it ever wrote."""
        files = (self._log_file(start) for start in range(self.starts))
        return "".join(file.read_text(encoding="utf-8", errors="replace") for file in files if file.exists())

    def _ready(self) -> bool:
        assert self._process is not None
        code = self._process.poll()
        if code is not None:
            raise AssertionError(f"it ended with {code}:\n{self.logs()[-3000:]}")
        answer = self.ask("/readyz")
        return answer is not None and answer[0] == 200

    def _log_file(self, start: int | None = None) -> Path:
        return self.folder / f"{'-'.join(self.command)}.{self.starts if start is None else start}.log"

    def _close_output(self) -> None:
        if self._output is not None:
            self._output.close()
            self._output = None


AnyProcess = TypeVar("AnyProcess", bound=CorongProcess)


class HubProcess(CorongProcess):
    """`corong up`, with its data in a folder of its own."""

    def __init__(self, data: Path, *, port: int | None = None, command: tuple[str, ...] = ("up",), **env: str) -> None:
        """`data` again is the same installation again. In one process, where `env` does not say CORONG_PROCESSES."""
        settings = {"CORONG_DATA": str(data), "CORONG_PROCESSES": "1", **env}
        super().__init__(command, data.parent / f"{data.name}-logs", port=port, **settings)
        self.data = data

    def broker(self) -> psutil.Process | None:
        """The nats-server that it started."""
        return next((child for child in self.children() if "nats-server" in child.name()), None)

    def token(self, kind: Literal["officer", "account"], holder: str) -> str:
        """A token of an officer or an account of the example regency."""
        key = DeploymentKey.load(self.data / "secrets" / "deployment.key", variable="")
        return issue(key.tokens, kind, holder)

    def call(
        self,
        path: str,
        body: Any = None,
        *,
        officer: str | None = None,
        account: str | None = None,
        key: str | None = None,
        status: int | None = None,
    ) -> Any:
        """The answer's JSON, of GET or, with a `body`, of POST; `status` is the one to expect, a 2xx by default."""
        headers = {"Content-Type": "application/json", "Accept-Language": "en"}
        if officer is not None or account is not None:
            token = self.token("officer", officer) if officer else self.token("account", account or "")
            headers["Authorization"] = f"Bearer {token}"
        if key is not None:
            headers["Idempotency-Key"] = key
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.url}{path}", data, headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                found, text = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            found, text = error.code, error.read().decode()
        assert found == status if status is not None else 200 <= found < 300, f"{path}: {found}\n{text}"
        return json.loads(text) if text else None

    def message(self, text: str, sender: str = "warga-1", key: str = "pesan-1", **more: Any) -> dict[str, Any]:
        """Hand a citizen's message in by the JSON door; the receipt."""
        body = {"text": text, "sender": {"address": sender}, **more}
        receipt: dict[str, Any] = self.call("/api/v1/messages", body, account="api-contoh", key=key)["receipt"]
        return receipt

    def corong(
        self,
        *arguments: str,
        officer: str | None = None,
        account: str | None = None,
        code: int | None = 0,
        err: bool = False,
        **env: str,
    ) -> str:
        """Run a command of the command line against this hub; what it printed, on the error output with `err`.

        `code` is the exit code to expect.
        """
        settings = {"CORONG_URL": self.url}
        if officer is not None:
            settings["CORONG_TOKEN"] = self.token("officer", officer)
        if account is not None:
            settings["CORONG_TOKEN"] = self.token("account", account)
        done = corong(*arguments, env={**self.env, **settings, **env})
        assert code is None or done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stderr if err else done.stdout

    def json(self, *arguments: str, officer: str | None = None, account: str | None = None) -> Any:
        """As `corong`, with --json, read."""
        return json.loads(self.corong(*arguments, "--json", officer=officer, account=account))


def cold(process: AnyProcess) -> AnyProcess:
    """The same, as a Python of its own that loads its modules itself."""
    process.cold = True
    return process


def corong(*arguments: str, env: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    """One command of the command line, to its end."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = bear(arguments, clean_environment() if env is None else env, output, errors)
        try:
            code = process.wait(COMMAND_SECONDS)
        finally:
            process.kill()
        said = []
        for stream in (output, errors):
            stream.seek(0)
            said.append(stream.read().decode())
    return subprocess.CompletedProcess(["corong", *arguments], code, *said)
