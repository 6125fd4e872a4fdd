"""The repository watches itself: its locks, its distributions, and that it tells of no one machine."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.programs import require_program

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ["requirements.txt", "requirements-dev.txt", "requirements-uv.txt", "requirements-fuzz.txt"]
CORE_METADATA = {"contracts": ("corong_contracts", "contracts/corong_contracts"), ".": ("corong", "services/corong")}


def _tracked_files() -> list[Path]:
    """Files that git keeps or would take in: what another clone will have."""
    git = require_program("git")
    listed = subprocess.run(
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def _locked(lock: str) -> dict[str, Requirement]:
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    found = [Requirement(line.split(" --hash=")[0]) for line in text.splitlines() if line and not line.startswith("#")]
    return {canonicalize_name(requirement.name): requirement for requirement in found}


def _wanted(source: str) -> list[Requirement]:
    lines = (ROOT / source).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-r "))]


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_packages_and_hashes_and_no_place(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|^\s*-|\.whl|@|/", text.replace("    --hash=sha256:", ""), re.MULTILINE)
    entries = text.replace("\\\n", " ").splitlines()
    assert entries
    assert [entry for entry in entries if not re.search(r"==\S+.* --hash=sha256:[0-9a-f]{64}", entry)] == []


@pytest.mark.parametrize("name", ["requirements", "requirements-dev", "requirements-uv", "requirements-fuzz"])
def test_lock_holds_what_its_source_asks_for(name: str) -> None:
    locked = _locked(f"{name}.txt")
    for wanted in _wanted(f"{name}.in"):
        found = locked.get(canonicalize_name(wanted.name))
        assert found is not None, f"{wanted.name} is not locked: make lock"
        (pin,) = found.specifier
        assert wanted.specifier.contains(pin.version, prereleases=True), f"{found} is not {wanted}: make lock"


def test_tests_run_on_the_libraries_that_the_hub_runs_on() -> None:
    dev = _locked("requirements-dev.txt")
    assert {name: str(entry.specifier) for name, entry in _locked("requirements.txt").items()}.items() <= {
        name: str(entry.specifier) for name, entry in dev.items()
    }.items()


def test_distribution_asks_for_what_the_lock_was_made_from() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {str(Requirement(line)) for line in project["dependencies"] if not line.startswith("corong-contracts")}
    assert declared == {str(requirement) for requirement in _wanted("requirements.in")}


def test_contracts_distribution_asks_for_pydantic_alone_and_has_the_hubs_version() -> None:
    contracts = tomllib.loads((ROOT / "contracts" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    hub = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert [Requirement(line).name for line in contracts["dependencies"]] == ["pydantic"]
    assert f"corong-contracts=={contracts['version']}" in hub["dependencies"]
    assert contracts["license"] == hub["license"] == "Apache-2.0"


def test_no_lock_of_one_tool_beside_the_one_for_all() -> None:
    assert not (ROOT / "uv.lock").exists()


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    somebodys = re.compile(rb"(?<![\w.~}-])/(?:home|work|root)/\w")
    named = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in _tracked_files()
        for number, line in enumerate(path.read_bytes().splitlines(), 1)
        if somebodys.search(line) and path.suffix not in {".png", ".pdf", ".mo"}
    ]
    assert named == []


@pytest.mark.parametrize("project", CORE_METADATA)
def test_wheel_carries_each_file_of_its_package(project: str, tmp_path: Path) -> None:
    package, folder = CORE_METADATA[project]
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT / project, capture_output=True, check=True, timeout=60)
    (wheel,) = tmp_path.glob("*.whl")
    carried = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith(f"{package}/")}
    expected = {
        f"{package}/{path.relative_to(ROOT / folder).as_posix()}"
        for path in _tracked_files()
        if path.is_relative_to(ROOT / folder)
    }
    assert f"{package}/py.typed" in expected
    assert carried == expected
