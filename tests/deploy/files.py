"""The files of a deployment, read for the tests that compare them with the code."""

import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from corong.assembly import assemble
from corong.auditing.app import Auditing
from corong.runtime.broker import Broker
from corong.runtime.installation import Installation
from corong.runtime.permissions import password_variable
from corong.runtime.settings import Settings
from corong_contracts.base import SERVICES
from corong_contracts.topology import USERS
from tests.programs import ROOT

DEPLOY = ROOT / "deploy"
PROCESSES = (*SERVICES, "channels")
"""What `corong run` runs, each on its own."""
ROLES = (*PROCESSES, "keys")
"""Who signs in to PostgreSQL."""

SETTINGS = {f"CORONG_{name.upper()}" for name in Settings.model_fields}
DEPLOYMENT_KEY = "CORONG_KEY"
BROKER_SECRETS = {*map(password_variable, USERS), "CORONG_NATS_STORE_KEY"}
DATABASE_SECRETS = {f"CORONG_DB_{role.upper()}_PASSWORD" for role in ROLES}
SECRETS = {DEPLOYMENT_KEY, "POSTGRES_PASSWORD"} | BROKER_SECRETS | DATABASE_SECRETS

_VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::[-?]([^}]*))?\}")


def compose() -> dict[str, Any]:
    """docker-compose.yml, with its anchors merged."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return found


def variables(value: object) -> set[str]:
    """The variables that a value of the compose file takes from .env."""
    return {name for name, _ in _VARIABLE.findall(str(value))}


def defaults() -> dict[str, set[str]]:
    """Variable → the defaults that the compose file gives it."""
    found: dict[str, set[str]] = {}
    for name, default in re.findall(r"\$\{([A-Z_]+):-([^}]*)\}", (ROOT / "docker-compose.yml").read_text("utf-8")):
        found.setdefault(name, set()).add(default)
    return found


def example() -> tuple[set[str], dict[str, str]]:
    """The variables of env.example: those to be filled in, and those with the value that they have without it."""
    text = (DEPLOY / "env.example").read_text(encoding="utf-8")
    empty = set(re.findall(r"^([A-Z_]+)=$", text, re.MULTILINE))
    shown = dict(re.findall(r"^# ([A-Z_]+)=(.+)$", text, re.MULTILINE))
    lines = [line for line in text.splitlines() if "=" in line]
    assert len(lines) == len(empty) + len(shown), "a line that is neither VARIABLE= nor # VARIABLE=value"
    return empty, shown


def made_environment(folder: Path) -> Path:
    """A file as `sh deploy/make-env.sh > .env` makes it."""
    made = subprocess.run(["sh", str(DEPLOY / "make-env.sh")], capture_output=True, check=True, timeout=30)
    path = folder / ".env"
    path.write_bytes(made.stdout)
    return path


def read_environment(path: Path) -> dict[str, str]:
    """NAME=value lines, as docker compose and systemd read them."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def files_of(process: str, root: Path, environment: Mapping[str, str]) -> set[Path]:
    """Where a process writes, its database aside: what it makes at its start, and what it will. Without `root`."""

    def under(name: str) -> Path | None:
        return root / environment[name].lstrip("/") if environment.get(name) else None

    settings = Settings(
        data=root / environment["CORONG_DATA"].lstrip("/"), log_folder=under("CORONG_LOG_FOLDER"),
        log_head=under("CORONG_LOG_HEAD"), objects=str(under("CORONG_OBJECTS")),
        database_url=f"sqlite:///{root.with_name('database')}",
    )  # fmt: skip
    before = {path for path in root.rglob("*") if not path.is_dir()}
    installation = Installation.open(settings)
    parts = assemble(installation, (process,), lambda user: Broker("nats://127.0.0.1:1", user, ""))
    found = {path for path in root.rglob("*") if not path.is_dir()} - before
    for service in parts.services:
        if isinstance(service, Auditing):
            found |= {service.tree.head_file.path, service.publisher.folder / "checkpoint"}
    return {Path("/") / path.relative_to(root) for path in found}


@cache
def knows_command(*words: str) -> bool:
    """Whether the command line has this command."""
    program = Path(sys.executable).with_name("corong")
    asked = subprocess.run([program, *words, "--help"], capture_output=True, timeout=60, check=False)
    return asked.returncode == 0
