"""The letter that goes with an answer: filled of what routing decided and of what the citizen asked."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Table

from corong.documents import (
    VARIABLES,
    Asker,
    DocumentKind,
    Facts,
    Letter,
    Office,
    Template,
    assembled,
    fill,
    particulars_of,
)
from corong.publishing import state
from corong.publishing.lengths import length
from corong.runtime.clock import moment
from corong.runtime.installation import Installation
from corong.runtime.receipts import written_secret
from corong.runtime.rows import Row
from corong_contracts.channel import Capabilities
from corong_contracts.document import document_of

Get: TypeAlias = Callable[[Table, str], Row | None]
"""The row of a table with this key."""


@dataclass(frozen=True)
class Paper:
    """A letter, filled."""

    letter: Letter
    facts: Facts
    edition: int
    issued: datetime
    person: str


def waiting_for(get: Get, told_id: UUID) -> Row | None:
    """The letter that goes with an answer or a notice."""
    return get(state.document, str(document_of(told_id)))


def is_whole(get: Get, document: Row) -> bool:
    """Whether all that the letter is filled with is here: other partitions and services may come later."""
    registered = [document["case_id"], *([document["request_id"]] if document["request_id"] else [])]
    if any(get(state.registered, case) is None for case in registered):
        return False
    return get(state.template, document["template"]) is not None and _asked(get, document) is not None


class Papers:
    """Fills letters."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    def fill(self, get: Get, document: Row) -> Paper:
        """The letter. Raises `Erased`, `PersonErased`, and `ValueError` where it can't be made of what is known."""
        sealer = self._installation.sealer
        template, asked = get(state.template, document["template"]), _asked(get, document)
        assert template is not None  # `is_whole` waited for them
        assert asked is not None
        decided: dict[str, Any] = json.loads(sealer.open_text(document["decided"]))
        kind = DocumentKind(document["kind"])
        if kind is DocumentKind.RECEIPT:
            decided["secret"] = self._secret(asked["person"], document["case_id"])
        else:
            words = sealer.open_text(document["words"]) if document["words"] else ""
            decided["answer" if "answer" in VARIABLES[kind] else "reason"] = words
        facts = assembled(kind, decided, self._asker(get, document, asked), self._office())
        letter = fill(Template.of_content(template["content"]), facts)
        return Paper(letter, facts, document["edition"], moment(document["issued_at"]), asked["person"])

    def _asker(self, get: Get, document: Row, asked: Row) -> Asker:
        sealer = self._installation.sealer
        known, request = get(state.particulars, document["case_id"]), document["request_id"]
        content, sender = sealer.open_json(asked["content"]), sealer.open_json(asked["sender"])
        return Asker(
            registration=_number(get, document["case_id"]),
            particulars=particulars_of(sealer.open_text(known["sealed"]) if known else None, content),
            sender=sender.get("name", ""),
            subject=content.get("subject", ""),
            text=content.get("text", ""),
            request_registration=_number(get, request) if request else "",
        )

    def _secret(self, person: str, case_id: str) -> str:
        key = self._installation.keys.ensure([person])[person]
        return written_secret(self._installation.sealer.receipt_secret(key, case_id))

    def _office(self) -> Office:
        hub = self._installation.directory.hub
        return Office(hub.name, self._installation.public_url, hub.place or hub.name)


def channel_text(
    letter: Letter, words: str, capabilities: Capabilities | None, *, public: bool, pointer: str
) -> str:  # fmt: skip
    """What goes out as a message: the letter in few words where they fit, else the officer's with a pointer to it.

    In public never the letter's: a template may name the applicant. Where neither has room, what is sent in its place
    is the short form (`short_forms`), which says what was decided.
    """
    fits = capabilities is None or length(letter.message, capabilities.text_unit) <= capabilities.max_text
    return letter.message if fits and not public else f"{words}\n\n{pointer}"


def _asked(get: Get, document: Row) -> Row | None:
    return get(state.arrival, document["message_id"]) if document["message_id"] else None


def _number(get: Get, case_id: str) -> str:
    row = get(state.registered, case_id)
    return str(row["registration"]) if row else ""
