"""The tree of commands in one language, as JSON: `python -m tests.cli.tree`."""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from tests.processes import clean_environment, die_with_test


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
        preexec_fn=die_with_test,
    )
    return [Command(tuple(path), *rest) for path, *rest in json.loads(done.stdout)]


def _walk(command: Any, path: tuple[str, ...]) -> list[list[Any]]:
    if hasattr(command, "commands"):
        return [line for name, part in command.commands.items() for line in _walk(part, (*path, name))]
    options = {(parameter.opts or [parameter.name])[0]: getattr(parameter, "help", "") for parameter in command.params}
    return [[path, command.help, command.epilog, options]]


if __name__ == "__main__":
    import typer

    from corong.cli.main import build

    print(json.dumps(_walk(typer.main.get_command(build()), ())))
