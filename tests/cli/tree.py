"""The tree of commands in one language, as JSON: `python -m tests.cli.tree`."""

import contextlib
import io
import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from tests.dying import die_with_parent
from tests.processes import clean_environment


@dataclass(frozen=True)
class Command:
    """One command."""

    path: tuple[str, ...]
    help: str
    epilog: str
    options: dict[str, str]
    """First name → help, of options and arguments."""


def commands(language: str) -> list[Command]:
    """Every command, as `corong --help` knows it in that language."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.cli.tree"],
        env=clean_environment(CORONG_LANG=language),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        preexec_fn=die_with_parent,
    )
    return [Command(tuple(path), *rest) for path, *rest in json.loads(done.stdout)]


def pages(language: str) -> dict[tuple[str, ...], str]:
    """The help page of every command and group, as a terminal of 200 columns shows it."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.cli.tree", "pages"],
        env=clean_environment(CORONG_LANG=language, COLUMNS="200", TERMINAL_WIDTH="200"),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        preexec_fn=die_with_parent,
    )
    return {tuple(path): page for path, page in json.loads(done.stdout)}


def _pages(command: Any, path: tuple[str, ...], above: Any = None) -> list[list[Any]]:
    import typer

    context = typer.Context(command, info_name=path[-1] if path else "corong", parent=above)
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        plain = command.get_help(context)
    found = [[path, shown.getvalue() + (plain or "")]]
    for name, part in getattr(command, "commands", {}).items():
        found += _pages(part, (*path, name), context)
    return found


def _walk(command: Any, path: tuple[str, ...]) -> list[list[Any]]:
    if hasattr(command, "commands"):
        return [line for name, part in command.commands.items() for line in _walk(part, (*path, name))]
    options = {(parameter.opts or [parameter.name])[0]: getattr(parameter, "help", "") for parameter in command.params}
    return [[path, command.help, command.epilog, options]]


if __name__ == "__main__":
    import typer

    from corong.cli.help_words import speak, translate_help
    from corong.cli.main import build

    whole = typer.main.get_command(build())
    if sys.argv[1:] == ["pages"]:
        translate_help()
        speak(whole)
        print(json.dumps(_pages(whole, ())))
    else:
        print(json.dumps(_walk(whole, ())))
