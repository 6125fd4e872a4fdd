"""Several workers tell what one process would: the same names and draws, each failure, each skip, a worker's death."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ports import shared_ports
from tests.processes import clean_environment
from tests.programs import ROOT
from tests.workers import share_of

FILES = {
    "conftest.py": "from tests.conftest import *",
    "test_dying.py": """
import os, pytest
def test_before(): pass
def test_dies(): os._exit(3)
def test_after(): raise AssertionError("told all the same")
@pytest.mark.skip(reason="not here")
def test_skipped(): pass
""",
    "test_drawing.py": """
def test_draws(rng, seed): raise AssertionError(f"drawn {seed} {rng.random()}")
""",
}


def run(folder: Path, *options: str) -> str:
    # A run of its own, whether or not this test is in a worker.
    env = {
        name: value
        for name, value in clean_environment(PYTHONPATH=str(ROOT)).items()
        if not name.startswith(("PYTEST_", "CORONG_"))
    }
    command = [sys.executable, "-m", "pytest", "-ra", "--seed", "7", "-p", "no:cacheprovider", *options, "."]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=290, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(300)
def test_workers_tell_what_one_process_would(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    told = run(tmp_path, "-n", "2")
    assert "seed: 7 " in told
    assert "3 failed, 1 passed, 1 skipped" in told
    assert "crashed while running 'test_dying.py::test_dies'" in told
    assert told.count("FAILED test_dying.py::test_dies") == 1
    assert "FAILED test_dying.py::test_after" in told
    assert "not here" in told
    alone = run(tmp_path, "test_drawing.py", "--deselect", "test_dying.py")
    drawn = re.search(r"drawn 7 0\.\d+", alone)
    assert drawn is not None
    assert drawn[0] in told


def test_a_share_is_a_whole_file_or_what_shares_fixtures() -> None:
    assert share_of("tests/cli/test_run.py::TestIt::test_one[a::b]") == "tests/cli/test_run.py"
    desk = {share_of(f"{path.relative_to(ROOT)}::test") for path in (ROOT / "tests/services/desk").rglob("test_*.py")}
    assert len(desk) == 1


def test_no_port_is_of_two_workers() -> None:
    shares = [set(shared_ports(worker, 3)) for worker in range(3)]
    assert sum(map(len, shares)) == len(set.union(*shares)) == len(shared_ports(0, 1))
