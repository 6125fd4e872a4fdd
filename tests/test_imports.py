"""Who may import whom: what .importlinter can't say, and a proof that what it says has teeth."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from corong_contracts.base import SERVICES as SERVICE_NAMES

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = ROOT / "contracts" / "corong_contracts"
SERVICES = ROOT / "services" / "corong"

# What a service takes of FastStream's NATS parts: the router it hangs its subscribers on, and nothing of connections,
# streams or acknowledgement, which are the runtime's.
ROUTER_NAMES = {"NatsMessage", "NatsRoute", "NatsRouter"}


def _imports(file: Path) -> Iterator[tuple[int, str, set[str]]]:
    """Each import of a file: its line, the module, the names taken from it (none for `import module`)."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, set()
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module, {alias.name for alias in node.names}


def test_contracts_need_pydantic_alone() -> None:
    allowed = {
        *sys.stdlib_module_names,
        "annotated_types",
        "corong_contracts",
        "pydantic",
        "pydantic_core",
        "typing_extensions",
    }
    files = sorted(CONTRACTS.rglob("*.py"))
    strangers = [
        f"{file.relative_to(ROOT)}:{line} imports {module}"
        for file in files
        for line, module, _ in _imports(file)
        if module.split(".")[0] not in allowed
    ]
    assert files
    assert not strangers


def _reaches_past_the_router(module: str, names: set[str]) -> bool:
    if module == "faststream.nats":
        return not names or bool(names - ROUTER_NAMES)
    return module.split(".")[0] == "nats" or module.startswith("faststream.nats.")


@pytest.mark.parametrize(
    ("line", "forbidden"),
    [
        ("from faststream.nats import NatsRouter", False),
        ("from faststream import Context", False),
        ("from faststream.nats import NatsBroker", True),
        ("from faststream.nats.broker import NatsBroker", True),
        ("import faststream.nats", True),
        ("import nats", True),
        ("from nats.js import JetStreamContext", True),
    ],
)
def test_router_rule_tells_them_apart(tmp_path: Path, line: str, forbidden: bool) -> None:
    (tmp_path / "added.py").write_text(line, encoding="utf-8")
    ((_, module, names),) = _imports(tmp_path / "added.py")
    assert _reaches_past_the_router(module, names) is forbidden


def test_services_take_only_the_router_of_faststreams_nats_parts() -> None:
    files = [f for f in sorted(SERVICES.rglob("*.py")) if f.relative_to(SERVICES).parts[0] != "runtime"]
    strangers = [
        f"{file.relative_to(ROOT)}:{line} imports {module} {sorted(names)}"
        for file in files
        for line, module, names in _imports(file)
        if _reaches_past_the_router(module, names)
    ]
    assert files
    assert not strangers


FORBIDDEN = [
    ("contracts/corong_contracts/added.py", "import corong", "Contracts import nothing"),
    ("services/corong/intake/added.py", "import corong.routing", "The command line and the embedded hub"),
    ("services/corong/channels/added.py", "import corong.intake", "The command line and the embedded hub"),
    ("services/corong/runtime/added.py", "import corong.intake", "The command line and the embedded hub"),
    ("services/corong/publishing/added.py", "import corong.embedded", "The command line and the embedded hub"),
    ("services/corong/desk/added.py", "import nats", "Only the runtime imports nats"),
]
"""File, what is written into it, the contract that it breaks."""
UNPLACED = ("services/corong/placeless.py", "import corong.runtime", "The command line and the embedded hub")
"""A module that no layer names; the linter looks no further then."""


def _lint(folder: Path, added: Sequence[tuple[str, str, str]]) -> str:
    """What import-linter says of a copy of the tree with `added` in it."""
    for package in ("contracts/corong_contracts", "services/corong"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", folder)
    for place, line, _ in added:
        (folder / place).write_text(f"{line}\n", encoding="utf-8")
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=folder,
        env={"PYTHONPATH": f"{folder}/contracts:{folder}/services", "COLUMNS": "300", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert found.returncode == 1, found.stdout + found.stderr
    return found.stdout


def _is_broken(contract: str, said: str) -> bool:
    return any(row.startswith(contract) and " BROKEN" in row for row in said.splitlines())


def test_import_linter_sees_each_forbidden_import(tmp_path: Path) -> None:
    said = _lint(tmp_path, FORBIDDEN)
    for place, line, contract in FORBIDDEN:
        assert _is_broken(contract, said)
        importer = ".".join(Path(place).with_suffix("").parts[1:])
        imported = line.removeprefix("import ")
        assert re.search(rf"{re.escape(importer)} -> {re.escape(imported)}\b", said), said


def test_import_linter_sees_a_module_without_a_place(tmp_path: Path) -> None:
    assert _is_broken(UNPLACED[2], _lint(tmp_path, [UNPLACED]))


def _loaded_with(module: str, then: str = "0") -> set[str]:
    script = f"import sys, {module}; {then}; print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(shown.stdout.split())


@pytest.mark.parametrize(("module", "loaded"), [("corong.process", False), ("corong.embedded", True)])
def test_services_are_loaded_where_one_is_built_and_all_at_once_in_the_hub(module: str, loaded: bool) -> None:
    present = _loaded_with(module)
    for part in (*(f"{service}.app" for service in SERVICE_NAMES), "channels.runner", "desk.api", "portal.pages"):
        assert (f"corong.{part}" in present) is loaded, part


RARELY_USED = {"PIL", "fontTools", "fpdf", "xlsxwriter"}
"""What draws pages and tables: an export loads it, and no start waits for it."""


def test_the_hub_is_loaded_without_what_few_ask_for() -> None:
    present = {name.split(".")[0] for name in _loaded_with("corong.embedded")}
    assert "corong" in present
    assert not present & RARELY_USED


def test_a_command_that_asks_the_hub_loads_httpx_without_its_command_line() -> None:
    opened = "corong.cli.remote.Remote('http://127.0.0.1:9', None, 'officer').__enter__()"
    present = {name.split(".")[0] for name in _loaded_with("corong.cli.remote", opened)}
    assert "httpx" in present
    assert not present & {"click", "pygments", "rich"}
