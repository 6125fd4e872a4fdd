"""A letter out of a template and a case's facts."""

import re
from dataclasses import dataclass
from functools import cached_property

from corong.documents.blocks import Block, blocks
from corong.documents.facts import Facts
from corong.documents.kinds import DocumentKind
from corong.documents.template import Template


@dataclass(frozen=True)
class Letter:
    """What a template says of one case: as Markdown for a page, and as a message for a channel."""

    kind: DocumentKind
    title: str
    markdown: str
    message: str
    template: str
    """The template's digest."""

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The page's: read of the Markdown where it is drawn, for a message needs none of it."""
        return blocks(self.markdown)


def fill(template: Template, facts: Facts) -> Letter:
    """The letter. Raises `ValueError` where the facts are another kind's."""
    if template.kind is not facts.kind:
        raise ValueError(f"a template of a {template.kind} can't be filled with facts of a {facts.kind}")
    message = template.compiled_message.render(facts.values)
    return Letter(
        template.kind,
        template.title,
        template.compiled_letter.render(facts.values),
        re.sub(r"\n{3,}", "\n\n", message).strip(),
        template.digest,
    )
