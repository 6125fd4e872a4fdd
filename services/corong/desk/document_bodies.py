"""What the officers' API takes and gives on letters."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from corong.desk.bodies import Body
from corong_contracts.decision import Finding, Outcome
from corong_contracts.document import DocumentKind
from corong_contracts.life_command import Part

Form = Literal["pdf", "text"]
"""A letter's pages, or its words for a channel that takes no attachment."""


class Draft(Body):
    """A decision as it would be written; without one, the refusal that waits for the superior's word."""

    outcome: Outcome | None = None
    finding: Finding = Field(default_factory=Finding)
    redactions: list[Part] = Field(default_factory=list, max_length=50)
    weighing: Annotated[str, Field(max_length=4_000)] = ""
    text: Annotated[str, Field(max_length=12_000, description="The answer, or the reasons of an extension.")] = ""
    template: Annotated[
        str | None, Field(max_length=45_000, description="TOML of a template to be tried, in place of that in force.")
    ] = None


class Possible(BaseModel):
    """A letter that the case can have."""

    kind: DocumentKind
    title: str
    template: str = Field(description="Digest of the template that is in force.")
    missing: list[str] = Field(description="Variables that nothing fills yet: give them with a draft.")
    told: str = Field(description="The same in the reader's language; empty where nothing is missing.")


class Made(BaseModel):
    """A letter that was made: it went out with an answer, or is the receipt that its holder downloads."""

    document_id: UUID
    kind: DocumentKind
    title: str
    template: str = Field(description="Digest of the template that it was made with.")
    edition: int = Field(description="The template's number: 1, 2, 3 … of the kind.")
    made_at: datetime
    size: int
    file: str = Field(description="Digest of the sealed bytes in the store, as the log has it.")
    digest: str | None = Field(description="`sha256-…` of the PDF; null where the citizen's data was erased.")
    url: str | None = Field(description="Where its pages are; null of a receipt, which holds the citizen's code.")


class Documents(BaseModel):
    """The letters of a case."""

    made: list[Made] = Field(description="The oldest first.")
    possible: list[Possible]
