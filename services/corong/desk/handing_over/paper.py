"""An answer as a letter to be signed and handed over or posted; in Indonesian, as all letters are."""

import re
from datetime import datetime

from corong.desk.context import Desk
from corong.desk.handing_over.answer import Answer
from corong.documents.blocks import Block, Paragraph, Run
from corong.runtime import formats


def pages(desk: Desk, answer: Answer, made: datetime) -> bytes:
    """The pages (PDF). Takes a fifth of a second."""
    from corong.documents.pdf import Letterhead, as_signed  # takes a while to load

    hub = desk.directory.hub
    unit = answer.delivery.unit.name if answer.delivery.unit else hub.name
    author = desk.by(answer.author)
    head = Letterhead(
        government=hub.name,
        office=unit,
        address=hub.address,
        place_and_date=f"{hub.place or hub.name}, {formats.day(made, 'id', hub.zone)}",
        signed_by=unit,
        signed_name=author.name if author else "",
        number=answer.delivery.registration or "",
    )
    return as_signed("Jawaban atas Pesan Anda", [*_to(answer), *_paragraphs(answer.text or "")], head, made)


def _to(answer: Answer) -> list[Block]:
    """Whom it is for, as far as that is known."""
    message = answer.citizen
    name = message.sender.name if message and message.sender else ""
    postal = (message.particulars or {}).get("address", "") if message else ""
    lines = [line for line in (name, postal) if line]
    return [Paragraph((Run("\n".join(["Kepada Yth.", *lines])),))] if lines else []


def _paragraphs(text: str) -> list[Block]:
    return [Paragraph((Run(part),)) for part in re.split(r"\n\s*\n", text.strip()) if part]
