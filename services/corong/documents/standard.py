"""The words that Corong brings: a government may adopt its own in their place, version by version."""

from functools import cache
from pathlib import Path

from corong.documents.kinds import DocumentKind
from corong.documents.template import Template

_FOLDER = Path(__file__).parent / "templates"


@cache
def standard_template(kind: DocumentKind) -> Template:
    """The kind's words as they come with Corong."""
    return Template.read((_FOLDER / f"{kind}.toml").read_text(encoding="utf-8"))
