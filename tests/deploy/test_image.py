"""deploy/Dockerfile builds from the locks alone, runs as nobody special, and copies what is there."""

import re
import shlex
import subprocess
import tomllib
from importlib.metadata import requires

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.deploy import files
from tests.programs import ROOT
from tests.test_repository import _locked

TEXT = (files.DEPLOY / "Dockerfile").read_text(encoding="utf-8")


def instructions() -> list[tuple[str, str]]:
    """(word, rest), with continued lines joined and comments left out."""
    lines = "\n".join(line for line in TEXT.splitlines() if not line.startswith("#")).replace("\\\n", " ")
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines.splitlines() if line.strip()]


def project() -> dict[str, object]:
    found: dict[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return found


def test_one_python_which_the_code_supports() -> None:
    (given,) = [rest for word, rest in instructions() if word == "ARG"]
    version = re.fullmatch(r"PYTHON=(3\.\d+)-slim-\w+", given)
    assert version
    assert SpecifierSet(str(project()["requires-python"])).contains(f"{version[1]}.0")
    assert {rest.split()[0] for word, rest in instructions() if word == "FROM"} == {"python:${PYTHON}"}
    assert f"python{version[1]}" in (ROOT / "Makefile").read_text(encoding="utf-8"), "make venv looks for it too"


def test_nothing_is_installed_but_by_hash_or_from_what_was_built() -> None:
    installs = re.findall(r"pip (?:install|wheel) ([^&\n]+)", "\n".join(rest for _, rest in instructions()))
    assert len(installs) == 4
    for install in installs:
        options = shlex.split(install)
        by_hash = "--require-hashes" in options
        built = "--no-deps" in options and ("--no-index" in options or "--no-build-isolation" in options)
        assert by_hash or built, install


def test_the_backend_is_taken_from_the_lock_whole() -> None:
    program = re.search(r"awk '([^']+)'", " ".join(rest for _, rest in instructions()))
    assert program
    taken = subprocess.run(
        ["awk", program[1], ROOT / "requirements-dev.txt"], capture_output=True, text=True, check=True, timeout=30
    ).stdout
    names = {canonicalize_name(name) for name in re.findall(r"^([\w.-]+)==", taken, re.MULTILINE)}
    needed, pending = set(), ["hatchling"]
    while pending:
        name = canonicalize_name(pending.pop())
        needed.add(name)
        wanted = [Requirement(line) for line in requires(name) or ()]
        pending += [each.name for each in wanted if each.marker is None or each.marker.evaluate({"extra": ""})]
    assert names == needed
    locked = _locked("requirements-dev.txt")
    for name in names:
        assert f"{name}{locked[name].specifier}" in taken
    assert taken.count("--hash=sha256:") >= len(names)
    assert taken.rstrip().splitlines()[-1].endswith(tuple("0123456789abcdef")), "the last entry is whole"


def test_it_copies_what_is_there_and_docker_sees_it() -> None:
    ignored = (files.DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").split("\n")
    sources = {
        source
        for word, rest in instructions()
        if word == "COPY" and "--from" not in rest
        for source in rest.split()[:-1]
    }
    for source in sources:
        assert (ROOT / source).exists()
        assert f"!{source}" in ignored
    assert {"contracts", "services", "requirements.txt", "pyproject.toml"} <= sources
    assert "*" in ignored, "nothing else: no .env, no data"


def test_it_runs_as_a_user_without_rights() -> None:
    found = dict(instructions())
    assert found["USER"] == "10001:10001"
    assert found["ENTRYPOINT"] == '["corong"]'
    scripts = project()["scripts"]
    assert isinstance(scripts, dict)
    assert "corong" in scripts
    words = [word for word, _ in instructions()]
    assert words.index("USER") > words.index("RUN")
    assert "RUN" not in words[words.index("USER") :]


def test_its_settings_are_those_of_the_code() -> None:
    stages = TEXT.split("\nFROM ")
    assert len(stages) == 3
    assert set(re.findall(r"CORONG_[A-Z_]+", stages[2])) <= files.SETTINGS
    assert "CORONG_CONFIG=/etc/corong" in stages[2]


@pytest.mark.parametrize("word", ["ADD", "curl", "wget", "http"])
def test_nothing_is_fetched_on_the_way(word: str) -> None:
    assert not re.search(rf"\b{word}\b", TEXT)
