"""What the officers' API takes and gives on letters."""

from typing import Annotated, Literal

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


class Possible(BaseModel):
    """A letter that the case can have."""

    kind: DocumentKind
    title: str
    template: str = Field(description="Digest of the template that is in force.")
    missing: list[str] = Field(description="Variables that nothing fills yet: give them with a draft.")
    told: str = Field(description="The same in the reader's language; empty where nothing is missing.")


class Documents(BaseModel):
    """The letters of a case."""

    possible: list[Possible]
