"""The log writer killed in the midst of appends and publishing: no fork, nothing lost, always back. Twins go red."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.peers.postgres import PostgresServer
from tests.programs import ROOT


def run(url: str, folder: Path, seed: int, kills: int, how: str = "") -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.services.auditing.dying_log", url, str(folder), str(seed), str(kills), how]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)


def test_a_hundred_kills(tmp_path: Path, seed: int) -> None:
    done = run(f"sqlite:///{tmp_path}", tmp_path, seed, 100)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "'kills': 100" in done.stdout


def test_killed_at_every_step(tmp_path: Path, seed: int) -> None:
    done = run(f"sqlite:///{tmp_path}", tmp_path, seed, 0, "every step")
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert int(done.stdout.split()[-1]) > 30


@pytest.mark.postgres
def test_kills_on_postgres(tmp_path: Path, seed: int, postgres: PostgresServer) -> None:
    done = run(postgres.make_database("dying_log"), tmp_path, seed, 15)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]


@pytest.mark.parametrize("how", ["publishes before the commit", "acknowledges before the commit"])
def test_a_sabotaged_twin_is_found(tmp_path: Path, seed: int, how: str) -> None:
    done = run(f"sqlite:///{tmp_path}", tmp_path, seed, 100, how)
    assert done.returncode == 3, done.stdout + done.stderr[-2000:]
    assert "BROKEN" in done.stdout
