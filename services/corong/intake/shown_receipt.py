"""Which case a receipt is of, for who shows number and secret: an objection names its request so."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select

from corong.intake import state
from corong.runtime.keys import PURPOSE, key_id
from corong.runtime.receipts import opens, receipt_check, tidy_number
from corong.runtime.sealing import Erased, Sealer

NOBODYS = "00000000-0000-0000-0000-000000000000"


class Shown(NamedTuple):
    """A case whose receipt was shown."""

    case_id: UUID
    registration: str


def shown_receipt(connection: Connection, sealer: Sealer, number: str, secret: str) -> Shown | None:
    """The case; None alike where the number is unknown, where the secret is another's, and where it was erased."""
    chosen = (
        select(state.case.c.case_id, state.case.c.registration, state.conversation.c.person)
        .join(state.conversation, state.conversation.c.conversation_id == state.case.c.conversation_id)
        .where(state.case.c.registration == tidy_number(number))
    )
    row = connection.execute(chosen).first()
    check = "0" * 64
    if row is not None:
        try:
            check = receipt_check(row.case_id, sealer.receipt_secret(key_id(row.person, PURPOSE, 1), row.case_id))
        except Erased:
            row = None
    same = opens(row.case_id if row else NOBODYS, secret, check)
    return Shown(UUID(row.case_id), row.registration) if row is not None and same else None
