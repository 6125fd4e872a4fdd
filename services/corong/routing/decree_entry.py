"""A decree entered into an installation's file: checked with all before it, then appended, whole or not at all."""

import fcntl
import json
import os
import shutil
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from corong.routing.calendar_versions import Calendars
from corong.routing.decrees import Decree, DecreeError, local_decrees
from corong.runtime.entry_files import Problem, check_entry

__all__ = ["checked", "enter", "with_decree", "written"]

HEAD = "# Keputusan tentang hari libur yang dimasukkan pemerintah daerah ini sendiri · Decrees entered locally\n"


def checked(file: Path, content: Mapping[str, Any]) -> Decree:
    """The decree of these values. Raises `DecreeError` with every problem; `file` is named in them."""
    problems: list[Problem] = []
    found = check_entry(file, f"decree {content.get('number', '')!r}", dict(content), Decree, problems)
    if problems:
        raise DecreeError(problems)
    return found[0]


def with_decree(file: Path, decree: Decree) -> Calendars:
    """The versions as they will be with `decree` added to `file`.

    Raises `DecreeError` where it doesn't fit: its number stands there already, a day is off already, or isn't.
    """
    own = local_decrees(file)
    if any(one.number == decree.number for one in own):
        problem = Problem(
            file, f"decree {decree.number!r}", "the number stands there already", "change it in the file itself"
        )
        raise DecreeError([problem])
    return Calendars.with_own([*own, decree], file)


def written(decree: Decree) -> str:
    """The decree as an entry of the file."""
    head: dict[str, Any] = {
        "number": decree.number,
        "title": decree.title,
        "in_force": decree.in_force,
        "source": decree.source,
        "verified": decree.verified,
        "settles": decree.settles,
    }
    days: list[tuple[str, dict[str, Any]]] = [
        *(("decree.added", entry.model_dump()) for entry in decree.added),
        *(("decree.taken_away", entry.model_dump()) for entry in decree.taken_away),
    ]
    return "\n".join(_table(name, values) for name, values in [("decree", head), *days])


def enter(file: Path, decree: Decree) -> Calendars:
    """Append it: the file is replaced in one step, so a reader sees it without the decree, or with it whole.

    What stands there, notes too, stays as it is. Raises `DecreeError` as `with_decree`, and `OSError`.
    """
    file = file.resolve()  # a link stays a link
    with _alone(file.parent):
        calendars = with_decree(file, decree)
        before = file.read_text(encoding="utf-8") if file.exists() else HEAD
        text = before.rstrip("\n") + "\n\n" + written(decree)
        _reads_back(file, text, decree)
        _replace(file, text)
    return calendars


def _reads_back(file: Path, text: str, decree: Decree) -> None:
    try:
        same = Decree.model_validate(tomllib.loads(text)["decree"][-1]) == decree
    except tomllib.TOMLDecodeError:
        same = False
    if not same:
        what, remedy = "nothing can be added below what it holds", "begin each of its entries with [[decree]]"
        raise DecreeError([Problem(file, "the file", what, remedy)])


def _table(name: str, values: Mapping[str, Any]) -> str:
    lines = (f"{key} = {_value(value)}\n" for key, value in values.items() if value is not None)
    return f"[[{name}]]\n" + "".join(lines)


def _value(value: object) -> str:
    if isinstance(value, str):
        # A TOML basic string has JSON's escapes, and wants one for DEL as well (toml.io, v1.0.0, String).
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One that enters at a time."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _replace(file: Path, text: str) -> None:
    handle, fresh = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        if file.exists():
            shutil.copymode(file, fresh)
        else:
            os.chmod(fresh, 0o644)
        os.replace(fresh, file)
    except BaseException:
        os.unlink(fresh)
        raise
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
