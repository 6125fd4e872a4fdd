"""Commands on letters: what one would say, before it is used."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from corong_contracts.command_base import Command
from corong_contracts.decision import Finding, Outcome
from corong_contracts.document import DocumentKind
from corong_contracts.life_command import Part


class PreviewDocument(Command, service="routing", name="document.preview"):
    """What a letter about the case would say now; with a decision that isn't made yet, where one is given."""

    case_id: UUID
    kind: DocumentKind
    outcome: Outcome | None = None
    """None: that of the refusal that waits for the superior's word, with all that belongs to it."""
    finding: Finding = Field(default_factory=Finding)
    redactions: list[Part] = Field(default_factory=list, max_length=50)
    weighing: Annotated[str, Field(max_length=4_000)] = ""
    text: Annotated[str, Field(max_length=12_000)] = ""
    """The answer, or the reasons of an extension."""


class ListTemplates(Command, service="routing", name="template.list"):
    """The editions of letters' templates, those in force and all before them."""

    kind: DocumentKind | None = None
    """None: of all kinds."""


class AdoptTemplate(Command, service="routing", name="template.adopt"):
    """From here on letters of its kind are made with these words."""

    content: Annotated[str, Field(min_length=1, max_length=45_000)]
    """TOML, as `corong document template show` writes it."""


DOCUMENT_COMMANDS: tuple[type[Command], ...] = (PreviewDocument, ListTemplates, AdoptTemplate)
