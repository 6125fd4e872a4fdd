"""From rows to what the rules know."""

from uuid import UUID

from corong.publishing import state
from corong.publishing.rules import Delivery, Publication
from corong.runtime.rows import Row
from corong.runtime.unit import Unit


def delivery_of(unit: Unit, row: Row) -> Delivery:
    """A delivery row as the rules know it; its publication's unit decides who may resolve it."""
    publication = unit.rows.get(state.publication, row["publication_id"]) or {}
    return Delivery(
        delivery_id=UUID(row["delivery_id"]),
        publication_id=UUID(row["publication_id"]),
        entity=UUID(row["case_id"] or row["publication_id"]),
        channel=row["channel"],
        account=row["account"],
        conversation_id=UUID(row["conversation_id"]) if row["conversation_id"] else None,
        case_id=UUID(row["case_id"]) if row["case_id"] else None,
        unit=publication.get("unit"),
        state=row["state"],
        fence=row["fence"],
        code=row["code"],
    )


def publication_of(row: Row) -> Publication:
    """A publication row as the rules know it."""
    return Publication(
        publication_id=UUID(row["publication_id"]),
        unit=row["unit"] or "",
        state=row["state"],
        text_hash=row["text_hash"],
        approved_hash=row["approved_hash"],
        immediate=row["immediate"],
    )
