"""The README's commands are commands, with the arguments it gives them; its links lead somewhere."""

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from corong.cli.main import build

ROOT = Path(__file__).parents[2]
TEXTS = [ROOT / "README.md", ROOT / "deploy" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def commands() -> list[tuple[str, str]]:
    """Every `$ corong …` line of the documents."""
    return [
        (str(file.relative_to(ROOT)), line.removeprefix("$ "))
        for file in TEXTS
        for line in file.read_text().splitlines()
        if line.startswith("$ corong ")
    ]


@pytest.mark.parametrize(("file", "line"), commands())
def test_it_parses(file: str, line: str) -> None:
    found = typer.main.get_command(build())
    _, *words = shlex.split(line)
    while hasattr(found, "commands"):
        found = found.commands[words.pop(0)]
    if "--help" not in words:
        found.make_context("corong", words)


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_its_links_lead_somewhere(file: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", file.read_text()):
        if "://" not in target:
            assert (file.parent / target).exists(), target


def test_the_readme_shows_all_three() -> None:
    shown = " ".join(line for _, line in commands())
    for word in ("corong send", "corong queue claim", "corong queue reply", "corong audit log", "corong post draft"):
        assert word in shown
