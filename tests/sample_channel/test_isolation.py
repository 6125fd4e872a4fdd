"""The package as a stranger installs it: found by its entry point, and at work without anything of the hub."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sample_channel.running import HERE, PapanPeer, installed, note

PROGRAM = """
import sys
before = set(sys.modules)

import asyncio, json
from importlib.metadata import entry_points
from uuid import uuid4

(entry,) = [found for found in entry_points(group="corong.channels") if found.name == "papan"]
channel = entry.load()

from corong_contracts import AccountConfig, Outgoing, Receipt

account = AccountConfig(id="papan-kisaran", channel="papan", settings=json.loads(sys.argv[1]))
came = []

class Cursor:
    async def get(self, name): return None
    async def put(self, name, value): source.cancel()

async def hand_over(message):
    came.append(message)
    return Receipt(status="registered", message_id=uuid4())

async def main():
    global source
    source = asyncio.create_task(channel.source(account).run(hand_over, Cursor()))
    await asyncio.wait([source])
    sink = channel.sink(account)
    delivery = uuid4()
    sent = await sink.send(Outgoing(delivery_id=delivery, fence=1, carried=channel.carried(account, delivery),
        kind="reply", text="Terima kasih", reply_to=came[0].reply_to))
    await sink.close()
    return sent.native_id

sent = asyncio.run(main())
print(json.dumps({
    "file": sys.modules["corong_papan"].__file__,
    "came": [message.text for message in came],
    "sent": sent,
    "modules": sorted({name.partition(".")[0] for name in set(sys.modules) - before}),
}))
"""

ALLOWED = {
    "annotated_types",
    "corong_contracts",
    "corong_papan",
    "pydantic",
    "pydantic_core",
    "typing_extensions",
    "typing_inspection",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "site"
    target.mkdir()
    return installed(target)


def test_works_in_a_fresh_interpreter_with_nothing_of_the_hub(papan: PapanPeer, folder: Path) -> None:
    papan.add_notes([note(1, "Lampu jalan mati")])
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(papan.settings())],
        env={**os.environ, "PYTHONPATH": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert Path(told["file"]).is_relative_to(folder)
    assert told["came"] == ["Lampu jalan mati"]
    assert told["sent"] == "j-000001"
    assert papan.counted()["by_note"] == {"n-000001": 1}
    strangers = set(told["modules"]) - ALLOWED - sys.stdlib_module_names
    strangers = {name for name in strangers if not name.startswith("_sysconfigdata")}  # the interpreter's own
    assert strangers == set()
    assert "corong" not in told["modules"]


def test_the_wheel_has_the_package_and_no_tests(folder: Path) -> None:
    assert {file.name for file in folder.iterdir()} == {"corong_papan", "corong_papan-0.1.0.dist-info"}
    packed = {file.name for file in (folder / "corong_papan").iterdir() if file.is_file()}
    assert packed == {file.name for file in (HERE / "corong_papan").glob("*.py")}
