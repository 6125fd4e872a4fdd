"""The rules of change: what may differ within one version, in both directions, and how an older version comes up."""

import copy
import io
import json
import subprocess
import tarfile
from collections.abc import Callable
from functools import cache
from typing import Any, Literal
from uuid import UUID

import pytest
from pydantic import Field

from corong_contracts import catalogue
from corong_contracts.base import Payload, Slug
from corong_contracts.catalogue import CATALOGUE, BadEvent, decode, encode
from corong_contracts.evolution import breaking_changes
from corong_contracts.schemas import EXAMPLES, all_schemas, breaking, committed, event_schema
from tests.contracts.golden import ROOT

Schema = dict[str, Any]


@cache
def schemas() -> dict[str, Schema]:
    """Today's; made when the first test asks, not where tests are collected."""
    return all_schemas()


OLD: Schema = {
    "type": "object",
    "required": ["id", "kind", "reasons"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "kind": {"$ref": "#/$defs/Kind"},
        "unit": {"type": "string", "maxLength": 20, "minLength": 2, "pattern": "^[a-z]+$"},
        "size": {"type": "integer", "minimum": 1, "maximum": 10},
        "officer": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "demo": {"type": "boolean", "default": False},
        "reasons": {"type": "array", "maxItems": 5, "items": {"$ref": "#/$defs/Reason"}},
        "texts": {"type": "object", "additionalProperties": {"type": "string"}},
        "version": {"type": "string", "const": "1"},
    },
    "$defs": {
        "Kind": {"type": "string", "enum": ["complaint", "question"]},
        "Reason": {
            "type": "object",
            "required": ["rule"],
            "properties": {"rule": {"type": "string"}, "next": {"$ref": "#/$defs/Reason"}},
        },
    },
}


def changed(change: Callable[[Schema], object]) -> Schema:
    new = copy.deepcopy(OLD)
    change(new)
    return new


HARMLESS: dict[str, Callable[[Schema], object]] = {
    "nothing": lambda new: None,
    "a description": lambda new: new["properties"]["unit"].update(description="The unit", title="Unit"),
    "an optional field": lambda new: new["properties"].update(note={"type": "string", "default": ""}),
    "an optional field further in": lambda new: new["$defs"]["Reason"]["properties"].update(why={"type": "string"}),
    "the order": lambda new: new["$defs"]["Kind"]["enum"].reverse(),
    "another model's name": lambda new: (
        new["$defs"].update(Sort=new["$defs"].pop("Kind")),
        new["properties"].update(kind={"$ref": "#/$defs/Sort"}),
    ),
}

BREAKING: list[tuple[str, Callable[[Schema], object], list[str]]] = [
    (
        "a field removed",
        lambda new: new["properties"].pop("demo"),
        ["backward: .demo is not read any more"],
    ),
    (
        "a required field removed",
        lambda new: (new["properties"].pop("id"), new["required"].remove("id")),
        ["backward: .id is not read any more", "forward: .id may be missing"],
    ),
    (
        "a new required field",
        lambda new: (new["properties"].update(note={"type": "string"}), new["required"].append("note")),
        ["backward: .note may be missing"],
    ),
    (
        "an optional field required",
        lambda new: new["required"].append("unit"),
        ["backward: .unit may be missing"],
    ),
    (
        "a required field optional",
        lambda new: new["required"].remove("kind"),
        ["forward: .kind may be missing"],
    ),
    (
        "a value removed",
        lambda new: new["$defs"]["Kind"]["enum"].remove("question"),
        ["backward: .kind may be 'question'"],
    ),
    (
        "a value added",
        lambda new: new["$defs"]["Kind"]["enum"].append("praise"),
        ["forward: .kind may be 'praise'"],
    ),
    (
        "a closed list opened",
        lambda new: new["$defs"]["Kind"].pop("enum"),
        ["forward: .kind may be more than a closed list"],
    ),
    (
        "a constant changed",
        lambda new: new["properties"]["version"].update(const="2"),
        ["backward: .version may be '1'", "forward: .version may be '2'"],
    ),
    (
        "another type",
        lambda new: new["properties"].update(size={"type": "string"}),
        ["backward: .size may be integer", "forward: .size may be string"],
    ),
    (
        "a wider number",
        lambda new: new["properties"]["size"].update(type="number"),
        ["forward: .size may be number"],
    ),
    (
        "no longer nullable",
        lambda new: new["properties"].update(officer={"type": "string"}),
        ["backward: .officer may be null"],
    ),
    (
        "nullable now",
        lambda new: new["properties"].update(id={"anyOf": [OLD["properties"]["id"], {"type": "null"}]}),
        ["forward: .id may be null"],
    ),
    (
        "shorter text",
        lambda new: new["properties"]["unit"].update(maxLength=10),
        ["backward: .unit is not held to maxLength 10"],
    ),
    (
        "longer text",
        lambda new: new["properties"]["unit"].update(maxLength=30, minLength=1),
        ["forward: .unit is not held to maxLength 20", "forward: .unit is not held to minLength 2"],
    ),
    (
        "a limit lifted",
        lambda new: new["properties"]["size"].pop("maximum"),
        ["forward: .size is not held to maximum 10"],
    ),
    (
        "a limit set",
        lambda new: new["properties"]["reasons"].update(minItems=1),
        ["backward: .reasons is not held to minItems 1"],
    ),
    (
        "another pattern",
        lambda new: new["properties"]["unit"].update(pattern="^[a-z-]+$"),
        [
            "backward: .unit is not held to pattern ^[a-z-]+$",
            "forward: .unit is not held to pattern ^[a-z]+$",
        ],
    ),
    (
        "another format",
        lambda new: new["properties"]["id"].update(format="uri"),
        ["backward: .id is not held to format uri", "forward: .id is not held to format uuid"],
    ),
    (
        "a required field further in",
        lambda new: new["$defs"]["Reason"]["required"].append("why"),
        ["backward: .reasons[].why may be missing"],
    ),
    (
        "another type of a mapping's values",
        lambda new: new["properties"]["texts"].update(additionalProperties={"type": "integer"}),
        ["backward: .texts.* may be string", "forward: .texts.* may be integer"],
    ),
    (
        "another default",
        lambda new: new["properties"]["demo"].update(default=True),
        ["backward: .demo means something else when it is left out"],
    ),
]


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS.keys())
def test_lets_pass_what_both_directions_read(change: Callable[[Schema], object]) -> None:
    assert breaking_changes(OLD, changed(change)) == []


@pytest.mark.parametrize(("change", "lines"), [row[1:] for row in BREAKING], ids=[row[0] for row in BREAKING])
def test_names_what_a_reader_would_refuse_or_lose(change: Callable[[Schema], object], lines: list[str]) -> None:
    assert breaking_changes(OLD, changed(change)) == lines


def test_holds_each_schema_to_itself_and_sees_each_field_go() -> None:
    for name, schema in schemas().items():
        assert breaking_changes(schema, schema) == [], name
        for field, kind in schema["properties"].items():
            without = {
                **schema,
                "properties": {key: one for key, one in schema["properties"].items() if one is not kind},
            }
            assert breaking_changes(schema, without) == [f"backward: .{field} is not read any more"], name


def test_a_reader_that_takes_no_other_fields_refuses_a_new_one() -> None:
    closed = changed(lambda new: new.update(additionalProperties=False))
    wider = changed(lambda new: new["properties"].update(note={"type": "string"}))
    assert breaking_changes(closed, wider) == ["forward: .note is not allowed"]
    assert breaking_changes(OLD, closed) == []


def test_a_request_may_widen_and_an_answer_may_narrow() -> None:
    for name, backward, forward in [
        ("case.closed.v1.json", True, True),
        ("commands/case.close.json", True, False),
        ("channel/receipt.json", False, True),
    ]:
        wider = changed(lambda new: new["$defs"]["Kind"]["enum"].append("praise"))
        assert bool(breaking({name: OLD}, {name: wider})) is forward
        assert bool(breaking({name: wider}, {name: OLD})) is backward
    assert breaking({"case.closed.v1.json": OLD}, {}) == [
        "case.closed.v1.json: backward: the log may hold it, and it is gone"
    ]
    assert breaking({}, {"case.closed.v1.json": OLD}) == []


def _git(*words: str) -> bytes | None:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None


def test_nothing_breaks_since_the_last_release_or_commit() -> None:
    """Held against the last release's tag; before the first one, against the last commit."""
    tag = _git("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*")
    packed = _git("archive", tag.decode().strip() if tag else "HEAD", "contracts/corong_contracts/schemas")
    if packed is None:
        pytest.skip("not a git checkout with committed schemas")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        old = {
            member.name.removeprefix("contracts/corong_contracts/schemas/"): json.load(file)
            for member in archive
            if (file := archive.extractfile(member)) is not None
        }
    assert old
    assert breaking(old, schemas()) == []
    assert breaking(old, committed()) == []


class ClosedOnce(Payload, event="synthetic.closed", version=1, writer="routing"):
    """As it was."""

    case_id: UUID
    outcome: str


class Closed(Payload, event="synthetic.closed", version=2, writer="routing"):
    """As it is: an outcome from a list, and a unit."""

    case_id: UUID
    unit: Slug
    outcome: Literal["answered", "other"]
    note: str = Field(default="", max_length=10)


def _upcast(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    outcome = data["outcome"] if data["outcome"] == "answered" else "other"
    return Closed.type, {"case_id": data["case_id"], "unit": "diskominfo", "outcome": outcome}


@pytest.fixture
def two_versions(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    for payload in (ClosedOnce, Closed):
        monkeypatch.setitem(CATALOGUE, payload.type, payload)
    monkeypatch.setitem(catalogue.UPCASTS, ClosedOnce.type, _upcast)
    raw: dict[str, Any] = json.loads((EXAMPLES / "case.closed.v1" / "full.json").read_bytes())
    raw["type"] = ClosedOnce.type
    raw["data"] = {"case_id": raw["data"]["case_id"], "outcome": "silence"}
    return raw


def test_an_older_version_comes_up_to_todays(two_versions: dict[str, Any]) -> None:
    event = decode(json.dumps(two_versions).encode())
    assert event.type == Closed.type
    assert isinstance(event.data, Closed)
    assert (event.data.unit, event.data.outcome) == ("diskominfo", "other")
    assert str(event.id) == two_versions["id"]
    assert decode(encode(event)) == event


@pytest.mark.parametrize("data", [None, [], {}, {"outcome": "answered"}, {"case_id": 1, "outcome": "answered"}, "text"])
def test_a_malformed_older_event_is_a_bad_event(two_versions: dict[str, Any], data: object) -> None:
    raw = {key: value for key, value in two_versions.items() if key != "data"} | (
        {} if data is None else {"data": data}
    )
    with pytest.raises(BadEvent, match=r"synthetic\.closed\.v1"):
        decode(json.dumps(raw).encode())


def test_versions_have_schemas_of_their_own(two_versions: dict[str, Any]) -> None:
    assert event_schema(ClosedOnce)["$id"] == "urn:corong:schema:synthetic.closed:v1"
    assert event_schema(Closed)["properties"]["type"]["const"] == "id.corong.synthetic.closed.v2"
    assert breaking_changes(event_schema(ClosedOnce), event_schema(Closed))
