"""The committed JSON Schemas and the AsyncAPI document are what the code says, and the command keeps them so."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from corong_contracts import topology
from corong_contracts.base import Payload
from corong_contracts.catalogue import CATALOGUE
from corong_contracts.command import COMMANDS
from corong_contracts.schemas import FOLDER, all_schemas, committed, file_name, main, source_tree
from tests.contracts.golden import ROOT, validator

DOCUMENT = ROOT / "docs" / "asyncapi.json"


def test_committed_files_are_as_the_code_would_write_them() -> None:
    assert source_tree() == ROOT
    assert main(["--check"], tree=ROOT) == 0


@pytest.mark.parametrize("payload", CATALOGUE.values(), ids=lambda payload: payload.type)
def test_every_type_has_a_schema_of_the_whole_event(payload: type[Payload]) -> None:
    schema = json.loads((FOLDER / file_name(payload)).read_text(encoding="utf-8"))
    jsonschema_rs.meta.validate(schema)
    assert schema["properties"]["type"]["const"] == payload.type
    assert schema["description"]
    assert {"id", "time", "writer", "number", "data"} <= set(schema["required"])


def test_every_command_has_a_schema() -> None:
    for command in COMMANDS:
        jsonschema_rs.meta.validate(committed()[f"commands/{command.name}.json"])


def test_schemas_tell_what_fields_mean() -> None:
    schema = committed()["case.registered.v1.json"]
    assert schema["properties"]["number"]["description"] == "The writer's own count: 1, 2, 3 … without a hole."
    assert "PI/2026/000123" in schema["$defs"]["CaseRegistered"]["properties"]["registration"]["description"]


def test_a_schema_refuses_another_types_event_and_another_writer() -> None:
    event = json.loads((FOLDER.parent / "examples" / "case.claimed.v1" / "full.json").read_bytes())
    claimed = validator("case.claimed.v1.json")
    assert claimed.is_valid(event)
    assert not claimed.is_valid(event | {"writer": "intake.01"})
    assert not claimed.is_valid(event | {"number": 0})
    assert not claimed.is_valid(event | {"id": "none"})
    assert not claimed.is_valid(event | {"time": "yesterday"})
    assert not validator("case.released.v1.json").is_valid(event)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "pyproject.toml").write_bytes((ROOT / "contracts" / "pyproject.toml").read_bytes())
    assert main([], folder=tmp_path / "schemas", tree=tmp_path) == 0
    return tmp_path


def test_writes_everything_and_then_finds_nothing_to_say(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert committed(tree / "schemas") == all_schemas()
    assert (tree / "docs" / "asyncapi.json").read_bytes() == DOCUMENT.read_bytes()
    assert main(["--check"], folder=tree / "schemas", tree=tree) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("damage", ["changed", "missing", "stranger", "asyncapi"])
def test_check_tells_each_difference(tree: Path, damage: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = tree / "schemas" / "case.closed.v1.json"
    if damage == "changed":
        file.write_text(file.read_text().replace("spam", "junk"))
    elif damage == "missing":
        file.unlink()
    elif damage == "stranger":
        file = file.with_name("case.vanished.v1.json")
        file.write_text("{}")
    else:
        file = tree / "docs" / "asyncapi.json"
        file.write_text("{}")
    assert main(["--check"], folder=tree / "schemas", tree=tree) == 1
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2
    assert told[0].startswith(f"{file}: ")


def test_a_breaking_change_is_written_only_when_asked(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tree / "schemas" / "case.closed.v1.json"
    earlier = json.loads(file.read_text())
    earlier["$defs"]["CaseClosed"]["properties"]["stamp"] = {"type": "string"}
    file.write_text(json.dumps(earlier))
    assert main([], folder=tree / "schemas", tree=tree) == 1
    assert "case.closed.v1.json: backward: .data.stamp is not read any more" in capsys.readouterr().err
    assert json.loads(file.read_text()) == earlier
    gone = file.with_name("case.vanished.v1.json")
    gone.write_text(json.dumps(earlier))
    assert main(["--breaking"], folder=tree / "schemas", tree=tree) == 0
    assert not gone.exists()
    assert committed(tree / "schemas") == all_schemas()


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for item in node:
            yield from _references(item)


def test_asyncapi_refers_to_what_is_there() -> None:
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    for reference in set(_references(document)):
        if reference.startswith("#/"):
            target = document
            for part in reference[2:].split("/"):
                target = target[part]
        else:
            assert (DOCUMENT.parent / reference).resolve().is_file(), reference


def test_asyncapi_has_every_subject_with_its_writer_and_its_readers() -> None:
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    users = {(op["action"], op["channel"]["$ref"], op["x-service"]) for op in document["operations"].values()}
    for payload in CATALOGUE.values():
        name = f"{payload.noun}.{payload.verb}"
        assert document["channels"][name]["address"] == f"corong.event.{payload.writer}.{{partition}}.{name}"
        senders = [service for action, channel, service in users if (action, channel) == ("send", f"#/channels/{name}")]
        readers = {
            service for action, channel, service in users if (action, channel) == ("receive", f"#/channels/{name}")
        }
        assert senders == [payload.writer]
        assert readers == {reader for reader, writers in topology.READS.items() if payload.writer in writers}
    for command in COMMANDS:
        assert document["channels"][f"command.{command.name}"]["address"] == command.nats_subject()
