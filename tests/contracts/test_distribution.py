"""What a stranger gets who installs the distribution."""

import subprocess
import sys
import zipfile
from pathlib import Path

from corong_contracts.schemas import EXAMPLES, FOLDER
from tests.contracts.golden import ROOT


def test_the_wheel_has_the_schemas_the_examples_and_the_conformance_suite(tmp_path: Path) -> None:
    build = "import sys, hatchling.build; hatchling.build.build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=ROOT / "contracts", check=True, timeout=60)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
    package = FOLDER.parent
    wanted = [*FOLDER.rglob("*.json"), *EXAMPLES.rglob("*.json"), *package.rglob("*.py"), package / "py.typed"]
    assert {str(file.relative_to(package.parent)) for file in wanted} <= names


def test_reading_events_and_running_channels_loads_no_test_code() -> None:
    program = "import corong_contracts, corong_contracts.topology, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60)
    loaded = done.stdout.split()
    assert "corong_contracts.catalogue" in loaded
    assert not {"corong_contracts.conformance", "corong_contracts.schemas", "unittest", "pytest", "_pytest"} & set(
        loaded
    )


def test_the_conformance_suite_needs_no_test_framework() -> None:
    program = "import corong_contracts.conformance, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60)
    assert not {"pytest", "_pytest", "pytest_asyncio"} & set(done.stdout.split())
