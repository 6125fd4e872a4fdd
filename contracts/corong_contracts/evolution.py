"""What may change in a message without a new version: nothing that another version of the code could not read.

Two versions are in use at once whenever an installation is upgraded, and the log is read for ever, so a change is held
against both directions. *Backward*: today's reader takes everything that was written by the older schema. *Forward*: an
older reader, which passes over fields that it does not know, takes everything that today's writer may write.
"""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

_WORDS = frozenset({"$defs", "$id", "$schema", "title", "description", "examples", "deprecated", "default"})
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_STRUCTURE = frozenset(
    {"type", "enum", "const", "anyOf", "$ref", "required", "properties", "additionalProperties", "items"}
)
_TAKES_TOO: dict[str, tuple[str, ...]] = {"integer": ("number",)}
"""Type → other types whose readers take it."""


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """Why `new` needs a new version, one line each: `backward: …` or `forward: …`. Empty when it needs none.

    Both are JSON Schemas as `corong_contracts.schemas` writes them. Titles and descriptions may change freely; a new
    field may be added where it is optional.
    """
    backward = _Comparison(reader=new, writer=old, keep_fields=True)
    forward = _Comparison(reader=old, writer=new, keep_fields=False)
    found = [f"backward: {line}" for line in backward.refusals()] + [f"forward: {line}" for line in forward.refusals()]
    return list(dict.fromkeys(found))


class _Comparison:
    """Why a reader's schema would refuse, or lose, something that the writer's schema lets through."""

    def __init__(self, *, reader: Schema, writer: Schema, keep_fields: bool) -> None:
        self._reader = reader
        self._writer = writer
        self._keep_fields = keep_fields
        """Whether a field that only the writer has is a loss, and another default another meaning."""
        self._open: set[tuple[str, str]] = set()

    def refusals(self) -> list[str]:
        return self._compare(self._reader, self._writer, "")

    def _compare(self, reader: Schema, writer: Schema, path: str) -> list[str]:
        found = []
        both = "default" in reader and "default" in writer
        if self._keep_fields and both and reader["default"] != writer["default"]:
            found.append(f"{_at(path)} means something else when it is left out")
        choices = [(choice, self._type(choice, self._reader)) for choice in _alternatives(reader)]
        for option in _alternatives(writer):
            kind = self._type(option, self._writer)
            takers = {kind, "", *_TAKES_TOO.get(kind, ())}
            refusals = [self._one(choice, option, path) for choice, takes in choices if takes in takers]
            if not refusals:
                found.append(f"{_at(path)} may be {kind or 'anything'}")
            elif all(refusals):
                found += refusals[0]
        return found

    def _one(self, reader: Schema, writer: Schema, path: str) -> list[str]:
        pair = (str(reader.get("$ref")), str(writer.get("$ref")))
        if pair in self._open:
            return []  # a model that holds itself: it is being compared already
        if "$ref" in reader and "$ref" in writer:
            self._open.add(pair)
        found = self._resolved(_resolve(reader, self._reader), _resolve(writer, self._writer), path)
        self._open.discard(pair)
        return found

    def _resolved(self, reader: Schema, writer: Schema, path: str) -> list[str]:
        values, known = _values(writer), _values(reader)
        if known is not None:
            if values is None:
                return [f"{_at(path)} may be more than a closed list"]
            return [f"{_at(path)} may be {value!r}" for value in values if value not in known]
        found = _limits(reader, writer, path) + self._fields(reader, writer, path)
        for word, place in (("items", "[]"), ("additionalProperties", ".*")):
            if isinstance(reader.get(word), Mapping):
                mine = writer.get(word)
                found += self._compare(reader[word], mine if isinstance(mine, Mapping) else {}, path + place)
        return found

    def _type(self, schema: Schema, root: Schema) -> str:
        return str(_resolve(schema, root).get("type", ""))

    def _fields(self, reader: Schema, writer: Schema, path: str) -> list[str]:
        needed = set(reader.get("required", ())) - set(writer.get("required", ()))
        found = [f"{path}.{name} may be missing" for name in sorted(needed)]
        fields: Schema = reader.get("properties", {})
        for name, written in sorted(writer.get("properties", {}).items()):
            if name in fields:
                found += self._compare(fields[name], written, f"{path}.{name}")
            elif self._keep_fields:
                found.append(f"{path}.{name} is not read any more")
            elif reader.get("additionalProperties") is False:
                found.append(f"{path}.{name} is not allowed")
        return found


def _limits(reader: Schema, writer: Schema, path: str) -> list[str]:
    found = []
    for word in sorted(reader.keys() - _STRUCTURE - _WORDS):
        limit, mine = reader[word], writer.get(word)
        if word in _LOWER and mine is not None and mine >= limit:
            continue
        if word in _UPPER and mine is not None and mine <= limit:
            continue
        if mine != limit:
            found.append(f"{_at(path)} is not held to {word} {limit}")
    return found


def _resolve(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        name = str(schema["$ref"]).removeprefix("#/$defs/")
        target: Schema = root["$defs"][name]
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def _alternatives(schema: Schema) -> list[Schema]:
    found: list[Schema] = list(schema.get("anyOf", [schema]))
    return found


def _values(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    values: list[Any] | None = schema.get("enum")
    return values


def _at(path: str) -> str:
    return path or "the whole"
