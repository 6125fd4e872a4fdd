"""A broker for processes of the command line, and the settings with which each finds it."""

import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path

from corong.runtime.deployment_key import DeploymentKey
from corong.runtime.natsserver import NatsServer
from tests.brokers import running_broker
from tests.processes import CorongProcess, clean_environment, corong


class Deployment:
    """One data folder with SQLite databases, for processes of each service."""

    def __init__(self, folder: Path, server: NatsServer) -> None:
        self.folder = folder
        self.server = server
        self.data = folder / "data"
        self._logs = itertools.count()
        self.key = DeploymentKey.load(self.data / "secrets" / "deployment.key", create=True)

    def environment(self, user: str, **more: str) -> dict[str, str]:
        """The settings of a process that is this user at the broker."""
        return {
            "CORONG_DATA": str(self.data),
            "CORONG_NATS_URL": self.server.url,
            "CORONG_NATS_PASSWORD": self.server.known[user],
            "CORONG_NATS_MONITOR_URL": f"http://127.0.0.1:{self.server.monitor_port}",
            "CORONG_SETTLE_SECONDS": "1",
            **more,
        }

    def deploy(self, *arguments: str, code: int = 0, **more: str) -> str:
        """Run a command as the user deploy; what it said on both outputs."""
        done = corong(*arguments, env=clean_environment(**self.environment("deploy", **more)))
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def process(self, service: str, **more: str) -> CorongProcess:
        """`corong run SERVICE`, not started yet."""
        return CorongProcess(
            ("run", service), self.folder / f"logs-{next(self._logs)}", port=None, **self.environment(service, **more)
        )


@contextlib.contextmanager
def deployment(folder: Path, *, text: str | None = None) -> Iterator[Deployment]:
    """A deployment with a broker of its own, configured as generated, or by `text`."""
    with running_broker(folder / "broker", text=text) as server:
        yield Deployment(folder, server)
