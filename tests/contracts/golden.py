"""The golden examples and the committed schemas, as the tests read them."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs

from corong_contracts.base import Payload
from corong_contracts.schemas import EXAMPLES, FOLDER, file_name

ROOT = Path(__file__).resolve().parents[2]


def examples_of(payload: type[Payload]) -> list[Path]:
    """The examples of one event type; those in `older/` lack a field that came later with a default."""
    return sorted((EXAMPLES / file_name(payload).removesuffix(".json")).rglob("*.json"))


def event_examples() -> list[Path]:
    """Every example of an event."""
    return sorted(
        file for file in EXAMPLES.rglob("*.json") if "channel" not in file.parts and "commands" not in file.parts
    )


def example_id(file: Path) -> str:
    """How an example is called in a test's name."""
    return str(file.relative_to(EXAMPLES).with_suffix(""))


def validator(name: str) -> Any:
    """A validator of the committed schema `name`, formats included."""
    schema = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
