"""The Markdown of letters: headings, paragraphs, lists, tables, bold and italic; no more, and never out of a value."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, groupby
from typing import TypeAlias

from markdown_it import MarkdownIt
from markdown_it.token import Token

LINE_BREAK = "\ue000"
"""Stands for a line's end inside of a value: in Markdown a real one could end a table's row."""
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_KNOWN = {
    "heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "bullet_list_open",
    "bullet_list_close", "ordered_list_open", "ordered_list_close", "list_item_open", "list_item_close", "table_open",
    "table_close", "thead_open", "thead_close", "tbody_open", "tbody_close", "tr_open", "tr_close", "th_open",
    "th_close", "td_open", "td_close",
}  # fmt: skip
_KNOWN_INLINE = {"text", "softbreak", "hardbreak", "strong_open", "strong_close", "em_open", "em_close", "text_special"}


class NotForLetters(ValueError):
    """Markdown that a letter doesn't have, such as a link or an image."""

    def __init__(self, line: int, what: str) -> None:
        self.line = line
        self.indonesian = f"surat tidak dapat memuat {what}: pakai judul, paragraf, daftar dan tabel"
        self.english = f"a letter has no {what}: use headings, paragraphs, lists and tables"
        super().__init__(self.english)


@dataclass(frozen=True, slots=True)
class Run:
    """Words of one look, over one or more lines."""

    text: str
    bold: bool = False
    italic: bool = False


Runs: TypeAlias = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that stands above."""

    level: int
    runs: Runs


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words that flow."""

    runs: Runs


@dataclass(frozen=True, slots=True)
class Items:
    """A list; `first` is the first number, None where it has bullets."""

    items: tuple[Runs, ...]
    first: int | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """A table; `head` is empty where it only sets labels beside values."""

    head: tuple[Runs, ...]
    rows: tuple[tuple[Runs, ...], ...]


Block: TypeAlias = Heading | Paragraph | Items | Rows


def plain(value: object) -> str:
    """A value in a plain text."""
    return str(value)


def protected(value: object) -> str:
    """A value in Markdown: every mark escaped (CommonMark 2.4), line ends kept as `LINE_BREAK`."""
    words = " ".join(part for part in re.split(r"[ \u00a0]+", str(value).replace(LINE_BREAK, "")) if part)
    return _PUNCTUATION.sub(r"\\\1", words).replace("\n", LINE_BREAK)


def check_markup(markdown: str) -> None:
    """Whether a template's own marks are those of letters. Raises `NotForLetters` with the line."""
    for _ in _blocks(_reader().parse(markdown)):
        pass


def blocks(markdown: str) -> tuple[Block, ...]:
    """What stands in a letter, from top to bottom. Raises `NotForLetters`."""
    return tuple(_blocks(_reader().parse(markdown)))


def runs_of(shown: Iterable[Block]) -> Iterator[Run]:
    """All words of some blocks."""
    for block in shown:
        match block:
            case Heading(_, runs) | Paragraph(runs):
                yield from runs
            case Items(items, _):
                yield from chain.from_iterable(items)
            case Rows(head, rows):
                yield from chain(*head, *chain.from_iterable(rows))


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    at = 0
    while at < len(tokens):
        token = tokens[at]
        end = _end(tokens, at)
        within = tokens[at + 1 : end]
        for inner in tokens[at : end + 1]:
            _known(inner)
        match token.type:
            case "heading_open":
                yield Heading(int(token.tag[1:]), _runs(within))
            case "paragraph_open":
                yield Paragraph(_runs(within))
            case "bullet_list_open":
                yield Items(tuple(_items(within)))
            case "ordered_list_open":
                yield Items(tuple(_items(within)), int(token.attrs.get("start", 1)))
            case _:
                yield _table(within)
        at = end + 1


def _end(tokens: Sequence[Token], at: int) -> int:
    """Where the block that begins at `at` ends."""
    depth = 0
    for position in range(at, len(tokens)):
        depth += tokens[position].nesting
        if depth == 0:
            return position
    raise AssertionError("Markdown's tokens are balanced")


def _known(token: Token) -> None:
    inline = [child for child in token.children or () if child.type not in _KNOWN_INLINE]
    if token.type not in _KNOWN or inline:
        what = inline[0].type if inline else token.type
        raise NotForLetters((token.map or [0])[0] + 1, what.removesuffix("_open"))


def _items(tokens: Sequence[Token]) -> Iterator[Runs]:
    at = 0
    while at < len(tokens):
        end = _end(tokens, at)
        for inner in tokens[at + 1 : end]:
            if inner.type in ("bullet_list_open", "ordered_list_open", "table_open", "heading_open"):
                raise NotForLetters((inner.map or [0])[0] + 1, "list in a list")
        yield _runs(tokens[at + 1 : end])
        at = end + 1


def _table(tokens: Sequence[Token]) -> Rows:
    head: list[Runs] = []
    rows: list[list[Runs]] = []
    for position, token in enumerate(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "th_open":
            head.append(_runs(tokens[position + 1 : position + 2]))
        elif token.type == "td_open":
            rows[-1].append(_runs(tokens[position + 1 : position + 2]))
    named = any(run.text.strip() for runs in head for run in runs)
    return Rows(tuple(head) if named else (), tuple(tuple(row) for row in rows if row))


def _runs(tokens: Sequence[Token]) -> Runs:
    found: list[Run] = []
    bold = italic = 0
    for token in tokens:
        if token.type != "inline":
            continue
        if found:
            found.append(Run("\n"))
        for child in token.children or ():
            match child.type:
                case "strong_open" | "strong_close":
                    bold += child.nesting
                case "em_open" | "em_close":
                    italic += child.nesting
                case "softbreak":
                    found.append(Run(" ", bool(bold), bool(italic)))
                case "hardbreak":
                    found.append(Run("\n", bool(bold), bool(italic)))
                case _ if child.content:
                    found.append(Run(child.content.replace(LINE_BREAK, "\n"), bool(bold), bool(italic)))
    return tuple(_joined(found))


def _joined(runs: Sequence[Run]) -> Iterator[Run]:
    """Neighbours of one look as one, so that a line is broken between words alone."""
    for (bold, italic), same in groupby(runs, key=lambda run: (run.bold, run.italic)):
        yield Run("".join(run.text for run in same), bold, italic)
