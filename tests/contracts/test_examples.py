"""Every type has golden examples; today's code reads them and writes the same bytes."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from corong_contracts.base import Payload, about, event_id, partition_of, schema_uri, subject_of, writer_name
from corong_contracts.canonical import canonical
from corong_contracts.catalogue import CATALOGUE, decode, encode
from corong_contracts.schemas import EXAMPLES, READ, WRITTEN, file_name
from tests.contracts.golden import event_examples, example_id, examples_of, validator

PARTITIONS = 16
EVENTS = event_examples()


@pytest.mark.parametrize("payload", CATALOGUE.values(), ids=lambda payload: payload.type)
def test_every_type_has_an_example_with_every_field(payload: type[Payload]) -> None:
    seen: set[str] = set()
    for file in examples_of(payload):
        raw = json.loads(file.read_bytes())
        assert raw["type"] == payload.type
        seen |= raw["data"].keys()
    assert seen >= set(payload.model_fields), f"no example of {payload.type} shows {set(payload.model_fields) - seen}"


def test_every_example_is_of_a_type_that_exists() -> None:
    folders = {str(file.parent.relative_to(EXAMPLES)).removesuffix("/older") for file in EXAMPLES.rglob("*.json")}
    events = {file_name(payload).removesuffix(".json") for payload in CATALOGUE.values()}
    assert folders == events | {name.removesuffix(".json") for name in (READ | WRITTEN)}


def holds(newer: Any, older: Any) -> bool:
    """Whether everything in `older` is in `newer` unchanged."""
    if isinstance(older, dict):
        return isinstance(newer, dict) and all(key in newer and holds(newer[key], older[key]) for key in older)
    if isinstance(older, list):
        return isinstance(newer, list) and len(newer) == len(older) and all(map(holds, newer, older))
    return bool(newer == older)


@pytest.mark.parametrize("file", EVENTS, ids=example_id)
def test_todays_code_reads_it_and_writes_the_same_bytes(file: Path) -> None:
    body = file.read_bytes()
    written = encode(decode(body))
    if file.parent.name == "older":
        assert holds(json.loads(written), json.loads(body))
    else:
        assert written == body


@pytest.mark.parametrize("file", EVENTS, ids=example_id)
def test_it_is_canonical_and_fits_its_schema(file: Path) -> None:
    raw = json.loads(file.read_bytes())
    assert canonical(raw) == file.read_bytes()
    assert not [error.message for error in validator(file_name(CATALOGUE[raw["type"]])).iter_errors(raw)]


@pytest.mark.parametrize("file", EVENTS, ids=example_id)
def test_its_envelope_is_as_the_pattern_has_it(file: Path) -> None:
    event = decode(file.read_bytes())
    payload = CATALOGUE[event.type]
    assert event.id == event_id(event.causationid, event.type, 0)
    assert event.writer == writer_name(payload.writer, partition_of(event.correlationid, PARTITIONS))
    assert event.dataschema == schema_uri(payload)
    assert event.subject == about(event.data)
    assert event.recordedtime >= event.time
    assert subject_of(event.writer, payload).startswith(f"corong.event.{payload.writer}.{event.partition:02d}.")


@pytest.mark.parametrize(("name", "model"), (READ | WRITTEN).items(), ids=(READ | WRITTEN).keys())
def test_requests_and_answers_have_examples_that_fit(name: str, model: type[BaseModel]) -> None:
    files = sorted((EXAMPLES / name.removesuffix(".json")).glob("*.json"))
    assert files
    for file in files:
        raw = json.loads(file.read_bytes())
        assert not [error.message for error in validator(name).iter_errors(raw)]
        assert canonical(model.model_validate(raw).model_dump(mode="json", exclude_none=True)) == file.read_bytes()


def test_an_older_example_may_lack_what_came_later_and_nothing_else() -> None:
    assert holds({"a": [{"b": 1, "new": False}], "new": []}, {"a": [{"b": 1}]})
    assert not holds({"a": [{"b": 2}]}, {"a": [{"b": 1}]})
    assert not holds({}, {"a": 1})
    assert not holds({"a": [1, 2]}, {"a": [1]})


def test_sealed_boxes_of_the_examples_are_plainly_synthetic() -> None:
    boxes = [file for file in EVENTS if b'"box"' in file.read_bytes()]
    assert boxes
    for file in boxes:
        start = b'"box":"U1lOVEhFVElDLTAx'  # base64 of SYNTHETIC-01
        assert file.read_bytes().count(b'"box":"') == file.read_bytes().count(start)
