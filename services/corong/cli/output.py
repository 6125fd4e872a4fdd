"""What commands print: tables for people, JSON for programs. Citizens' words never steer the terminal."""

import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from corong.cli.trouble import Trouble
from corong.cli.words import is_terminal, say
from corong.cli.zone import written

_PLAIN_WIDTH = 400


def print_json(value: Any) -> None:
    """One JSON document."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def clean(text: object) -> str:
    """Without control and direction characters, which could hide or fake what stands on the screen."""
    kept = (c for c in str(text) if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return "".join(kept)


def line(text: object) -> str:
    """As `clean`, on one line."""
    return " ".join(clean(text).split())


def moment(text: str | None) -> str:
    """An instant of the API in the government's time zone, which is named; empty where there is none."""
    return written(datetime.fromisoformat(text)) if text else ""


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], empty: str = "") -> None:
    """A table as wide as the terminal; not cut where the output goes into a pipe."""
    lines = [[line("" if cell is None else cell) for cell in row] for row in rows]
    if not lines:
        print(empty or say("Tidak ada.", "Nothing."))
        return
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=not is_terminal())
    for row in lines:
        table.add_row(*(Text(cell) for cell in row))
    console = Console(width=None if is_terminal() else _PLAIN_WIDTH, highlight=False, soft_wrap=False)
    with console.capture() as capture:
        console.print(table)
    print("\n".join(text.rstrip() for text in capture.get().splitlines()))


def print_fields(fields: Iterable[tuple[str, object]]) -> None:
    """Name and value, one a line; empty ones are left out."""
    shown = [(name, clean(value)) for name, value in fields if value not in (None, "", [], {})]
    width = max((len(name) for name, _ in shown), default=0)
    for name, value in shown:
        print(f"{name.ljust(width)}  {value}")


def tell(text: str) -> None:
    """A remark for people: not part of what a program reads."""
    print(text, file=sys.stderr)


def print_trouble(trouble: Trouble) -> None:
    """On the error output: what happened, then what to do."""
    tell(f"{say('Galat', 'Error')}: {clean(trouble.what)}")
    if trouble.do:
        tell(f"  → {clean(trouble.do)}")


def text_of(given: str) -> str:
    """The text itself; `-` reads it from the input, `@file` from a file. Raises `Trouble`."""
    if given == "-":
        return sys.stdin.read().strip()
    if given.startswith("@") and len(given) > 1:
        try:
            with open(given[1:], encoding="utf-8") as file:
                return file.read().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Trouble(
                say(f"Berkas {given[1:]} tidak dapat dibaca: {error}", f"File {given[1:]} can't be read: {error}")
            ) from None
    return given
