"""An answer that waits for an officer: what it says, to whom, and where that is to be brought."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from corong.desk import deliveries, thread
from corong.desk.context import Desk
from corong.desk.models import Delivery, Entry
from corong.desk.tables import document, publication
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.refusal import Refused
from corong.runtime.sealing import BadSeal, Erased

Row = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """As its officer sees it."""

    delivery: Delivery
    author: str
    """Who wrote it: an event's actor."""
    drafted_at: str
    letter: UUID | None
    """The letter of a decision, whose pages are kept."""
    text: str | None = field(repr=False)
    """None where it was erased, or does not open."""
    citizen: Entry | None = field(repr=False)
    """The citizen's last message, for name, address and the way in which they want it."""


def of(desk: Desk, connection: Connection, officer: Actor, delivery_id: UUID) -> Answer:
    """Raises `Refused` (404) where no reply of that id goes to a citizen, and `Forbidden`."""
    row = deliveries.one(connection, delivery_id)
    if row is None:
        raise Refused(404, "no_such_delivery", "Kiriman itu tidak ada.", "There is no such delivery.")
    authorise(officer, Action.DELIVERY_RESOLVE, Scope(row["unit"]))
    about = connection.execute(
        select(publication).where(publication.c.publication_id == row["publication_id"])
    ).mappings().one()  # fmt: skip
    paper = connection.execute(
        select(document.c.document_id).where(document.c.publication_id == row["publication_id"])
    ).scalar()
    return Answer(
        delivery=deliveries.shown(desk, row),
        author=about["author"],
        drafted_at=about["drafted_at"],
        letter=UUID(paper) if paper else None,
        text=row["text"] or about["text"] if about["words"] is None else _opened(desk, about["words"]),
        citizen=_citizen(desk, connection, row["case_id"]),
    )


def _opened(desk: Desk, words: str) -> str | None:
    try:
        return desk.installation.sealer.open_text(words)
    except (Erased, BadSeal):
        return None


def _citizen(desk: Desk, connection: Connection, case_id: str | None) -> Entry | None:
    rows = [row for row in thread.rows_of(connection, case_id) if row["kind"] == "message.received"] if case_id else []
    opened = thread.opened(desk, rows[-1:], "")
    return opened[0] if opened and opened[0].sender else None
