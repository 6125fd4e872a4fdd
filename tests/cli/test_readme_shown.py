"""What the README shows of commands is what they say: its first five minutes are lived through, line by line."""

import re
import shlex
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.peers.waiting import wait_for
from tests.processes import HubProcess

README = Path(__file__).parents[2] / "README.md"
FIRST, LAST = "**As a citizen**", "The whole log is checked"
OTHERWISE = (
    (r"\d\d-\d\d-\d{4} \d\d:\d\d", "WHEN"),
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID"),
    (r"[A-Z0-9]{4}(-[A-Z0-9]{4}){3}", "CODE"),
    (r"http://127\.0\.0\.1:\d+", "HERE"),
    (r"─+", "─"),
    (r"^\d+ ", "NO "),
    (r"\s+", " "),
)
"""What is another one each time: moments, ids, the secret, the port, a place in the log, and the width of a table."""


def shown() -> Iterator[tuple[str, list[str]]]:
    """Each command of these pages that has its output beside it."""
    part = README.read_text()
    part = part[part.index(FIRST) : part.index(LAST)]
    for block in re.findall(r"```console\n(.*?)```", part, re.DOTALL):
        for step in block.split("$ ")[1:]:
            command, *output = step.splitlines()
            yield command, output


def same_each_time(line: str) -> str:
    for pattern, word in OTHERWISE:
        line = re.sub(pattern, word, line)
    return line.strip()


def _queued(hub: HubProcess, words: list[str]) -> object:
    return hub.json(*words)


def test_the_first_five_minutes_are_as_the_readme_shows_them(hub: HubProcess) -> None:
    told = [(command, output) for command, output in shown() if not command.startswith("corong invite")]
    assert len(told) == 5
    for command, output in told:
        _, *words = shlex.split(command)
        if words[:2] == ["queue", "list"]:
            wait_for("the case in its unit's queue", partial(_queued, hub, words))
        said = [same_each_time(line) for line in hub.corong(*words).splitlines() if line.strip()]
        lines = [same_each_time(line) for line in output if not line.startswith("* ")]  # a remark beside the output
        if lines[-1] == "…":
            lines.pop()
            assert len(said) > len(lines)
            del said[len(lines) :]
        assert said == lines, command
