"""The receipt as a paper (PDF), for its holder.

That of a request is the law's (tanda bukti): it was made once, when the case became a request, and is kept by digest.
For every other message, and for a request whose receipt was not made, it is drawn when it is asked for: the same case
at the same stage gives the same bytes.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.responses import Response
from sqlalchemy import Connection, Row, select

from corong.documents import Asker, DocumentKind, Office, Template, assembled, fill, particulars_of, standard_template
from corong.portal.case_view import Case
from corong.portal.dates import Term, answer_until
from corong.portal.tables import issued_receipt, receipt
from corong.runtime import formats
from corong.runtime.clock import moment
from corong.runtime.installation import Installation
from corong.runtime.pages import NOTHING_KEPT
from corong.runtime.receipts import written_secret
from corong_contracts.case import CaseKind

ERASED = "(isi telah dihapus)"
MAKING = timedelta(minutes=10)
"""How long a receipt that was issued is waited for: what the store doesn't take for longer is drawn for its holder."""


class BeingMade(Exception):
    """The receipt was issued a moment ago, and its pages are not in the store yet."""


def kept(connection: Connection, case_id: str, now: datetime) -> Row[Any] | None:
    """The receipt of a request as it was made; the latest where the case became a request again.

    None where none was issued, or it was not made for so long that nobody can wait. Raises `BeingMade`.
    """
    found = connection.execute(
        select(issued_receipt.c.issued_at, receipt)
        .outerjoin(receipt, receipt.c.document_id == issued_receipt.c.document_id)
        .where(issued_receipt.c.case_id == case_id)
        .order_by(issued_receipt.c.issued_at.desc())
        .limit(1)
    ).first()
    if found is None or found.file is not None:
        return found
    if now - moment(found.issued_at) < MAKING:
        raise BeingMade
    return None


def _template(case: Case) -> Template:
    """That of the law for a request, as the office has adopted it, and plain words for every other message."""
    if case.kind == CaseKind.INFORMATION_REQUEST:
        return Template.of_content(case.receipt) if case.receipt else standard_template(DocumentKind.RECEIPT)
    return _plain()


@cache
def _plain() -> Template:
    return Template.read(Path(__file__).with_name("message_receipt.toml").read_text(encoding="utf-8"))


def paper(installation: Installation, case: Case, terms: Sequence[Term], secret: str) -> bytes:
    """The pages, in Indonesian as all letters are. Takes a fifth of a second."""
    from corong.documents.pdf import Letterhead, as_pdf  # takes a while to load

    hub = installation.directory.hub
    received = moment(case.registered_at)
    first = next((letter for letter in case.letters if not letter.ours), None)
    until = answer_until(terms)
    asker = Asker(
        registration=case.registration,
        particulars=particulars_of(None, {"particulars": case.particulars}),
        subject=first.subject if first else "",
        text=(first.text if first else "") or ERASED,
    )
    decided = {
        "office": case.unit or hub.name,
        "date": formats.day(received, "id", hub.zone),
        "received": formats.minute(received, "id", hub.zone),
        "answer_until": formats.weekday(until, "id") if until else "menurut sifat pesan",
        "secret": written_secret(secret),
    }
    office = Office(hub.name, installation.public_url, hub.place or hub.name)
    facts = assembled(DocumentKind.RECEIPT, decided, asker, office)
    return as_pdf(fill(_template(case), facts), Letterhead.of(facts, address=hub.address), received)


def as_file(pdf: bytes, registration: str) -> Response:
    """To be saved under the registration number's name."""
    name = re.sub(r"[^A-Z0-9]+", "-", registration)
    headers = {**NOTHING_KEPT, "Content-Disposition": f'attachment; filename="tanda-terima-{name}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)
