"""A template: a letter in a small Markdown, and the same in few words for a channel, both with `{{ variables }}`.

Checked whole when it is read: an unknown variable, a piece of program or of Markdown that letters don't have is told
with its line, so that a template that was taken can't fail on a case.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Annotated, TypeAlias

import jinja2.nodes
from jinja2 import StrictUndefined, TemplateSyntaxError
from jinja2 import Template as Compiled
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from corong.documents.blocks import NotForLetters, check_markup, plain, protected
from corong.documents.kinds import VARIABLES, DocumentKind

MAX_CHARS = 20_000
"""Of a letter's template."""

_ALLOWED = (
    jinja2.nodes.Template, jinja2.nodes.Output, jinja2.nodes.TemplateData, jinja2.nodes.Name, jinja2.nodes.If,
    jinja2.nodes.For, jinja2.nodes.Const, jinja2.nodes.Compare, jinja2.nodes.Operand, jinja2.nodes.And,
    jinja2.nodes.Or, jinja2.nodes.Not,
)  # fmt: skip

Words: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=MAX_CHARS)]


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong: in which part, on which line, what in both languages."""

    part: str
    line: int
    indonesian: str
    english: str


class BadTemplate(ValueError):
    """A template can't be used. `flaws` lists all that was found."""

    def __init__(self, flaws: list[Flaw]) -> None:
        self.flaws = tuple(flaws)
        super().__init__("\n".join(f"{flaw.part}, line {flaw.line}: {flaw.english}" for flaw in flaws))


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: DocumentKind
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=120)]
    letter: Words
    message: Words


@dataclass(frozen=True)
class Template:
    """One version of a kind's words. What it was is told by its digest, which every letter made of it carries."""

    kind: DocumentKind
    title: str
    letter: str
    message: str

    @classmethod
    def read(cls, text: str) -> "Template":
        """From TOML with `kind`, `title`, `letter` and `message`. Raises `BadTemplate`."""
        try:
            found = _File.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise BadTemplate([Flaw("file", 0, f"bukan TOML: {error}", f"not TOML: {error}")]) from None
        except ValidationError as error:
            raise BadTemplate([_field_flaw(detail) for detail in error.errors(include_input=False)]) from None
        return cls.of(found.kind, found.title, found.letter, found.message)

    @classmethod
    def of(cls, kind: DocumentKind, title: str, letter: str, message: str) -> "Template":
        """Checked. Raises `BadTemplate`."""
        made = cls(kind, title, letter, message)
        flaws = [*_flaws(kind, "letter", letter), *_flaws(kind, "message", message)]
        if not flaws:
            try:
                check_markup(letter)
            except NotForLetters as error:
                flaws.append(Flaw("letter", error.line, error.indonesian, error.english))
        if flaws:
            raise BadTemplate(flaws)
        return made

    @classmethod
    def of_content(cls, content: str) -> "Template":
        """What `content` wrote: it was checked when it was taken."""
        kind, title, letter, message = json.loads(content)
        return cls(DocumentKind(kind), title, letter, message)

    @property
    def toml(self) -> str:
        """As `read` takes it: the same template comes of it."""
        return "\n".join(
            (
                f"kind = {_toml(self.kind)}",
                f"title = {_toml(self.title)}",
                f"letter = {_toml_lines(self.letter)}",
                f"message = {_toml_lines(self.message)}",
                "",
            )
        )

    @cached_property
    def content(self) -> str:
        """All that it says, as the log keeps it."""
        return json.dumps([self.kind, self.title, self.letter, self.message], ensure_ascii=False)

    @cached_property
    def digest(self) -> str:
        """`sha256-…` of its content."""
        return f"sha256-{hashlib.sha256(self.content.encode()).hexdigest()}"

    @property
    def compiled_letter(self) -> Compiled:
        """Markdown comes of it; a value can't become markup."""
        return _compiled(self.letter, markdown=True)

    @property
    def compiled_message(self) -> Compiled:
        """Plain text comes of it."""
        return _compiled(self.message, markdown=False)


def _toml(text: str) -> str:
    """A basic string of TOML, whose escapes are JSON's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml_lines(text: str) -> str:
    """A literal string over lines, where the text has nothing that would end it or can't stand in it."""
    plain = "'''" not in text and not text.endswith("'") and all(char == "\n" or char >= " " for char in text)
    return f"'''\n{text}'''" if plain and "\x7f" not in text else _toml(text)


@lru_cache(maxsize=64)  # each letter reads its template anew, and compiling costs ten times what filling does
def _compiled(words: str, *, markdown: bool) -> Compiled:
    return _environment(markdown=markdown).from_string(words)


@cache
def _environment(*, markdown: bool) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        finalize=protected if markdown else plain,
        autoescape=False,  # no HTML comes of it: `finalize` protects what the text goes into
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def _flaws(kind: DocumentKind, part: str, words: str) -> Iterator[Flaw]:
    known = VARIABLES[kind]
    try:
        tree = _environment(markdown=False).parse(words)
    except TemplateSyntaxError as error:
        yield Flaw(part, error.lineno, f"tidak dapat dibaca: {error.message}", f"can't be read: {error.message}")
        return
    yield from _walk(tree, part, {name: variable.several for name, variable in known.items()}, inside=False)


def _walk(node: jinja2.nodes.Node, part: str, names: dict[str, bool], *, inside: bool) -> Iterator[Flaw]:
    if not isinstance(node, _ALLOWED):
        what = type(node).__name__
        yield Flaw(
            part, node.lineno, f"hanya variabel, `if` dan `for` yang dapat dipakai, bukan {what}",
            f"only variables, `if` and `for` can be used, no {what}",
        )  # fmt: skip
        return
    if isinstance(node, jinja2.nodes.For):
        yield from _loop(node, part, names, inside=inside)
        return
    if isinstance(node, jinja2.nodes.Name) and node.name not in names:
        yield Flaw(
            part, node.lineno, f"tidak ada variabel `{node.name}`; yang ada: {', '.join(sorted(names))}",
            f"there is no variable `{node.name}`; there are: {', '.join(sorted(names))}",
        )  # fmt: skip
    if isinstance(node, jinja2.nodes.Output):
        for child in node.nodes:
            if isinstance(child, jinja2.nodes.Name) and names.get(child.name):
                yield Flaw(
                    part, child.lineno, f"`{child.name}` berisi beberapa teks: tulis dengan `for`",
                    f"`{child.name}` is several texts: write it with `for`",
                )  # fmt: skip
    for below in node.iter_child_nodes():
        yield from _walk(below, part, names, inside=inside)


def _loop(node: jinja2.nodes.For, part: str, names: dict[str, bool], *, inside: bool) -> Iterator[Flaw]:
    """A loop walks one variable of several texts, and holds no other loop: a letter's length stays in bounds."""
    over = node.iter.name if isinstance(node.iter, jinja2.nodes.Name) else ""
    target = node.target.name if isinstance(node.target, jinja2.nodes.Name) else ""
    if inside or node.recursive or node.test or not names.get(over) or not target or target in names:
        yield Flaw(
            part, node.lineno, "`for` hanya untuk satu variabel yang berisi beberapa teks, tanpa `for` di dalamnya",
            "`for` walks one variable of several texts, without another `for` in it",
        )  # fmt: skip
        return
    for child in (*node.body, *node.else_):
        yield from _walk(child, part, {**names, target: False}, inside=True)


def _field_flaw(detail: object) -> Flaw:
    assert isinstance(detail, dict)
    field = ".".join(map(str, detail["loc"])) or "file"
    return Flaw(field, 0, "tidak ada, tidak dikenal, kosong atau terlalu panjang", str(detail["msg"]))
