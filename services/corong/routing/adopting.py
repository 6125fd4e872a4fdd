"""Letters' templates: which there are, and the main officer's word that another is in force."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from corong.documents import DocumentKind
from corong.documents.refusing import read_template
from corong.routing.template_book import Edition, TemplateBook
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.refusal import Refused
from corong.runtime.service import Service
from corong.runtime.unit import Unit
from corong_contracts.document_command import AdoptTemplate, ListTemplates

MOST_BYTES = 50_000
"""Of a template's content: it stands whole in an event."""


class Adopting:
    """Handlers of the commands on templates."""

    def __init__(self, service: Service) -> None:
        self._book = TemplateBook()
        service.query(ListTemplates, self.editions)
        service.command(AdoptTemplate, self.adopt)

    def editions(self, connection: Connection, officer: Actor, asked: ListTemplates) -> dict[str, Any]:
        """All editions, the newest of a kind first; the first of a kind is in force. Raises `Forbidden`."""
        authorise(officer, Action.TEMPLATE_READ, Scope())
        kinds = list(DocumentKind) if asked.kind is None else [asked.kind]
        return {
            "editions": [
                _told(edition, newest=place == 0, whole=asked.kind is not None)
                for kind in kinds
                for place, edition in enumerate(self._with_standard(connection, kind))
            ]
        }

    def _with_standard(self, connection: Connection, kind: DocumentKind) -> list[Edition]:
        """What comes with this Corong stands first where it is in force and was not used yet."""
        found = self._book.editions(connection, kind)
        now = self._book.in_force_at(connection, kind)
        fresh = found[0].template.digest != now.template.digest
        return [Edition(now.template, 0), *found] if fresh else found

    def adopt(self, unit: Unit, officer: Actor, asked: AdoptTemplate, cause: UUID) -> dict[str, Any]:
        """Command `template.adopt`: the answer tells digest and number. Raises `Refused` (422)."""
        authorise(officer, Action.TEMPLATE_ADOPT, Scope())
        template = read_template(asked.content)
        size = len(template.content.encode())
        if size > MOST_BYTES:
            raise Refused(
                422, "too_long", f"Templat terlalu panjang ({size} dari {MOST_BYTES} byte).",
                f"The template is too long ({size} of {MOST_BYTES} bytes).", ["content"],
            )  # fmt: skip
        self._book.in_force(unit, template.kind)  # what was in force before stands in the log as well
        adopted = self._book.adopt(unit, cause, template, officer.id)
        number = adopted.number if adopted else self._book.in_force(unit, template.kind).number
        return {"kind": str(template.kind), "digest": template.digest, "edition": number}


def _told(edition: Edition, *, newest: bool, whole: bool) -> dict[str, Any]:
    template = edition.template
    return {
        "kind": str(template.kind),
        "edition": edition.number,
        "title": template.title,
        "digest": template.digest,
        "officer": edition.officer,
        "adopted_at": edition.adopted_at,
        "in_force": newest,
        **({"content": template.toml} if whole else {}),
    }
