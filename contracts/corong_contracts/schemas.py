"""The committed JSON Schemas: what a stranger in another language validates against.

`python -m corong_contracts.schemas` writes them, with `docs/asyncapi.json`, from the code; `--check` only compares.
"""

import argparse
import ast
import inspect
import json
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from corong_contracts.base import Payload, schema_uri
from corong_contracts.catalogue import CATALOGUE, event_class
from corong_contracts.channel import InboundMessage, Receipt
from corong_contracts.command import COMMANDS, DeadLetters, Problem, Reply, Request
from corong_contracts.evolution import breaking_changes

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FOLDER = Path(__file__).with_name("schemas")
EXAMPLES = Path(__file__).with_name("examples")

READ: dict[str, type[BaseModel]] = {
    **{f"commands/{command.name}.json": command for command in COMMANDS},
    "commands/dead.json": DeadLetters,
    "commands/request.json": Request,
    "channel/inbound_message.json": InboundMessage,
}
"""What others write and Corong reads."""

WRITTEN: dict[str, type[BaseModel]] = {
    "commands/reply.json": Reply,
    "commands/problem.json": Problem,
    "channel/receipt.json": Receipt,
}
"""What Corong writes and others read."""


class _Generator(GenerateJsonSchema):
    """Takes over the text below a field as its description, and leaves out titles that only repeat the name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        found = super().model_schema(schema)
        for name, words in _field_texts(schema["cls"]).items():
            if name in found.get("properties", {}):
                found["properties"][name].setdefault("description", words)
        return found


def _field_texts(model: type[Any]) -> dict[str, str]:
    origin = getattr(model, "__pydantic_generic_metadata__", {}).get("origin") or model
    body = ast.parse(textwrap.dedent(inspect.getsource(origin))).body[0]
    assert isinstance(body, ast.ClassDef)  # what getsource gives for a class
    found = {}
    for field, words in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(words, ast.Expr)
            and isinstance(words.value, ast.Constant)
        ):
            found[field.target.id] = inspect.cleandoc(str(words.value.value))
    return found


def file_name(payload: type[Payload]) -> str:
    """`case.registered.v1.json`: a type's schema under `schemas/`; its examples lie in the folder of that stem."""
    return f"{payload.noun}.{payload.verb}.v{payload.version}.json"


def event_schema(payload: type[Payload]) -> dict[str, Any]:
    """The schema of a whole event of this type: its envelope and its data."""
    schema = event_class(payload.type).model_json_schema(mode="validation", schema_generator=_Generator)
    fields = schema["properties"]
    fields["type"] |= {"const": payload.type}
    fields["dataschema"] |= {"const": schema_uri(payload)}
    fields["writer"] |= {"pattern": rf"^{payload.writer}\.[0-9]{{2,4}}$"}
    named = {"title": payload.type, "description": inspect.cleandoc(payload.__doc__ or "")}
    return {"$schema": DIALECT, "$id": schema_uri(payload), **schema, **named}


def model_schema(name: str, model: type[BaseModel]) -> dict[str, Any]:
    """The schema of a command, an inbound message or an answer."""
    schema = model.model_json_schema(mode="validation", schema_generator=_Generator)
    uri = "urn:corong:schema:" + name.removesuffix(".json").replace("/", ":")
    return {"$schema": DIALECT, "$id": uri, **schema}


def all_schemas() -> dict[str, dict[str, Any]]:
    """File name under `schemas/` → schema, as today's code has it."""
    events = {file_name(payload): event_schema(payload) for payload in CATALOGUE.values()}
    others = {name: model_schema(name, model) for name, model in (READ | WRITTEN).items()}
    return dict(sorted((events | others).items()))


def breaking(old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What of `new` would need a new version, given that `old` is in use; one line each, with the file's name."""
    found = [f"{name}: backward: the log may hold it, and it is gone" for name in sorted(old.keys() - new.keys())]
    for name in sorted(old.keys() & new.keys()):
        # A request is only read here, and an answer only read elsewhere: each may change in one direction.
        free = "forward: " if name in READ else "backward: " if name in WRITTEN else "-"
        found += [f"{name}: {line}" for line in breaking_changes(old[name], new[name]) if not line.startswith(free)]
    return found


def render(value: Mapping[str, Any]) -> str:
    """A committed file's text."""
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def committed(folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """File name → schema, as committed."""
    return {str(file.relative_to(folder)): json.loads(file.read_text()) for file in sorted(folder.rglob("*.json"))}


def wanted(folder: Path, tree: Path | None) -> dict[Path, str]:
    """Every generated file with its text; the AsyncAPI document only in a source tree."""
    from corong_contracts.asyncapi import document

    files = {folder / name: render(schema) for name, schema in all_schemas().items()}
    if tree is not None:
        files[tree / "docs" / "asyncapi.json"] = render(document(tree))
    return files


def differences(folder: Path, tree: Path | None) -> list[str]:
    """What is not as the code would write it; one line for each file."""
    files = wanted(folder, tree)
    found = [f"{file}: differs" for file, text in files.items() if not file.exists() or file.read_text() != text]
    return found + [f"{file}: no such type" for file in sorted(folder.rglob("*.json")) if file not in files]


def source_tree() -> Path | None:
    """The repository's root when this distribution is used from it."""
    root = Path(__file__).resolve().parents[2]
    return root if (root / "contracts" / "pyproject.toml").exists() else None


def main(argv: list[str] | None = None, *, folder: Path = FOLDER, tree: Path | None = None) -> int:
    """Write the files, or with `--check` compare them; 1 when they differ or a change would break a reader."""
    parser = argparse.ArgumentParser(prog="python -m corong_contracts.schemas", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 when a file differs from the code")
    parser.add_argument(
        "--breaking",
        action="store_true",
        help="write changes that break readers too: only for what no release has carried",
    )
    options = parser.parse_args(argv)
    if options.check:
        found = differences(folder, tree)
        hint = "Write them with: python -m corong_contracts.schemas"
    else:
        found = [] if options.breaking else breaking(committed(folder), all_schemas())
        hint = "Make a new version of the type and an upcast, or say --breaking if no release has carried it."
    if found:
        print(*found, hint, sep="\n", file=sys.stderr)
        return 1
    if not options.check:
        _write(folder, tree)
    return 0


def _write(folder: Path, tree: Path | None) -> None:
    files = wanted(folder, tree)
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for file in sorted(folder.rglob("*.json")):
        if file not in files:
            file.unlink()


if __name__ == "__main__":
    raise SystemExit(main(tree=source_tree()))
