"""Configuration in TOML files of entries: everything wrong in them is told at once, each with what to do."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

__all__ = ["ConfigurationError", "Entry", "Problem", "check_entry", "read_entries"]


class Entry(BaseModel):
    """Base of what stands in the files: immutable, and a misspelt name is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


E = TypeVar("E", bound=Entry)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in the configuration: which file, which entry, what, and what to do."""

    file: Path
    entry: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}: {self.entry}: {self.what}; {self.remedy}"


class ConfigurationError(Exception):
    """The configuration can't be used. `problems` lists everything that was found, not the first alone."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def read_entries(file: Path, table: str | None, model: type[E], problems: list[Problem]) -> list[E]:
    """The entries of one file: of its `table`, or the file as one entry where `table` is None.

    What can't be read is left out and told in `problems`; a value of the file never appears there.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        problems.append(Problem(file, "the file", "it isn't there", "copy it from examples/asahan and change it"))
        return []
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(Problem(file, "the file", f"it isn't TOML: {error}", "mend that line"))
        return []
    if table is None:
        return check_entry(file, "the file", content, model, problems)
    problems += [
        Problem(file, name, "no such table in this file", f"every entry begins with [[{table}]]")
        for name in content
        if name != table
    ]
    entries = content.get(table)
    if not isinstance(entries, list) or not entries:
        problems.append(Problem(file, "the file", "it has no entries", f"begin each with [[{table}]]"))
        return []
    found: list[E] = []
    for position, entry in enumerate(entries, start=1):
        label = f"{table} {entry['id']!r}" if isinstance(entry, dict) and "id" in entry else f"{table} no. {position}"
        found += check_entry(file, label, entry, model, problems)
    return found


def check_entry(file: Path, label: str, content: object, model: type[E], problems: list[Problem]) -> list[E]:
    """The one entry; none, and every problem told, where it can't be used."""
    try:
        return [model.model_validate(content, context={"folder": file.parent})]
    except ValidationError as error:
        for detail in error.errors(include_input=False, include_url=False, include_context=False):
            field = ".".join(str(part) for part in detail["loc"]) or "the entry"
            remedy = "take it out or mend its name" if detail["type"] == "extra_forbidden" else "mend that value"
            problems.append(Problem(file, label, f"{field}: {detail['msg']}", remedy))
        return []
